import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { NodeProber } from "#adapters/prober/prober";
import { seconds, unixMs } from "#base/duration";
import { Secret } from "#base/secret";
import { openFolder } from "#test/folder";
import { withRig } from "#test/inventory-rig";
import { until } from "#test/until";
import { ApiClient } from "../../src/agent/api.ts";
import { openHttpClient } from "../../src/agent/http.ts";
import { createLog } from "../../src/agent/log.ts";
import { ProbeWatch } from "../../src/agent/probes/probe-watch.ts";
import { ProbeResults } from "../../src/agent/probes/results.ts";

const rig = withRig();
const clock = new SystemClock();
const end = new AbortController();
let done: Promise<void> = Promise.resolve();
afterAll(async () => {
  end.abort();
  await done;
});

test("the VPN that opens from everywhere but one place is told apart by a host's agent, and named in the alert", async () => {
  rig.people.clock.jumpTo(unixMs(Date.now())); // the agent's clock is the machine's
  const vpn = createServer((socket) => socket.on("error", () => undefined).resetAndDestroy()).listen(0, "127.0.0.1");
  await once(vpn, "listening");
  const { port } = vpn.address() as AddressInfo;
  // Seen from the server the way is open.
  rig.prober.answer("127.0.0.1", { verdict: "ok", message: "TLSv1.3", millis: 5, steps: [] });
  const { id: hostId } = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "abroad1", meta: {} } })).json;
  const made = await rig.ask("POST", "/api/v1/orgs/first/monitors", {
    body: {
      settings: {
        type: "path",
        name: "VPN",
        probe: { kind: "path", host: "127.0.0.1", port, protocol: "tls" },
        vantages: ["server", `host:${hostId}`],
        intervalSeconds: 10,
      },
    },
  });
  expect(made.status).toBe(200);
  const { id } = made.json;
  const origin = new URL(`http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`); // it listens on a port
  const log = createLog(() => undefined, clock);
  const watch = new ProbeWatch({
    clock,
    log,
    random: () => 0,
    openApi: async () => new ApiClient(await openHttpClient(origin, clock, undefined), new Secret(rig.key)),
    openProber: async () => new NodeProber({ clock, allowedNetworks: ["127.0.0.0/8"] }),
    results: new ProbeResults(join(openFolder("hinoban-vantage-"), "probes.json"), clock, log),
  });
  done = watch.run(hostId, end.signal);
  await rig.people.clock.advance(seconds(10));
  await rig.probes.scheduler.look();
  await rig.probes.scheduler.settled();
  const states = async () => (await rig.ask("GET", `/api/v1/orgs/first/monitors/${id}/probes`)).json.vantages;
  await until("the agent has reported", 20_000, async () => (await states()).every((state: { last?: object }) => state.last !== undefined));
  expect((await states()).map((state: { name: string; last: { outcome: object } }) => [state.name, state.last.outcome])).toMatchObject([
    ["", { verdict: "ok" }],
    ["abroad1", { verdict: "reset-on-accept", address: `127.0.0.1:${port}` }],
  ]);
  const { rows } = await rig.people.owner.query("select status, message, closed_at from incidents_alert where origin_id = $1", [id]);
  expect(rows).toMatchObject([
    {
      status: "CRITICAL",
      closed_at: null,
      message: expect.stringMatching(/^reset right after connecting: ECONNRESET.*\(from 1 of 2: abroad1\)$/u),
    },
  ]);
  // Somebody wants to know at once, from there: the agent waits at the server.
  const run = (
    await rig.ask("POST", "/api/v1/orgs/first/probes/runs", {
      body: { spec: { kind: "path", host: "127.0.0.1", port }, from: `host:${hostId}` },
    })
  ).json;
  const now = async () => (await rig.ask("GET", `/api/v1/orgs/first/probes/runs/${run.id}`)).json;
  await until("the agent has done it", 10_000, async () => (await now()).state === "done");
  expect(await now()).toMatchObject({ fromName: "abroad1", outcome: { verdict: "reset-on-accept" } });
  vpn.close();
});
