import { describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { withChannels } from "#test/channel-rig";
import type { ChannelInput } from "#wire/notify";
import { changeChannel } from "./change-channel.ts";
import { createChannel } from "./create-channel.ts";
import { deleteChannel } from "./delete-channel.ts";
import { previewChannel } from "./preview-channel.ts";
import { resumeChannel } from "./resume-channel.ts";
import { testChannel } from "./send-test.ts";
import { suspendChannel } from "./suspend-channel.ts";

const of = withChannels();
const { people, create, to, inputs } = of;

describe("a channel that keeps failing", () => {
  test("is suspended after three failures for good, once, and is told of", async () => {
    const { id } = await create("slack-bot", { token: "xoxb-wrong" });
    const told: string[] = [];
    const end = of.rig.notify.listen({ channelSuspended: async (_tx, _at, { name, problem }) => void told.push(`${name}: ${problem}`) });
    for (const key of ["1", "2", "3", "4"]) await of.rig.send(to(id, key, { thread: undefined }));
    end();
    expect(told).toEqual([expect.stringMatching(/^The slack-bot: .*invalid_auth/u)]);
    expect(of.rig.outcomes.at(-1)?.problem).toMatch(/suspended.*invalid_auth/u);
    expect((await people.acts()).filter(({ verb }) => verb === "channel.suspended")).toMatchObject([
      { actor: "system:notify", object: `channel:${id}` },
    ]);
    await changeChannel(of.rig.notify, people.first.actor, id, { ...inputs()["slack-bot"] });
    await resumeChannel(of.rig.notify, people.first.actor, id);
    await of.rig.send(to(id, "5"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({ key: "5", state: "sent" });
  });

  test("is not suspended for an outage of minutes, nor for a message that is wrong", async () => {
    const { id } = await create("webhook");
    of.hook.next.push(...Array.from({ length: 12 }, () => ({ status: 500 })));
    for (let one = 0; one < 12; one++) await of.rig.send(to(id, `fail-${one}`, { thread: undefined }));
    const state = async () => (await people.owner.query("select suspended_at, failures from notify_channel where id = $1", [id])).rows[0];
    expect(await state()).toMatchObject({ suspended_at: null, failures: 12 });
    await people.clock.advance(seconds(10));
    await of.rig.work();
    expect(await state()).toMatchObject({ suspended_at: null, failures: 0 });
    const bot = await create("slack-bot");
    of.slack.next.push(...Array.from({ length: 5 }, () => ({ status: 200, body: { ok: false, error: "invalid_blocks" } })));
    for (let one = 0; one < 5; one++) await of.rig.send(to(bot.id, `bad-${one}`, { thread: undefined }));
    const { rows } = await people.owner.query("select suspended_at, failures from notify_channel where id = $1", [bot.id]);
    expect(rows).toEqual([{ suspended_at: null, failures: 0 }]);
  });

  test("is suspended when an outage goes on", async () => {
    const { id } = await create("webhook");
    of.hook.next.push(...Array.from({ length: 40 }, () => ({ status: 500 })));
    for (let one = 0; one < 14; one++) {
      await of.rig.send(to(id, `fail-${one}`, { thread: undefined }));
      await people.clock.advance(minutes(3));
    }
    const { rows } = await people.owner.query<{ suspended_because: string }>("select suspended_because from notify_channel where id = $1", [
      id,
    ]);
    expect(rows[0]?.suspended_because).toBe("HTTP 500");
  });
});

describe("the acts on channels", () => {
  const channelActs = async () => (await people.acts()).map(({ verb, detail }) => [verb, Object.keys(detail)]);

  test("each make one entry of the ledger", async () => {
    const { id } = await create("chatwork");
    const actor = people.first.actor;
    await changeChannel(of.rig.notify, actor, id, { ...inputs().chatwork, name: "Other" });
    await suspendChannel(of.rig.notify, actor, id, "too loud");
    await suspendChannel(of.rig.notify, actor, id, "again");
    await resumeChannel(of.rig.notify, actor, id);
    await testChannel(of.rig.notify, actor, id);
    await deleteChannel(of.rig.notify, actor, id);
    expect(await channelActs()).toEqual([
      ["channel.created", ["name", "type"]],
      ["channel.changed", ["fields", "name"]],
      ["channel.suspended", ["name", "reason"]],
      ["channel.resumed", ["name"]],
      ["channel.tested", ["name", "state"]],
      ["channel.deleted", ["name"]],
    ]);
  });

  test("are refused to viewers", async () => {
    const viewer = (await people.join(people.first, "viewer")).actor;
    const { id } = await create("chatwork");
    await people.acts();
    for (const act of [
      () => createChannel(of.rig.notify, viewer, inputs().chatwork),
      () => changeChannel(of.rig.notify, viewer, id, inputs().chatwork),
      () => suspendChannel(of.rig.notify, viewer, id, ""),
      () => resumeChannel(of.rig.notify, viewer, id),
      () => testChannel(of.rig.notify, viewer, id),
      () => deleteChannel(of.rig.notify, viewer, id),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: "forbidden", facts: { permission: "channel.change" } });
    }
    expect(await people.acts()).toEqual([]);
  });

  test("keep secrets sealed, and a token for the server that it was typed for", async () => {
    const { id } = await create("mattermost-bot");
    const { rows } = await people.owner.query<{ secrets: Buffer; settings: string }>(
      "select secrets, settings from notify_channel where id = $1",
      [id],
    );
    expect(rows[0]?.secrets.toString("latin1")).not.toContain(of.mattermost.token);
    const { token: _token, ...kept } = inputs()["mattermost-bot"];
    await changeChannel(of.rig.notify, people.first.actor, id, { ...kept, name: "renamed" });
    await of.rig.send(to(id, "kept"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
    await expect(
      changeChannel(of.rig.notify, people.first.actor, id, { ...kept, serverUrl: "https://evil.example" }),
    ).rejects.toMatchObject({
      facts: { fields: [{ field: "token" }] },
    });
  });

  test.each([
    [{ type: "slack" }, "url"],
    [{ type: "slack-bot", token: "a b", room: "C0001" }, "token"],
    [{ type: "slack-bot", token: "a\r\nX: y", room: "C0001" }, "token"],
    [{ type: "slack-bot", token: "a", room: "general" }, "room"],
    [{ type: "webhook", url: "ftp://example.jp" }, "url"],
    [{ type: "webhook", url: "https://u:p@example.jp/" }, "url"],
    [{ type: "signed-webhook", url: "https://example.jp/" }, "signingKey"],
    [{ type: "chatwork", token: "a", room: "abc" }, "room"],
    [{ type: "email", emails: ["a@b, c@d"] }, "emails.0"],
    [{ type: "email", personIds: ["stranger"] }, "personIds"],
    [{ type: "email", url: "https://example.jp/", emails: ["a@example.jp"] }, "url"],
  ] as const)("refuse %o and name the field %s", async (typed, field) => {
    const input = { name: "x", language: "en", ...typed } as unknown as ChannelInput;
    await expect(createChannel(of.rig.notify, people.first.actor, input)).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: [expect.objectContaining({ field })] },
    });
  });

  test("show what a channel would show, without sending anything", async () => {
    for (const input of Object.values(inputs())) {
      for (const example of ["opened", "taken", "resolved"] as const) {
        const preview = await previewChannel(of.rig.notify, people.first.actor, { ...input, language: "ja" }, example);
        // An alert that stands there already is acknowledged and closed by its key alone.
        const isByKey = example !== "opened" && (input.type === "pagerduty" || input.type === "opsgenie");
        const told = `${preview.subject}${preview.text}${preview.body}`;
        expect(told, `${input.type} ${example}`).toMatch(isByKey ? /acknowledge|resolve|close/u : /CPU/u);
      }
    }
    expect([of.slack, of.mattermost, of.chatwork, of.hipchat, of.hook].flatMap(({ calls }) => calls)).toEqual([]);
  });
});
