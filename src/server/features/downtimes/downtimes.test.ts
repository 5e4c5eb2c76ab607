import { beforeEach, describe, expect, test } from "vitest";
import { addTime, hours, minutes, seconds, toSeconds, unixMs, type UnixMs } from "#base/duration";
import { placesOfHosts } from "#features/inventory";
import { withIncidents } from "#test/incidents-rig";
import type { Somebody } from "#test/people";
import { changeOrganisation, deleteService } from "#test/verbs";
import { changeDowntime } from "./change-downtime.ts";
import { createDowntime } from "./create-downtime.ts";
import { deleteDowntime } from "./delete-downtime.ts";
import { Downtimes } from "./downtimes.ts";
import { endDowntime } from "./end-downtime.ts";
import type { DowntimeInput } from "./parse.ts";
import { pageOfDowntimes, readDowntime } from "./read-downtimes.ts";
import { namesOf } from "./rows.ts";

const rig = withIncidents();
const ended: string[] = [];
let downtimes: Downtimes;

beforeEach(async () => {
  ended.length = 0;
  await rig.people.owner.query("delete from downtimes_downtime");
  downtimes = new Downtimes({
    db: rig.people.identity.db,
    clock: rig.people.clock,
    onError: (error) => {
      throw error;
    },
  });
  downtimes.extend({ monitorNames: async (_tx, ids) => new Map(ids.filter((id) => id === "m1").map((id) => [id, "CPU"])) });
  downtimes.listen({ ended: async (_tx, _at, { downtimeId }) => void ended.push(downtimeId) });
});

const owner = () => rig.people.first.actor;
const now = (): number => toSeconds(rig.now());
const hour = (more: Partial<DowntimeInput> = {}): DowntimeInput => ({ name: "work", start: now(), duration: 60, ...more });
const create = async (input: DowntimeInput = hour(), by: Somebody = rig.people.first) => {
  const row = await createDowntime(downtimes, by.actor, input);
  downtimes.onChange(undefined);
  return row;
};
const covers = async (hostId: string, monitorId = "m1", at: UnixMs = rig.now()) =>
  rig.tx(async (tx) => {
    const host = (await placesOfHosts(tx, [hostId])).get(hostId);
    const thing = { hostId, monitorId, serviceIds: host?.serviceIds ?? [], roleIds: host?.roleIds ?? [] };
    return (await downtimes.covers(tx, at, [thing]))[0];
  });
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

describe("acts", () => {
  test("are recorded once each", async () => {
    await rig.people.acts();
    const { id } = await create(hour({ recurrence: { type: "daily", interval: 1 } }));
    await changeDowntime(downtimes, owner(), id, hour({ name: "other", duration: 90 }));
    await endDowntime(downtimes, owner(), id);
    await deleteDowntime(downtimes, owner(), id);
    const acts = await rig.people.acts();
    expect(acts.map(({ verb, object, outcome, actor }) => [verb, object, outcome, actor])).toEqual(
      ["created", "changed", "ended", "deleted"].map((verb) => [
        `downtime.${verb}`,
        `downtime:${id}`,
        "done",
        `person:${owner().personId}`,
      ]),
    );
    expect(acts[0]?.detail).toMatchObject({ minutes: 60, repeats: "daily", name: expect.stringMatching(/^h:/u) });
    expect(acts[1]?.detail).toMatchObject({ fields: ["name", "duration", "recurrence"] });
  });

  test("the same again is no change", async () => {
    const { id } = await create(hour({ serviceScopes: [] }));
    await rig.people.acts();
    await changeDowntime(downtimes, owner(), id, hour({ serviceScopes: [] }));
    expect(await rig.people.acts()).toEqual([]);
  });

  test("are refused to viewers", async () => {
    const viewer = await rig.people.join(rig.people.first, "viewer");
    const { id } = await create();
    const acts = [
      createDowntime(downtimes, viewer.actor, hour()),
      changeDowntime(downtimes, viewer.actor, id, hour({ name: "mine" })),
      endDowntime(downtimes, viewer.actor, id),
      deleteDowntime(downtimes, viewer.actor, id),
    ];
    expect(await Promise.all(acts.map(codeOf))).toEqual(acts.map(() => "forbidden"));
  });

  test("reach nothing of another organisation", async () => {
    const { id } = await create();
    const other = await rig.people.another("else");
    expect(await codeOf(deleteDowntime(downtimes, other.actor, id))).toBe("not-found");
    expect(await codeOf(endDowntime(downtimes, other.actor, id))).toBe("not-found");
    const host = await rig.host("elsewhere");
    const covered = await rig.tx((tx) => downtimes.covers(tx, rig.now(), [{ hostId: host, serviceIds: [], roleIds: [] }]), other);
    expect(covered).toEqual([undefined]);
  });

  test("ending what does not hold is refused", async () => {
    const { id } = await create(hour({ start: now() + 3600 }));
    expect(await codeOf(endDowntime(downtimes, owner(), id))).toBe("conflict");
    expect(await codeOf(endDowntime(downtimes, owner(), "nobody"))).toBe("not-found");
  });

  test("a downtime has a name in the history", async () => {
    const { id } = await create(hour({ name: "夜間作業" }));
    expect(await rig.tx((tx) => namesOf(tx, [`downtime:${id}`, "downtime:x", "host:y"]))).toEqual({ [`downtime:${id}`]: "夜間作業" });
  });
});

describe("what is covered", () => {
  test("follows the roles that a host has now", async () => {
    const [web, lone] = [await rig.host("web", "Shop:web"), await rig.host("lone")];
    const { id } = await create(hour({ roleScopes: ["Shop: web"], monitorScopes: ["m1"] }));
    expect(await covers(web)).toBe(id);
    expect(await covers(web, "m2")).toBeUndefined();
    expect(await covers(lone)).toBeUndefined();
    expect(await covers(web, "m1", addTime(rig.now(), hours(2)))).toBeUndefined();
  });

  test("can be one host, or everything but a service", async () => {
    const [one, two] = [await rig.host("one", "Shop:web"), await rig.host("two", "Blog:web")];
    const { id } = await create(hour({ hostScopes: [one] }));
    expect([await covers(one), await covers(two)]).toEqual([id, undefined]);
    const all = await create(hour({ serviceExcludeScopes: ["Blog"] }));
    await deleteDowntime(downtimes, owner(), id);
    downtimes.onChange(undefined);
    expect([await covers(one), await covers(two)]).toEqual([all.id, undefined]);
  });

  test("is nothing once the named service is deleted, and the same again when one of that name is made", async () => {
    const host = await rig.host("shopless", "Kiosk:web");
    const { id } = await create(hour({ serviceScopes: ["Kiosk"] }));
    expect(await covers(host)).toBe(id);
    await deleteService(rig.inventory, owner(), "Kiosk");
    downtimes.onChange({ organisationId: owner().organisationId, topic: "services" });
    expect(await covers(host)).toBeUndefined();
    const again = await rig.host("again", "Kiosk:web");
    downtimes.onChange({ organisationId: owner().organisationId, topic: "services" });
    expect(await covers(again)).toBe(id);
  });

  test("is known from memory until a change is announced, and for a minute at most without", async () => {
    const host = await rig.host("kept");
    expect(await covers(host)).toBeUndefined();
    const { id } = await createDowntime(downtimes, owner(), hour());
    expect(await covers(host)).toBeUndefined();
    await rig.people.clock.advance(minutes(1));
    expect(await covers(host)).toBe(id);
    await deleteDowntime(downtimes, owner(), id);
    expect(await covers(host)).toBe(id);
    downtimes.onChange({ organisationId: owner().organisationId, topic: "downtimes" });
    expect(await covers(host)).toBeUndefined();
  });

  test.each([
    ["serviceScopes", "Nope"],
    ["roleScopes", "Shop:nope"],
    ["monitorExcludeScopes", "m9"],
    ["hostScopes", "nope"],
  ])("must exist: %s", async (key, name) => {
    expect(await codeOf(create(hour({ [key]: [name] })))).toBe("invalid-input");
  });

  test("within a range is told by its beginning", async () => {
    const daily = await create(hour({ recurrence: { type: "daily", interval: 1 } }));
    const once = await create(hour({ start: now() + 7200, duration: 30 }));
    const range = { from: rig.now(), to: addTime(rig.now(), hours(25)) };
    const windows = await rig.tx((tx) => downtimes.occurrences(tx, range));
    expect(windows.map(({ downtimeId, from, to }) => [downtimeId, from - range.from, to - from])).toEqual([
      [daily.id, 0, hours(1)],
      [once.id, hours(2), minutes(30)],
      [daily.id, hours(24), hours(1)],
    ]);
    const until = await rig.tx((tx) => downtimes.endOf(tx, rig.now(), daily.id));
    expect(until).toBe(addTime(rig.now(), hours(1)));
    expect(await rig.tx((tx) => downtimes.endOf(tx, rig.now(), once.id))).toBeUndefined();
  });
});

describe("the end of a downtime", () => {
  test("is told once, when its time has come", async () => {
    const { id } = await create();
    await downtimes.lookNow();
    expect(ended).toEqual([]);
    await rig.people.clock.advance(hours(1));
    await downtimes.lookNow();
    await downtimes.lookNow();
    expect(ended).toEqual([id]);
  });

  test("is told each time of one that repeats", async () => {
    const { id } = await create(hour({ recurrence: { type: "hourly", interval: 3 } }));
    for (let n = 0; n < 4; n += 1) {
      await rig.people.clock.advance(hours(n === 0 ? 2 : 3));
      await downtimes.lookNow();
    }
    expect(ended).toEqual([id, id, id, id]);
  });

  test("is told at once when somebody ends, deletes or changes it, and what then is covered is the truth already", async () => {
    const host = await rig.host("told");
    const seen: (string | undefined)[] = [];
    downtimes.listen({
      ended: async (tx, at) => void seen.push((await downtimes.covers(tx, at, [{ hostId: host, serviceIds: [], roleIds: [] }]))[0]),
    });
    const made = [];
    for (let n = 0; n < 3; n += 1) {
      made.push((await create()).id);
      await rig.people.clock.advance(seconds(1));
    }
    const [a = "", b = "", c = ""] = made;
    expect(await covers(host)).toBe(a);
    await endDowntime(downtimes, owner(), a);
    await deleteDowntime(downtimes, owner(), b);
    await changeDowntime(downtimes, owner(), c, hour({ start: now() + 86_400 }));
    expect(ended).toEqual([a, b, c]);
    expect(seen).toEqual([b, c, undefined]);
  });

  test("by hand ends what holds now, and a repeated one holds again", async () => {
    const host = await rig.host("repeats");
    const { id } = await create(hour({ recurrence: { type: "daily", interval: 1 } }));
    await rig.people.clock.advance(minutes(5));
    await endDowntime(downtimes, owner(), id);
    downtimes.onChange(undefined);
    expect(await covers(host)).toBeUndefined();
    expect(await covers(host, "m1", addTime(rig.now(), hours(24)))).toBe(id);
    // Other times begin anew.
    await changeDowntime(downtimes, owner(), id, hour({ duration: 120 }));
    downtimes.onChange(undefined);
    expect(await covers(host)).toBe(id);
  });

  test("is looked at anew when the organisation moves to another time zone", async () => {
    const start = toSeconds(unixMs(Date.parse("2026-02-01T00:00:00Z")));
    const { id } = await create(hour({ start, recurrence: { type: "daily", interval: 1 } }));
    const nextEnd = async (): Promise<number> =>
      (await rig.people.owner.query<{ next_end_at: number }>("select next_end_at from downtimes_downtime where id = $1", [id])).rows[0]
        ?.next_end_at ?? 0;
    await rig.people.clock.advance(minutes(1));
    expect(await nextEnd()).toBe((start + 3600) * 1000);
    rig.people.clock.jumpTo(unixMs(Date.parse("2026-03-20T12:00:00Z")));
    await downtimes.lookNow();
    const before = await nextEnd();
    const organisation = { displayName: "First", defaultHostStatus: "working" } as const;
    await changeOrganisation(rig.people.identity, owner(), { ...organisation, timeZone: "America/New_York" });
    downtimes.onChange({ organisationId: owner().organisationId, topic: "settings" });
    await downtimes.lookNow();
    // 19:00 in New York's winter is 23:00 UTC in its summer.
    expect((await nextEnd()) - before).toBe(-3_600_000);
    await changeOrganisation(rig.people.identity, owner(), { ...organisation, timeZone: "Asia/Tokyo" });
  });
});

describe("the list", () => {
  test("has what holds now first, then what comes, then what is over", async () => {
    await create(hour({ name: "over", start: now() - 86_400 }));
    await create(hour({ name: "tomorrow", start: now() + 86_400 }));
    await create(hour({ name: "soon", start: now() + 60 }));
    await create(hour({ name: "long", duration: 600 }));
    await create(hour({ name: "short" }));
    const page = await rig.tx((tx) => pageOfDowntimes(downtimes, tx, rig.now(), { offset: 0, limit: 50 }));
    expect(page.downtimes.map(({ name, state }) => [name, state])).toEqual([
      ["short", "active"],
      ["long", "active"],
      ["soon", "planned"],
      ["tomorrow", "planned"],
      ["over", "over"],
    ]);
    const some = await rig.tx((tx) => pageOfDowntimes(downtimes, tx, rig.now(), { offset: 1, limit: 1, state: "planned" }));
    expect([some.total, some.downtimes.map(({ name }) => name)]).toEqual([2, ["tomorrow"]]);
    const found = await rig.tx((tx) => pageOfDowntimes(downtimes, tx, rig.now(), { offset: 0, limit: 9, text: "ＳＨＯＲＴ" }));
    expect(found.downtimes.map(({ name }) => name)).toEqual(["short"]);
  });

  test("of a host has what covers it, whatever the monitor; names say what ids mean", async () => {
    const host = await rig.host("listed", "Listed:web");
    await create(hour({ name: "by role", roleScopes: ["Listed:web"], monitorScopes: ["m1"] }));
    await create(hour({ name: "by host", hostScopes: [host] }));
    const other = await rig.host("unlisted");
    await create(hour({ name: "other", hostScopes: [other] }));
    const of = await rig.tx((tx) => pageOfDowntimes(downtimes, tx, rig.now(), { offset: 0, limit: 9, host }));
    expect(of.downtimes.map(({ name, names }) => [name, names])).toEqual([
      ["by host", { [host]: "listed" }],
      ["by role", { m1: "CPU" }],
    ]);
    const ofService = await rig.tx((tx) => pageOfDowntimes(downtimes, tx, rig.now(), { offset: 0, limit: 9, service: "Listed" }));
    expect(ofService.downtimes.map(({ name }) => name)).toEqual(["by role"]);
    const [first] = of.downtimes;
    expect(await rig.tx((tx) => readDowntime(downtimes, tx, rig.now(), first?.id ?? ""))).toEqual(first);
    expect(await codeOf(rig.tx((tx) => readDowntime(downtimes, tx, rig.now(), "nobody")))).toBe("not-found");
  });
});
