import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { AddressInfo } from "node:net";
import { Secret } from "#base/secret";
import { openSources, registerSources, type Sources } from "#features/sources";
import { createApp, type Served } from "#http";
import { openTarget, startAlertingPrometheus, startAlertmanager } from "#test/alertmanager-programs";
import { withIncidents } from "#test/incidents-rig";
import { quietLog } from "#test/quiet-log";
import { freePort } from "#test/server-process";
import { until } from "#test/until";
import { createSource } from "../../src/server/features/sources/create-source.ts";

const rig = withIncidents();
let served: Served;
let sources: Sources;
const ending: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const { people, inventory, incidents } = rig;
  const outgoing = { send: () => Promise.reject(new Error("nothing is sent in this test")) };
  sources = openSources({
    db: people.identity.db,
    clock: people.clock,
    inventory,
    incidents,
    outgoing,
    isSound: () => true,
    serverKey: new Secret("a server key for tests"),
    log: quietLog,
  });
  served = { app: await createApp({ logger: pino({ level: "silent" }), version: "0.0.0", trustProxy: [] }), gate: people.gate };
  await registerSources(served, sources);
  await served.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => served.app.close());
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** To be ended with the test, the newest first. */
function owned<T extends { readonly end: () => Promise<void> }>(thing: T): T {
  ending.push(() => thing.end());
  return thing;
}

async function address(name: string): Promise<{ readonly id: string; readonly url: string }> {
  const { source, path } = await createSource(sources, rig.people.first.actor, { kind: "alertmanager", name, defaultSeverity: "error" });
  const { port } = served.app.server.address() as AddressInfo; // it listens on a port, not on a socket file
  return { id: source.id, url: `http://127.0.0.1:${port}${path}` };
}

const changesOf = (id: string) => rig.alertChanges.filter(({ alert }) => alert.origin.id === id);
const effectsOf = (id: string): string[] => changesOf(id).map((change) => change.effect);

test("Debian's Prometheus and Alertmanager open an alert when a target goes away and close it when it is back", async () => {
  const hostId = await rig.host("web1");
  const { id, url } = await address("one");
  const target = await openTarget();
  ending.push(() => target.down());
  const alertmanager = owned(await startAlertmanager({ url }));
  owned(await startAlertingPrometheus(target.port, [alertmanager.port]));
  await target.down();
  await until("the alert opens", 40_000, async () => effectsOf(id).includes("opened"));
  expect(changesOf(id)[0]?.alert).toMatchObject({
    name: "TargetDown",
    message: `127.0.0.1:${target.port} が応答していません`,
    severity: "critical",
    hostId,
    type: "alertmanager",
    detail: { labels: { alertname: "TargetDown", job: "web" }, links: { generatorURL: expect.stringContaining("/graph?") } },
  });
  await target.up();
  await until("the alert closes", 40_000, async () => effectsOf(id).includes("closed"));
  expect(effectsOf(id)).toEqual(["opened", "closed"]);
  expect(rig.effects()).toEqual(["opened 1", "resolved 1"]);
});

test("two Alertmanagers that tell of the same alert, and one that survives the other, make one alert of it", async () => {
  const { id, url } = await address("two");
  const target = await openTarget();
  ending.push(() => target.down());
  const [a, b] = [await freePort(), await freePort()];
  const first = owned(await startAlertmanager({ url, cluster: { port: a } }));
  const second = owned(await startAlertmanager({ url, cluster: { port: b, peer: a } }));
  // A third one knows nothing of the others, as in a partition: it tells the same.
  const stranger = owned(await startAlertmanager({ url }));
  owned(await startAlertingPrometheus(target.port, [first.port, second.port, stranger.port]));
  await target.down();
  await until(
    "two messages told of the alert",
    40_000,
    async () => (await signalsOf(id)).filter(({ effect }) => effect !== "ignored").length >= 2,
  );
  expect(effectsOf(id)).toEqual(["opened"]);
  await first.end();
  await stranger.end();
  await target.up();
  await until("the survivor closes it", 40_000, async () => effectsOf(id).includes("closed"));
  expect(effectsOf(id)).toEqual(["opened", "closed"]);
});

async function signalsOf(id: string): Promise<{ effect: string }[]> {
  const { rows } = await rig.people.owner.query<{ effect: string }>(
    "select effect from sources_signal where source_id = $1 order by received_at",
    [id],
  );
  return rows;
}
