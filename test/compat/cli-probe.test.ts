import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { withCli } from "#test/cli";
import { withRig } from "#test/inventory-rig";

const rig = withRig();
const origin = (): string => `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`; // it listens on a port
const cli = withCli(() => ({ HINOBAN_APIBASE: origin(), HINOBAN_APIKEY: rig.key }));

const outcome = {
  verdict: "reset-on-accept",
  message: "ECONNRESET, 0 bytes received",
  millis: 31,
  steps: [
    { phase: "connect", startMillis: 0, millis: 30.4, verdict: "ok", detail: "connected", address: "192.0.2.7:443" },
    { phase: "listen", startMillis: 30, millis: 0.6, verdict: "reset-on-accept", detail: "ECONNRESET, \u001B[31m0 bytes" },
  ],
} as const;

test("the way to an address is told step by step, with what its end means", async () => {
  rig.prober.answer("vpn.example.jp", { ...outcome, steps: [...outcome.steps] });
  const told = await cli.call(["probe", "vpn.example.jp:443"]);
  expect(told.code).toBe(1);
  expect(told.out).toContain("30.4 ms  ok  TCP connection 192.0.2.7:443: connected");
  expect(told.out).toContain("✗   Listening: ECONNRESET");
  expect(told.out).toContain("reset right after connecting: ECONNRESET, 0 bytes received\nTCP opens, then a reset comes");
  expect(told.out).not.toContain("\u001B");
  expect(rig.prober.probed.at(-1)).toEqual({ kind: "path", host: "vpn.example.jp", port: 443 });
});

test("a probe goes by its timeout, and is data for programs", async () => {
  rig.prober.answer("web1", { ...outcome, verdict: "ok", message: "TCP", steps: [] });
  const told = await cli.call(["probe", "http://web1", "--timeout", "5s", "--format", "json"]);
  expect(told.code).toBe(0);
  expect(told.json).toMatchObject({ state: "done", from: "server", outcome: { verdict: "ok" } });
  expect(rig.prober.probed.at(-1)).toEqual({ kind: "path", host: "web1", port: 80, protocol: "http", timeoutSeconds: 5 });
  await cli.call(["probe", "web1", "--ping"]);
  expect(rig.prober.probed.at(-1)).toEqual({ kind: "ping", host: "web1" });
});

test.each([
  [["probe", "no address"], 2],
  [["probe"], 2],
  [["probe", "a", "--timeout", "5m"], 2],
  [["probe", "a", "--from", "nobody"], 1],
] as const)("what cannot be is told: %j", async (words, code) => {
  expect((await cli.call([...words])).code).toBe(code);
});
