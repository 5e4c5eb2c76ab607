import { expect, test } from "vitest";
import { HttpFake, json, parsed, type Call, type Reply } from "#test/chat-fakes/http-fake";
import { withCli } from "#test/cli";
import { callKinds, callStates } from "#wire/calls";
import { kindsOfCalls, statesOfCalls } from "./table/telephone.ts";

test("kinds and states of calls are those of the contract", () => {
  expect(kindsOfCalls).toEqual(callKinds);
  expect(statesOfCalls).toEqual([...callStates, "open"]);
});

class FakeServer extends HttpFake {
  static open(): Promise<FakeServer> {
    return new FakeServer().listen();
  }

  protected answer({ method, path, body }: Call): Reply {
    if (path === "/api/v0/org") return json({ name: "house" });
    const month = { messages: 1, segments: 2, cost: 14, currency: "JPY" };
    const recent = [{ at: 1_763_800_000_000, number: "•••678", segments: 2, encoding: "ucs-2", state: "delivered" }];
    if (`${method} ${path}` === "GET /api/v1/orgs/house/sms-sender") return json({ hearsBack: true, month, recent });
    if (`${method} ${path}` !== "POST /api/v1/orgs/house/sms-sender/test") return json({}, 404);
    return json(
      parsed(body)?.["to"] === "090-1234-5678" ? { ok: true, state: "sent", millis: 3 } : { ok: false, state: "failed", millis: 3 },
    );
  }
}

const cli = withCli();

test("who carries short messages is shown, and a test that cannot be handed over fails", async () => {
  const server = await FakeServer.open();
  const env = { HINOBAN_APIKEY: "k", HINOBAN_APIBASE: server.url };
  expect((await cli.call(["sms", "show"], { env })).json).toMatchObject({ hearsBack: true, month: { segments: 2 } });
  const table = await cli.call(["sms", "show", "--table"], { env });
  expect(table.out).toContain("delivered");
  expect(table.out).not.toContain("hearsBack");
  expect((await cli.call(["sms", "test", "090-1234-5678"], { env })).code).toBe(0);
  expect((await cli.call(["sms", "test", "090-0000-0000"], { env })).code).toBe(1);
  await server.close();
});
