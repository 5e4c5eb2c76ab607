import { beforeAll, describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, writer, prepare } = v0Clients(rig);

beforeAll(prepare);

describe.each([
  ["GET /monitors", "/monitors", "monitors"],
  ["GET /aws-integrations", "/aws-integrations", "aws_integrations"],
])("%s", (_name, path, key) => {
  test("answers an empty list that Go can read, to keys that may read", async () => {
    const answer = await reader.get(path);
    expect([answer.status, answer.text]).toEqual([200, `{"${key}":[]}`]);
    expect((await writer.get(path)).status).toBe(403);
    expect((await rig.ask("GET", `/api/v0${path}?`, { key: "" })).status).toBe(401);
  });
});

test("answers 404 for what is not served: tracing, and all of AWS but its empty list", async () => {
  for (const path of ["/aws-integrations/x", "/aws-integrations-excludable-metrics", "/traces", "/apm/http-servers", "/nothing"]) {
    expect(refusal(await v0.get(path)).status, path).toBe(404);
  }
  expect(refusal(await v0.post("/aws-integrations/external_id", {})).status).toBe(404);
});
