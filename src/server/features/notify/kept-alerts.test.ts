import { describe, expect, test } from "vitest";
import { seconds } from "#base/duration";
import { withChannels } from "#test/channel-rig";
import { tooMany } from "#test/chat-fakes/index";
import { notice } from "#test/notify-rig";
import { createChannel } from "./create-channel.ts";
import type { Notice } from "./model.ts";
import { testChannel } from "./send-test.ts";

const of = withChannels();
const { people, create, to, inputs } = of;

/** The incident changes: posts of its thread say so. */
const rewrite = async (thread: string, more: Partial<Notice>): Promise<void> => {
  const { organisationId } = people.first.actor;
  await of.rig.notify.db.tx({ organisationId }, (tx) => of.rig.notify.rewrite(tx, people.clock.now(), thread, () => notice(more)));
  await of.rig.work();
};

describe("services that keep alerts of their own", () => {
  test.each([
    ["pagerduty", () => of.pagerduty.alerts, ["triggered", "acknowledged", "resolved"]],
    ["opsgenie", () => of.opsgenie.alerts, ["open", "acknowledged", "closed"]],
  ] as const)(
    "%s has one alert for an incident, which ends with it, and a test leaves nothing open",
    async (type, alerts, [open, taken, over]) => {
      const { id } = await create(type);
      const states = (): unknown[] => [...alerts().values()];
      await of.rig.send(to(id, "first", { thread: "incident:1", standing: "open" }));
      await of.rig.send(to(id, "second", { thread: "incident:1", standing: "open" }));
      expect([...alerts()]).toEqual([["hinoban/incident:1", open]]);
      await rewrite("incident:1", { standing: "taken", tone: "neutral" });
      expect(states()).toEqual([taken]);
      await rewrite("incident:1", { standing: "over", tone: "good" });
      expect(states()).toEqual([over]);
      alerts().clear();
      expect(await testChannel(of.rig.notify, people.first.actor, id)).toMatchObject({ ok: true });
      expect(states()).toEqual([over]);
    },
  );

  test("news open nothing there", async () => {
    const news = { thread: undefined, tone: "neutral", severity: "information", title: "web01 was registered" } as const;
    for (const type of ["pagerduty", "opsgenie"] as const) await of.rig.send(to((await create(type)).id, `news ${type}`, news));
    expect(of.pagerduty.changes).toEqual(["web01 was registered"]);
    expect([of.pagerduty.alerts.size, of.opsgenie.alerts.size]).toEqual([0, 0]);
    expect(of.rig.outcomes.map(({ state }) => state)).toEqual(["sent", "sent"]);
  });
});

describe("LINE", () => {
  test("gets a message once although the connection broke after it was taken, and the quota is told of", async () => {
    const { id } = await create("line");
    of.line.next.push("drop", tooMany(5, { message: "The API rate limit has been exceeded. Try again later." }));
    await of.rig.send(to(id, "dropped"));
    for (const wait of [10, 30]) {
      await people.clock.advance(seconds(wait));
      await of.rig.work();
    }
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
    const [first, ...later] = of.line.calls.map(({ headers }) => headers["x-line-retry-key"]);
    expect(later).toEqual([first, first]);
    // The same key again: it was taken, whoever asks.
    expect(of.line.texts).toHaveLength(1);
    of.line.isUsedUp = true;
    await of.rig.send(to(id, "too much"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({
      state: "failed",
      problem: expect.stringMatching(/monthly limit.*no more messages this month/u),
    });
  });

  test("says that a repeat was taken already", async () => {
    const { id } = await create("line");
    of.line.next.push({
      status: 409,
      headers: { "x-line-accepted-request-id": "r" },
      body: { message: "The retry key is already accepted" },
    });
    await of.rig.send(to(id, "again"));
    expect(of.rig.outcomes.at(-1)).toMatchObject({ state: "sent" });
  });
});

describe("Discord", () => {
  test("calls only whom the channel names, and shows in the old post who has the incident", async () => {
    const { id } = await create("discord", { mentions: { critical: "<@&42> @here" } });
    await of.rig.send(to(id, "d", { title: "@everyone <@7> *web01* [x](https://evil.example)", mention: "critical" }));
    const [post] = of.discord.messages;
    expect(post?.pings).toBe("<@&42> @here");
    expect(post?.content).toBe("<@&42> @here **@\u200Beveryone \\<@\u200B7> \\*web01\\* \\[x\\](https://evil.example)**");
    await rewrite("incident:1", { title: "taken", standing: "taken", mention: undefined });
    expect(of.discord.messages).toMatchObject([{ edits: 1, content: "**taken**" }]);
  });
});

describe("Teams", () => {
  test("gets a card of which nothing foreign is markup and which is never too big", async () => {
    const { id } = await create("teams");
    const facts = Array.from({ length: 60 }, (_one, index) => ({ label: `事実 ${index}`, value: "値".repeat(3000) }));
    await of.rig.send(to(id, "t", { title: "**web01** [x](y)", facts }));
    const text = JSON.stringify(of.teams.cards[0]);
    expect(text).toContain("**web01** [x](y)");
    expect(text).not.toContain('"TextBlock"');
    expect(Buffer.byteLength(of.teams.calls[0]?.body ?? "")).toBeLessThanOrEqual(20_000);
  });
});

test.each([
  ["teams", { url: "https://example.webhook.office.com/webhookb2/1" }, /url: .*Office 365 connector/u],
  ["discord", { url: "https://discord.com/channels/1/2" }, /url: .*webhooks/u],
  ["pagerduty", { token: "short" }, /token: .*32 letters/u],
  ["line", { room: "group" }, /room: .*id of a person/u],
] as const)("says what is wrong with what was typed for %s", async (type, wrong, problem) => {
  const creation = createChannel(of.rig.notify, people.first.actor, { ...inputs()[type], ...wrong });
  await expect(creation).rejects.toMatchObject({ code: "invalid-input", message: expect.stringMatching(problem) });
});
