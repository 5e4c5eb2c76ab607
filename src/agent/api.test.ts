import { describe, expect, test } from "vitest";
import { judge, parseHost, parseHosts } from "./api.ts";

const reply = (status: number, text: string, headers: Record<string, string> = {}) => ({ status, headers, text });

describe("what an answer means", () => {
  test.each([
    [200, '{"success":true}', "ok"],
    [200, "{}", "ok"],
    [200, "null", "ok"],
    [200, "", "away"], // an empty body is a failure to every client of this API
    [200, "<html>Sign in to the hotel's network</html>", "away"],
    [500, "", "away"],
    [502, "<html>", "away"],
    [408, "", "away"],
    [429, '{"error":{"message":"slow down"}}', "away"],
    [401, '{"error":{"message":"unknown key"}}', "denied"],
    [403, "", "denied"],
    [400, '{"error":"text"}', "refused"],
    [404, "", "refused"],
    [413, "", "refused"],
    [301, "", "refused"],
  ])("%i %j is %s", (status, text, kind) => {
    expect(judge(reply(status, text)).kind).toBe(kind);
  });

  test("the server's own sentence is told, in either shape", () => {
    expect(judge(reply(400, '{"error":{"message":"no such role"}}'))).toMatchObject({ why: "400: no such role" });
    expect(judge(reply(400, '{"error":"flat"}'))).toMatchObject({ why: "400: flat" });
    expect(judge(reply(403, '{"title":"Forbidden","detail":"read only key"}'))).toMatchObject({ why: "403: read only key" });
    expect(judge(reply(301, "", { location: "https://new.example/" }))).toMatchObject({
      why: expect.stringContaining("https://new.example/"),
    });
  });

  test("Retry-After is kept within an hour, nonsense is ignored", () => {
    expect(judge(reply(503, "", { "retry-after": "120" }))).toMatchObject({ retryAfter: 120_000 });
    expect(judge(reply(503, "", { "retry-after": "99999999" }))).toMatchObject({ retryAfter: 3_600_000 });
    expect(judge(reply(503, "", { "retry-after": "soon" }))).toMatchObject({ retryAfter: undefined });
  });
});

test("a host needs an id; everything else may be missing", () => {
  expect(parseHost({ id: "a", isRetired: true, meta: null })).toEqual({ id: "a", name: "", status: "", isRetired: true, meta: {} });
  expect(parseHost({ name: "x" })).toBeUndefined();
  expect(parseHosts({ hosts: [{ id: "a" }, null, { id: "" }] }).map((host) => host.id)).toEqual(["a"]);
  expect(parseHosts("nonsense")).toEqual([]);
});
