import { expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { fuzz } from "#test/fuzz";
import { settingsOf } from "./parse.ts";

const seeds = [
  '{"type":"host","name":"CPU","memo":"","metric":"cpu%","operator":">","warning":80,"critical":null,"duration":3,"maxCheckAttempts":1,"scopes":["svc: a"],"excludeScopes":[]}',
  '{"type":"connectivity","name":"c","alertStatusOnGone":"CRITICAL","scopes":[],"excludeScopes":["svc: batch"]}',
  '{"type":"service","name":"4xx","service":"Blog","metric":"access.4xx","operator":">","warning":50,"critical":100,"missingDurationWarning":360}',
  '{"type":"external","name":"site","method":"GET","url":"https://example.com","service":"Blog","responseTimeWarning":5000,"responseTimeDuration":3,"headers":[{"name":"A","value":"b"}]}',
  '{"type":"expression","name":"avg","expression":"avg(role(\\"a:b\\",\\"c\\"))","operator":">","warning":5,"critical":10}',
  '{"type":"anomalyDetection","name":"odd","scopes":["svc: app"],"warningSensitivity":"insensitive","maxCheckAttempts":3}',
  '{"type":"query","name":"q","query":"up","legend":"{{x}}","operator":">","warning":70,"critical":90}',
  '{"type":"tcp","name":"t","vantages":["server","host:abc"],"failsFrom":2,"probe":{"kind":"tcp","host":"example.com","port":22}}',
  '{"type":"dns","name":"d","probe":{"kind":"dns","name":"example.com","type":"MX","expected":["10 mail.example.com"]}}',
];

const isExpected = (error: unknown): boolean =>
  error instanceof SyntaxError || (error instanceof HinobanError && ["bad-request", "invalid-input"].includes(error.code));

test("settings of anybody are taken or refused with a field, and what was taken is taken again unchanged", () => {
  const { taken, refused } = fuzz(
    seeds,
    (input) => {
      const settings = settingsOf(JSON.parse(input.toString("utf8")), "own");
      const again = settingsOf(JSON.parse(JSON.stringify(settings)), "own");
      if (JSON.stringify(again) !== JSON.stringify(settings)) throw new Error(`changed: ${JSON.stringify(again)}`);
    },
    isExpected,
    { runs: 40_000 },
  );
  expect(taken).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(5000);
});

const probe = (extra: object = {}): object => ({ type: "ping", name: "p", probe: { kind: "ping", host: "a.example" }, ...extra });

test.each([
  ["another kind than the type", probe({ type: "tcp" }), "probe.kind"],
  ["no probe", probe({ probe: undefined }), "probe.kind"],
  ["a vantage that is none", probe({ vantages: ["moon"] }), "vantages.0"],
  ["an interval of a second", probe({ intervalSeconds: 1 }), "intervalSeconds"],
  ["a verdict that does not exist", probe({ expectedVerdicts: ["fine"] }), "expectedVerdicts.0"],
])("a rule of our own with %s is refused by field", (_name, body, field) => {
  expect(() => settingsOf(body, "own")).toThrow(new RegExp(`^${field}:`, "u"));
});
