import { expect, test } from "vitest";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import { proberContract } from "./contract.ts";
import { FakeProber } from "./fake.ts";

const works: ProbeOutcome = {
  verdict: "ok",
  message: "connected",
  millis: 2,
  steps: [{ phase: "connect", startMillis: 0, millis: 2, verdict: "ok", detail: "connected" }],
};

proberContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => {
  const prober = new FakeProber();
  prober.answer("good", works);
  prober.hang("silent");
  return {
    prober,
    good: async () => ({ kind: "tcp", host: "good", port: 1 }),
    closed: async () => ({ kind: "tcp", host: "closed", port: 1 }),
    silent: async () => ({ kind: "tcp", host: "silent", port: 1 }),
    close: async () => prober.release(),
  };
});
