import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { addTime, hours, minutes, seconds } from "#base/duration";
import { withChannels } from "#test/channel-rig";
import { chatworkTooMany, discordTooMany, slackTooMany, tooMany } from "#test/chat-fakes/index";
import { notice } from "#test/notify-rig";
import { channelTypes, mattermostActionsPath } from "#wire/notify";
import { changeChannel } from "./change-channel.ts";
import { testChannel } from "./send-test.ts";

const of = withChannels();
const { people, create, to, inputs } = of;

const actions = [
  { action: "take", label: "担当する", url: "https://hinoban.example/act/t", token: "token-of-take" },
  { action: "cannot", label: "対応できない", url: "https://hinoban.example/act/c", token: "token-of-cannot" },
] as const;

/** Everything that some chat might read as markup, a mention or the end of something. */
const hostile = "<!channel> @here @all *b* _i_ `c` [To:1] [/info] </b> & \"' \r\nBcc: x@y";

describe("every kind of channel", () => {
  test.each(channelTypes)("takes a hostile and a very long message over %s, and a test", async (type) => {
    const { id } = await create(type);
    await of.rig.send(to(id, "hostile", { title: hostile, summary: hostile, facts: [{ label: hostile, value: hostile }], actions }));
    const facts = Array.from({ length: 60 }, (_one, index) => ({ label: `事実 ${index}`, value: "値".repeat(3000) }));
    await of.rig.send(to(id, "long", { title: "長".repeat(500), summary: "い".repeat(50_000), facts, actions }));
    expect(of.rig.outcomes.map(({ state, problem }) => [state, problem])).toEqual([
      ["sent", undefined],
      ["sent", undefined],
    ]);
    expect(await testChannel(of.rig.notify, people.first.actor, id)).toMatchObject({ ok: true, state: "sent" });
  });

  test.each([
    ["slack", { url: (): string => `${of.slack.url}/services/T0001/B0001/wrong` }, /no_service/u],
    ["slack-bot", { token: (): string => "xoxb-wrong" }, /invalid_auth/u],
    ["slack-bot", { room: (): string => "C0009" }, /channel_not_found/u],
    ["mattermost", { url: (): string => `${of.mattermost.url}/hooks/wrong` }, /Invalid webhook/u],
    ["mattermost-bot", { token: (): string => "wrong" }, /401.*session/u],
    ["mattermost-bot", { room: (): string => "channel0009" }, /403/u],
    ["chatwork", { token: (): string => "wrong" }, /Invalid API token/u],
    ["chatwork", { room: (): string => "999" }, /403/u],
    ["hipchat", { token: (): string => "wrong" }, /Invalid OAuth session/u],
    ["hipchat", { room: (): string => "No room" }, /Room not found/u],
    ["teams", { url: (): string => of.teams.flowUrl.replace("right", "wrong") }, /401.*Shared Access/u],
    ["line", { token: (): string => "wrong" }, /401.*Authentication failed/u],
    ["line", { room: (): string => `U${"0".repeat(32)}` }, /'to'/u],
    ["discord", { url: (): string => of.discord.webhookUrl.replace("right", "wrong") }, /Invalid Webhook Token/u],
    ["pagerduty", { token: (): string => "f".repeat(32) }, /'routing_key' is invalid/u],
    ["opsgenie", { token: (): string => "wrong" }, /403.*Key format/u],
  ] as const)("says what is wrong with %s (%o)", async (type, wrong, problem) => {
    const typed = Object.fromEntries(Object.entries(wrong).map(([field, value]) => [field, value()]));
    const { id } = await create(type, typed);
    const outcome = await testChannel(of.rig.notify, people.first.actor, id);
    expect(outcome).toMatchObject({ ok: false, state: "failed", problem: expect.stringMatching(problem) });
    await of.rig.send(to(id, "wrong"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "failed", problem: expect.stringMatching(problem) });
  });

  test.each([
    ["slack", () => of.slack, () => tooMany(45), 45],
    ["slack-bot", () => of.slack, () => slackTooMany(45), 45],
    ["mattermost-bot", () => of.mattermost, () => tooMany(45), 45],
    ["chatwork", () => of.chatwork, () => chatworkTooMany(people.clock.now() / 1000 + 45), 45],
    ["hipchat", () => of.hipchat, () => tooMany(45), 45],
    ["teams", () => of.teams, () => tooMany(45), 45],
    ["discord", () => of.discord, () => discordTooMany(44.6), 45],
    ["opsgenie", () => of.opsgenie, () => ({ status: 429, body: "{}" }), 10],
    ["webhook", () => of.hook, () => tooMany(45), 45],
    ["webhook", () => of.hook, () => ({ status: 503 }), 10],
  ] as const)("waits as long as %s asks, and sends nothing else meanwhile", async (type, fake, answer, wait) => {
    const { id } = await create(type);
    fake().next.push(answer());
    await of.rig.send(to(id, "a", { thread: "incident:1" }));
    expect(of.rig.outcomes).toMatchObject([{ key: "a", state: "retrying" }]);
    const asked = fake().calls.length;
    if (wait === 45) {
      await of.rig.send(to(id, "b", { thread: "incident:2" }));
      await people.clock.advance(seconds(44));
      await of.rig.work();
      expect(fake().calls.length).toBe(asked);
      await people.clock.advance(seconds(1));
    } else await people.clock.advance(seconds(10));
    await of.rig.work();
    expect(
      of.rig.outcomes
        .filter(({ state }) => state === "sent")
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(wait === 45 ? ["a", "b"] : ["a"]);
  });

  test("comes again when the connection breaks after the message was sent: twice is better than never", async () => {
    const { id } = await create("signed-webhook");
    of.hook.next.push("drop");
    await of.rig.send(to(id, "dropped"));
    await people.clock.advance(seconds(10));
    await of.rig.work();
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
    const keys = of.hook.calls.map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u);
  });
});

describe("Slack", () => {
  test("shows foreign text as it is and mentions only whom the channel names", async () => {
    const { id } = await create("slack-bot", { mentions: { critical: "@here <@U0001>" } });
    await of.rig.send(to(id, "s", { title: hostile, actions }));
    const [post] = of.slack.posts;
    expect(post?.text).toBe("<!here> <@U0001> &lt;!channel&gt; @here @all *b* _i_ `c` [To:1] [/info] &lt;/b&gt; &amp; \"' \r\nBcc: x@y");
    expect(post && of.slack.buttonsOf(post)).toMatchObject([
      { action_id: "hinoban-take", value: "token-of-take", style: "primary" },
      { action_id: "hinoban-cannot", value: "token-of-cannot" },
      { action_id: "hinoban-open" },
    ]);
  });

  test("keeps a thread together and changes old posts when somebody took it", async () => {
    const { id } = await create("slack-bot");
    await of.rig.send(to(id, "first", { actions }));
    await of.rig.send(to(id, "second"));
    expect(of.slack.posts.map(({ threadTs }) => threadTs)).toEqual([undefined, of.slack.posts[0]?.ts]);
    const { organisationId } = people.first.actor;
    const count = await of.rig.notify.db.tx({ organisationId }, (tx) =>
      of.rig.notify.rewrite(tx, people.clock.now(), "incident:1", () =>
        notice({ title: "[担当者決定] 佐藤", tone: "neutral", mention: undefined }),
      ),
    );
    expect(count).toBe(2);
    await of.rig.work();
    expect(of.slack.posts).toHaveLength(2);
    expect(of.slack.posts.map(({ text, edits }) => [text, edits])).toEqual([
      ["[担当者決定] 佐藤", 1],
      ["[担当者決定] 佐藤", 1],
    ]);
    expect(of.slack.posts[0] && of.slack.buttonsOf(of.slack.posts[0])).toHaveLength(1);
  });

  test("says the new from the start when the old was not posted yet", async () => {
    const { id } = await create("slack-bot");
    of.slack.next.push(tooMany(60));
    await of.rig.send(to(id, "first", { actions }));
    const { organisationId } = people.first.actor;
    await of.rig.notify.db.tx({ organisationId }, (tx) =>
      of.rig.notify.rewrite(tx, people.clock.now(), "incident:1", () => notice({ title: "taken", mention: undefined })),
    );
    await people.clock.advance(minutes(2));
    await of.rig.work();
    expect(of.slack.posts.map(({ text }) => text)).toEqual(["taken"]);
  });

  test("writes to a person whose account is known, and mentions them in the channel", async () => {
    const { id, workspace } = await create("slack-bot", { signingSecret: of.slack.signingSecret });
    const { personId, organisationId } = people.first.actor;
    await of.rig.notify.db.tx({ organisationId }, (tx) =>
      of.rig.notify.linkChat(tx, people.clock.now(), { personId, workspace, userId: "U0001", userName: "hanako", isVouched: true }),
    );
    await of.rig.send(
      { ...to(id, "person"), to: { kind: "person", personId, medium: "chat" } },
      to(id, "all", { people: [personId], mention: undefined }),
    );
    expect(
      of.slack.posts.map(({ channel, text }) => [channel, text.split(" ")[0]]).toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
    ).toEqual([
      ["C0001", "<@U0001>"],
      ["D0001", "[重大]"],
    ]);
  });
});

describe("Mattermost", () => {
  test("mentions nobody whom foreign text names, and keeps tokens out of what people see", async () => {
    const { id } = await create("mattermost-bot", { mentions: { critical: "@oncall" } });
    await of.rig.send(to(id, "m", { title: "@all *x* [a](b)", actions }));
    const [post] = of.mattermost.posts;
    expect(post?.message).toBe("@oncall @\u200ball \\*x\\* \\[a\\]\\(b\\)");
    expect(post && of.mattermost.press(post, "hinobantake", { id: "user0001", name: "a" })).toMatchObject({
      url: `https://hinoban.example${mattermostActionsPath(id)}`,
      body: { context: { token: "token-of-take" } },
    });
  });

  test("answers in the thread, edits, and writes to a person", async () => {
    const { id, workspace } = await create("mattermost-bot");
    const { personId, organisationId } = people.first.actor;
    await of.rig.send(to(id, "first", { actions }));
    await of.rig.send(to(id, "second"));
    expect(of.mattermost.posts.map(({ rootId }) => rootId)).toEqual(["", of.mattermost.posts[0]?.id]);
    await of.rig.notify.db.tx({ organisationId }, async (tx) => {
      await of.rig.notify.rewrite(tx, people.clock.now(), "incident:1", () => notice({ title: "taken", mention: undefined }));
      await of.rig.notify.linkChat(tx, people.clock.now(), {
        personId,
        workspace,
        userId: "user0001",
        userName: "hanako",
        isVouched: true,
      });
    });
    await of.rig.work();
    expect(of.mattermost.posts.map(({ message, edits }) => [message, edits])).toEqual([
      ["taken", 1],
      ["taken", 1],
    ]);
    await of.rig.send({ ...to(id, "person"), to: { kind: "person", personId, medium: "chat" } });
    expect(of.mattermost.posts.at(-1)?.channelId).toBe("direct-user0001");
    await of.rig.send(to(id, "mention", { people: [personId], mention: undefined, thread: undefined }));
    expect(of.mattermost.posts.at(-1)?.message).toMatch(/^@hanako /u);
  });
});

describe("a webhook", () => {
  test("gets Mackerel's body when it is of Mackerel's kind, and the very sample as a test", async () => {
    const { id } = await create("webhook");
    const mackerel = { orgName: "first", event: "alert", imageUrl: null };
    await of.rig.send(to(id, "m", { mackerel }));
    await testChannel(of.rig.notify, people.first.actor, id);
    expect(of.hook.calls.map(({ body }) => body)).toEqual([
      JSON.stringify(mackerel),
      '{"event":"sample","message":"Sample Notification from Mackerel","imageUrl":null}',
    ]);
  });

  test("of our own format is signed by the key, and by the one before it for a day", async () => {
    const { id } = await create("signed-webhook");
    await of.rig.send(to(id, "one"));
    const check = (index: number, keys: readonly string[]): void => {
      const call = of.hook.calls[index];
      const signature = String(call?.headers["x-hinoban-signature"]);
      const at = /^t=(\d+),/u.exec(signature)?.[1] ?? "";
      const proofs = keys.map((key) => `v1=${createHmac("sha256", key).update(`${at}.${call?.body}`).digest("hex")}`);
      expect(signature).toBe([`t=${at}`, ...proofs].join(","));
    };
    check(0, ["k1"]);
    expect(JSON.parse(of.hook.calls[0]?.body ?? "")).toMatchObject({
      version: 1,
      event: "notification",
      severity: "critical",
      thread: "incident:1",
    });
    await changeChannel(of.rig.notify, people.first.actor, id, { ...inputs()["signed-webhook"], signingKey: "k2" });
    await of.rig.send(to(id, "two"));
    check(1, ["k2", "k1"]);
    await people.clock.advance(hours(25));
    await of.rig.send(to(id, "three"));
    check(2, ["k2"]);
  });
});

test("a message that is due far in the future waits for its moment", async () => {
  const { id } = await create("webhook");
  await of.rig.send({ ...to(id, "later"), dueAt: addTime(people.clock.now(), hours(3)) });
  await people.clock.advance(hours(2));
  await of.rig.work();
  expect(of.hook.calls).toHaveLength(0);
  await people.clock.advance(hours(1));
  await of.rig.work();
  expect(of.hook.calls).toHaveLength(1);
});
