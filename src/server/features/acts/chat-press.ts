import { HinobanError } from "#base/errors";
import { standInFor, type StandIn } from "#features/identity";
import type { ActToken } from "#features/incidents";
import { chatAccountPath } from "#wire/acts";
import type { Language } from "#wire/shapes";
import type { Acts } from "./acts.ts";
import { inviteChatUser, personOf, type ChatUser } from "./chat-accounts.ts";
import type { Door } from "./chat-door.ts";
import { chatTexts, doneText, harmless, holderText, timeText, titleOf, type Reader } from "./chat-texts.ts";
import { press, type Outcome, type Press } from "./press.ts";
import { recordRefusal, type RefusalCause } from "./refusal.ts";

/** What somebody in a chat is told, and how the message with the button reads from now on. */
export interface ChatAnswer {
  /** For the eyes of whoever pressed; undefined: the changed message says it. */
  readonly privately: string | undefined;
  /** What stands in the place of the message; undefined: it stays as it is. */
  readonly message: ChatMessage | undefined;
}

/** A message about an incident, already harmless. */
export interface ChatMessage {
  readonly title: string;
  readonly state: string;
  readonly url: string | undefined;
  readonly tone: "good" | "neutral" | "bad";
}

export const onlyPrivately = (text: string): ChatAnswer => ({ privately: text, message: undefined });

/** A press as a chat sent it. */
export interface ChatPress {
  readonly door: Door;
  readonly user: ChatUser;
  readonly token: string;
  readonly address: string;
}

/** Somebody pressed a button. Whatever comes of it, there is an answer for them. */
export async function pressButton(acts: Acts, chatPress: ChatPress): Promise<ChatAnswer> {
  const { door, user, token } = chatPress;
  const texts = chatTexts[door.channel.language];
  const facts = readButton(acts, token);
  if ("cause" in facts) {
    await refuse(acts, chatPress, facts.cause, undefined);
    return onlyPrivately(facts.cause === "expired" ? texts.expired : texts.forged);
  }
  if (facts.organisationId !== door.organisationId) {
    await refuse(acts, chatPress, "other-organisation", undefined);
    return onlyPrivately(texts.forged);
  }
  const who = await presserOf(acts, door, user, facts);
  if (who.kind === "unknown") return onlyPrivately(await connectText(acts, door, user));
  if (who.kind === "other") {
    await refuse(acts, chatPress, "other-person", facts);
    return onlyPrivately(texts.otherPerson);
  }
  const { standIn } = who;
  // A channel's button is everybody's: each presses it once.
  const key = facts.to.kind === "person" ? token : `${token} ${standIn.actor.personId}`;
  const pressed: Press = { incidentId: facts.incidentId, action: facts.action, via: user.chat, once: { key, token: facts } };
  return answerOf(acts, door, { user, standIn, pressed }, await pressOrGone(acts, standIn, pressed));
}

/** Records that a button was refused. */
export const refuse = (acts: Acts, { door, user, address }: ChatPress, cause: RefusalCause, facts: ActToken | undefined): Promise<void> =>
  recordRefusal(acts, {
    cause,
    via: user.chat,
    address,
    organisationId: door.organisationId,
    channelId: door.channel.id,
    incidentId: facts?.incidentId,
    action: facts?.action,
  });

/** What a button proves, or why it proves nothing. */
export function readButton(acts: Acts, token: string): ActToken | { readonly cause: "forged" | "expired" } {
  try {
    return acts.incidents.tokens.read(token, acts.clock.now());
  } catch (error) {
    if (error instanceof HinobanError && error.code === "gone") return { cause: "expired" };
    if (error instanceof HinobanError && error.code === "wrong-credentials") return { cause: "forged" };
    throw error;
  }
}

type Presser = { readonly kind: "known"; readonly standIn: StandIn } | { readonly kind: "unknown" } | { readonly kind: "other" };

/** A message to one person is theirs; in a channel whoever presses is the person whose chat account it is. */
async function presserOf(acts: Acts, door: Door, user: ChatUser, facts: ActToken): Promise<Presser> {
  return acts.db.tx({ organisationId: door.organisationId }, async (tx) => {
    const known = await personOf(tx, user);
    if (facts.to.kind === "person" && known !== undefined && known !== facts.to.id) return { kind: "other" };
    const personId = facts.to.kind === "person" ? facts.to.id : known;
    const standIn = personId === undefined ? undefined : await standInFor(tx, personId, undefined);
    return standIn ? { kind: "known", standIn } : { kind: "unknown" };
  });
}

async function pressOrGone(acts: Acts, standIn: StandIn, pressed: Press): Promise<Outcome | undefined> {
  try {
    return await press(acts, standIn.actor, pressed);
  } catch (error) {
    if (error instanceof HinobanError && error.code === "not-found") return undefined;
    throw error;
  }
}

/** The private answer with the link by which a chat's user says who they are. */
export async function connectText(acts: Acts, door: Door, user: ChatUser, language: Language = door.channel.language): Promise<string> {
  const texts = chatTexts[language];
  if (acts.publicUrl === "") return texts.connectBare;
  const token = await acts.db.tx({ organisationId: door.organisationId }, (tx) => inviteChatUser(tx, user, acts.clock.now(), door.channel));
  return texts.connect(acts.publicUrl + chatAccountPath(door.organisationName, token));
}

interface Pressed {
  readonly user: ChatUser;
  readonly standIn: StandIn;
  readonly pressed: Press;
}

function answerOf(acts: Acts, door: Door, { user, standIn, pressed }: Pressed, outcome: Outcome | undefined): ChatAnswer {
  const reader: Reader = { chat: user.chat, language: standIn.language, timeZone: standIn.timeZone, now: acts.clock.now() };
  if (!outcome) return onlyPrivately(chatTexts[reader.language].forged);
  return { privately: pressText(pressed, outcome, reader), message: messageOf(acts, door, user, outcome) };
}

/** What whoever pressed is told. */
export function pressText({ action }: Press, { isDone, standing, incident }: Outcome, reader: Reader): string {
  const texts = chatTexts[reader.language];
  if (isDone) return doneText(action, incident, reader);
  const time = timeText(incident.takenAt ?? reader.now, reader.now, reader.timeZone);
  switch (standing) {
    case "taken":
      return texts.taken(harmless(reader.chat, incident.responderName ?? ""), time);
    case "yours":
      return texts.yours(time);
    case "resolved":
      return texts.over;
    case "refused":
      return texts.refused;
    case "used":
    case "ready":
      return texts.used;
  }
}

/** The old message, telling who has it now. Somebody who cannot changes nothing about it; nor does somebody who may not. */
function messageOf(acts: Acts, door: Door, { chat }: ChatUser, { isDone, standing, incident }: Outcome): ChatMessage | undefined {
  const isStill = incident.state === "open" || standing === "refused" || (standing === "used" && !isDone);
  if (isStill) return undefined;
  const reader: Reader = { chat, language: door.channel.language, timeZone: door.timeZone, now: acts.clock.now() };
  const url = acts.publicUrl === "" ? undefined : `${acts.publicUrl}/o/${door.organisationName}/incidents/${incident.id}`;
  return {
    title: titleOf(incident, chat),
    state: holderText(incident, reader),
    url,
    tone: incident.state === "resolved" ? "good" : "neutral",
  };
}
