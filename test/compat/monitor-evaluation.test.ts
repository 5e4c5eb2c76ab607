import { beforeEach, describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { monitorRig } from "#test/monitor-rig";

const rig = withRig();
const { rule, host, posts, alerts, post } = monitorRig(rig);
let hostId = "";
let count = 0;

beforeEach(async () => {
  hostId = await host(`h${(count += 1)}`);
  await rig.people.clock.advance((60_000 - (rig.people.clock.now() % 60_000)) as never);
});

const above = (extra: object = {}) => ({
  type: "host",
  name: "load",
  metric: "loadavg5",
  operator: ">",
  warning: 5,
  critical: 10,
  duration: 1,
  ...extra,
});

describe("a host rule", () => {
  test("smoke", async () => {
    await post(hostId, { loadavg5: 1 });
    const id = await rule(above());
    await posts(hostId, "loadavg5", [1, 6, 11, 7, 2]);
    console.log(rig.logged, [...(await rig.monitors.engine.rulesOf(rig.people.first.actor.organisationId)).targets()]);
    expect(await alerts(id)).toEqual([{ key: hostId, status: "OK", message: "load 2", isOpen: false }]);
    expect(rig.logged).toEqual([]);
  });
});
