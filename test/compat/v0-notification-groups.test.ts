import { beforeAll, describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, writer, prepare } = v0Clients(rig);
let channelId = "";
let monitorId = "";

const newChannel = async (more: object = {}): Promise<string> =>
  (await v0.post("/channels", { name: "Hook", type: "webhook", url: "https://example.jp/", addToDefaultNotificationGroup: false, ...more }))
    .json.id;

beforeAll(async () => {
  await prepare();
  channelId = await newChannel();
  monitorId = (await v0.post("/monitors", { type: "connectivity", name: "gone" })).json.id;
  await v0.post("/services", { name: "Shop", memo: "" });
});

const least = () => ({
  name: "Group",
  notificationLevel: "all",
  childNotificationGroupIds: [] as string[],
  childChannelIds: [] as string[],
});
const most = () => ({
  ...least(),
  notificationLevel: "critical",
  childChannelIds: [channelId],
  monitors: [{ id: monitorId, skipDefault: true }],
  services: [{ name: "Shop" }],
});

const listed = async (id: string) =>
  (await reader.get("/notification-groups")).json.notificationGroups.find((one: { id: string }) => one.id === id);
const defaultGroup = async () => (await reader.get("/notification-groups")).json.notificationGroups[0];

describe("POST /notification-groups", () => {
  test.each([
    ["the least", least],
    ["everything", most],
    ["empty lists", () => ({ ...least(), monitors: [], services: [] })],
  ] as const)("keeps %s as it was written, key for key", async (_title, body) => {
    const answer = await v0.post("/notification-groups", body());
    expect(answer.status, answer.text).toBe(200);
    const { id, type, ...rest } = answer.json;
    expect([type, rest]).toEqual(["group", body()]);
    expect(await listed(id)).toEqual({ id, type, ...body() });
    await rig.people.acts();
    expect((await v0.put(`/notification-groups/${id}`, { id, type, ...body() })).json).toEqual({ id, type, ...body() });
    expect(await rig.people.acts()).toEqual([]);
  });

  test("takes what Go's clients leave out: everything but the name", async () => {
    const { json } = await v0.post("/notification-groups", { name: "Bare", monitors: null });
    expect(json).toEqual({ id: json.id, type: "group", ...least(), name: "Bare" });
  });

  test.each([
    ["no name", {}, /name/u],
    ["a level that is none", { name: "x", notificationLevel: "some" }, /notificationLevel/u],
    ["a channel that is not there", { name: "x", childChannelIds: ["nope"] }, /there is no channel nope/u],
    ["a group that is not there", { name: "x", childNotificationGroupIds: ["nope"] }, /there is no notification group nope/u],
    ["a monitor that is not there", { name: "x", monitors: [{ id: "nope" }] }, /there is no monitor nope/u],
    ["a service that is not there", { name: "x", services: [{ name: "Nope" }] }, /there is no service Nope/u],
    ["half a JSON", '{"name":', /JSON/u],
  ])("refuses %s and says what is wrong", async (_title, body, sentence) => {
    const { status, message } = refusal(await v0.post("/notification-groups", body));
    expect(status).toBe(400);
    expect(message).toMatch(sentence);
  });

  test("takes a key that may read and write", async () => {
    expect((await reader.post("/notification-groups", least())).status).toBe(403);
    expect((await writer.post("/notification-groups", least())).status).toBe(403);
  });
});

describe("GET /notification-groups", () => {
  test("lists the default group first, which every organisation has", async () => {
    expect(await defaultGroup()).toMatchObject({ type: "group-default", notificationLevel: "all", name: "Default" });
    expect((await writer.get("/notification-groups")).status).toBe(403);
    const other = await rig.people.another("elsewhere");
    const key = await rig.newKey(other, "read");
    const { json } = await rig.ask("GET", "/api/v0/notification-groups?", { key });
    expect(json.notificationGroups).toEqual([{ id: expect.any(String), type: "group-default", ...least(), name: "Default" }]);
  });

  test("shows no members that were deleted since, so that what was pulled can be pushed", async () => {
    await v0.post("/services", { name: "Going", memo: "" });
    const goes = await newChannel();
    const inner = (await v0.post("/notification-groups", least())).json.id;
    const { id } = (
      await v0.post("/notification-groups", {
        ...least(),
        childChannelIds: [channelId, goes],
        childNotificationGroupIds: [inner],
        services: [{ name: "Going" }, { name: "Shop" }],
      })
    ).json;
    await v0.del(`/channels/${goes}`);
    await v0.del("/services/Going");
    await v0.del(`/notification-groups/${inner}`);
    const shown = await listed(id);
    expect(shown).toMatchObject({ childChannelIds: [channelId], childNotificationGroupIds: [], services: [{ name: "Shop" }] });
    expect((await v0.put(`/notification-groups/${id}`, shown)).json).toEqual(shown);
  });
});

describe("PUT /notification-groups/:id", () => {
  test("replaces everything", async () => {
    const { id } = (await v0.post("/notification-groups", most())).json;
    expect((await v0.put(`/notification-groups/${id}`, { ...least(), name: "Other" })).json).toEqual({
      id,
      type: "group",
      ...least(),
      name: "Other",
    });
    expect((await v0.put("/notification-groups/nope", least())).status).toBe(404);
    expect((await reader.put(`/notification-groups/${id}`, least())).status).toBe(403);
  });

  test("changes what the default group holds, and refuses another name", async () => {
    const group = await defaultGroup();
    const changed = { ...group, childChannelIds: [channelId] };
    expect((await v0.put(`/notification-groups/${group.id}`, changed)).json).toEqual(changed);
    expect(refusal(await v0.put(`/notification-groups/${group.id}`, { ...changed, name: "Mine" }))).toMatchObject({
      status: 400,
      message: expect.stringContaining("renamed"),
    });
  });

  test("refuses a group that would contain itself, however many lie between", async () => {
    const a = (await v0.post("/notification-groups", least())).json.id;
    const b = (await v0.post("/notification-groups", { ...least(), childNotificationGroupIds: [a] })).json.id;
    const c = (await v0.post("/notification-groups", { ...least(), childNotificationGroupIds: [b] })).json.id;
    const circle = refusal(await v0.put(`/notification-groups/${a}`, { ...least(), childNotificationGroupIds: [c] }));
    expect([circle.status, circle.message]).toEqual([400, expect.stringContaining("contain itself")]);
    expect((await v0.put(`/notification-groups/${a}`, { ...least(), childNotificationGroupIds: [a] })).status).toBe(400);
  });
});

describe("DELETE /notification-groups/:id", () => {
  test("answers the last state, and refuses the default group", async () => {
    const { id } = (await v0.post("/notification-groups", most())).json;
    expect((await v0.del(`/notification-groups/${id}`)).json).toEqual({ id, type: "group", ...most() });
    expect((await v0.del(`/notification-groups/${id}`)).status).toBe(404);
    expect((await v0.del(`/notification-groups/${(await defaultGroup()).id}`)).status).toBe(400);
  });
});

test("a new channel joins the default group unless its maker says otherwise", async () => {
  const joins = await newChannel({ addToDefaultNotificationGroup: true });
  const stays = await newChannel();
  const { childChannelIds } = await defaultGroup();
  expect(childChannelIds).toContain(joins);
  expect(childChannelIds).not.toContain(stays);
});
