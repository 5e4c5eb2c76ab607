import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { days, minutes, seconds } from "#base/duration";
import { releaseIncident, takeIncident } from "#features/incidents";
import type { Notice } from "#features/notify";
import { saidIn, tokenIn, withActs } from "#test/acts-rig";
import { FakeMattermost, type MattermostPost, type SlackPost } from "#test/chat-fakes/index";
import type { Somebody } from "#test/people";
import { removeMember } from "#test/verbs";
import { connectChatAccount, disconnectChatAccount, listChatAccounts, readChatInvitation } from "./chat-accounts.ts";

const rig = withActs();
const tanaka = { id: "U0001", name: "tanaka" };
let slackChannel = "";
let botChannel = "";
let hookChannel = "";
let incident = "";
let number = 0;

beforeAll(async () => {
  const { slack, mattermost } = rig;
  const chat = { name: "ops", language: "en" } as const;
  slackChannel = await rig.channel({
    ...chat,
    type: "slack-bot",
    token: slack.token,
    room: "C0001",
    signingSecret: slack.signingSecret,
    serverUrl: slack.apiUrl,
  });
  const server = { serverUrl: mattermost.url, token: mattermost.token, room: "channel0001", commandToken: mattermost.commandToken };
  botChannel = await rig.channel({ ...chat, type: "mattermost-bot", ...server });
  hookChannel = await rig.channel({ ...chat, type: "mattermost", url: mattermost.webhookUrl });
});
beforeEach(async () => {
  incident = await rig.open("Disk of <web> & @channel"); // the rig puts a number behind it
  ({ number } = await rig.incidents.tx((tx) =>
    tx.selectFrom("incidents_incident").select("number").where("id", "=", incident).executeTakeFirstOrThrow(),
  ));
  rig.slack.clear();
  rig.mattermost.clear();
  await rig.incidents.people.acts();
});

/** Posts the incident's notice to a channel, as an escalation does. */
async function tell(channelId: string): Promise<void> {
  await rig.notify.send({
    to: { kind: "channel", channelId },
    key: `test:${channelId}:${incident}:${rig.incidents.now()}`,
    about: `incident:${incident}`,
    write: (to): Promise<Notice> => rig.incidents.tx((tx) => rig.incidents.incidents.noticeOf(tx, incident, "opened", to)),
  });
}
const lastSlack = (): SlackPost => rig.slack.posts.at(-1) ?? expect.fail("nothing was posted");
const lastPost = (): MattermostPost => rig.mattermost.posts.at(-1) ?? expect.fail("nothing was posted");
const inject = async (url: string, payload: string, headers: Record<string, string>) => {
  const answer = await rig.app.inject({ method: "POST", url, payload, headers });
  await rig.acts.settled();
  return { status: answer.statusCode, body: answer.body, json: (): Record<string, unknown> => answer.json() };
};
const toSlack = (body: string, headers: Record<string, string> = {}, at = rig.seconds(), channel = slackChannel) =>
  inject(`/hooks/slack/${channel}`, body, { ...rig.slack.signed(body, at), ...headers });
const pressSlack = (user = tanaka, action = "hinoban-take", post = lastSlack()) => toSlack(rig.slack.press(post, action, user));
const typeSlack = async (text: string, user = tanaka): Promise<string> =>
  saidIn((await toSlack(rig.slack.command("/hinoban", text, user))).json());
const pressMattermost = (user: { id: string; name: string }, post = lastPost(), action = "hinobantake", change: object = {}) => {
  const { url, body } = rig.mattermost.press(post, action, user);
  const sent = { ...body, trigger_id: `trigger-${Math.random()}`, ...change };
  return inject(new URL(url).pathname, JSON.stringify(sent), { "content-type": "application/json" });
};
const typeMattermost = (text: string, user = { id: "user0001", name: "tanaka" }, token = rig.mattermost.commandToken) =>
  inject(`/hooks/commands/${botChannel}`, rig.mattermost.command("/hinoban", text, user, token), {
    "content-type": "application/x-www-form-urlencoded",
    authorization: `Token ${token}`,
  });
const answered = (): string => saidIn(rig.slack.responses.at(-1)?.body);
const connect = (text: string, who: Somebody) => connectChatAccount(rig.acts, who.actor, tokenIn(text));
const responder = async (): Promise<string> =>
  rig.nameOf((await rig.incidents.tx((tx) => rig.incidents.incidents.factsOf(tx, incident)))?.responderId);
const refusals = async () => (await rig.incidents.people.acts()).filter(({ verb }) => verb === "act.refused");
const causes = async (): Promise<unknown[]> => (await refusals()).map(({ detail }) => detail["cause"]);

describe("a chat account that nobody knows", () => {
  test("is told in private where to say who they are; then one press takes the incident and the old message says who has it", async () => {
    await tell(slackChannel);
    expect(await pressSlack()).toMatchObject({ status: 200, body: "" });
    expect(rig.slack.responses.at(-1)?.body).toMatchObject({ response_type: "ephemeral", replace_original: false });
    expect(answered()).toMatch(/^Who are you\? .*https:\/\/hinoban\.example\/o\/first\/chat-accounts#[\w-]{32}$/u);
    expect(await responder()).toBe("nobody");
    const invitation = answered();
    expect(await readChatInvitation(rig.acts, rig.a.actor, tokenIn(invitation))).toMatchObject({ chat: "slack", userName: "tanaka" });
    await rig.incidents.people.acts();
    expect(await connect(invitation, rig.a)).toMatchObject({ chat: "slack", userName: "tanaka", personId: rig.a.actor.personId });
    expect(await rig.incidents.people.acts()).toMatchObject([
      { verb: "chat-account.connected", actor: `person:${rig.a.actor.personId}`, detail: { chat: "slack" } },
    ]);
    await rig.incidents.people.clock.advance(seconds(1));
    await pressSlack();
    expect([await responder(), answered()]).toEqual([
      "a",
      `You have #${number} Disk of &lt;web&gt; &amp; @channel ${number} now. Nobody else is called about it.`,
    ]);
    await rig.work();
    const post = lastSlack();
    expect(post.edits).toBe(1);
    expect(JSON.stringify(post.attachments)).toContain("Name of a@example.jp");
    expect(rig.slack.buttonsOf(post).map((button) => button["action_id"])).not.toContain("hinoban-take");
  });

  test("is connected by a link that works once, for an hour, for members who are signed in", async () => {
    const text = async (): Promise<string> => typeSlack("now", { id: "U0003", name: "<b>mori</b>" });
    const first = await text();
    const { people } = rig.incidents;
    const contacts = async () =>
      (await people.owner.query("select person_id, address, label from notify_contact where kind = 'chat' and address = 'U0003'")).rows;
    await connect(first, rig.b);
    // Messages reach them there from now on.
    expect(await contacts()).toEqual([{ person_id: rig.b.actor.personId, address: "U0003", label: expect.stringContaining("mori") }]);
    await expect(connect(first, rig.b)).rejects.toMatchObject({ code: "gone" });
    await expect(connectChatAccount(rig.acts, rig.b.actor, "x")).rejects.toMatchObject({ code: "gone" });
    const other = await people.another("elsewhere");
    const account = (await listChatAccounts(rig.acts, rig.b.actor)).find(({ userName }) => userName.includes("mori"));
    await rig.incidents.people.acts();
    await disconnectChatAccount(rig.acts, rig.b.actor, account?.id ?? "");
    expect(await people.acts()).toMatchObject([{ verb: "chat-account.disconnected", object: `person:${rig.b.actor.personId}` }]);
    expect(await contacts()).toEqual([]);
    await rig.incidents.people.clock.advance(seconds(1));
    const second = await text();
    await expect(connect(second, other)).rejects.toMatchObject({ code: "gone" });
    const key = {
      kind: "key",
      keyId: "k",
      organisationId: rig.b.actor.organisationId,
      rights: "read-write",
      networks: [],
      address: "",
    } as const;
    await expect(connectChatAccount(rig.acts, { ...key, expiresAt: undefined }, tokenIn(second))).rejects.toMatchObject({
      code: "forbidden",
    });
    await people.clock.advance(minutes(61));
    await expect(connect(second, rig.b)).rejects.toMatchObject({ code: "gone" });
  });

  test("that is somebody else's is disconnected by who may change members, and by nobody else", async () => {
    const accounts = await listChatAccounts(rig.acts, rig.incidents.people.first.actor);
    const [own] = accounts.filter(({ personId }) => personId === rig.a.actor.personId);
    expect(await listChatAccounts(rig.acts, rig.b.actor)).toEqual([]);
    const viewer = await rig.incidents.people.join(rig.incidents.people.first, "viewer");
    for (const who of [rig.b, viewer]) {
      await expect(disconnectChatAccount(rig.acts, who.actor, own?.id ?? "")).rejects.toMatchObject({ code: "forbidden" });
    }
    const stranger = { ...viewer.actor, role: undefined };
    await expect(listChatAccounts(rig.acts, stranger)).rejects.toMatchObject({ code: "forbidden" });
    await expect(connectChatAccount(rig.acts, stranger, "x")).rejects.toMatchObject({ code: "forbidden" });
    expect(await listChatAccounts(rig.acts, rig.a.actor)).toHaveLength(1);
  });
});

describe("a button in Slack", () => {
  beforeEach(() => tell(slackChannel));

  test("tells the second who presses it who was faster", async () => {
    await rig.incidents.people.clock.advance(seconds(1));
    const at = rig.incidents.now();
    await takeIncident(rig.incidents.incidents, rig.b.actor, { incidentId: incident, via: "console" });
    await pressSlack();
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Tokyo", hour: "2-digit", minute: "2-digit" }).format(at);
    expect(answered()).toBe(`Already taken by Name of b@example.jp at ${clock}.`);
    expect(await causes()).toEqual([]);
  });

  test("does nothing with a wrong signature, an old one or none, and each is written down", async () => {
    const body = rig.slack.press(lastSlack(), "hinoban-take", tanaka);
    const now = rig.seconds();
    expect((await toSlack(body, rig.slack.signed(body, now, "another secret"))).status).toBe(401);
    expect((await toSlack(body, {}, now - 301)).status).toBe(401);
    expect((await toSlack(body, { "x-slack-signature": "" })).status).toBe(401);
    expect((await toSlack(`${body}&x=1`, rig.slack.signed(body, now))).status).toBe(401);
    expect(await responder()).toBe("nobody");
    const written = await refusals();
    expect(written.map(({ detail }) => detail["cause"])).toEqual(["wrong", "stale", "unsigned", "wrong"]);
    expect(written[0]).toMatchObject({ outcome: "refused", detail: { via: "slack", channel: slackChannel } });
  });

  test("does nothing when the same bytes come again, and nothing twice when Slack itself sends them again", async () => {
    const body = rig.slack.press(lastSlack(), "hinoban-take", tanaka);
    const now = rig.seconds();
    expect((await toSlack(body, {}, now)).status).toBe(200);
    await releaseIncident(rig.incidents.incidents, rig.a.actor, { incidentId: incident, via: "console" });
    expect((await toSlack(body, {}, now)).status).toBe(401);
    expect(await causes()).toEqual(["replayed"]);
    expect((await toSlack(body, { "x-slack-retry-num": "1" }, now + 2)).status).toBe(200);
    expect([await responder(), await causes()]).toEqual(["nobody", []]);
  });

  test("of another organisation, of nobody or too old tells so and does nothing", async () => {
    const { people, incidents } = rig.incidents;
    const other = await people.another("other-org");
    const facts = { organisationId: other.actor.organisationId, incidentId: incident, action: "take", deliveryId: "d" } as const;
    const mint = (change: object = {}, lasts = days(1)): string =>
      incidents.tokens.mint({
        ...facts,
        to: { kind: "channel", id: slackChannel },
        ...change,
        expiresAt: (people.clock.now() + lasts) as never,
      });
    const own = { organisationId: rig.a.actor.organisationId };
    const tokens = [mint(), "forged", mint(own, seconds(1)), mint({ ...own, to: { kind: "person", id: rig.b.actor.personId } })];
    await people.clock.advance(seconds(2));
    const said: string[] = [];
    for (const token of tokens) {
      const post = lastSlack();
      const body = rig.slack
        .press(post, "hinoban-take", tanaka)
        .replace(
          encodeURIComponent(JSON.stringify(String(rig.slack.buttonsOf(post)[0]?.["value"]))),
          encodeURIComponent(JSON.stringify(token)),
        );
      expect(body).toContain(encodeURIComponent(token));
      await toSlack(body);
      said.push(answered());
    }
    expect(said).toEqual([
      "This button is not one of ours.",
      "This button is not one of ours.",
      "This button is too old. Open the incident instead.",
      "This message was for somebody else.",
    ]);
    expect([await causes(), await responder()]).toEqual([["other-organisation", "forged", "expired", "other-person"], "nobody"]);
  });

  test("of a message that went to one person alone is that person's, whether or not the account is connected", async () => {
    const { incidents } = rig.incidents;
    const token = incidents.tokens.mint({
      organisationId: rig.c.actor.organisationId,
      incidentId: incident,
      action: "take",
      to: { kind: "person", id: rig.c.actor.personId },
      deliveryId: "direct",
      expiresAt: (rig.incidents.now() + days(1)) as never, // a sum of a time and a length
    });
    const post = lastSlack();
    const old = encodeURIComponent(JSON.stringify(String(rig.slack.buttonsOf(post)[0]?.["value"])));
    await toSlack(
      rig.slack.press(post, "hinoban-take", { id: "U0099", name: "c" }).replace(old, encodeURIComponent(JSON.stringify(token))),
    );
    expect(await responder()).toBe("c");
  });

  test("is refused to somebody who is no member any more, and that is written down", async () => {
    const { people } = rig.incidents;
    const gone = await people.join(people.first, "collaborator");
    await connect(await typeSlack("now", { id: "U0077", name: "gone" }), gone);
    await removeMember(people.identity, people.first.actor, gone.actor.personId);
    await people.acts();
    await people.clock.advance(seconds(1));
    await pressSlack({ id: "U0077", name: "gone" });
    expect([answered(), await responder()]).toEqual(["You may not do this. Ask a manager of the organisation.", "nobody"]);
    expect(await people.acts()).toMatchObject([{ verb: "permission.refused", actor: `person:${gone.actor.personId}` }]);
    await people.clock.advance(seconds(1));
    expect(await typeSlack("incidents", { id: "U0077", name: "gone" })).toBe("You are no member of this organisation any more.");
  });

  test("that opens a page, a check of the certificate and rubbish get an answer and do nothing", async () => {
    for (const body of [
      "ssl_check=1&token=x",
      "payload=%7B%7D",
      "payload=nonsense",
      "",
      "payload=%7B%22type%22%3A%22block_actions%22%2C%22actions%22%3A%5B%7B%7D%5D%7D",
    ]) {
      expect((await toSlack(body)).status, body).toBe(200);
    }
    expect((await toSlack("x=1", {}, rig.seconds(), "nobody")).status).toBe(404);
    expect((await toSlack("x=1", {}, rig.seconds(), botChannel)).status).toBe(404);
    expect((await toSlack("x".repeat(600_000))).status).toBe(413);
    expect(await responder()).toBe("nobody");
  });
});

describe("a command", () => {
  test("says who is on duty and what is open, takes and ends by number, and helps", async () => {
    const say = async (text: string): Promise<string> => {
      await rig.incidents.people.clock.advance(seconds(1));
      return typeSlack(text);
    };
    expect(await say("now")).toBe("There is no schedule.");
    expect(await say("incidents")).toContain(`#${number} Disk of &lt;web&gt; &amp; @channel ${number} (Critical): nobody has it`);
    expect(await say("take")).toBe("Which incident? Say its number: /hinoban take 12");
    expect(await say("take 99999")).toBe("There is no incident #99999.");
    expect(await say(`take #${number}`)).toContain("You have");
    expect(await say(`take ${number}`)).toContain("You have it already");
    expect(await say("list")).toContain("Name of a@example.jp has it since");
    expect(await say(`cannot ${number}`)).toContain("The next person is told at once.");
    expect(await responder()).toBe("nobody");
    expect(await say(`resolve ${number}`)).toContain("is resolved.");
    expect(await say(`take ${number}`)).toBe("This incident is resolved already.");
    expect(await say("dance <now>")).toMatch(/^I do not know "dance"\.\n\/hinoban now/u);
    expect(await say("")).toContain("/hinoban resolve 12 - it is over");
    const acts = (await rig.incidents.people.acts()).filter(({ verb }) =>
      ["taken", "declined", "resolved"].some((one) => verb === `incident.${one}`),
    );
    expect(acts.map(({ verb, actor, detail }) => [verb, actor, detail["via"]])).toEqual(
      ["taken", "declined", "resolved"].map((one) => [`incident.${one}`, `person:${rig.a.actor.personId}`, "slack"]),
    );
  });

  test("is answered in the person's language", async () => {
    const owner = rig.incidents.people.first;
    await connect(await typeSlack("now", { id: "U0500", name: "owner" }), owner);
    await rig.incidents.people.clock.advance(seconds(1));
    expect(await typeSlack(`担当 ${number}`, { id: "U0500", name: "owner" })).toContain("担当者になりました");
  });

  test("in Mattermost is let in by its token alone, in header and form", async () => {
    expect((await typeMattermost("help")).json()).toMatchObject({ response_type: "ephemeral" });
    expect((await typeMattermost("help", undefined, "wrong")).status).toBe(401);
    const body = rig.mattermost.command("/hinoban", "now", { id: "user0001", name: "t" });
    const url = `/hooks/commands/${botChannel}`;
    const type = { "content-type": "application/x-www-form-urlencoded" };
    expect((await inject(url, body, { ...type, authorization: "Token wrong" })).status).toBe(401);
    expect((await inject(url, body.replace(/token=[^&]*/u, "token=wrong"), type)).status).toBe(401);
    expect((await inject(url, body.replace(/token=[^&]*&/u, ""), type)).status).toBe(401);
    expect((await inject(url, body, type)).status).toBe(200);
    expect((await inject(`/hooks/commands/${hookChannel}`, body, type)).status).toBe(404);
    expect(await causes()).toEqual(["wrong", "wrong", "wrong", "unsigned"]);
  });

  test("in Mattermost writes titles in a way that mentions nobody and is no markup", async () => {
    const user = { id: "user0009", name: "mm" };
    const { text } = (await typeMattermost("now", user)).json();
    await connect(String(text), rig.b);
    const listed = String((await typeMattermost("incidents", user)).json()["text"]);
    expect(listed).toContain(`#${number} Disk of \\<web\\> & @\u200Bchannel ${number} (Critical)`);
  });
});

describe("a button in Mattermost", () => {
  const user = { id: "user0001", name: "tanaka" };
  beforeEach(() => tell(botChannel));

  test("asks who presses, then takes; the bot's post is edited", async () => {
    const asked = await pressMattermost(user);
    expect(FakeMattermost.isAcceptedReply(asked.status, asked.body)).toBe(true);
    await connect(String(asked.json()["ephemeral_text"]), rig.a);
    expect((await pressMattermost(user)).json()["ephemeral_text"]).toContain("You have");
    expect(await responder()).toBe("a");
    await rig.work();
    expect(lastPost().edits).toBe(1);
    expect(rig.mattermost.actionsOf(lastPost()).map((action) => action["id"])).not.toContain("hinobantake");
  });

  test("by a webhook's post answers with the message that says who has it, for nobody can edit that post", async () => {
    await tell(hookChannel);
    await connect(String((await pressMattermost(user)).json()["ephemeral_text"]), rig.a);
    const reply = (await pressMattermost(user)).json();
    expect(reply).toMatchObject({
      update: {
        props: {
          attachments: [
            { title: `#${number} Disk of \\<web\\> & @\u200Bchannel ${number}`, text: expect.stringContaining("has it since") },
          ],
        },
      },
    });
    expect(JSON.stringify(reply["update"])).not.toContain("actions");
  });

  test("does nothing without our token, with another's, for another channel or post, or when the same bytes come again", async () => {
    const post = lastPost();
    const said = async (change: object): Promise<unknown> =>
      (await pressMattermost(user, post, "hinobantake", change)).json()["ephemeral_text"];
    expect(await said({ context: {} })).toBe("This button is not one of ours.");
    expect(await said({ context: { token: "x.y" } })).toBe("This button is not one of ours.");
    expect(await said({ post_id: "another" })).toBe("This button is not one of ours.");
    expect(await said({ user_id: "" })).toBe("This button is not one of ours.");
    const { body } = rig.mattermost.press(post, "hinobantake", user);
    const elsewhere = await inject(`/hooks/mattermost/${hookChannel}/action`, JSON.stringify(body), { "content-type": "application/json" });
    expect(elsewhere.json()["ephemeral_text"]).toBe("This button is not one of ours.");
    expect(await responder()).toBe("nobody");
    const again = { trigger_id: "one-press" };
    expect(await said(again)).toContain("You have");
    await releaseIncident(rig.incidents.incidents, rig.a.actor, { incidentId: incident, via: "console" });
    expect(await said(again)).toBe("This button is not one of ours.");
    expect(await responder()).toBe("nobody");
    expect(await causes()).toEqual(["forged", "forged", "other-post", "unreadable", "other-channel", "replayed"]);
  });

  test("of a post that is edited when the incident is given back offers to take it again", async () => {
    await pressMattermost(user);
    await rig.work();
    await rig.incidents.people.clock.advance(seconds(5));
    await releaseIncident(rig.incidents.incidents, rig.a.actor, { incidentId: incident, via: "console" });
    await rig.work();
    expect(rig.mattermost.actionsOf(lastPost()).map((action) => action["id"])).toContain("hinobantake");
    expect((await pressMattermost(user)).json()["ephemeral_text"]).toContain("You have");
  });
});

test("a link, a button and the console at the same moment: one has it, and the others are told who", async () => {
  await tell(slackChannel);
  await tell(botChannel);
  const { incidents, people } = rig.incidents;
  const token = incidents.tokens.mint({
    organisationId: rig.c.actor.organisationId,
    incidentId: incident,
    action: "take",
    to: { kind: "person", id: rig.c.actor.personId },
    deliveryId: "mail",
    expiresAt: (people.clock.now() + days(1)) as never, // a sum of a time and a length
  });
  await people.clock.advance(seconds(1));
  const [mail, slack, mattermost] = await Promise.all([
    rig.app.inject({ method: "POST", url: `/api/v1/acts/${token}` }),
    pressSlack(),
    pressMattermost({ id: "user0009", name: "b" }),
    takeIncident(incidents, rig.b.actor, { incidentId: incident, via: "console" }).catch(() => undefined),
  ]);
  const winner = await responder();
  expect(["a", "b", "c"]).toContain(winner);
  expect([mail.statusCode, slack.status, mattermost.status]).toEqual([200, 200, 200]);
  const name = `Name of ${winner}@example.jp`;
  if (winner !== "c") expect(mail.json()).toMatchObject({ isDone: false, act: { standing: "taken", incident: { responderName: name } } });
  if (winner !== "a") expect(answered()).toContain(`Already taken by ${name}`);
  expect((await people.acts()).filter(({ verb }) => verb === "incident.taken")).toHaveLength(1);
});
