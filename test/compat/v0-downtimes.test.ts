import { beforeAll, describe, expect, test } from "vitest";
import { withRig } from "#test/inventory-rig";
import { refusal, v0Clients } from "#test/v0-client";

const rig = withRig();
const { v0, reader, writer, prepare } = v0Clients(rig);
let monitorId = "";

beforeAll(async () => {
  await prepare();
  await v0.post("/hosts", { name: "web", meta: {}, roleFullnames: ["Shop:web", "Shop:db"] });
  await v0.post("/services", { name: "Blog", memo: "" });
  const monitor = { type: "connectivity", name: "gone" };
  monitorId = (await v0.post("/monitors", monitor)).json.id;
});

const least = { name: "Work", start: 1_800_000_000, duration: 60 };
/** As Terraform writes one with everything. */
const most = () => ({
  ...least,
  memo: "by the night shift\nどうぞ",
  recurrence: { type: "weekly", interval: 2, weekdays: ["Monday", "Thursday", "Saturday"], until: 1_900_000_000 },
  serviceScopes: ["Shop"],
  serviceExcludeScopes: ["Blog"],
  roleScopes: ["Shop: web"],
  roleExcludeScopes: ["Shop:db"],
  monitorScopes: [monitorId],
  monitorExcludeScopes: [],
});

const listed = async (id: string) => (await reader.get("/downtimes")).json.downtimes.find((one: { id: string }) => one.id === id);

describe("POST /downtimes", () => {
  test.each([
    ["the least", () => least],
    ["everything", most],
    ["an empty memo", () => ({ ...least, memo: "" })],
    ["a repetition without weekdays", () => ({ ...least, recurrence: { type: "daily", interval: 1 } })],
    ["an empty list of weekdays", () => ({ ...least, recurrence: { type: "weekly", interval: 1, weekdays: [] } })],
  ] as const)("keeps %s as it was written, key for key and in both spellings of roles", async (_title, body) => {
    const answer = await v0.post("/downtimes", body());
    expect(answer.status, answer.text).toBe(200);
    const { id, ...rest } = answer.json;
    expect(rest).toEqual(body());
    expect(id).toMatch(/^\w{11}$/u);
    expect(await listed(id)).toEqual({ id, ...body() });
    // What a client pulls, pushes and compares is no change.
    await rig.people.acts();
    expect((await v0.put(`/downtimes/${id}`, { id, ...body() })).json).toEqual({ id, ...body() });
    expect(await rig.people.acts()).toEqual([]);
  });

  test("takes null for what is left out, as Go's clients send it", async () => {
    const { json } = await v0.post("/downtimes", { ...least, memo: null, recurrence: null, serviceScopes: null });
    expect(Object.keys(json).toSorted()).toEqual(["duration", "id", "name", "start"]);
  });

  test.each([
    ["no name", { start: 1, duration: 1 }, /name/u],
    ["no start", { name: "x", duration: 1 }, /start/u],
    ["a start that is no whole number", { ...least, start: 1.5 }, /start/u],
    ["no duration", { ...least, duration: 0 }, /duration/u],
    ["a repetition that is none", { ...least, recurrence: { type: "fortnightly", interval: 1 } }, /recurrence\.type/u],
    ["an interval of nothing", { ...least, recurrence: { type: "daily", interval: 0 } }, /interval/u],
    ["a day that is none", { ...least, recurrence: { type: "weekly", interval: 1, weekdays: ["Mon"] } }, /weekdays/u],
    ["days of a month", { ...least, recurrence: { type: "monthly", interval: 1, weekdays: ["Monday"] } }, /weekly/u],
    ["a service that is not there", { ...least, serviceScopes: ["Nope"] }, /serviceScopes\.0: there is no service Nope/u],
    ["a role that is not there", { ...least, roleExcludeScopes: ["Shop: nope"] }, /there is no role Shop: nope/u],
    ["a role that is none", { ...least, roleScopes: ["Shop"] }, /there is no role Shop/u],
    ["a monitor that is not there", { ...least, monitorScopes: ["nope"] }, /there is no monitor nope/u],
    ["half a JSON", '{"name":', /JSON/u],
    ["no object", "[]", /object/u],
  ])("refuses %s and says what is wrong", async (_title, body, sentence) => {
    const { status, message } = refusal(await v0.post("/downtimes", body));
    expect(status).toBe(400);
    expect(message).toMatch(sentence);
  });

  test("takes a key that may read and write", async () => {
    expect((await reader.post("/downtimes", least)).status).toBe(403);
    expect((await writer.post("/downtimes", least)).status).toBe(403);
  });
});

describe("GET /downtimes", () => {
  test("lists them, to keys that may read", async () => {
    const answer = await reader.get("/downtimes");
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.json)).toEqual(["downtimes"]);
    expect((await writer.get("/downtimes")).status).toBe(403);
  });

  test("does not see those that name hosts: written back they would cover everything", async () => {
    const { id: hostId } = (await v0.post("/hosts", { name: "quiet", meta: {} })).json;
    const own = await rig.ask("POST", "/api/v1/orgs/first/downtimes/now", { body: { minutes: 60, hostScopes: [hostId] } });
    expect(own.status, own.text).toBe(200);
    expect(await listed(own.json.id)).toBeUndefined();
    expect((await v0.put(`/downtimes/${own.json.id}`, least)).status).toBe(404);
    expect((await v0.del(`/downtimes/${own.json.id}`)).status).toBe(404);
  });
});

describe("PUT /downtimes/:id", () => {
  test("replaces everything", async () => {
    const { id } = (await v0.post("/downtimes", most())).json;
    const answer = await v0.put(`/downtimes/${id}`, { ...least, name: "Other", roleScopes: ["Shop:web"] });
    expect(answer.json).toEqual({ id, ...least, name: "Other", roleScopes: ["Shop:web"] });
    expect(await listed(id)).toEqual(answer.json);
    expect((await v0.put("/downtimes/nope", least)).status).toBe(404);
    expect((await reader.put(`/downtimes/${id}`, least)).status).toBe(403);
  });
});

describe("DELETE /downtimes/:id", () => {
  test("answers the last state", async () => {
    const { id } = (await v0.post("/downtimes", most())).json;
    expect((await v0.del(`/downtimes/${id}`)).json).toEqual({ id, ...most() });
    expect(refusal(await v0.del(`/downtimes/${id}`)).status).toBe(404);
    expect(await listed(id)).toBeUndefined();
  });
});

test("a service that was deleted is still named, and covers nothing", async () => {
  await v0.post("/services", { name: "Gone", memo: "" });
  const { id } = (await v0.post("/downtimes", { ...least, serviceScopes: ["Gone"] })).json;
  await v0.del("/services/Gone");
  expect(await listed(id)).toMatchObject({ serviceScopes: ["Gone"] });
  // What was pulled may be pushed, and nothing new may be named that is not there.
  expect((await v0.put(`/downtimes/${id}`, { ...least, name: "Same", serviceScopes: ["Gone"] })).status).toBe(200);
  expect((await v0.put(`/downtimes/${id}`, { ...least, serviceScopes: ["Gone", "Never"] })).status).toBe(400);
});
