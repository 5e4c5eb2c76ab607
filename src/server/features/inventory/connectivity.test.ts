import { beforeAll, describe, expect, test } from "vitest";
import { hours, minutes } from "#base/duration";
import { withRig, type Answer } from "#test/inventory-rig";

const rig = withRig();
const org = "/api/v1/orgs/first";
let web = "";
let db = "";

beforeAll(async () => {
  web = await register("web1", ["Shop:web"]);
  db = await register("db1", ["Shop:db", "Shop:slow"]);
  await register("never", []);
});

async function register(name: string, roleFullnames: readonly string[]): Promise<string> {
  return (await rig.ask("POST", "/api/v0/hosts?", { body: { name, meta: {}, roleFullnames } })).json.id;
}
const post = (hostId: string): Promise<Answer> =>
  rig.ask("POST", "/api/v0/tsdb?", { body: [{ hostId, name: "loadavg5", time: rig.now(), value: 1 }] });
const advance = (length: ReturnType<typeof minutes>) => rig.people.clock.advance(length);
const stateOf = async (id: string): Promise<string> => (await rig.ask("GET", `${org}/hosts/${id}`)).json.connectivity;
const silentOnes = async (): Promise<string[]> => {
  const { json } = await rig.ask("GET", `${org}/hosts?connectivity=silent`);
  expect(json.counts.silent, "the count is the number of the listed").toBe(json.total);
  return json.hosts.map((host: { name: string }) => host.name);
};

describe("connectivity", () => {
  test("is never before the first data, reporting after it, and silent after the organisation's ten minutes", async () => {
    expect(await stateOf(web)).toBe("never");
    await post(web);
    await post(db);
    await rig.inventory.lastSeen.flush();
    expect(await stateOf(web)).toBe("reporting");
    await advance(minutes(9));
    expect(await stateOf(web)).toBe("reporting");
    expect(await silentOnes()).toEqual([]);
    await advance(minutes(3));
    expect(await stateOf(web)).toBe("silent");
    expect(await silentOnes()).toEqual(["db1", "web1"]);
  });

  test("follows the organisation's setting, and the shortest of a host's roles before it", async () => {
    await rig.people.acts();
    expect((await rig.ask("PUT", `${org}/services/Shop/roles/db`, { body: { noDataMinutes: 60 } })).json).toMatchObject({
      noDataMinutes: 60,
    });
    expect((await rig.people.acts()).map((act) => [act.verb, act.detail["fields"]])).toEqual([["role.changed", ["noDataMinutes"]]]);
    expect([await stateOf(web), await stateOf(db)]).toEqual(["silent", "reporting"]);
    expect(await silentOnes()).toEqual(["web1"]);
    await rig.ask("PUT", `${org}/services/Shop/roles/slow`, { body: { noDataMinutes: 11 } });
    expect(await stateOf(db)).toBe("silent");
    await rig.ask("PUT", `${org}/services/Shop/roles/slow`, { body: { noDataMinutes: null } });
    expect((await rig.ask("GET", `${org}/services/Shop`)).json.roles.map((role: { noDataMinutes?: number }) => role.noDataMinutes)).toEqual(
      [60, undefined, undefined],
    );
    const { owner } = rig.people;
    await owner.query("update identity_organisation set no_data_minutes = 30");
    expect(await stateOf(web)).toBe("reporting");
    await owner.query("update identity_organisation set no_data_minutes = 10");
  });

  test("refuses a time shorter than an agent's usual delay, naming the field", async () => {
    const { status, json } = await rig.ask("PUT", `${org}/services/Shop/roles/db`, { body: { noDataMinutes: 2 } });
    expect([status, JSON.stringify(json)]).toEqual([400, expect.stringContaining("noDataMinutes")]);
    const viewer = await rig.newKey(rig.people.first, "read");
    expect((await rig.ask("PUT", `${org}/services/Shop/roles/db`, { key: viewer, body: { noDataMinutes: 20 } })).status).toBe(403);
  });

  test("is not watched in maintenance", async () => {
    await rig.ask("POST", `/api/v0/hosts/${web}/status?`, { body: { status: "maintenance" } });
    expect(await stateOf(web)).toBe("unwatched");
    expect(await silentOnes()).toEqual([]);
    await rig.ask("POST", `/api/v0/hosts/${web}/status?`, { body: { status: "working" } });
    expect(await stateOf(web)).toBe("silent");
  });

  test("never blames a host for an outage of ours", async () => {
    await rig.inventory.listening.beat();
    await post(web);
    await advance(hours(3));
    expect(await stateOf(web), "the process slept and does not know it yet").toBe("silent");
    await rig.inventory.listening.beat();
    expect(await stateOf(web), "the outage was found").toBe("reporting");
    for (let i = 0; i < 22; i++) {
      await advance(minutes(0.5));
      await rig.inventory.listening.beat();
    }
    expect(await stateOf(web), "and now it really is silent").toBe("silent");
  });
});
