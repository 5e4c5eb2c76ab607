import { describe, expect, test } from "vitest";
import { toSeconds } from "#base/duration";
import type { NewNotificationGroup } from "#wire/routing";
import { withRouting } from "#test/routing-rig";
import { changeHostStatus, createDowntime } from "#test/verbs";
import { changeGroup } from "./change-group.ts";
import { changeRoutingSettings } from "./change-settings.ts";
import { createGroup } from "./create-group.ts";
import { deleteGroup } from "./delete-group.ts";
import { allGroups, namesOf, readGroup } from "./read-groups.ts";
import { readRoutingSettings } from "./settings.ts";
import { tryRouting } from "./try-routing.ts";

const rig = withRouting();
const owner = () => rig.people.first.actor;
const group = (more: Partial<NewNotificationGroup> = {}): NewNotificationGroup => ({
  name: "group",
  notificationLevel: "all",
  childNotificationGroupIds: [],
  childChannelIds: [],
  ...more,
});
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

describe("acts on notification groups", () => {
  test("are recorded once each, and change nothing that is the same", async () => {
    await rig.people.acts();
    const { id } = await createGroup(rig.routing, owner(), group());
    await changeGroup(rig.routing, owner(), id, group({ name: "other", notificationLevel: "critical" }));
    await changeGroup(rig.routing, owner(), id, group({ name: "other", notificationLevel: "critical" }));
    await changeRoutingSettings(rig.routing, owner(), { bundleAbove: 5, bundleSeconds: 60 });
    await changeRoutingSettings(rig.routing, owner(), { bundleAbove: 5, bundleSeconds: 60 });
    expect(await rig.tx((tx) => namesOf(tx, [`notification-group:${id}`]))).toEqual({ [`notification-group:${id}`]: "other" });
    await deleteGroup(rig.routing, owner(), id);
    const acts = await rig.people.acts();
    expect(acts.map(({ verb, object }) => [verb, object])).toEqual([
      ["notification-group.created", `notification-group:${id}`],
      ["notification-group.changed", `notification-group:${id}`],
      ["routing.changed", `organisation:${owner().organisationId}`],
      ["notification-group.deleted", `notification-group:${id}`],
    ]);
    expect(acts[1]?.detail).toMatchObject({ fields: ["name", "notificationLevel"] });
    expect(acts[2]?.detail).toEqual({ bundleAbove: 5, bundleSeconds: 60 });
    expect(await rig.tx(readRoutingSettings)).toEqual({ bundleAbove: 5, bundleSeconds: 60 });
  });

  test("are refused to viewers", async () => {
    const viewer = await rig.people.join(rig.people.first, "viewer");
    const { id } = await createGroup(rig.routing, owner(), group());
    const acts = [
      createGroup(rig.routing, viewer.actor, group()),
      changeGroup(rig.routing, viewer.actor, id, group({ name: "mine" })),
      deleteGroup(rig.routing, viewer.actor, id),
      changeRoutingSettings(rig.routing, viewer.actor, { bundleAbove: 1, bundleSeconds: 5 }),
    ];
    expect(await Promise.all(acts.map(codeOf))).toEqual(acts.map(() => "forbidden"));
  });

  test("reach nothing of another organisation", async () => {
    const { id } = await createGroup(rig.routing, owner(), group());
    const other = await rig.people.another("elsewhere");
    expect(await codeOf(deleteGroup(rig.routing, other.actor, id))).toBe("not-found");
    expect(await codeOf(createGroup(rig.routing, other.actor, group({ childNotificationGroupIds: [id] })))).toBe("invalid-input");
  });

  test("of two that would make a circle together one is refused", async () => {
    const [a, b] = [await createGroup(rig.routing, owner(), group()), await createGroup(rig.routing, owner(), group())];
    const codes = await Promise.all([
      codeOf(changeGroup(rig.routing, owner(), a.id, group({ childNotificationGroupIds: [b.id] }))),
      codeOf(changeGroup(rig.routing, owner(), b.id, group({ childNotificationGroupIds: [a.id] }))),
    ]);
    expect(codes.toSorted((x, y) => (String(x) < String(y) ? -1 : 1))).toEqual(["done", "invalid-input"]);
  });

  test("two that look for the default group at once find one", async () => {
    const found = await Promise.all(Array.from({ length: 5 }, () => rig.tx((tx) => allGroups(rig.routing, tx))));
    expect(new Set(found.map(([first]) => first?.id)).size).toBe(1);
    const [first] = found[0] ?? [];
    expect(await rig.tx((tx) => readGroup(rig.routing, tx, first?.id ?? ""))).toMatchObject({ type: "group-default" });
    expect(await codeOf(deleteGroup(rig.routing, owner(), first?.id ?? ""))).toBe("invalid-input");
  });
});

test("trying out says who would be told, by which groups, and why others are not", async () => {
  const host = await rig.host("tried", "Tried:web");
  const names = {
    told: await rig.channel({ name: "told" }),
    grouped: await rig.channel({ name: "grouped", events: ["alert", "alertGroup"] }),
    deaf: await rig.channel({ name: "deaf", events: ["hostStatus"] }),
    away: await rig.channel({ name: "away" }),
    pager: await rig.channel({ name: "pager" }),
  };
  await rig.people.owner.query("update notify_channel set suspended_at = 1 where id = $1", [names.away]);
  const inner = await createGroup(rig.routing, owner(), group({ name: "inner", childChannelIds: [names.deaf, names.away, names.grouped] }));
  await createGroup(
    rig.routing,
    owner(),
    group({ name: "shop", childChannelIds: [names.told], childNotificationGroupIds: [inner.id], services: [{ name: "Tried" }] }),
  );
  await createGroup(
    rig.routing,
    owner(),
    group({ name: "pagers", notificationLevel: "critical", childChannelIds: [names.pager], monitors: [{ id: "m1", skipDefault: false }] }),
  );
  const attempt = (more: object = {}) =>
    rig.tx((tx) => tryRouting(rig.routing, tx, { monitorId: "m1", hostId: host, status: "WARNING", ...more }));
  const tried = await attempt();
  expect(tried.channels.map(({ name, via, isTold, because }) => [name, via, isTold, because])).toEqual([
    ["told", ["shop"], true, undefined],
    ["deaf", ["shop", "inner"], false, "event"],
    ["away", ["shop", "inner"], false, "suspended"],
    ["grouped", ["shop", "inner"], true, undefined],
  ]);
  expect(tried).toMatchObject({ silent: ["pagers"], alertGroups: [] });
  expect((await attempt({ status: "CRITICAL" })).channels.at(-1)).toMatchObject({ name: "pager", isTold: true });
  await rig.people.owner.query(
    "insert into incidents_alert_group_setting (id, organisation_id, name, document) values ('s', $1, 's', $2)",
    [owner().organisationId, JSON.stringify({ name: "web together", roleScopes: ["Tried: web"] })],
  );
  const together = await attempt();
  expect(together.alertGroups).toEqual(["web together"]);
  expect(together.channels.find(({ name }) => name === "grouped")).toMatchObject({ isTold: false, because: "alert-group" });
  await changeHostStatus(rig.inventory, owner(), { id: host, status: "standby" });
  expect((await attempt()).channels.map(({ because }) => because)).toEqual(Array.from({ length: 4 }, () => "host-status"));
  await createDowntime(rig.downtimes, owner(), { name: "quiet", start: toSeconds(rig.now()), duration: 5, hostScopes: [host] });
  rig.downtimes.onChange(undefined);
  expect((await attempt()).channels.map(({ because }) => because)).toEqual(Array.from({ length: 4 }, () => "downtime"));
  rig.routing.extend({ isMuted: async (_tx, monitorId) => monitorId === "m1" });
  expect((await attempt()).channels.map(({ because }) => because)).toEqual(Array.from({ length: 4 }, () => "muted"));
  expect(await codeOf(attempt({ hostId: "nobody" }))).toBe("invalid-input");
  expect(await codeOf(attempt({ service: "Nowhere" }))).toBe("not-found");
  // Nobody was told by trying.
  expect(
    Object.values(await rig.delivered())
      .flat()
      .filter(({ event }) => event === "alert"),
  ).toEqual([]);
});
