import { describe, expect, test } from "vitest";
import { hours, minutes, toSeconds } from "#base/duration";
import type { AlertReport } from "#features/incidents";
import { newId } from "#base/ids";
import { withRouting } from "#test/routing-rig";
import { createService } from "#test/verbs";

const rig = withRouting();
const owner = () => rig.people.first.actor;
let made = 0;

/** A report of a monitor that nobody else has. */
const rule = (more: Partial<AlertReport> = {}): Partial<AlertReport> => ({
  origin: { kind: "monitor", id: `m${(made += 1)}` },
  detail: { metricLabel: "cpu%", monitorOperator: ">", warningThreshold: 80, criticalThreshold: 90, duration: 1, memo: "look at it" },
  ...more,
});

const alertGroupSetting = (document: object): Promise<unknown> =>
  rig.people.owner.query("insert into incidents_alert_group_setting (id, organisation_id, name, document) values ($1, $2, $3, $4)", [
    newId(),
    owner().organisationId,
    "group",
    JSON.stringify({ name: "group", ...document }),
  ]);

describe("alert groups", () => {
  test("are told instead of their alerts where the channel wants that", async () => {
    await rig.inDefault(
      await rig.channel({ name: "one", events: ["alert"] }),
      await rig.channel({ name: "both", events: ["alert", "alertGroup"] }),
      await rig.channel({ name: "groups", events: ["alertGroup"] }),
    );
    await createService(rig.inventory, owner(), { name: "Grouped", memo: "" });
    const host = await rig.host("g1", "Grouped:web");
    await alertGroupSetting({ serviceScopes: ["Grouped"], memo: "call" });
    const [a, b, other] = [rule({ hostId: host }), rule({ hostId: host }), rule()];
    await rig.report([{ ...a, status: "WARNING" }]);
    expect(await rig.told()).toEqual({ one: ["warning"], both: ["alertGroup"], groups: ["alertGroup"] });
    await rig.report([{ ...b, status: "WARNING" }]);
    expect(await rig.told()).toEqual({ one: ["warning"] });
    await rig.report([{ ...b, status: "CRITICAL" }]);
    expect(await rig.told()).toEqual({ one: ["critical"], both: ["alertGroup"], groups: ["alertGroup"] });
    await rig.report([{ ...other, status: "WARNING" }]);
    expect(await rig.told()).toEqual({ one: ["warning"], both: ["warning"] });
    await rig.report([{ ...b, status: "OK" }]);
    await rig.report([{ ...a, status: "OK" }]);
    const bodies = await rig.delivered();
    expect(bodies["groups"]?.map(({ alertGroup }) => (alertGroup as { status: string }).status)).toEqual(["WARNING", "OK"]);
    expect(bodies["groups"]?.at(-1)).toMatchObject({
      alertGroup: { closedAt: toSeconds(rig.now()) },
      alertGroupSetting: { name: "group", memo: "call" },
    });
    await rig.report([{ ...a, status: "WARNING" }]);
    const idOf = (body: Record<string, unknown> = {}): unknown => (body["alertGroup"] as { id?: string } | undefined)?.id;
    const [next] = (await rig.delivered())["groups"] ?? [];
    expect(idOf(next)).toMatch(/^\w{11}$/u);
    expect(idOf(next)).not.toBe(idOf(bodies["groups"]?.[0]));
  });

  test("take in what all kinds of their scopes name, and are told again by their interval", async () => {
    await rig.inDefault(await rig.channel({ name: "groups", events: ["alertGroup"] }));
    const of = rule({ hostId: await rig.host("g2", "Other:web") });
    await alertGroupSetting({ roleScopes: ["Other: web"], monitorScopes: [of.origin?.id], notificationInterval: 15 });
    await rig.report([of, rule({ hostId: await rig.host("g3", "Other:web") })]);
    expect(await rig.told()).toEqual({ groups: ["alertGroup"] });
    await rig.people.clock.advance(minutes(15));
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({ groups: ["alertGroup"] });
    await rig.report([{ ...of, status: "OK" }]);
    expect(await rig.told()).toEqual({ groups: ["alertGroup"] });
    await rig.people.clock.advance(hours(2));
    await rig.routing.lookNow();
    expect(await rig.told()).toEqual({});
  });
});
