import { describe, expect, test } from "vitest";
import type { MonitorSettings } from "#wire/monitor-settings";
import { newValues, settingsOf, valuesOf } from "./monitor-form.ts";

const common = { memo: "m", isMute: false };
const kept: readonly MonitorSettings[] = [
  {
    type: "host",
    name: "CPU",
    ...common,
    notificationInterval: 60,
    metric: "cpu%",
    operator: ">",
    warning: 0,
    critical: null,
    duration: 3,
    maxCheckAttempts: 2,
    scopes: ["Shop: web"],
    excludeScopes: [],
  },
  { type: "connectivity", name: "c", ...common, alertStatusOnGone: "WARNING", scopes: [], excludeScopes: ["Shop"] },
  {
    type: "anomalyDetection",
    name: "a",
    ...common,
    scopes: ["Shop: web"],
    criticalSensitivity: "normal",
    trainingPeriodFrom: 1_700_000_000,
  },
  {
    type: "query",
    name: "q",
    ...common,
    query: "up",
    legend: "{{a}}",
    operator: ">",
    warning: 1,
    critical: null,
    evaluateBackwardMinutes: 3,
  },
  {
    type: "external",
    name: "site",
    ...common,
    url: "https://a.example",
    method: "POST",
    service: "Shop",
    maxCheckAttempts: 3,
    responseTimeWarning: 500,
    responseTimeDuration: 3,
    headers: [{ name: "X-A", value: "b: c" }],
    followRedirect: true,
    skipCertificateVerification: false,
    dualstack: "auto",
  },
  {
    type: "dns",
    name: "d",
    ...common,
    probe: { kind: "dns", name: "a.example", type: "MX", expected: ["10 mail.a.example"], exactly: true },
    vantages: ["server", "host:x", "host:y"],
    failsFrom: 2,
  },
  {
    type: "path",
    name: "p",
    ...common,
    probe: { kind: "path", host: "a.example", port: 443, protocol: "https", family: "ipv4" },
    vantages: ["server"],
    failsFrom: "any",
    expectedVerdicts: ["refused", "connect-timed-out"],
  },
];

describe("the form of a monitor", () => {
  test.each(kept.map((settings) => [settings.type, settings] as const))(
    "gives back %s as it was, when nothing is changed",
    (_type, settings) => {
      expect(settingsOf(valuesOf(settings), settings)).toEqual(settings);
    },
  );

  test("sets what was typed, and leaves out what was emptied", () => {
    const values = { ...newValues("host"), name: " CPU ", warning: "", critical: "99.5", duration: "", scopes: ["Shop"] };
    expect(settingsOf(values)).toEqual({
      type: "host",
      name: "CPU",
      memo: "",
      isMute: false,
      metric: "cpu%",
      operator: ">",
      warning: null,
      critical: 99.5,
      maxCheckAttempts: 3,
      scopes: ["Shop"],
      excludeScopes: [],
    });
  });
});
