import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { registerIdentity } from "#features/identity";
import { createApp } from "#http";
import { firstEmail, goodPassword, withPeople } from "#test/people";
import { openZabbixRig, type ZabbixRig } from "#test/zabbix-rig";
import * as identity from "#wire/identity";
import type * as wire from "#wire/zabbix";
import { ask as askPort } from "#test/zabbix-client";
import { registerZabbix } from "./routes.ts";

const people = withPeople();
let app: Awaited<ReturnType<typeof createApp>>;
let rig: ZabbixRig;
let manager: Record<string, string>;
let viewer: Record<string, string>;
const lines: string[] = [];

beforeAll(async () => {
  const logger = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
  app = await createApp({ logger, version: "0", trustProxy: [] });
  rig = await openZabbixRig(people, { clock: people.clock });
  const served = { app, gate: people.gate };
  registerIdentity(served, people.identity);
  registerZabbix(served, rig.zabbix);
  const { email } = await people.join(people.first, "viewer");
  manager = await signIn(firstEmail);
  viewer = await signIn(email);
});
afterAll(async () => {
  await app.close();
  await rig.close();
});

async function signIn(email: string): Promise<Record<string, string>> {
  const response = await app.inject({ method: "POST", url: "/api/v1/session", payload: { email, password: goodPassword } });
  const cookie = String(response.headers["set-cookie"]).split(";")[0] ?? "";
  return { cookie, [identity.csrfHeader]: response.json<identity.SignedIn>().csrf };
}
const ask = (
  by: Record<string, string>,
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: object,
): Promise<LightMyRequestResponse> =>
  app.inject({ method, url: `/api/v1/orgs/first${path}`, headers: by, ...(body ? { payload: body } : {}) });

describe("the interface for Zabbix agents", () => {
  test("shows who may report and who was refused, and changes it for a manager", async () => {
    await askPort(rig.port, "x");
    const shown = await ask(viewer, "GET", "/zabbix");
    expect(shown.json<wire.ZabbixSettings>()).toMatchObject({
      port: rig.port,
      autoregister: true,
      networks: expect.arrayContaining(["127.0.0.0/8"]),
      refusals: [{ reason: "bad-packet", address: "127.0.0.1", count: 1 }],
    });
    const body = { networks: ["127.0.0.0/8", "192.0.2.0/24"], autoregister: true };
    expect((await ask(manager, "PUT", "/zabbix", body)).json()).toMatchObject(body);
    const wrong = await ask(manager, "PUT", "/zabbix", { networks: ["127.0.0.0/40"], autoregister: true });
    expect([wrong.statusCode, wrong.json()]).toMatchObject([400, { fields: [{ field: "networks.0" }] }]);
  });

  test("hands a made key out once, shows no key again, and writes none into the log", async () => {
    const made = (await ask(manager, "POST", "/zabbix/psks", { hostName: "web-1" })).json<{ psk: wire.ZabbixPsk; key: string }>();
    expect(made.key).toMatch(/^[0-9a-f]{64}$/u);
    const given = await ask(manager, "POST", "/zabbix/psks", { identity: "PSK 001", key: "00112233445566778899AABBCCDDEEFF" });
    expect(given.json()).toEqual({ psk: expect.objectContaining({ identity: "PSK 001" }) });
    const taken = await ask(manager, "POST", "/zabbix/psks", { identity: "PSK 001" });
    expect([taken.statusCode, taken.json()]).toMatchObject([409, { code: "conflict" }]);
    const list = await ask(manager, "GET", "/zabbix/psks?text=psk");
    expect(list.json<{ psks: wire.ZabbixPsk[] }>().psks.map(({ identity: name }) => name)).toEqual(["PSK 001"]);
    for (const text of [list.body, lines.join("\n")]) {
      expect(text).not.toContain(made.key);
      expect(text.toLowerCase()).not.toContain("00112233445566778899aabbccddeeff");
    }
    expect((await ask(manager, "DELETE", `/zabbix/psks/${made.psk.id}`)).json()).toEqual({ success: true });
    expect((await ask(manager, "DELETE", `/zabbix/psks/${made.psk.id}`)).statusCode).toBe(404);
  });

  test("refuses keys that are too short, odd or no digits, and identities that would not travel", async () => {
    for (const body of [
      { key: "0".repeat(30) },
      { key: "0".repeat(33) },
      { key: "g".repeat(32) },
      { identity: " x" },
      { identity: "日本" },
    ]) {
      expect((await ask(manager, "POST", "/zabbix/psks", body)).statusCode, JSON.stringify(body)).toBe(400);
    }
  });

  test("lets a viewer see hosts but no keys, and change nothing; the refusals are recorded", async () => {
    await people.acts();
    expect((await ask(viewer, "GET", "/zabbix/hosts")).json()).toEqual({ hosts: [], total: 0 });
    const refused = [
      await ask(viewer, "GET", "/zabbix/psks"),
      await ask(viewer, "POST", "/zabbix/psks", {}),
      await ask(viewer, "DELETE", "/zabbix/psks/abc"),
      await ask(viewer, "PUT", "/zabbix", { networks: [], autoregister: false }),
    ];
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403]);
    expect((await people.acts()).map(({ verb }) => verb)).toEqual(Array.from({ length: 4 }, () => "permission.refused"));
  });
});
