import { describe, expect, test } from "vitest";
import { hours, minutes, unixMs } from "#base/duration";
import { Rotation } from "#wire/duty-shapes";
import { acceptSwap } from "./accept-swap.ts";
import { changeCalendar } from "./change-calendar.ts";
import { changeSchedule } from "./change-schedule.ts";
import { changeTeam } from "./change-team.ts";
import { createAbsence } from "./create-absence.ts";
import { createCalendar } from "./create-calendar.ts";
import { createFeed } from "./create-feed.ts";
import { createOverride } from "./create-override.ts";
import { createSchedule } from "./create-schedule.ts";
import { createTeam } from "./create-team.ts";
import { declineSwap } from "./decline-swap.ts";
import { deleteAbsence } from "./delete-absence.ts";
import { deleteCalendar } from "./delete-calendar.ts";
import { deleteOverride } from "./delete-override.ts";
import { deleteSchedule } from "./delete-schedule.ts";
import { deleteTeam } from "./delete-team.ts";
import { importAbsences } from "./import-absences.ts";
import { overridesOf } from "./overrides.ts";
import { proposeSwap } from "./propose-swap.ts";
import { revokeFeed } from "./revoke-feed.ts";
import { listSwaps } from "./swaps.ts";
import { withdrawSwap } from "./withdraw-swap.ts";
import { codeOf, idOf, inside, instant, withDuty } from "#test/duty-rig";

const rig = withDuty();
const { people, rotation, input, make, onDuty } = rig;

describe("schedules", () => {
  test("are created, changed and deleted, each with its entry", async () => {
    await people.acts();
    const schedule = await make();
    expect(await onDuty(schedule.id)).toEqual([idOf(rig.hanako)]);
    expect(await rig.duty.db.tx(inside(rig.us), (tx) => rig.duty.nextOnDuty(tx, schedule.id, people.clock.now()))).toEqual([
      idOf(rig.taro),
    ]);
    const changed = await changeSchedule(rig.duty, rig.us, schedule.id, {
      ...input(),
      name: "changed",
      layers: [rotation({ people: [idOf(rig.jiro)] })],
      revision: 1,
    });
    expect(changed.revision).toBe(2);
    expect(await onDuty(schedule.id)).toEqual([idOf(rig.jiro)]);
    expect(await codeOf(changeSchedule(rig.duty, rig.us, schedule.id, { ...input(), revision: 1 }))).toBe("conflict");
    await changeSchedule(rig.duty, rig.us, schedule.id, { ...input(), name: "changed", layers: [rotation({ people: [idOf(rig.jiro)] })] });
    await deleteSchedule(rig.duty, rig.us, schedule.id);
    expect(await codeOf(onDuty(schedule.id))).toBe("not-found");
    expect(await codeOf(deleteSchedule(rig.duty, rig.us, schedule.id))).toBe("not-found");
    const acts = await people.acts();
    expect(acts.map((act) => act.verb)).toEqual(["schedule.created", "schedule.changed", "schedule.deleted"]);
    expect(acts[1]?.detail).toMatchObject({ fields: ["name", "layers"], revision: 2 });
  });

  test.each([
    [{ timeZone: "Asia/Edo" }, "timeZone"],
    [{ name: " " }, "name"],
    [{ start: "2026-02-30T09:00" }, "layers/0/start"],
    [{ until: "2025-01-01T00:00" }, "layers/0/until"],
    [{ unit: "weekdays", weekdays: [] }, "layers/0/weekdays"],
    [{ people: ["nobody"] }, "layers"],
    [{ restriction: { calendar: { id: "missing", when: "working-day" } } }, "layers"],
    [{ restriction: { hours: [{ weekdays: [], from: "09:00", to: "10:00" }] } }, "layers/0/restriction/hours"],
  ])("refuse %j with the field %s", async (wrong, field) => {
    const { timeZone, name, ...layer } = wrong as Partial<Rotation> & { timeZone?: string };
    const act = make({ ...(timeZone ? { timeZone } : {}), ...(name ? { name } : {}), layers: [rotation(layer)] });
    await expect(act).rejects.toMatchObject({ code: "invalid-input", facts: { fields: [{ field }] } });
  });

  test("one of another organisation does not exist", async () => {
    const schedule = await make();
    expect(await codeOf(rig.duty.db.tx(inside(rig.other), (tx) => rig.duty.onDuty(tx, schedule.id, people.clock.now())))).toBe("not-found");
    expect(await codeOf(changeSchedule(rig.duty, rig.other, schedule.id, input({ layers: [] })))).toBe("not-found");
    expect(
      await codeOf(createOverride(rig.duty, rig.other, schedule.id, { kind: "add", personId: idOf(people.first), from: 0, to: 4e12 })),
    ).toBe("not-found");
    expect(await rig.duty.db.tx(inside(rig.other), (tx) => rig.duty.nowOnDuty(tx))).toEqual([]);
  });
});

describe("overrides", () => {
  const span = () => ({ from: people.clock.now(), to: people.clock.now() + hours(2) });

  test("add, remove and replace, each with one entry; taken back they are gone", async () => {
    const schedule = await make();
    await people.acts();
    const taken = await createOverride(rig.duty, rig.us, schedule.id, {
      kind: "replace",
      personId: idOf(rig.jiro),
      ...span(),
      reason: "dentist",
    });
    expect(await onDuty(schedule.id)).toEqual([idOf(rig.jiro)]);
    expect(await onDuty(schedule.id, unixMs(people.clock.now() + hours(2)))).toEqual([idOf(rig.hanako)]);
    await createOverride(rig.duty, rig.us, schedule.id, { kind: "add", personId: idOf(rig.taro), ...span() });
    expect(await onDuty(schedule.id)).toEqual([idOf(rig.jiro), idOf(rig.taro)]);
    await createOverride(rig.duty, rig.us, schedule.id, { kind: "remove", personId: idOf(rig.jiro), ...span() });
    expect(await onDuty(schedule.id)).toEqual([idOf(rig.taro)]);
    await deleteOverride(rig.duty, rig.us, schedule.id, taken.id);
    expect(await onDuty(schedule.id)).toEqual([idOf(rig.hanako), idOf(rig.taro)]);
    const acts = await people.acts();
    expect(acts.map((act) => act.verb)).toEqual(["override.created", "override.created", "override.created", "override.deleted"]);
    expect(acts[0]).toMatchObject({
      object: `schedule:${schedule.id}`,
      detail: { override: taken.id, kind: "replace", person: idOf(rig.jiro) },
    });
  });

  test("that run end when they are taken back; the past stays", async () => {
    const schedule = await make();
    const override = await createOverride(rig.duty, rig.us, schedule.id, { kind: "replace", personId: idOf(rig.jiro), ...span() });
    await people.clock.advance(minutes(30));
    await deleteOverride(rig.duty, rig.us, schedule.id, override.id);
    expect(await onDuty(schedule.id)).toEqual([idOf(rig.hanako)]);
    expect(await onDuty(schedule.id, unixMs(people.clock.now() - minutes(5)))).toEqual([idOf(rig.jiro)]);
    expect(await codeOf(deleteOverride(rig.duty, rig.us, schedule.id, override.id))).toBe("gone");
  });

  test("refuse the past, the far future and strangers", async () => {
    const { id } = await make();
    const now = people.clock.now();
    const act = (over: object) =>
      codeOf(createOverride(rig.duty, rig.us, id, { kind: "add", personId: idOf(rig.jiro), from: now, to: now + 1000, ...over }));
    expect([
      await act({ to: now }),
      await act({ from: now - 2000, to: now - 1000 }),
      await act({ to: now + hours(24 * 600) }),
      await act({ personId: "x" }),
    ]).toEqual(Array.from({ length: 4 }, () => "invalid-input"));
  });
});

describe("swaps", () => {
  const day = (n: number) => ({ from: instant(`2026-01-${10 + n}T09:00+09:00`), to: instant(`2026-01-${11 + n}T09:00+09:00`) });

  test("hold once both have accepted: two overrides, an entry for each act", async () => {
    const schedule = await make();
    await people.acts();
    // 11 January is Hanako's, 12 January Taro's.
    const swap = await proposeSwap(rig.duty, rig.hanako.actor, schedule.id, {
      personId: idOf(rig.hanako),
      give: day(1),
      otherId: idOf(rig.taro),
      take: day(2),
    });
    expect(swap).toMatchObject({ state: "proposed", acceptedBy: [idOf(rig.hanako)] });
    expect(await onDuty(schedule.id, unixMs(day(1).from))).toEqual([idOf(rig.hanako)]);
    expect(await codeOf(acceptSwap(rig.duty, rig.jiro.actor, swap.id))).toBe("forbidden");
    expect(await codeOf(acceptSwap(rig.duty, { kind: "system", organisationId: rig.us.organisationId, name: "x" }, swap.id))).toBe(
      "forbidden",
    );
    const accepted = await acceptSwap(rig.duty, rig.taro.actor, swap.id);
    expect(accepted.state).toBe("accepted");
    expect(await onDuty(schedule.id, unixMs(day(1).from))).toEqual([idOf(rig.taro)]);
    expect(await onDuty(schedule.id, unixMs(day(2).from))).toEqual([idOf(rig.hanako)]);
    expect(await codeOf(declineSwap(rig.duty, rig.taro.actor, swap.id))).toBe("conflict");
    const overrides = await rig.duty.db.tx(inside(rig.us), (tx) => overridesOf(tx, schedule.id, 0, 4e12));
    expect(overrides.map((one) => one.swapId)).toEqual([swap.id, swap.id]);
    const acts = await people.acts();
    expect(acts.map((act) => act.verb)).toEqual(["swap.proposed", "swap.accepted"]);
    expect(acts[1]?.detail).toMatchObject({ isDecided: 1, person: idOf(rig.taro), overrides: overrides.map((one) => one.id) });
  });

  test("proposed by somebody else wait for both", async () => {
    const schedule = await make();
    const swap = await proposeSwap(rig.duty, rig.us, schedule.id, { personId: idOf(rig.hanako), give: day(1), otherId: idOf(rig.jiro) });
    expect(swap.acceptedBy).toEqual([]);
    expect((await acceptSwap(rig.duty, rig.jiro.actor, swap.id)).state).toBe("proposed");
    expect((await acceptSwap(rig.duty, rig.jiro.actor, swap.id)).state).toBe("proposed");
    expect((await acceptSwap(rig.duty, rig.hanako.actor, swap.id)).state).toBe("accepted");
    expect(await onDuty(schedule.id, unixMs(day(1).from))).toEqual([idOf(rig.jiro)]);
  });

  test("are decided once, whoever answers at the same moment", async () => {
    const schedule = await make();
    const swap = await proposeSwap(rig.duty, rig.hanako.actor, schedule.id, {
      personId: idOf(rig.hanako),
      give: day(1),
      otherId: idOf(rig.taro),
    });
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => codeOf(acceptSwap(rig.duty, rig.taro.actor, swap.id))),
      ...Array.from({ length: 4 }, () => codeOf(declineSwap(rig.duty, rig.taro.actor, swap.id))),
    ]);
    expect(answers.filter((code) => code === "done")).toHaveLength(1);
    const overrides = await rig.duty.db.tx(inside(rig.us), (tx) => overridesOf(tx, schedule.id, 0, 4e12));
    expect(overrides.length).toBeLessThanOrEqual(1);
  });

  test("are declined and withdrawn; others' shifts are not given away", async () => {
    const schedule = await make();
    const propose = (over: object = {}) =>
      proposeSwap(rig.duty, rig.hanako.actor, schedule.id, { personId: idOf(rig.hanako), give: day(1), otherId: idOf(rig.taro), ...over });
    await people.acts();
    expect((await declineSwap(rig.duty, rig.taro.actor, (await propose()).id)).state).toBe("declined");
    const second = await propose({ reason: "holiday" });
    expect(
      (await rig.duty.db.tx(inside(rig.us), (tx) => listSwaps(tx, { scheduleId: schedule.id, includeDecided: false, since: 0 }))).map(
        (one) => one.id,
      ),
    ).toEqual([second.id]);
    expect((await withdrawSwap(rig.duty, rig.us, second.id)).state).toBe("withdrawn");
    expect((await people.acts()).map((act) => act.verb)).toEqual(["swap.proposed", "swap.declined", "swap.proposed", "swap.withdrawn"]);
    for (const wrong of [
      { give: day(2) },
      { otherId: idOf(rig.hanako) },
      { take: day(1) },
      { give: { from: 1, to: 2 } },
      { otherId: "nobody" },
    ]) {
      expect(await codeOf(propose(wrong))).toBe("invalid-input");
    }
  });
});

describe("a viewer", () => {
  test("sees, and is refused every act", async () => {
    const schedule = await make();
    const swap = await proposeSwap(rig.duty, rig.us, schedule.id, {
      personId: idOf(rig.hanako),
      give: { from: instant("2026-01-11T09:00+09:00"), to: instant("2026-01-12T09:00+09:00") },
      otherId: idOf(rig.taro),
    });
    const v = rig.viewer.actor;
    const span = { from: people.clock.now(), to: people.clock.now() + 1000 };
    const rules = { workdays: [1], holidays: "none" as const, hours: [], closed: [], working: [] };
    const acts = [
      createTeam(rig.duty, v, { name: "x", memberIds: [] }),
      changeTeam(rig.duty, v, "x", { name: "x", memberIds: [] }),
      deleteTeam(rig.duty, v, "x"),
      createCalendar(rig.duty, v, { name: "x", versions: [rules] }),
      changeCalendar(rig.duty, v, "x", { name: "x", versions: [rules] }),
      deleteCalendar(rig.duty, v, "x"),
      createSchedule(rig.duty, v, input()),
      changeSchedule(rig.duty, v, schedule.id, input()),
      deleteSchedule(rig.duty, v, schedule.id),
      createOverride(rig.duty, v, schedule.id, { kind: "add", personId: idOf(rig.taro), ...span }),
      deleteOverride(rig.duty, v, schedule.id, "x"),
      proposeSwap(rig.duty, v, schedule.id, { personId: idOf(rig.hanako), give: span, otherId: idOf(rig.taro) }),
      acceptSwap(rig.duty, v, swap.id),
      declineSwap(rig.duty, v, swap.id),
      withdrawSwap(rig.duty, v, swap.id),
      createAbsence(rig.duty, v, { personId: idOf(rig.taro), ...span }),
      deleteAbsence(rig.duty, v, "x"),
      importAbsences(rig.duty, v, { personId: idOf(rig.taro), source: "x", text: "x" }),
      createFeed(rig.duty, v, { personId: idOf(rig.taro) }),
      revokeFeed(rig.duty, v, "x"),
    ];
    expect(new Set(await Promise.all(acts.map(codeOf)))).toEqual(new Set(["forbidden"]));
  });
});
