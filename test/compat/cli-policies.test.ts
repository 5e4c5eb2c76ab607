import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { registerEscalation } from "#features/escalation";
import { registerIdentity, registerIdentityV0 } from "#features/identity";
import { createApp, serveV0, type Served } from "#http";
import { withCli } from "#test/cli";
import { withEscalation } from "#test/escalation-rig";
import { createKey } from "../../src/server/features/identity/create-key.ts";

const rig = withEscalation();
let served: Served;
let key = "";
const cli = withCli(() => ({
  HINOBAN_APIBASE: `http://127.0.0.1:${(served.app.server.address() as AddressInfo).port}`, // it listens on a port
  HINOBAN_APIKEY: key,
}));

beforeAll(async () => {
  const { people } = rig.incidents;
  served = { app: await createApp({ logger: pino({ level: "silent" }), version: "0", trustProxy: [] }), gate: people.gate };
  registerEscalation(served, rig.escalation);
  registerIdentity(served, people.identity);
  await serveV0(served, [(v0) => registerIdentityV0(v0, people.identity)]);
  await served.app.listen({ host: "127.0.0.1", port: 0 });
  key = (await createKey(people.identity, people.first.actor, { name: "cli", rights: "read-write" })).secret.reveal();
});
afterAll(() => served.app.close());

const file = (text: string): string => {
  const path = join(cli.folder, "policy.yaml");
  writeFileSync(path, text);
  return path;
};
const yaml = (wait: number): string => `
name: Web
rounds: 1
steps:
  - targets: ["person:${rig.a.email}", "person:${rig.b.email}"]
    waitSeconds: ${wait}
  - targets: [owners]
    mode: at-once
    medium: mail
`;

test("policies are applied from files, shown, tried and deleted", async () => {
  const created = await cli.call(["policies", "apply", "-F", file(yaml(120))]);
  expect(created.err).toMatch(/created \S+ Web/u);
  const updated = await cli.call(["policies", "apply", "-F", file(yaml(60))]);
  expect(updated.err).toMatch(/updated \S+ Web/u);
  expect((await cli.call(["policies"])).json).toMatchObject([
    { name: "Web", rounds: 1, reaches: "all", steps: [expect.stringContaining("person:"), "owners"] },
  ]);

  const shown = await cli.call(["policies", "show", "Web"]);
  expect(shown.json).toMatchObject({ name: "Web", steps: [{ waitSeconds: 60 }, { targets: ["owners"] }] });
  expect((await cli.call(["policies", "apply", "-F", file(shown.out)])).code).toBe(0);

  const tried = await cli.call(["policies", "dry-run", "Web", "--severity", "warning"]);
  expect(
    tried.json.map(({ after, what, who }: { after: number; what: string; who: string }) => `${after} ${what} ${who}`).slice(0, 3),
  ).toEqual(["0 told Name of a@example.jp", "60 told Name of b@example.jp", "120 told Hanako Owner"]);
  expect((await cli.call(["policies", "dry-run", "-F", file(yaml(30))])).json[1]).toMatchObject({ after: 30 });
  expect((await cli.call(["policies", "delete", "Web"])).code).toBe(0);
  expect((await cli.call(["policies"])).json).toEqual([]);
});

test("what a file names wrongly is said", async () => {
  const nobody = await cli.call(["policies", "apply", "-F", file("name: X\nsteps: [{targets: ['person:nobody@example.jp']}]")]);
  expect(nobody.code).not.toBe(0);
  expect(nobody.err).toContain("There is no nobody@example.jp among the members.");
  const strange = await cli.call(["policies", "apply", "-F", file("name: X\nsteps: [{targets: ['somebody']}]")]);
  expect(strange.err).toContain("somebody names nobody");
  expect((await cli.call(["policies", "apply", "-F", file("[unclosed")])).err).toContain("is no YAML of a policy");
  expect((await cli.call(["policies", "show", "None"])).err).toContain("There is no escalation policy None.");
});
