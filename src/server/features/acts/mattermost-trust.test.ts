import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { seconds } from "#base/duration";
import type { Notice } from "#features/notify";
import { tokenIn, withActs } from "#test/acts-rig";
import { FakeMattermost, type MattermostPost } from "#test/chat-fakes/index";
import { changeChannel } from "#test/verbs";
import type { ChannelInput } from "#wire/notify";
import { connectChatAccount } from "./chat-accounts.ts";

const rig = withActs();
const user = { id: "user0001", name: "tanaka" };
let own: FakeMattermost;
let incident = "";
let real: ChannelInput;
let realChannel = "";

beforeAll(async () => {
  own = await FakeMattermost.open();
  const { url: serverUrl, token, commandToken } = rig.mattermost;
  real = { type: "mattermost-bot", name: "ops", language: "en", room: "channel0001", serverUrl, token, commandToken };
});
afterAll(() => own.close());
beforeEach(async () => {
  await rig.incidents.people.owner.query("delete from notify_contact; delete from acts_chat_identity; delete from acts_invitation");
  realChannel = await rig.channel(real);
  incident = await rig.open("Disk is full");
  own.clear();
  rig.mattermost.clear();
  await rig.incidents.people.clock.advance(seconds(1));
  await rig.incidents.people.acts();
});

async function tell(channelId: string): Promise<void> {
  await rig.incidents.people.clock.advance(seconds(1));
  await rig.notify.send({
    to: { kind: "channel", channelId },
    key: `test:${channelId}:${incident}:${rig.incidents.now()}`,
    about: `incident:${incident}`,
    write: (to): Promise<Notice> => rig.incidents.tx((tx) => rig.incidents.incidents.noticeOf(tx, incident, "opened", to)),
  });
}
const lastOf = (server: FakeMattermost): MattermostPost => server.posts.at(-1) ?? expect.fail("nothing was posted");
const press = async (server: FakeMattermost, post: MattermostPost, who = user): Promise<string> => {
  const { url, body } = server.press(post, "hinobantake", who);
  const payload = JSON.stringify({ ...body, trigger_id: `trigger-${Math.random()}` });
  const headers = { "content-type": "application/json" };
  const answer = await rig.app.inject({ method: "POST", url: new URL(url).pathname, payload, headers });
  await rig.acts.settled();
  return String(answer.json()["ephemeral_text"]);
};
const command = async (channelId: string, token: string, text = "now"): Promise<string> => {
  const answer = await rig.app.inject({
    method: "POST",
    url: `/hooks/commands/${channelId}`,
    payload: rig.mattermost.command("/hinoban", text, user, token),
    headers: { "content-type": "application/x-www-form-urlencoded", authorization: `Token ${token}` },
  });
  return String(answer.json()["text"]);
};
const connect = (text: string, who = rig.a) => connectChatAccount(rig.acts, who.actor, tokenIn(text));
const contacts = async (): Promise<unknown[]> =>
  (await rig.incidents.people.owner.query("select person_id, workspace from notify_contact where address = 'user0001'")).rows;
const workspaceOf = async (id: string): Promise<unknown> =>
  (await rig.incidents.people.owner.query(`select workspace from notify_channel where id = '${id}'`)).rows[0]?.["workspace"];
const responder = async (): Promise<string> =>
  rig.nameOf((await rig.incidents.tx((tx) => rig.incidents.incidents.factsOf(tx, incident)))?.responderId);
const causes = async (): Promise<unknown[]> =>
  (await rig.incidents.people.acts()).filter(({ verb }) => verb === "act.refused").map(({ detail }) => detail["cause"]);
const change = (id: string, input: ChannelInput) => changeChannel(rig.notify.notify, rig.b.actor, id, input);

/** Somebody's account that the real server told of. */
async function connectByPress(): Promise<void> {
  await tell(realChannel);
  await connect(await press(rig.mattermost, lastOf(rig.mattermost)));
}

test("a channel with the address of a server and a command's token of one's own takes nobody's account there", async () => {
  await connectByPress();
  const before = await contacts();
  expect(before).toEqual([{ person_id: rig.a.actor.personId, workspace: await workspaceOf(realChannel) }]);
  const mine = await rig.channel({ ...real, token: "any", commandToken: "mine" });
  await connect(await command(mine, "mine"), rig.b);
  const after = await contacts();
  expect(after).toHaveLength(2);
  expect(after).toEqual(expect.arrayContaining([...before, { person_id: rig.b.actor.personId, workspace: await workspaceOf(mine) }]));
  expect(await workspaceOf(mine)).not.toBe(await workspaceOf(realChannel));
});

test("a command's token that somebody set on the channel of all takes nobody's account either: that is a conflict", async () => {
  await connectByPress();
  const before = await contacts();
  await change(realChannel, { ...real, commandToken: "mine" });
  const forged = await command(realChannel, "mine");
  await change(realChannel, real);
  await expect(connect(forged, rig.b)).rejects.toMatchObject({ code: "conflict" });
  expect(await contacts()).toEqual(before);
  // Not even where no messages go: what a command may do is theirs as well.
  const first = await command(realChannel, rig.mattermost.commandToken);
  await connect(first);
  await rig.incidents.people.owner.query("delete from notify_contact; update acts_invitation set used_at = null");
  await expect(connect(first, rig.b)).rejects.toMatchObject({ code: "conflict" });
});

test("an account that a command connected goes to whoever presses in the chat itself", async () => {
  await connect(await command(realChannel, rig.mattermost.commandToken));
  await tell(realChannel);
  await connect(await press(rig.mattermost, lastOf(rig.mattermost)), rig.b);
  expect(await contacts()).toMatchObject([{ person_id: rig.b.actor.personId }]);
});

test("a button that another server saw presses nothing once the channel belongs to the real one", async () => {
  await connectByPress();
  const mine = await rig.channel({ ...real, serverUrl: own.url, token: own.token }, rig.b);
  await tell(mine);
  const seen = lastOf(own);
  await change(mine, real);
  expect(await press(own, seen)).toBe("This button is not one of ours.");
  expect([await responder(), await causes()]).toEqual(["nobody", ["other-server"]]);
});

test("a channel of all that was pointed elsewhere for a while lends its people to nobody, nor edits posts of the other server", async () => {
  await connectByPress();
  const posted = lastOf(rig.mattermost);
  await change(realChannel, { ...real, serverUrl: own.url, token: own.token });
  await tell(realChannel);
  const seen = lastOf(own);
  own.clear();
  await rig.incidents.tx((tx) =>
    rig.notify.notify.rewrite(tx, rig.incidents.now(), `incident:${incident}`, (to) =>
      rig.incidents.incidents.noticeOf(tx, incident, "opened", to),
    ),
  );
  await rig.work();
  expect(own.calls.filter(({ path }) => path.includes(posted.id))).toEqual([]);
  await change(realChannel, real);
  expect(await press(own, seen)).toBe("This button is not one of ours.");
  expect(await responder()).toBe("nobody");
  expect(await press(rig.mattermost, posted)).toContain("You have");
});

test("a message that was tried at two servers goes out without buttons, and its button presses nothing", async () => {
  await connectByPress();
  await change(realChannel, { ...real, serverUrl: own.url, token: own.token });
  own.next.push({ status: 500, body: "" });
  await tell(realChannel);
  const sent = JSON.parse(own.calls.findLast(({ path }) => path === "/api/v4/posts")?.body ?? "{}") as Pick<MattermostPost, "id"> & {
    readonly props: { readonly attachments: MattermostPost["attachments"] };
  }; // what the driver posts
  await change(realChannel, real);
  await rig.incidents.people.clock.advance(seconds(120));
  await rig.work();
  const post = lastOf(rig.mattermost);
  expect(rig.mattermost.actionsOf(post)).toEqual([]);
  expect(await press(rig.mattermost, { ...post, attachments: sent.props.attachments })).toBe("This button is not one of ours.");
  expect([await responder(), await causes()]).toEqual(["nobody", ["other-server"]]);
});

test("a channel with another secret speaks for nobody who was connected through the first one", async () => {
  await connectByPress();
  const second = await rig.channel({ ...real, room: "channel0002" });
  expect(await workspaceOf(second)).toBe(await workspaceOf(realChannel));
  const hook = await rig.channel({ type: "mattermost", name: "hook", language: "en", url: rig.mattermost.webhookUrl });
  await tell(hook);
  expect(await press(rig.mattermost, lastOf(rig.mattermost))).toContain("Who are you?");
  expect(await responder()).toBe("nobody");
});
