import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registerIdentityV0 } from "#features/identity";
import { Secret } from "#base/secret";
import { openSources, registerSources } from "#features/sources";
import { createApp, serveV0, type Served } from "#http";
import { withCli } from "#test/cli";
import { withIncidents } from "#test/incidents-rig";
import { quietLog } from "#test/quiet-log";
import { createKey } from "../../src/server/features/identity/create-key.ts";

const rig = withIncidents();
let served: Served;
let key = "";
const origin = (): string => `http://127.0.0.1:${(served.app.server.address() as AddressInfo).port}`; // it listens on a port
const cli = withCli(() => ({ HINOBAN_APIBASE: origin(), HINOBAN_APIKEY: key }));

beforeAll(async () => {
  const { people, inventory, incidents } = rig;
  const outgoing = { send: () => Promise.reject(new Error("nothing is sent in this test")) };
  served = { app: await createApp({ logger: pino({ level: "silent" }), version: "0", trustProxy: [] }), gate: people.gate };
  await registerSources(
    served,
    openSources({
      db: people.identity.db,
      clock: people.clock,
      inventory,
      incidents,
      outgoing,
      isSound: () => true,
      serverKey: new Secret("a server key for tests"),
      log: quietLog,
    }),
  );
  await serveV0(served, [(v0) => registerIdentityV0(v0, people.identity)]);
  await served.app.listen({ host: "127.0.0.1", port: 0 });
  key = (await createKey(people.identity, people.first.actor, { name: "cli", rights: "read-write" })).secret.reveal();
});
afterAll(() => served.app.close());

test("sources are created with their address on stdout, listed, muted and deleted", async () => {
  const made = await cli.call(["sources", "create", "--kind", "mackerel", "--name", "Tokyo"]);
  expect(made.code).toBe(0);
  const [, id = ""] = /created (\S+) Tokyo/u.exec(made.err) ?? [];
  const address = made.out.trim();
  expect(address).toMatch(new RegExp(`^${origin()}/in/[0-9a-f]{40}$`, "u"));
  await fetch(address, { method: "POST", body: JSON.stringify({ event: "sample" }) });
  expect((await cli.call(["sources"])).json).toMatchObject([{ id, name: "Tokyo", kind: "mackerel", state: "ok" }]);
  expect((await cli.call(["sources", "messages", id])).json).toMatchObject([{ effect: "test", body: '{"event":"sample"}' }]);
  expect((await cli.call(["sources", "mute", id, "--for", "30m", "--reason", "moving"])).code).toBe(0);
  expect((await cli.call(["sources", "mute", id])).code).toBe(0);
  expect((await cli.call(["sources", "delete", id])).code).toBe(0);
  expect((await cli.call(["sources"])).json).toEqual([]);
});

test("a heartbeat and a mapping are made as they are described, and what is wrong is told", async () => {
  const beat = await cli.call(["sources", "create", "--kind", "heartbeat", "-n", "backup", "--every", "1d", "--grace", "2h"]);
  expect(beat.code).toBe(0);
  writeFileSync(join(cli.folder, "map.json"), JSON.stringify({ key: "{/id}", name: "{/n}", message: "{/m}" }));
  expect((await cli.call(["sources", "create", "--kind", "generic", "-n", "own", "--mapping", "map.json"])).code).toBe(0);
  expect((await cli.call(["sources"])).json).toMatchObject([
    { name: "backup", beat: { intervalSeconds: 86_400, graceSeconds: 7200 }, defaultSeverity: "critical" },
    { name: "own", mapping: { key: "{/id}" } },
  ]);
  writeFileSync(join(cli.folder, "bad.json"), "{");
  expect((await cli.call(["sources", "create", "--kind", "generic", "-n", "x", "--mapping", "bad.json"])).err).toContain("is not JSON");
  const unknown = await cli.call(["sources", "create", "--kind", "nagios", "-n", "x"]);
  expect(unknown.code).not.toBe(0);
  expect(unknown.err).toContain("alertmanager");
  expect((await cli.call(["sources", "delete", "nothing"])).err).toContain("There is no source nothing.");
});
