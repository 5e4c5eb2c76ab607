import { Type } from "typebox";
import { describe, expect, test, vi } from "vitest";
import { contract } from "#wire/contract";
import { CallError, makeCall, urlOf } from "#kit/call";

const takeThing = contract({
  method: "POST",
  path: "/orgs/:org/things/:id/take",
  summary: "Take a thing",
  tag: "things",
  access: "organisation",
  params: Type.Object({ org: Type.String(), id: Type.String() }),
  body: Type.Object({ note: Type.String() }),
  response: Type.Object({ taken: Type.Boolean() }),
});

const problem = (status: number, more: object) =>
  new Response(JSON.stringify({ type: "urn:hinoban:error:x", title: "x", status, detail: "No.", code: "x", ...more }), { status });

function rig(response: Response | Error) {
  const fetch = vi.fn<typeof globalThis.fetch>(() => (response instanceof Error ? Promise.reject(response) : Promise.resolve(response)));
  const onSignedOut = vi.fn<() => void>();
  const call = makeCall({ fetch, csrf: () => "token-1", onSignedOut });
  const take = () => call(takeThing, { params: { org: "main", id: "a/b" }, body: { note: "n" } });
  return { fetch, onSignedOut, take };
}

describe("call", () => {
  test("fills the path, sends JSON and repeats the session's token when it changes something", async () => {
    const { fetch, take } = rig(new Response('{"taken":true}'));
    expect(await take()).toEqual({ taken: true });
    const [url, init] = fetch.mock.calls[0] ?? [];
    expect(url).toBe("/api/v1/orgs/main/things/a%2Fb/take");
    expect(init).toMatchObject({ method: "POST", credentials: "same-origin", body: '{"note":"n"}' });
    expect(new Headers(init?.headers).get("x-hinoban-csrf")).toBe("token-1");
  });
  test("says so when nobody is at the screen", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.resolve(new Response('{"taken":true}')));
    const call = makeCall({ fetch, csrf: () => undefined, onSignedOut: () => undefined, isIdle: () => true });
    await call(takeThing, { params: { org: "main", id: "a" }, body: { note: "n" } });
    expect(new Headers(fetch.mock.calls[0]?.[1]?.headers).get("x-hinoban-idle")).toBe("1");
  });
  test("turns problem details into an error with the fields that are wrong", async () => {
    const fields = [{ field: "/body/person/email", problem: "Taken." }];
    const error = await rig(problem(400, { code: "invalid-input", fields, requestId: "r1" }))
      .take()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({ code: "invalid-input", status: 400, message: "No.", requestId: "r1" });
    expect(error instanceof CallError && [...error.fields]).toEqual([["person.email", "Taken."]]);
  });
  test("tells that nobody is signed in any more, but not that a password was wrong", async () => {
    const ended = rig(problem(401, { code: "session-expired" }));
    await expect(ended.take()).rejects.toMatchObject({ code: "session-expired" });
    expect(ended.onSignedOut).toHaveBeenCalledOnce();
    const wrong = rig(problem(401, { code: "wrong-credentials" }));
    await expect(wrong.take()).rejects.toMatchObject({ code: "wrong-credentials" });
    expect(wrong.onSignedOut).not.toHaveBeenCalled();
  });
  test("calls a server that does not answer unreachable, and a page that is no problem detail unavailable", async () => {
    await expect(rig(new TypeError("network")).take()).rejects.toMatchObject({ code: "unreachable", status: 0 });
    await expect(rig(new Response("<html>", { status: 502 })).take()).rejects.toMatchObject({ code: "unavailable", status: 502 });
  });
  test("leaves an aborted request to whoever aborted it", async () => {
    const aborted = AbortSignal.abort(new Error("gone"));
    const call = makeCall({ fetch: () => Promise.reject(new Error("aborted")), csrf: () => undefined, onSignedOut: () => undefined });
    await expect(call(takeThing, { params: { org: "o", id: "i" }, body: { note: "" } }, aborted)).rejects.not.toBeInstanceOf(CallError);
  });
});

test("an address repeats a key for several values and leaves out what is undefined", () => {
  expect(
    urlOf("/orgs/:org/hosts", {
      params: { org: "main" },
      query: { status: ["working", "standby"], text: "a&b", page: undefined, limit: 5 },
    }),
  ).toBe("/api/v1/orgs/main/hosts?status=working&status=standby&text=a%26b&limit=5");
});
