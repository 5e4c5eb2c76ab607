import { beforeAll, describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, writer, prepare } = v0Clients(rig);

beforeAll(prepare);

describe.each([
  ["GET /monitors", "/monitors", "monitors"],
  ["GET /channels", "/channels", "channels"],
  ["GET /notification-groups", "/notification-groups", "notificationGroups"],
  ["GET /downtimes", "/downtimes", "downtimes"],
  ["GET /alert-group-settings", "/alert-group-settings", "alertGroupSettings"],
  ["GET /aws-integrations", "/aws-integrations", "aws_integrations"],
])("%s", (_name, path, key) => {
  test("answers an empty list that Go can read, to keys that may read", async () => {
    const answer = await reader.get(path);
    expect([answer.status, answer.text]).toEqual([200, `{"${key}":[]}`]);
    expect((await writer.get(path)).status).toBe(403);
    expect((await rig.ask("GET", `/api/v0${path}?`, { key: "" })).status).toBe(401);
  });
});

describe("GET /alerts", () => {
  test("answers an empty last page, whatever is asked for", async () => {
    for (const query of ["", "?withClosed=true", "?limit=100&nextId=abc", "?withClosed=true&nextId=abc&limit=1"]) {
      const answer = await reader.get(`/alerts${query}`);
      expect([answer.status, answer.text]).toEqual([200, '{"alerts":[]}']);
    }
    for (const limit of ["0", "101", "x"]) expect((await v0.get(`/alerts?limit=${limit}`)).status).toBe(400);
  });
});

describe.each([
  ["GET /monitors/:id", "/monitors/m"],
  ["GET /alerts/:id", "/alerts/m"],
  ["GET /alerts/:id/logs", "/alerts/m/logs"],
  ["GET /alert-group-settings/:id", "/alert-group-settings/m"],
])("%s", (_name, path) => {
  test("answers 404 in Mackerel's shape", async () => {
    const { status, message } = refusal(await reader.get(path));
    expect([status, message]).toEqual([404, expect.stringMatching(/^There is no .* m\.$/u)]);
  });
});

test("answers 404 for what is not served: tracing, and all of AWS but its empty list", async () => {
  for (const path of ["/aws-integrations/x", "/aws-integrations-excludable-metrics", "/traces", "/apm/http-servers", "/nothing"]) {
    expect(refusal(await v0.get(path)).status, path).toBe(404);
  }
  expect(refusal(await v0.post("/aws-integrations/external_id", {})).status).toBe(404);
});
