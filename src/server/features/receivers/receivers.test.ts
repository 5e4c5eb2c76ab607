import { beforeAll, describe, expect, test } from "vitest";
import { hours, minutes, toSeconds } from "#base/duration";
import type { Actor } from "#http";
import { withRig } from "#test/inventory-rig";
import type { Receivers, Reporter } from "./index.ts";

const rig = withRig();
let receivers: Receivers;
let actor: Actor;

beforeAll(() => {
  receivers = rig.receivers;
  actor = { kind: "system", organisationId: rig.people.first.actor.organisationId, name: "zabbix" };
});

const zabbix = (name: string, more: Partial<Reporter> = {}): Reporter => ({ kind: "zabbix", name, mayRegister: true, ...more });
const register = async (name: string): Promise<string> => (await rig.ask("POST", "/api/v0/hosts?", { body: { name, meta: {} } })).json.id;

describe("the host of a foreign name", () => {
  test("is registered on first sight, once, however many posts come at the same moment", async () => {
    await rig.people.acts();
    const ids = await Promise.all(Array.from({ length: 20 }, () => receivers.hostOf(actor, zabbix("db 01.example.jp"))));
    expect(new Set(ids).size).toBe(1);
    const acts = await rig.people.acts();
    expect(acts.map((act) => [act.actor, act.verb, act.object])).toEqual([["system:zabbix", "host.registered", `host:${ids[0]}`]]);
  });

  test("is the present host of that name, whichever kind of agent brought it", async () => {
    const id = await register("web-1");
    expect(await receivers.hostOf(actor, zabbix("web-1"))).toBe(id);
    expect(await receivers.hostOf(actor, { ...zabbix("web-1"), kind: "prometheus" })).toBe(id);
  });

  test("is nobody when it is unknown and may not register", async () => {
    expect(await receivers.hostOf(actor, zabbix("stranger", { mayRegister: false }))).toBeUndefined();
    expect(await receivers.hostOf(actor, zabbix(""))).toBeUndefined();
  });

  test("is refused to a key that may not register hosts", async () => {
    const viewer: Actor = { ...rig.people.first.actor, role: "viewer" };
    await expect(receivers.hostOf(viewer, zabbix("new-one"))).rejects.toMatchObject({ code: "forbidden" });
  });

  test("stays bound after the host was renamed", async () => {
    const id = await receivers.hostOf(actor, zabbix("old-name"));
    await rig.people.owner.query("update inventory_host set name = 'new-name' where id = $1", [id]);
    await rig.people.clock.advance(minutes(6));
    expect(await receivers.hostOf(actor, zabbix("old-name"))).toBe(id);
  });

  test("is refused while somebody reports for a retired one, and new after a day of silence", async () => {
    const id = (await receivers.hostOf(actor, zabbix("leaving"))) ?? "";
    await rig.ask("POST", `/api/v0/hosts/${id}/retire?`, { body: "null" });
    for (let hour = 0; hour < 30; hour += 10) {
      await rig.people.clock.advance(hours(10));
      expect(await receivers.hostOf(actor, zabbix("leaving"))).toBeUndefined();
      await receivers.start()();
    }
    await rig.people.clock.advance(hours(25));
    const next = await receivers.hostOf(actor, zabbix("leaving"));
    expect(next).toEqual(expect.any(String));
    expect(next).not.toBe(id);
    expect(await receivers.hostOf(actor, zabbix("leaving"))).toBe(next);
  });

  test("of another organisation is another host", async () => {
    const theirs = await rig.people.another("theirs");
    const id = await register("shared-name");
    const elsewhere: Actor = { kind: "system", organisationId: theirs.actor.organisationId, name: "zabbix" };
    expect(await receivers.hostOf(elsewhere, zabbix("shared-name"))).not.toBe(id);
  });
});

describe("a batch", () => {
  test("is stored, counts impossible points, and tells when each reporter of its hosts was heard of", async () => {
    const id = (await receivers.hostOf(actor, zabbix("reporting"))) ?? "";
    const now = toSeconds(rig.people.clock.now());
    const batch = receivers.batch();
    for (let i = 0; i < 200; i++) batch.add(id, `custom.zabbix.n${i}`, now, i);
    batch.add(id, "loadavg5", now, Number.NaN);
    batch.add(id, "no blanks", now, 1);
    batch.add(id, "..", now, 1);
    expect(await receivers.append(actor.organisationId, batch)).toEqual({ accepted: 200, tooOld: 0, tooNew: 0, malformed: 3 });
    expect((await rig.store.latest(id, "custom.zabbix.n199"))?.value).toBe(199);
    await rig.people.clock.advance(minutes(2));
    await rig.ask("POST", "/api/v0/tsdb?", { body: [{ hostId: id, name: "loadavg5", time: rig.now(), value: 1 }] });
    const { json } = await rig.ask("GET", `/api/v1/orgs/first/hosts/${id}/reporters`);
    const at = rig.people.clock.now();
    expect(json.reporters).toEqual([
      { kind: "agent", name: "", lastSeenAt: at },
      { kind: "zabbix", name: "reporting", lastSeenAt: at - minutes(2) },
    ]);
  });
});
