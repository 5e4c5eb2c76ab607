import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { withCli, type CliEnd } from "#test/cli";
import { withRig } from "#test/inventory-rig";

const rig = withRig();
const cli = withCli(() => ({
  HINOBAN_APIBASE: `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`, // it listens on a port
  HINOBAN_APIKEY: rig.key,
}));

const hosts = [
  {
    host: "web01",
    name: "表のウェブ",
    description: "front",
    groups: [{ name: "Linux servers" }, { name: "Shop/Web" }, { name: "データベース" }],
    templates: [{ name: "Linux by Zabbix agent" }],
    interfaces: [{ ip: "192.0.2.1" }, { type: "SNMP", ip: "2001:db8::1" }, { type: "JMX", dns: "web01.example.jp" }],
    tags: [{ tag: "env", value: "prod" }],
    inventory: { os: "Debian 12" },
    items: [{ key: "a", triggers: [{ name: "t" }] }],
    macros: [{ macro: "{$PASSWORD}", value: "hunter2" }],
  },
  { host: "db01", name: "db01", status: "DISABLED", groups: [{ name: "Linux servers" }, { name: "Dropped" }] },
  { host: "known", name: "known", description: "theirs", groups: [{ name: "Linux servers" }], interfaces: [{ ip: "192.0.2.7" }] },
];

const hostNamed = async (name: string): Promise<Record<string, unknown>> => {
  const { json } = await rig.ask("GET", `/api/v0/hosts?name=${name}&status=working&status=standby`);
  return json.hosts[0];
};
const take = (...more: string[]): Promise<CliEnd> => cli.call(["import", "zabbix", "export.json", "--groups", "groups.json", ...more]);

let knownId = "";
beforeAll(async () => {
  writeFileSync(join(cli.folder, "export.json"), JSON.stringify({ zabbix_export: { version: "7.0", hosts, templates: [{ name: "T" }] } }));
  writeFileSync(join(cli.folder, "groups.json"), '{"Dropped": null}');
  knownId = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "known", meta: {}, memo: "ours", roleFullnames: ["Own:role"] } })).json
    .id;
});

test("a dry run shows what would be made, and makes nothing", async () => {
  const { code, out } = await take("--dry-run");
  expect(code).toBe(0);
  expect(out).toContain("+ role Zabbix:Linux-servers: from the group Linux servers\n");
  expect(out).toContain("+ host web01\n");
  expect(await hostNamed("web01")).toBeUndefined();
});

test("an export becomes hosts in roles, with addresses, states and everything else that it says as metadata", async () => {
  const { code, out, err } = await take();
  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("1 macros (they may hold passwords)");
  expect(out).toContain("role Dropped: --groups says so");
  expect(out).toContain("ServerActive");
  const web = await hostNamed("web01");
  expect(web).toMatchObject({
    displayName: "表のウェブ",
    customIdentifier: "web01",
    memo: "front",
    status: "working",
    ipAddress: "192.0.2.1",
    interfaces: [
      { name: "agent", ipv4Addresses: ["192.0.2.1"], ipv6Addresses: [] },
      { name: "snmp", ipv4Addresses: [], ipv6Addresses: ["2001:db8::1"] },
    ],
    roles: { Shop: ["Web"], Zabbix: ["Linux-servers", expect.stringMatching(/^group-[0-9a-f]{6}$/u)] },
  });
  expect(await hostNamed("db01")).toMatchObject({ status: "standby", roles: { Zabbix: ["Linux-servers"] } });
  const roles = (await rig.ask("GET", "/api/v0/services/Zabbix/roles?")).json.roles;
  expect(roles.map((role: { memo: string }) => role.memo).toSorted()).toEqual(["Linux servers", "データベース"]);
  const { text } = await rig.ask("GET", `/api/v0/hosts/${String(web["id"])}/metadata/zabbix?`);
  expect(JSON.parse(text)).toMatchObject({
    host: "web01",
    groups: ["Linux servers", "Shop/Web", "データベース"],
    templates: ["Linux by Zabbix agent"],
    tags: [{ tag: "env", value: "prod" }],
    inventory: { os: "Debian 12" },
  });
  expect(text).not.toContain("hunter2");
});

test("a host that is here already keeps what was written about it, and gets the address that it lacked only with nothing else to decide", async () => {
  const { out } = await take();
  expect(out).toContain("host known: memo, roles, addresses\n");
  expect(await hostNamed("known")).toMatchObject({ id: knownId, memo: "ours", roles: { Own: ["role"] } });
  expect((await take("--overwrite", "--format", "json")).json.counts.host).toMatchObject({ changed: 1, unchanged: 2 });
  expect(await hostNamed("known")).toMatchObject({
    id: knownId,
    memo: "theirs",
    ipAddress: "192.0.2.7",
    roles: { Own: ["role"], Zabbix: ["Linux-servers"] },
  });
});

test("a second time changes nothing, in the history either", async () => {
  await rig.people.acts();
  const { counts } = (await take("--format", "json")).json;
  for (const kind of ["role", "host", "metadata"]) expect(counts[kind]).toMatchObject({ created: 0, changed: 0, kept: 0, failed: 0 });
  expect(await rig.people.acts()).toEqual([]);
});

test("a Zabbix agent that calls itself as the host becomes that host", async () => {
  const { id } = await hostNamed("web01");
  const actor = { kind: "system", organisationId: rig.people.first.actor.organisationId, name: "zabbix" } as const;
  expect(await rig.receivers.hostOf(actor, { kind: "zabbix", name: "web01", mayRegister: true })).toBe(id);
});

test("a file that is no export, and a service that cannot be named so, are refused", async () => {
  writeFileSync(join(cli.folder, "none.xml"), "<a/>");
  expect(await cli.call(["import", "zabbix", "none.xml"])).toMatchObject({ code: 1, err: expect.stringContaining("no Zabbix export") });
  expect(await cli.call(["import", "zabbix", "nowhere.xml"])).toMatchObject({ code: 2, err: expect.stringContaining("cannot be read") });
  expect(await take("--service", "a b")).toMatchObject({ code: 2, err: expect.stringContaining("--service must be") });
});
