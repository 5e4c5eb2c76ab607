import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { millis } from "#base/duration";
import { withRig } from "#test/inventory-rig";
import { errorOf, refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, administrator, prepare } = v0Clients(rig);

beforeAll(prepare);

describe("GET /org", () => {
  test("names the organisation", async () => {
    expect((await reader.get("/org")).json).toEqual({ name: "first", displayName: "First" });
  });
});

describe("GET /users", () => {
  test("lists the members with what Mackerel's clients read of them", async () => {
    const { actor } = await rig.people.join(rig.people.first, "collaborator", "collaborator@example.jp");
    const { json } = await reader.get("/users");
    expect(Object.keys(json)).toEqual(["users"]);
    expect(json.users).toContainEqual({
      id: actor.personId,
      screenName: "Name of collaborator@example.jp",
      email: "collaborator@example.jp",
      authority: "collaborator",
      isInRegistrationProcess: false,
      isMFAEnabled: false,
      authenticationMethods: ["password"],
      joinedAt: rig.now(),
    });
    expect(json.users).toContainEqual(expect.objectContaining({ authority: "owner", screenName: "Hanako Owner" }));
  });
});

describe("DELETE /users/:id", () => {
  test("removes a member and answers who it was", async () => {
    const { actor } = await rig.people.join(rig.people.first, "manager", "leaving@example.jp");
    await rig.people.acts();
    const answer = await administrator.del(`/users/${actor.personId}`);
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ id: actor.personId, email: "leaving@example.jp", authority: "manager" });
    expect((await rig.people.acts()).map((act) => act.verb)).toEqual(["member.removed", "person.left"]);
    expect((await reader.get("/users")).text).not.toContain("leaving@example.jp");
    expect((await administrator.del(`/users/${actor.personId}`)).status).toBe(404);
  });

  test("answers 403 for an owner, whatever the key", async () => {
    const { personId } = rig.people.first.actor;
    expect((await administrator.del(`/users/${personId}`)).status).toBe(403);
    expect((await reader.get("/users")).text).toContain(personId);
  });

  test("answers 403 to a key that does not administer, for every agent's host has one that may read and write", async () => {
    const { actor } = await rig.people.join(rig.people.first, "viewer", "stays@example.jp");
    const refused = await v0.del(`/users/${actor.personId}`);
    expect(refusal(refused)).toEqual({ status: 403, message: "This takes an API key with the right administer." });
    expect((await reader.get("/users")).text).toContain("stays@example.jp");
  });
});

describe("POST /invitations", () => {
  test("invites, and answers the link that has to be passed on", async () => {
    const { status, json } = await administrator.post("/invitations", { email: "New@Example.jp", authority: "viewer" });
    expect(status).toBe(200);
    expect(json).toEqual({
      email: "new@example.jp",
      authority: "viewer",
      expiresAt: rig.now() + 7 * 86_400,
      path: expect.stringMatching(/^\/invitation#[\w-]{43}$/),
    });
  });

  test.each([
    ["no address", { authority: "viewer" }, 400, "email"],
    ["no e-mail address", { email: "nobody", authority: "viewer" }, 400, "email"],
    ["no authority", { email: "a@example.jp" }, 400, "authority"],
    ["an unknown authority", { email: "a@example.jp", authority: "king" }, 400, "authority"],
    ["an owner", { email: "a@example.jp", authority: "owner" }, 403, "No API key may do this"],
  ])("refuses %s", async (_name, body, status, message) => {
    const answer = await administrator.post("/invitations", body);
    expect(answer.status).toBe(status);
    expect(errorOf(answer)).toContain(message);
  });

  test("answers 403 to a key that does not administer", async () => {
    expect((await v0.post("/invitations", { email: "a@example.jp", authority: "viewer" })).status).toBe(403);
    expect((await reader.post("/invitations", { email: "a@example.jp", authority: "viewer" })).status).toBe(403);
  });
});

describe("GET /invitations", () => {
  test("lists the open ones without their links", async () => {
    await administrator.post("/invitations", { email: "open@example.jp", authority: "manager" });
    const { json } = await reader.get("/invitations");
    expect(Object.keys(json)).toEqual(["invitations"]);
    expect(json.invitations).toContainEqual({ email: "open@example.jp", authority: "manager", expiresAt: rig.now() + 7 * 86_400 });
  });
});

describe("POST /invitations/revoke", () => {
  test("withdraws an invitation by its address, and answers 404 when there is none", async () => {
    await administrator.post("/invitations", { email: "sorry@example.jp", authority: "viewer" });
    expect((await v0.post("/invitations/revoke", { email: "sorry@example.jp" })).status).toBe(403);
    expect((await administrator.post("/invitations/revoke", { email: "Sorry@example.jp" })).json).toEqual({ success: true });
    expect(refusal(await administrator.post("/invitations/revoke", { email: "sorry@example.jp" })).status).toBe(404);
    expect((await reader.get("/invitations")).text).not.toContain("sorry@");
    expect((await administrator.post("/invitations/revoke", {})).status).toBe(400);
  });
});

/** The rig's requests come from here. */
const here = "127.0.0.1";
const elsewhere = "198.51.100.0/24";

const lift = async (): Promise<void> => {
  await rig.people.owner.query("update identity_organisation set web_networks = '{}', api_networks = '{}'");
  // Looked-up answers are remembered for three seconds.
  await rig.people.clock.advance(millis(4000));
};

describe("GET /settings/ip-restriction/api", () => {
  test("is empty while everybody is let in", async () => {
    expect((await reader.get("/settings/ip-restriction/api")).json).toEqual({ cidrs: [] });
  });
});

describe("POST /settings/ip-restriction/api", () => {
  beforeEach(lift);

  test("lets keys in from these networks only, at once, and lifts with an empty list", async () => {
    const cidrs = [`${here}/32`, elsewhere];
    await rig.people.acts();
    expect((await administrator.post("/settings/ip-restriction/api", { cidrs })).json).toEqual({ cidrs });
    expect((await reader.get("/settings/ip-restriction/api")).json).toEqual({ cidrs });
    expect((await rig.people.acts()).map((act) => [act.verb, act.detail])).toEqual([
      ["organisation.networks-restricted", { method: "api", networks: cidrs }],
    ]);
    await rig.people.owner.query("update identity_organisation set api_networks = $1", [[elsewhere]]);
    await rig.people.clock.advance(millis(4000));
    const refused = await v0.get("/hosts");
    expect(refusal(refused)).toEqual({ status: 403, message: `The organisation may not be used from this address, ${here}.` });
    expect((await v0.post("/tsdb", "[]")).status).toBe(403);
    expect((await rig.people.acts()).map((act) => act.verb)).toEqual(["permission.refused", "permission.refused"]);
    await lift();
    expect((await administrator.post("/settings/ip-restriction/api", { cidrs: [] })).json).toEqual({ cidrs: [] });
    expect((await v0.get("/hosts")).status).toBe(200);
  });

  test("never lets a key shut itself out", async () => {
    const refused = await administrator.post("/settings/ip-restriction/api", { cidrs: [elsewhere] });
    expect(refusal(refused)).toEqual({
      status: 400,
      message: `networks: would shut you out: your own address, ${here}, is in none of them`,
    });
    expect((await reader.get("/settings/ip-restriction/api")).json).toEqual({ cidrs: [] });
  });

  test.each([
    ["no list", {}, "cidrs: must be a list"],
    ["null", { cidrs: null }, "cidrs: must be a list"],
    ["a number", { cidrs: [1] }, "cidrs: must be a list"],
    ["no address", { cidrs: ["office"] }, "Use an address"],
    ["a network that is too long", { cidrs: ["192.0.2.0/33"] }, "0 to 32"],
    ["too many", { cidrs: Array.from({ length: 101 }, (_, i) => `192.0.2.${i}`) }, "may have 100 entries"],
  ])("answers 400 for %s", async (_name, body, message) => {
    const answer = await administrator.post("/settings/ip-restriction/api", body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toContain(message);
  });

  test("answers 403 to a key that does not administer", async () => {
    expect((await v0.post("/settings/ip-restriction/api", { cidrs: [] })).status).toBe(403);
  });
});

describe("GET /settings/ip-restriction/web", () => {
  test("is empty while everybody is let in", async () => {
    expect((await reader.get("/settings/ip-restriction/web")).json).toEqual({ cidrs: [] });
  });
});

describe("POST /settings/ip-restriction/web", () => {
  beforeEach(lift);

  const asPerson = async (method: string, path: string, body?: object) => {
    const { token, signedIn } = rig.people.first.session;
    const headers = { cookie: `hinoban_session=${token}`, "x-hinoban-csrf": signedIn.csrf };
    return rig.ask(method, `/api/v1/orgs/first${path}`, { key: "", headers, ...(body ? { body } : {}) });
  };

  test("lets people in from these networks only, and keys as before", async () => {
    expect((await asPerson("GET", "/hosts")).status).toBe(200);
    expect((await administrator.post("/settings/ip-restriction/web", { cidrs: [elsewhere] })).json).toEqual({ cidrs: [elsewhere] });
    const refused = await asPerson("GET", "/hosts");
    expect(refused.status).toBe(403);
    expect(refused.json.detail).toBe(`The organisation may not be used from this address, ${here}.`);
    expect((await v0.get("/hosts")).status).toBe(200);
    expect((await administrator.post("/settings/ip-restriction/web", { cidrs: [] })).json).toEqual({ cidrs: [] });
    expect((await asPerson("GET", "/hosts")).status).toBe(200);
  });

  test("never lets a person shut themselves out, who then sees why", async () => {
    const refused = await asPerson("PUT", "/networks/web", { networks: [elsewhere] });
    expect(refused.status).toBe(400);
    expect(refused.json.detail).toContain(`your own address, ${here}`);
    const taken = await asPerson("PUT", "/networks/web", { networks: ["127.0.0.0/8"] });
    expect(taken.json).toEqual({ web: ["127.0.0.0/8"], api: [], address: here });
    expect((await asPerson("GET", "/networks")).json).toEqual({ web: ["127.0.0.0/8"], api: [], address: here });
  });

  test("answers 403 to a key that does not administer, and to a viewer", async () => {
    expect((await v0.post("/settings/ip-restriction/web", { cidrs: [] })).status).toBe(403);
  });
});
