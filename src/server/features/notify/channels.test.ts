import { createHmac } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { addTime, hours, minutes, seconds } from "#base/duration";
import {
  chatworkTooMany,
  FakeChatwork,
  FakeHipchat,
  FakeMattermost,
  FakeSlack,
  FakeWebhook,
  slackTooMany,
  tooMany,
} from "#test/chat-fakes/index";
import { notice, openNotifyRig, type NotifyRig } from "#test/notify-rig";
import { withPeople } from "#test/people";
import { mattermostActionsPath, type ChannelInput } from "#wire/notify";
import { changeChannel } from "./change-channel.ts";
import { createChannel } from "./create-channel.ts";
import { deleteChannel } from "./delete-channel.ts";
import type { Notice, Sending } from "./model.ts";
import { previewChannel } from "./preview-channel.ts";
import { resumeChannel } from "./resume-channel.ts";
import { testChannel } from "./send-test.ts";
import { suspendChannel } from "./suspend-channel.ts";

const people = withPeople();
let rig: NotifyRig;
let slack: FakeSlack;
let mattermost: FakeMattermost;
let chatwork: FakeChatwork;
let hipchat: FakeHipchat;
let hook: FakeWebhook;

beforeAll(async () => {
  [slack, mattermost, chatwork, hipchat, hook] = await Promise.all([
    FakeSlack.open(),
    FakeMattermost.open(),
    FakeChatwork.open(),
    FakeHipchat.open(),
    FakeWebhook.open(),
  ]);
  rig = await openNotifyRig(people);
});
afterAll(async () => {
  await rig.close();
  await Promise.all([slack, mattermost, chatwork, hipchat, hook].map((one) => one.close()));
});
beforeEach(async () => {
  for (const one of [slack, mattermost, chatwork, hipchat, hook]) one.clear();
  rig.outcomes.length = 0;
  await people.owner.query("delete from notify_delivery; delete from notify_channel");
  await people.acts();
});

const inputs = () =>
  ({
    slack: { type: "slack", name: "Slack hook", language: "en", url: slack.webhookUrl },
    "slack-bot": { type: "slack-bot", name: "Slack bot", language: "en", token: slack.token, room: "C0001", serverUrl: slack.apiUrl },
    mattermost: { type: "mattermost", name: "MM hook", language: "ja", url: mattermost.webhookUrl },
    "mattermost-bot": {
      type: "mattermost-bot",
      name: "MM bot",
      language: "ja",
      serverUrl: `${mattermost.url}/`,
      token: mattermost.token,
      room: "channel0001",
    },
    chatwork: {
      type: "chatwork",
      name: "Chatwork",
      language: "ja",
      token: chatwork.token,
      room: chatwork.room,
      serverUrl: chatwork.apiUrl,
    },
    hipchat: { type: "hipchat", name: "HipChat", language: "en", serverUrl: hipchat.url, token: hipchat.token, room: hipchat.room },
    webhook: { type: "webhook", name: "Hook", language: "en", url: hook.hookUrl },
    "signed-webhook": { type: "signed-webhook", name: "Signed", language: "en", url: hook.hookUrl, signingKey: "k1" },
    email: { type: "email", name: "Mail", language: "en", emails: ["ops@example.jp"], personIds: [] },
  }) satisfies Record<string, ChannelInput>;

const create = (type: keyof ReturnType<typeof inputs>, more: Partial<ChannelInput> = {}) =>
  createChannel(rig.notify, people.first.actor, { ...inputs()[type], ...more });

const to = (channelId: string, key: string, more: Partial<Notice> = {}): Sending => ({
  to: { kind: "channel", channelId },
  key,
  about: "incident:1",
  isUrgent: true,
  write: () => notice(more),
});

const actions = [
  { action: "take", label: "担当する", url: "https://hinoban.example/act/t", token: "token-of-take" },
  { action: "cannot", label: "対応できない", url: "https://hinoban.example/act/c", token: "token-of-cannot" },
] as const;

/** Everything that some chat might read as markup, a mention or the end of something. */
const hostile = "<!channel> @here @all *b* _i_ `c` [To:1] [/info] </b> & \"' \r\nBcc: x@y";

describe("every kind of channel", () => {
  test.each(["slack", "slack-bot", "mattermost", "mattermost-bot", "chatwork", "hipchat", "webhook", "signed-webhook", "email"] as const)(
    "takes a hostile and a very long message over %s, and a test",
    async (type) => {
      const { id } = await create(type);
      await rig.send(to(id, "hostile", { title: hostile, summary: hostile, facts: [{ label: hostile, value: hostile }], actions }));
      const facts = Array.from({ length: 60 }, (_one, index) => ({ label: `事実 ${index}`, value: "値".repeat(3000) }));
      await rig.send(to(id, "long", { title: "長".repeat(500), summary: "い".repeat(50_000), facts, actions }));
      expect(rig.outcomes.map(({ state, problem }) => [state, problem])).toEqual([
        ["sent", undefined],
        ["sent", undefined],
      ]);
      expect(await testChannel(rig.notify, people.first.actor, id)).toMatchObject({ ok: true, state: "sent" });
    },
  );

  test.each([
    ["slack", { url: () => `${slack.url}/services/T0001/B0001/wrong` }, /no_service/u],
    ["slack-bot", { token: () => "xoxb-wrong" }, /invalid_auth/u],
    ["slack-bot", { room: () => "C0009" }, /channel_not_found/u],
    ["mattermost", { url: () => `${mattermost.url}/hooks/wrong` }, /Invalid webhook/u],
    ["mattermost-bot", { token: () => "wrong" }, /401.*session/u],
    ["mattermost-bot", { room: () => "channel0009" }, /403/u],
    ["chatwork", { token: () => "wrong" }, /Invalid API token/u],
    ["chatwork", { room: () => "999" }, /403/u],
    ["hipchat", { token: () => "wrong" }, /Invalid OAuth session/u],
    ["hipchat", { room: () => "No room" }, /Room not found/u],
  ] as const)("says what is wrong with %s (%o)", async (type, wrong, problem) => {
    const typed = Object.fromEntries(Object.entries(wrong).map(([field, value]) => [field, value()]));
    const { id } = await create(type, typed);
    const outcome = await testChannel(rig.notify, people.first.actor, id);
    expect(outcome).toMatchObject({ ok: false, state: "failed", problem: expect.stringMatching(problem) });
    await rig.send(to(id, "wrong"));
    expect(rig.outcomes.at(-1)).toMatchObject({ state: "failed", problem: expect.stringMatching(problem) });
  });

  test.each([
    ["slack", () => slack, () => tooMany(45), 45],
    ["slack-bot", () => slack, () => slackTooMany(45), 45],
    ["mattermost-bot", () => mattermost, () => tooMany(45), 45],
    ["chatwork", () => chatwork, () => chatworkTooMany(people.clock.now() / 1000 + 45), 45],
    ["hipchat", () => hipchat, () => tooMany(45), 45],
    ["webhook", () => hook, () => tooMany(45), 45],
    ["webhook", () => hook, () => ({ status: 503 }), 10],
  ] as const)("waits as long as %s asks, and sends nothing else meanwhile", async (type, fake, answer, wait) => {
    const { id } = await create(type);
    fake().next.push(answer());
    await rig.send(to(id, "a", { thread: "incident:1" }));
    expect(rig.outcomes).toMatchObject([{ key: "a", state: "retrying" }]);
    const asked = fake().calls.length;
    if (wait === 45) {
      await rig.send(to(id, "b", { thread: "incident:2" }));
      await people.clock.advance(seconds(44));
      await rig.work();
      expect(fake().calls.length).toBe(asked);
      await people.clock.advance(seconds(1));
    } else await people.clock.advance(seconds(10));
    await rig.work();
    expect(
      rig.outcomes
        .filter(({ state }) => state === "sent")
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(wait === 45 ? ["a", "b"] : ["a"]);
  });

  test("comes again when the connection breaks after the message was sent: twice is better than never", async () => {
    const { id } = await create("signed-webhook");
    hook.next.push("drop");
    await rig.send(to(id, "dropped"));
    await people.clock.advance(seconds(10));
    await rig.work();
    expect(rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
    const keys = hook.calls.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
  });
});

describe("Slack", () => {
  test("shows foreign text as it is and mentions only whom the channel names", async () => {
    const { id } = await create("slack-bot", { mentions: { critical: "@here <@U0001>" } });
    await rig.send(to(id, "s", { title: hostile, actions }));
    const [post] = slack.posts;
    expect(post?.text).toBe("<!here> <@U0001> &lt;!channel&gt; @here @all *b* _i_ `c` [To:1] [/info] &lt;/b&gt; &amp; \"' \r\nBcc: x@y");
    expect(post && slack.buttonsOf(post)).toMatchObject([
      { action_id: "hinoban-take", value: "token-of-take", style: "primary" },
      { action_id: "hinoban-cannot", value: "token-of-cannot" },
      { action_id: "hinoban-open" },
    ]);
  });

  test("keeps a thread together and changes old posts when somebody took it", async () => {
    const { id } = await create("slack-bot");
    await rig.send(to(id, "first", { actions }));
    await rig.send(to(id, "second"));
    expect(slack.posts.map(({ threadTs }) => threadTs)).toEqual([undefined, slack.posts[0]?.ts]);
    const { organisationId } = people.first.actor;
    const count = await rig.notify.db.tx({ organisationId }, (tx) =>
      rig.notify.rewrite(tx, people.clock.now(), "incident:1", () =>
        notice({ title: "[担当者決定] 佐藤", tone: "neutral", mention: undefined }),
      ),
    );
    expect(count).toBe(2);
    await rig.work();
    expect(slack.posts).toHaveLength(2);
    expect(slack.posts.map(({ text, edits }) => [text, edits])).toEqual([
      ["[担当者決定] 佐藤", 1],
      ["[担当者決定] 佐藤", 1],
    ]);
    expect(slack.posts[0] && slack.buttonsOf(slack.posts[0])).toHaveLength(1);
  });

  test("says the new from the start when the old was not posted yet", async () => {
    const { id } = await create("slack-bot");
    slack.next.push(tooMany(60));
    await rig.send(to(id, "first", { actions }));
    const { organisationId } = people.first.actor;
    await rig.notify.db.tx({ organisationId }, (tx) =>
      rig.notify.rewrite(tx, people.clock.now(), "incident:1", () => notice({ title: "taken", mention: undefined })),
    );
    await people.clock.advance(minutes(2));
    await rig.work();
    expect(slack.posts.map(({ text }) => text)).toEqual(["taken"]);
  });

  test("writes to a person whose account is known, and mentions them in the channel", async () => {
    const { id } = await create("slack-bot");
    const { personId, organisationId } = people.first.actor;
    await rig.notify.db.tx({ organisationId }, (tx) =>
      rig.notify.linkChat(tx, people.clock.now(), { personId, channelId: id, userId: "U0001", userName: "hanako" }),
    );
    await rig.send(
      { ...to(id, "person"), to: { kind: "person", personId, medium: "chat" } },
      to(id, "all", { people: [personId], mention: undefined }),
    );
    expect(slack.posts.map(({ channel, text }) => [channel, text.split(" ")[0]]).toSorted()).toEqual([
      ["C0001", "<@U0001>"],
      ["D0001", "[重大]"],
    ]);
  });
});

describe("Mattermost", () => {
  test("mentions nobody whom foreign text names, and keeps tokens out of what people see", async () => {
    const { id } = await create("mattermost-bot", { mentions: { critical: "@oncall" } });
    await rig.send(to(id, "m", { title: "@all *x* [a](b)", actions }));
    const [post] = mattermost.posts;
    expect(post?.message).toBe("@oncall @\u200ball \\*x\\* \\[a\\]\\(b\\)");
    expect(post && mattermost.press(post, "hinobantake", { id: "user0001", name: "a" })).toMatchObject({
      url: `https://hinoban.example${mattermostActionsPath(id)}`,
      body: { context: { token: "token-of-take" } },
    });
  });

  test("answers in the thread, edits, and writes to a person", async () => {
    const { id } = await create("mattermost-bot");
    const { personId, organisationId } = people.first.actor;
    await rig.send(to(id, "first", { actions }));
    await rig.send(to(id, "second"));
    expect(mattermost.posts.map(({ rootId }) => rootId)).toEqual(["", mattermost.posts[0]?.id]);
    await rig.notify.db.tx({ organisationId }, async (tx) => {
      await rig.notify.rewrite(tx, people.clock.now(), "incident:1", () => notice({ title: "taken", mention: undefined }));
      await rig.notify.linkChat(tx, people.clock.now(), { personId, channelId: id, userId: "user0001", userName: "hanako" });
    });
    await rig.work();
    expect(mattermost.posts.map(({ message, edits }) => [message, edits])).toEqual([
      ["taken", 1],
      ["taken", 1],
    ]);
    await rig.send({ ...to(id, "person"), to: { kind: "person", personId, medium: "chat" } });
    expect(mattermost.posts.at(-1)?.channelId).toBe("direct-user0001");
    await rig.send(to(id, "mention", { people: [personId], mention: undefined, thread: undefined }));
    expect(mattermost.posts.at(-1)?.message).toMatch(/^@hanako /u);
  });
});

describe("a webhook", () => {
  test("gets Mackerel's body when it is of Mackerel's kind, and the very sample as a test", async () => {
    const { id } = await create("webhook");
    const mackerel = { orgName: "first", event: "alert", imageUrl: null };
    await rig.send(to(id, "m", { mackerel }));
    await testChannel(rig.notify, people.first.actor, id);
    expect(hook.calls.map(({ body }) => body)).toEqual([
      JSON.stringify(mackerel),
      '{"event":"sample","message":"Sample Notification from Mackerel","imageUrl":null}',
    ]);
  });

  test("of our own format is signed by the key, and by the one before it for a day", async () => {
    const { id } = await create("signed-webhook");
    await rig.send(to(id, "one"));
    const check = (index: number, keys: readonly string[]): void => {
      const call = hook.calls[index];
      const signature = String(call?.headers["x-hinoban-signature"]);
      const at = /^t=(\d+),/u.exec(signature)?.[1] ?? "";
      const proofs = keys.map((key) => `v1=${createHmac("sha256", key).update(`${at}.${call?.body}`).digest("hex")}`);
      expect(signature).toBe([`t=${at}`, ...proofs].join(","));
    };
    check(0, ["k1"]);
    expect(JSON.parse(hook.calls[0]?.body ?? "")).toMatchObject({
      version: 1,
      event: "notification",
      severity: "critical",
      thread: "incident:1",
    });
    await changeChannel(rig.notify, people.first.actor, id, { ...inputs()["signed-webhook"], signingKey: "k2" });
    await rig.send(to(id, "two"));
    check(1, ["k2", "k1"]);
    await people.clock.advance(hours(25));
    await rig.send(to(id, "three"));
    check(2, ["k2"]);
  });
});

describe("a channel that keeps failing", () => {
  test("is suspended after three failures for good, once, and is told of", async () => {
    const { id } = await create("slack-bot", { token: "xoxb-wrong" });
    const told: string[] = [];
    const end = rig.notify.listen({ channelSuspended: async (_tx, _at, { name, problem }) => void told.push(`${name}: ${problem}`) });
    for (const key of ["1", "2", "3", "4"]) await rig.send(to(id, key, { thread: undefined }));
    end();
    expect(told).toEqual([expect.stringMatching(/^Slack bot: .*invalid_auth/u)]);
    expect(rig.outcomes.at(-1)?.problem).toMatch(/suspended.*invalid_auth/u);
    expect((await people.acts()).filter(({ verb }) => verb === "channel.suspended")).toMatchObject([
      { actor: "system:notify", object: `channel:${id}` },
    ]);
    await changeChannel(rig.notify, people.first.actor, id, { ...inputs()["slack-bot"] });
    await resumeChannel(rig.notify, people.first.actor, id);
    await rig.send(to(id, "5"));
    expect(rig.outcomes.at(-1)).toMatchObject({ key: "5", state: "sent" });
  });

  test("is not suspended for an outage of minutes, nor for a message that is wrong", async () => {
    const { id } = await create("webhook");
    hook.next.push(...Array.from({ length: 12 }, () => ({ status: 500 })));
    for (let one = 0; one < 12; one++) await rig.send(to(id, `fail-${one}`, { thread: undefined }));
    const state = async () => (await people.owner.query("select suspended_at, failures from notify_channel where id = $1", [id])).rows[0];
    expect(await state()).toMatchObject({ suspended_at: null, failures: 12 });
    await people.clock.advance(seconds(10));
    await rig.work();
    expect(await state()).toMatchObject({ suspended_at: null, failures: 0 });
    const bot = await create("slack-bot");
    slack.next.push(...Array.from({ length: 5 }, () => ({ status: 200, body: { ok: false, error: "invalid_blocks" } })));
    for (let one = 0; one < 5; one++) await rig.send(to(bot.id, `bad-${one}`, { thread: undefined }));
    const { rows } = await people.owner.query("select suspended_at, failures from notify_channel where id = $1", [bot.id]);
    expect(rows).toEqual([{ suspended_at: null, failures: 0 }]);
  });

  test("is suspended when an outage goes on", async () => {
    const { id } = await create("webhook");
    hook.next.push(...Array.from({ length: 40 }, () => ({ status: 500 })));
    for (let one = 0; one < 14; one++) {
      await rig.send(to(id, `fail-${one}`, { thread: undefined }));
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
    await changeChannel(rig.notify, actor, id, { ...inputs().chatwork, name: "Other" });
    await suspendChannel(rig.notify, actor, id, "too loud");
    await suspendChannel(rig.notify, actor, id, "again");
    await resumeChannel(rig.notify, actor, id);
    await testChannel(rig.notify, actor, id);
    await deleteChannel(rig.notify, actor, id);
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
      () => createChannel(rig.notify, viewer, inputs().chatwork),
      () => changeChannel(rig.notify, viewer, id, inputs().chatwork),
      () => suspendChannel(rig.notify, viewer, id, ""),
      () => resumeChannel(rig.notify, viewer, id),
      () => testChannel(rig.notify, viewer, id),
      () => deleteChannel(rig.notify, viewer, id),
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
    expect(rows[0]?.secrets.toString("latin1")).not.toContain(mattermost.token);
    const { token: _token, ...kept } = inputs()["mattermost-bot"];
    await changeChannel(rig.notify, people.first.actor, id, { ...kept, name: "renamed" });
    await rig.send(to(id, "kept"));
    expect(rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
    await expect(changeChannel(rig.notify, people.first.actor, id, { ...kept, serverUrl: "https://evil.example" })).rejects.toMatchObject({
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
    await expect(createChannel(rig.notify, people.first.actor, input)).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: [expect.objectContaining({ field })] },
    });
  });

  test("show what a channel would show, without sending anything", async () => {
    for (const input of Object.values(inputs())) {
      for (const example of ["opened", "taken", "resolved"] as const) {
        const preview = await previewChannel(rig.notify, people.first.actor, { ...input, language: "ja" }, example);
        expect(`${preview.subject}${preview.text}${preview.body}`, input.type).toMatch(/CPU/u);
      }
    }
    expect([slack, mattermost, chatwork, hipchat, hook].flatMap(({ calls }) => calls)).toEqual([]);
  });
});

test("a message that is due far in the future waits for its moment", async () => {
  const { id } = await create("webhook");
  await rig.send({ ...to(id, "later"), dueAt: addTime(people.clock.now(), hours(3)) });
  await people.clock.advance(hours(2));
  await rig.work();
  expect(hook.calls).toHaveLength(0);
  await people.clock.advance(hours(1));
  await rig.work();
  expect(hook.calls).toHaveLength(1);
});
