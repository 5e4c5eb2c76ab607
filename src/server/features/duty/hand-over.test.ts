import { describe, expect, test } from "vitest";
import { hours, minutes, unixMs } from "#base/duration";
import { ScheduleInput } from "#wire/duty";
import { changeSchedule } from "./change-schedule.ts";
import { createOverride } from "./create-override.ts";
import { openDuty, type GapAhead, type HandOver } from "./duty.ts";
import { HandOverWatch } from "./hand-over.ts";
import { packagedHolidays } from "./holidays.ts";
import { idOf, instant, withDuty } from "#test/duty-rig";
import { changeMember } from "#test/verbs";

const rig = withDuty();
const { people, rotation, make } = rig;

describe("hand-overs", () => {
  const watching = async (over: Partial<ScheduleInput> = {}) => {
    const own = openDuty({ db: people.identity.db, clock: people.clock, holidays: packagedHolidays() });
    const changes: HandOver[] = [];
    const gaps: GapAhead[] = [];
    const schedule = await make(over);
    own.listen({
      handedOver: async (_tx, _at, change) => void (change.scheduleId === schedule.id && changes.push(change)),
      gapAhead: async (_tx, _at, gap) => void (gap.scheduleId === schedule.id && gaps.push(gap)),
    });
    const errors: unknown[] = [];
    const watch = new HandOverWatch(own, (error) => void errors.push(error));
    watch.start();
    await watch.settled();
    const look = async (): Promise<void> => {
      watch.wake();
      await watch.settled();
    };
    return { schedule, changes, gaps, watch, look, errors };
  };

  test("are noticed when they happen, told and recorded once", async () => {
    const { schedule, changes, watch, look, errors } = await watching({ channelId: "C1" });
    await people.acts();
    expect(changes).toEqual([]);
    people.clock.jumpTo(instant("2026-01-06T09:00:05+09:00"));
    await look();
    await look();
    expect(changes).toEqual([
      {
        scheduleId: schedule.id,
        scheduleName: schedule.name,
        timeZone: "Asia/Tokyo",
        at: instant("2026-01-06T09:00+09:00"),
        from: [idOf(rig.hanako)],
        to: [idOf(rig.taro)],
        until: instant("2026-01-07T09:00+09:00"),
        next: [idOf(rig.hanako)],
        tellsPeople: true,
        channelId: "C1",
        teamId: undefined,
        key: expect.stringContaining(schedule.id),
      },
    ]);
    const acts = (await people.acts()).filter((act) => act.object === `schedule:${schedule.id}`);
    expect(acts.map((act) => [act.verb, act.actor])).toEqual([["duty.handed-over", "system:duty"]]);
    await createOverride(rig.duty, rig.us, schedule.id, {
      kind: "replace",
      personId: idOf(rig.jiro),
      from: people.clock.now(),
      to: people.clock.now() + hours(1),
    });
    await look();
    expect(changes.map((change) => change.to)).toEqual([[idOf(rig.taro)], [idOf(rig.jiro)]]);
    expect(errors).toEqual([]);
    await watch.stop();
  });

  test("are told by one of three servers", async () => {
    const schedule = await make();
    const told: string[] = [];
    const watches = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const own = openDuty({ db: people.identity.db, clock: people.clock, holidays: packagedHolidays() });
        own.listen({ handedOver: async (_tx, _at, change) => void (change.scheduleId === schedule.id && told.push(change.key)) });
        const watch = new HandOverWatch(own, () => undefined);
        watch.start();
        await watch.settled();
        return watch;
      }),
    );
    people.clock.jumpTo(unixMs(people.clock.now() + hours(24)));
    for (const watch of watches) watch.wake();
    for (const watch of watches) await watch.settled();
    expect(told).toHaveLength(1);
    for (const watch of watches) await watch.stop();
  });

  test("a listener that fails leaves the hand-over for the next look", async () => {
    const own = openDuty({ db: people.identity.db, clock: people.clock, holidays: packagedHolidays() });
    const schedule = await make();
    let fails = true;
    const told: string[] = [];
    own.listen({
      handedOver: async (_tx, _at, change) => {
        if (change.scheduleId !== schedule.id) return;
        if (fails) throw new Error("not now");
        told.push(change.key);
      },
    });
    const errors: unknown[] = [];
    const watch = new HandOverWatch(own, (error) => void errors.push(error));
    watch.start();
    await watch.settled();
    people.clock.jumpTo(unixMs(people.clock.now() + hours(24)));
    watch.wake();
    await watch.settled();
    expect([errors.length, told.length]).toEqual([1, 0]);
    fails = false;
    people.clock.jumpTo(unixMs(people.clock.now() + minutes(2)));
    watch.wake();
    await watch.settled();
    expect(told).toHaveLength(1);
    await watch.stop();
  });

  test("gaps are told a week ahead, once, and again when another one comes", async () => {
    const now = people.clock.now();
    const until = new Date(now + hours(24 * 20 + 9)).toISOString().slice(0, 16);
    const { schedule, gaps, watch, look } = await watching({ layers: [rotation({ until })] });
    expect(gaps).toEqual([]);
    people.clock.jumpTo(unixMs(now + hours(24 * 14)));
    await look();
    await look();
    expect(gaps.map((gap) => gap.from)).toEqual([now - (now % 60_000) + hours(24 * 20)]);
    people.clock.jumpTo(unixMs(now + hours(24 * 21)));
    await look();
    expect(gaps).toHaveLength(1);
    await changeSchedule(rig.duty, rig.us, schedule.id, { ...rig.input(), layers: [] });
    await look();
    expect(gaps).toHaveLength(2);
    await watch.stop();
  });

  test("somebody suspended is noticed at once", async () => {
    const gone = await people.join(people.first, "collaborator");
    const { changes, watch } = await watching({ layers: [rotation({ people: [idOf(gone)] })] });
    await changeMember(people.identity, rig.us, { personId: idOf(gone), state: "suspended" });
    watch.onChange({ organisationId: rig.us.organisationId, topic: "people" });
    await watch.settled();
    expect(changes.map((change) => [change.from, change.to])).toEqual([[[idOf(gone)], []]]);
    await watch.stop();
  });
});
