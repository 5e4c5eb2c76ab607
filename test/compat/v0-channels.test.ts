import { beforeAll, describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, writer, prepare } = v0Clients(rig);

beforeAll(prepare);

const email = (): object => ({
  name: "Operations",
  type: "email",
  emails: ["ops@example.jp", "Ops+2@Example.JP"],
  userIds: [rig.people.first.actor.personId],
  events: ["alertGroup", "alert"],
});
const slack = {
  name: "Chat",
  type: "slack",
  url: "https://hooks.slack.com/services/T0/B0/secret",
  mentions: { ok: "ok message", critical: "<!here>" },
  enabledGraphImage: false,
  events: ["alert"],
};
const webhook = { name: "Hook", type: "webhook", url: "http://10.0.0.5:8080/hook?a=b", enabledGraphImage: true, events: [] };

describe("POST /channels", () => {
  test.each([
    ["e-mail", email],
    ["Slack", () => slack],
    ["webhook", () => webhook],
  ] as const)("keeps %s as it was written, key for key", async (_name, body) => {
    const { id, suspendedAt, ...rest } = (await v0.post("/channels", body())).json;
    expect(rest).toEqual(body());
    expect(Object.keys(rest).toSorted()).toEqual(Object.keys(body()).toSorted());
    expect(suspendedAt).toBeNull();
    expect(id).toMatch(/^\w{11}$/u);
    const listedFor = async (by: typeof v0) => (await by.get("/channels")).json.channels.find((one: { id: string }) => one.id === id);
    const listed = await listedFor(v0);
    expect(listed).toEqual({ id, suspendedAt: null, ...body() });
    // An address is as good as a password: a key that may only look does not see it.
    const { url: _url, ...seen } = listed;
    expect(await listedFor(reader)).toEqual(seen);
    // The same again is no change.
    await rig.people.acts();
    expect((await v0.put(`/channels/${id}`, { id, suspendedAt: null, ...body() })).json).toEqual(listed);
    expect((await rig.people.acts()).filter(({ verb }) => verb.startsWith("channel."))).toEqual([]);
  });

  test("leaves out what was left out, and takes what only creation knows", async () => {
    const least = { name: "Least", type: "webhook", url: "https://example.jp/" };
    const answer = await v0.post("/channels", { ...least, addToDefaultNotificationGroup: false });
    expect(Object.keys(answer.json).toSorted()).toEqual(["id", "name", "suspendedAt", "type", "url"]);
  });

  test.each([
    ["no name", { type: "webhook", url: "https://example.jp/" }, /name/u],
    ["no URL", { name: "x", type: "slack" }, /url/u],
    ["a kind that cannot be written", { name: "x", type: "chatwork" }, /email, slack, webhook/u],
    ["an event that is none", { name: "x", type: "webhook", url: "https://example.jp/", events: ["alert", "birthday"] }, /birthday/u],
    ["an address that is none", { name: "x", type: "email", emails: ["a@b\r\nBcc: c@d"], userIds: [] }, /emails/u],
    ["a user that is none", { name: "x", type: "email", emails: [], userIds: ["nobody"] }, /nobody/u],
    ["an address without http", { name: "x", type: "webhook", url: "file:///etc/passwd" }, /http/u],
    ["half a JSON", '{"name":', /JSON/u],
  ])("refuses %s", async (_name, body, sentence) => {
    const { status, message } = refusal(await v0.post("/channels", body));
    expect(status).toBe(400);
    expect(message).toMatch(sentence);
  });

  test("takes a key that may read and write", async () => {
    expect((await reader.post("/channels", webhook)).status).toBe(403);
    expect((await writer.post("/channels", webhook)).status).toBe(403);
  });
});

describe("GET /channels", () => {
  test("lists kinds that Mackerel does not write by the four common keys", async () => {
    const created = await rig.ask("POST", "/api/v1/orgs/first/channels", {
      body: { type: "chatwork", name: "Room", language: "ja", token: "abc", room: "123", events: ["alert"] },
    });
    expect(created.status, created.text).toBe(200);
    const listed = (await reader.get("/channels")).json.channels.find((one: { name: string }) => one.name === "Room");
    expect(listed).toEqual({ id: created.json.id, name: "Room", type: "chatwork", suspendedAt: null });
  });

  test("tells since when a channel is suspended, in seconds", async () => {
    const { id } = (await v0.post("/channels", webhook)).json;
    await rig.ask("POST", `/api/v1/orgs/first/channels/${id}/suspend`, { body: { reason: "quiet" } });
    const listed = (await reader.get("/channels")).json.channels.find((one: { id: string }) => one.id === id);
    expect(listed.suspendedAt).toBe(rig.now());
  });
});

describe("PUT /channels/:id", () => {
  test("replaces everything but the type", async () => {
    const { id } = (await v0.post("/channels", slack)).json;
    const next = { name: "Other", type: "slack", url: "https://chat.example.jp/hooks/1" };
    expect((await v0.put(`/channels/${id}`, next)).json).toEqual({ id, suspendedAt: null, ...next });
    const refused = refusal(await v0.put(`/channels/${id}`, { ...webhook, name: "Other" }));
    expect(refused).toMatchObject({ status: 400, message: expect.stringContaining("type") });
    expect((await v0.put("/channels/nothing", next)).status).toBe(404);
    expect((await reader.put(`/channels/${id}`, next)).status).toBe(403);
  });
});

describe("DELETE /channels/:id", () => {
  test("answers the channel as it was", async () => {
    const { id } = (await v0.post("/channels", webhook)).json;
    expect((await reader.del(`/channels/${id}`)).status).toBe(403);
    expect((await v0.del(`/channels/${id}`)).json).toEqual({ id, suspendedAt: null, ...webhook });
    expect((await v0.del(`/channels/${id}`)).status).toBe(404);
  });
});
