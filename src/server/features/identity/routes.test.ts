import pino from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LightMyRequestResponse } from "fastify";
import { seconds } from "#base/duration";
import { createApp, type Served } from "#http";
import { goodPassword, withPeople, firstEmail } from "#test/people";
import * as wire from "#wire/identity";
import { registerIdentity } from "./routes.ts";

const people = withPeople();
let served: Served;
let lines: string[];

beforeAll(async () => {
  lines = [];
  const logger = pino({ level: "trace" }, { write: (line: string) => void lines.push(line) });
  served = { app: await createApp({ logger, version: "0", trustProxy: ["192.0.2.200"] }), gate: people.gate };
  registerIdentity(served, people.identity);
});
afterAll(() => served.app.close());

type Method = "GET" | "POST" | "PUT" | "DELETE";
interface Caller {
  readonly headers: Record<string, string>;
}
const nobody: Caller = { headers: {} };
let addresses = 0;
const ask = (caller: Caller, method: Method, path: string, body?: object): Promise<LightMyRequestResponse> =>
  served.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: caller.headers,
    remoteAddress: `198.51.100.${(addresses += 1) % 250}`,
    ...(body ? { payload: body } : {}),
  });

const cookieOf = (response: LightMyRequestResponse): string => String(response.headers["set-cookie"]);
async function signIn(
  email = firstEmail,
  password = goodPassword,
  headers: Record<string, string> = {},
): Promise<Caller & { response: LightMyRequestResponse }> {
  const response = await ask({ headers }, "POST", "/session", { email, password });
  const cookie = cookieOf(response).split(";")[0] ?? "";
  return { headers: { cookie, [wire.csrfHeader]: response.json<{ csrf?: string }>().csrf ?? "" }, response };
}

describe("the session cookie", () => {
  test("is out of reach for scripts and other sites, and takes the __Host- name over HTTPS", async () => {
    const { response } = await signIn();
    expect(response.statusCode).toBe(200);
    expect(cookieOf(response)).toMatch(/^hinoban_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/u);
    const secure = await served.app.inject({
      method: "POST",
      url: "/api/v1/session",
      remoteAddress: "192.0.2.200",
      headers: { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.77" },
      payload: { email: firstEmail, password: goodPassword },
    });
    expect(cookieOf(secure)).toMatch(/^__Host-hinoban_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/u);
    const caller = { headers: { cookie: cookieOf(secure).split(";")[0] ?? "" } };
    expect((await ask(caller, "GET", "/session")).json()).toMatchObject({ signedIn: true });
  });

  test("changes at every sign-in, and the session it stood for ends", async () => {
    const before = await signIn();
    const after = await signIn(firstEmail, goodPassword, { cookie: before.headers["cookie"] ?? "" });
    expect(after.headers["cookie"]).not.toBe(before.headers["cookie"]);
    expect((await ask(before, "GET", "/session")).json()).toEqual({ signedIn: false });
    expect((await ask(after, "GET", "/session")).json()).toMatchObject({ signedIn: true });
  });

  test("of a session that has ended keeps nobody from signing in again, but opens nothing", async () => {
    const caller = await signIn();
    expect((await ask(caller, "DELETE", "/session")).statusCode).toBe(200);
    expect((await ask(caller, "GET", "/session")).json()).toEqual({ signedIn: false });
    const refused = await ask(caller, "GET", "/account/sessions");
    expect([refused.statusCode, refused.json().code]).toEqual([401, "session-expired"]);
    expect((await signIn(firstEmail, goodPassword, caller.headers)).response.statusCode).toBe(200);
  });

  test("is cleared by signing out", async () => {
    expect(cookieOf(await ask(await signIn(), "DELETE", "/session"))).toMatch(/^hinoban_session=; Max-Age=0; /u);
  });
});

describe("a request that changes something", () => {
  test("is refused without the session's own token in the header", async () => {
    const caller = await signIn();
    const stranger = await signIn((await people.join(people.first, "viewer")).email);
    const body = { name: "Forged", language: "en", timeZone: "UTC" };
    for (const token of [undefined, "", "nonsense", stranger.headers[wire.csrfHeader]]) {
      const { [wire.csrfHeader]: _own, ...headers } = caller.headers;
      const forged = await ask(
        { headers: { ...headers, ...(token === undefined ? {} : { [wire.csrfHeader]: token }) } },
        "PUT",
        "/account",
        body,
      );
      expect([forged.statusCode, forged.json().code]).toEqual([403, "csrf-mismatch"]);
    }
    expect((await ask(caller, "GET", "/session")).json().person.name).toBe("Hanako Owner");
  });

  test("includes accepting an invitation as the person who is signed in", async () => {
    const person = await people.join(people.first, "viewer");
    await people.another("invites-by-http");
    const owner = await signIn();
    const invited = await ask(owner, "POST", "/orgs/invites-by-http/invitations", { email: person.email, role: "viewer" });
    expect(invited.json().path).toMatch(/^\/invitation#[\w-]{43}$/u);
    const path = `/invitations/${invited.json().path.split("#")[1]}`;
    expect((await ask(nobody, "GET", path)).json()).toMatchObject({
      organisation: { name: "invites-by-http" },
      role: "viewer",
      hasAccount: true,
    });
    expect((await ask(nobody, "POST", path, {})).statusCode).toBe(401);
    const caller = await signIn(person.email);
    expect((await ask({ headers: { cookie: caller.headers["cookie"] ?? "" } }, "POST", path, {})).json().code).toBe("csrf-mismatch");
    const joined = await ask(caller, "POST", path, {});
    expect(joined.json().memberships.map((m: { name: string }) => m.name)).toEqual(["first", "invites-by-http"]);
  });

  test("cannot come from a form of another site, which sends no JSON", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      const response = await served.app.inject({
        method: "POST",
        url: "/api/v1/session",
        headers: { "content-type": type },
        payload: JSON.stringify({ email: firstEmail, password: goodPassword }),
      });
      expect(response.statusCode, type).toBeGreaterThanOrEqual(400);
      expect(response.headers["set-cookie"]).toBeUndefined();
    }
  });
});

describe("answers", () => {
  test("to a lock say until when, in the problem and in Retry-After", async () => {
    const { email } = await people.join(people.first, "viewer");
    for (let n = 0; n < 10; n += 1) {
      await ask(nobody, "POST", "/session", { email, password: "wrong password 1" });
      await people.clock.advance(seconds(30));
    }
    const locked = await ask(nobody, "POST", "/session", { email, password: goodPassword });
    expect(locked.statusCode).toBe(423);
    const { retryAt } = locked.json<{ retryAt: number }>();
    expect(Number(locked.headers["retry-after"])).toBe(Math.ceil((retryAt - people.clock.now()) / 1000));
    expect(retryAt).toBeGreaterThan(people.clock.now());
  });

  test("to wrong input name the field, and nothing is written", async () => {
    const caller = await signIn();
    const refused = async (method: Method, path: string, body: object): Promise<string[]> => {
      const response = await ask(caller, method, path, body);
      expect([response.statusCode, response.json().code], path).toEqual([400, "invalid-input"]);
      return response.json<{ fields: { field: string }[] }>().fields.map(({ field }) => field);
    };
    expect(await refused("POST", "/organisations", { name: "Not A Name", displayName: " " })).toEqual(["name", "displayName"]);
    expect(await refused("POST", "/orgs/first/invitations", { email: "nobody", role: "king" })).toEqual(["email", "role"]);
    expect(await refused("POST", "/orgs/first/keys", { name: "", rights: "read", networks: ["x"] })).toEqual(["name"]);
    expect(await refused("PUT", "/account/password", { current: "x", next: "short" })).toEqual(["next"]);
    expect((await ask(caller, "GET", "/orgs/first/members?limit=0")).statusCode).toBe(400);
  });

  test("to another organisation's member are the same as for one that does not exist", async () => {
    await people.another("closed-by-http");
    const stranger = await signIn((await people.join(people.first, "viewer")).email);
    const [closed, missing] = [await ask(stranger, "GET", "/orgs/closed-by-http"), await ask(stranger, "GET", "/orgs/no-such-thing")];
    expect([closed.statusCode, missing.statusCode]).toEqual([404, 404]);
    expect({ ...closed.json(), requestId: "" }).toEqual({ ...missing.json(), requestId: "" });
  });

  test("never put a password, a token or a secret into the log", async () => {
    const caller = await signIn();
    const { secret } = (await ask(caller, "POST", "/orgs/first/keys", { name: "logged?", rights: "read" })).json<{ secret: string }>();
    expect(secret).toMatch(/^hb_key_/u);
    const log = lines.join("\n");
    for (const hidden of [goodPassword, secret, caller.headers["cookie"]?.split("=")[1] ?? "?", caller.headers[wire.csrfHeader] ?? "?"])
      expect(log).not.toContain(hidden);
  });
});

describe("every operation of an organisation", () => {
  const operations: readonly (readonly [Method, string, object | undefined, "viewer" | "manager"])[] = [
    ["GET", "/orgs/first", undefined, "viewer"],
    ["PUT", "/orgs/first", { displayName: "First", defaultHostStatus: "working", timeZone: "Asia/Tokyo" }, "manager"],
    ["GET", "/orgs/first/members", undefined, "viewer"],
    ["PUT", "/orgs/first/members/x", { role: "viewer" }, "manager"],
    ["DELETE", "/orgs/first/members/x", undefined, "manager"],
    ["GET", "/orgs/first/invitations", undefined, "manager"],
    ["POST", "/orgs/first/invitations", { email: "by-table@example.jp", role: "viewer" }, "manager"],
    ["DELETE", "/orgs/first/invitations/x", undefined, "manager"],
    ["GET", "/orgs/first/networks", undefined, "manager"],
    ["PUT", "/orgs/first/networks/web", { networks: [] }, "manager"],
    ["GET", "/orgs/first/keys", undefined, "manager"],
    ["POST", "/orgs/first/keys", { name: "table", rights: "read" }, "manager"],
    ["DELETE", "/orgs/first/keys/x", undefined, "manager"],
  ];

  test("asks for a session or key, and records each refusal of a viewer", async () => {
    const viewer = await signIn((await people.join(people.first, "viewer")).email);
    const manager = await signIn((await people.join(people.first, "manager")).email);
    await people.acts();
    for (const [method, path, body, least] of operations) {
      expect((await ask(nobody, method, path, body)).statusCode, path).toBe(401);
      const asViewer = await ask(viewer, method, path, body);
      expect(asViewer.statusCode === 403, `${method} ${path}`).toBe(least === "manager");
      const refusals = (await people.acts()).filter(({ verb }) => verb === "permission.refused");
      expect(refusals, `${method} ${path}`).toHaveLength(least === "manager" ? 1 : 0);
      expect([200, 404], `${method} ${path}`).toContain((await ask(manager, method, path, body)).statusCode);
      await people.acts();
    }
  });

  /** What Mackerel lets a key see that may read. */
  const seenByKeys = new Set(["GET /orgs/first/invitations", "GET /orgs/first/networks"]);

  test("of people and keys is closed to API keys that may both read and write", async () => {
    const caller = await signIn();
    const { secret } = (await ask(caller, "POST", "/orgs/first/keys", { name: "nosy", rights: "read-write" })).json<{ secret: string }>();
    for (const headers of [{ "x-api-key": secret }, { authorization: `Bearer ${secret}` }]) {
      expect((await ask({ headers }, "GET", "/orgs/first")).json()).toMatchObject({ name: "first" });
      for (const [method, path, body, least] of operations) {
        if (least !== "manager") continue;
        const expected = seenByKeys.has(`${method} ${path}`) ? 200 : 403;
        expect((await ask({ headers }, method, path, body)).statusCode, `${method} ${path}`).toBe(expected);
      }
      expect((await ask({ headers }, "GET", "/account/sessions")).statusCode).toBe(401);
    }
  });
});

test("a set-up over HTTP that comes too late is told so", async () => {
  expect((await ask(nobody, "GET", "/setup")).json()).toEqual({ isClaimed: true });
  const person = { name: "Late", email: "late@example.jp", password: goodPassword, language: "en", timeZone: "UTC" };
  const late = await ask(nobody, "POST", "/setup", { token: "x", organisation: { name: "late", displayName: "Late" }, person });
  expect([late.statusCode, late.json().code]).toEqual([410, "gone"]);
});

test("one's sessions are listed and ended over HTTP", async () => {
  const { email } = await people.join(people.first, "viewer");
  const [one, two] = [await signIn(email), await signIn(email)];
  const { sessions } = (await ask(one, "GET", "/account/sessions")).json<{ sessions: { id: string; isCurrent: boolean }[] }>();
  expect(sessions).toHaveLength(3);
  expect((await ask(one, "POST", "/account/sessions/end-others")).json()).toEqual({ ended: 2 });
  expect((await ask(two, "GET", "/session")).json()).toEqual({ signedIn: false });
  const own = sessions.find(({ isCurrent }) => isCurrent);
  expect((await ask(one, "DELETE", `/account/sessions/${own?.id}`)).json()).toEqual({ success: true });
  expect((await ask(one, "GET", "/session")).json()).toEqual({ signedIn: false });
});
