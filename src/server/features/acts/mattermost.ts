import { Secret } from "#base/secret";
import { mattermostServer } from "#features/notify";
import type { Acts } from "./acts.ts";
import type { ChatUser } from "./chat-accounts.ts";
import { openDoor, remember, type Door } from "./chat-door.ts";
import { onlyPrivately, pressButton, readButton, refuse, type ChatAnswer, type ChatMessage, type ChatPress } from "./chat-press.ts";
import { chatTexts } from "./chat-texts.ts";
import type { HookAnswer, HookCall } from "./hook-call.ts";
import { membersOf, parseMembers, textIn } from "./read-json.ts";
import { recordRefusal, type RefusalCause } from "./refusal.ts";
import { runCommand } from "./run-command.ts";
import { digestOf, isSameText, workspaceOf } from "./signatures.ts";

const json = (body: object): HookAnswer => ({ status: 200, type: "application/json; charset=utf-8", body: JSON.stringify(body) });
const refused = (status: number, body: string): HookAnswer => ({ status, type: "text/plain; charset=utf-8", body });

/** The channel of an address when it is one of Mattermost. */
async function mattermostDoor(acts: Acts, channelId: string): Promise<Door | undefined> {
  const door = await openDoor(acts, channelId);
  return door?.channel.type === "mattermost" || door?.channel.type === "mattermost-bot" ? door : undefined;
}

const notHere = (): HookAnswer => refused(404, "There is no Mattermost channel here.");

/**
 * Whose user ids the requests of a channel speak of: those that were connected through channels with the same server and secret, since
 * anybody can make a channel with the address of a server. A command's token is known to whoever typed it in as well, so users of
 * commands are told apart by it.
 */
const workspaceAt = ({ channel }: Door, commandToken?: Secret): string => workspaceOf(channel.workspace ?? "", commandToken);

/**
 * Mattermost sends a press unsigned. What proves it is our token: it stands in the button's context, which the server shows to nobody,
 * and it is bound to incident, act, message and time. Anything but a 200 would be shown to people as an error.
 */
export async function receiveMattermostPress(acts: Acts, call: HookCall): Promise<HookAnswer> {
  const door = await mattermostDoor(acts, call.channelId);
  if (!door) return notHere();
  const body = parseMembers(call.body.toString("utf8")) ?? {};
  const token = textIn(membersOf(body["context"]), "token", 1000);
  const userId = textIn(body, "user_id");
  const user: ChatUser = {
    chat: "mattermost",
    workspace: workspaceAt(door),
    userId,
    userName: textIn(body, "user_name") || userId,
    isVouched: true,
  };
  const press: ChatPress = { door, user, token, address: call.address };
  const cause = userId === "" ? "unreadable" : await judge(acts, press, textIn(body, "post_id"), call.body);
  if (cause !== undefined) {
    await refuse(acts, press, cause, undefined);
    return replyTo(door, onlyPrivately(chatTexts[door.channel.language].forged));
  }
  return replyTo(door, await pressButton(acts, press));
}

/** Why a press does not count, beyond what its token says. */
async function judge(acts: Acts, { door, token }: ChatPress, postId: string, body: Buffer): Promise<RefusalCause | undefined> {
  const facts = readButton(acts, token);
  if ("cause" in facts) return undefined; // told apart further on
  if (facts.to.kind === "channel" && facts.to.id !== door.channel.id) return "other-channel";
  const sent = await acts.db.tx({ organisationId: door.organisationId }, (tx) =>
    tx.selectFrom("notify_delivery").select(["place", "sent_to"]).where("id", "=", facts.deliveryId).executeTakeFirst(),
  );
  // The token proves that the message was seen by whoever sends this: that must be the server whose people it speaks of.
  if (!sent?.sent_to || sent.sent_to !== mattermostServer(door.channel)) return "other-server";
  // A webhook does not tell which post it made; a bot does.
  const known = textIn(parseMembers(sent.place ?? "") ?? {}, "post");
  if (known !== "" && known !== postId) return "other-post";
  // Each press has an id of its own (trigger_id), so that the same bytes a second time are no second press.
  return (await remember(acts, door, digestOf("press", body), facts.expiresAt)) ? undefined : "replayed";
}

function replyTo({ channel }: Door, { privately, message }: ChatAnswer): HookAnswer {
  // What a bot posted is edited by whoever sent it.
  const isOwn = message !== undefined && channel.type === "mattermost";
  return json({
    ...(isOwn ? { update: updateOf(message) } : {}),
    ...(privately === undefined ? {} : { ephemeral_text: privately }),
    skip_slack_parsing: true,
  });
}

const colours = { good: "#237032", neutral: "#375fb0", bad: "#c92a2a" } as const;

/** The old message without its buttons. Its texts are harmless already. */
const updateOf = ({ title, state, url, tone }: ChatMessage): object => ({
  message: "",
  props: {
    attachments: [
      { fallback: `${title}: ${state}`, color: colours[tone], title, text: state, ...(url === undefined ? {} : { title_link: url }) },
    ],
  },
});

/** A slash command: the token that Mattermost made for it proves where it comes from, in the header and in the form. */
export async function receiveMattermostCommand(acts: Acts, call: HookCall): Promise<HookAnswer> {
  const door = await mattermostDoor(acts, call.channelId);
  const token = door?.channel.secrets.commandToken;
  if (!door || token === undefined) return notHere();
  const form = new URLSearchParams(call.body.toString("utf8"));
  const field = (name: string): string => (form.get(name) ?? "").slice(0, 500);
  const inHeader = /^Token\s+(\S+)$/iu.exec(call.header("authorization"))?.[1];
  const given = [inHeader, form.get("token") ?? undefined].filter((one) => one !== undefined);
  const userId = field("user_id");
  if (given.length === 0 || !given.every((one) => isSameText(one, token)) || userId === "") {
    const { organisationId, channel } = door;
    const cause = given.length === 0 ? "unsigned" : "wrong";
    await recordRefusal(acts, { cause, via: "mattermost", address: call.address, organisationId, channelId: channel.id });
    return refused(401, "The token of this command is not the one that is set for the channel in Hinoban.");
  }
  const workspace = workspaceAt(door, new Secret(token));
  const user: ChatUser = { chat: "mattermost", workspace, userId, userName: field("user_name") || userId, isVouched: false };
  const text = await runCommand(acts, { door, user, command: field("command"), text: field("text") });
  return json({ response_type: "ephemeral", text, skip_slack_parsing: true });
}
