import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeWebhook } from "#test/chat-fakes/index";
import { withCli } from "#test/cli";
import { withRig } from "#test/inventory-rig";

const rig = withRig();
let hook: FakeWebhook;
const cli = withCli(() => ({
  HINOBAN_APIBASE: `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`, // it listens on a port
  HINOBAN_APIKEY: rig.key,
}));

beforeAll(async () => {
  hook = await FakeWebhook.open();
});
afterAll(() => hook.close());

const file = (content: object): string => {
  const path = join(cli.folder, "channel.json");
  writeFileSync(path, JSON.stringify(content));
  return path;
};

test("channels are made from files, listed as mkr lists them, tried, suspended, resumed and deleted", async () => {
  const body = { type: "webhook", name: "Tickets", url: hook.hookUrl, events: ["alert"] };
  const made = await cli.call(["channels", "apply", "--file", file(body)]);
  const [, id = ""] = /created (\S+) Tickets/u.exec(made.err) ?? [];
  expect([made.code, id.length]).toEqual([0, 11]);
  expect((await cli.call(["channels"])).json).toEqual([
    { id, name: "Tickets", type: "webhook", suspendedAt: null, url: hook.hookUrl, events: ["alert"] },
  ]);
  const tried = await cli.call(["channels", "test", "Tickets"]);
  expect([tried.code, tried.json]).toEqual([0, [expect.objectContaining({ id, name: "Tickets", state: "sent" })]]);
  hook.next.push({ status: 404, body: "gone" });
  const failed = await cli.call(["channels", "test", id]);
  expect([failed.code, failed.json]).toEqual([1, [expect.objectContaining({ state: "failed", problem: "HTTP 404: gone" })]]);
  expect((await cli.call(["channels", "messages", "Tickets", "--state", "failed"])).json).toMatchObject([
    { to: "Tickets", problem: "HTTP 404: gone" },
  ]);
  expect((await cli.call(["channels", "suspend", id, "--reason", "moving"])).code).toBe(0);
  expect((await cli.call(["channels"])).json).toMatchObject([{ suspendedAt: expect.any(Number) }]);
  expect((await cli.call(["channels", "resume", id])).code).toBe(0);
  await cli.call(["channels", "apply", "Tickets", "--file", file({ ...body, name: "Other" })]);
  expect((await cli.call(["channels"])).json).toMatchObject([{ id, name: "Other", suspendedAt: null }]);
  await cli.call(["channels", "pull", "-F", join(cli.folder, "kept.json")]);
  expect(JSON.parse(readFileSync(join(cli.folder, "kept.json"), "utf8"))).toMatchObject({ channels: [{ id }] });
  expect((await cli.call(["channels", "delete", "Other"])).code).toBe(0);
  expect((await cli.call(["channels"])).json).toEqual([]);
});

test("what is wrong is told, in both languages", async () => {
  const none = await cli.call(["channels", "test", "nobody"]);
  expect([none.code, none.err]).toEqual([1, expect.stringContaining("no channel nobody")]);
  const ja = await cli.call(["channels", "test", "nobody"], { env: { LANG: "ja_JP.UTF-8" } });
  expect(ja.err).toContain("ありません");
  const wrong = await cli.call(["channels", "apply", "--file", file({ type: "slack", name: "x" })]);
  expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("url")]);
});
