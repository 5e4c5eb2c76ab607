import { standInFor, namesOf, type StandIn } from "#features/identity";
import type { Tx } from "#store";
import type { IncidentAction } from "#wire/alerting";
import type { Language } from "#wire/shapes";
import type { Acts } from "./acts.ts";
import { personOf, type ChatUser } from "./chat-accounts.ts";
import type { Door } from "./chat-door.ts";
import { connectText, pressText } from "./chat-press.ts";
import { chatTexts, harmless, holderText, timeText, titleOf, type Reader } from "./chat-texts.ts";
import { parseCommand, type Command } from "./commands.ts";
import { press } from "./press.ts";
import { liveIncidents, seeIncident } from "./seen-incident.ts";

/** A command as a chat sent it. */
export interface Typed {
  readonly door: Door;
  readonly user: ChatUser;
  /** `/hinoban`, or whatever it was called there. */
  readonly command: string;
  readonly text: string;
}

/** More incidents than this no answer in a chat shows. */
const mostListed = 10;

/** Does what somebody typed and tells them, in their language. */
export async function runCommand(acts: Acts, typed: Typed): Promise<string> {
  const { door, user } = typed;
  const parsed = parseCommand(typed.text);
  const standIn = await acts.db.tx({ organisationId: door.organisationId }, async (tx) => {
    const personId = await personOf(tx, user);
    return personId === undefined ? undefined : standInFor(tx, personId, undefined);
  });
  const language = standIn?.language ?? door.channel.language;
  const said = saidAtOnce(parsed, typed, language);
  if (said !== undefined) return standIn ? said : `${said}\n\n${await connectText(acts, door, user)}`;
  if (!standIn) return connectText(acts, door, user);
  if (standIn.actor.role === undefined || standIn.actor.state !== "active") return chatTexts[language].notMember;
  const reader: Reader = { chat: user.chat, language, timeZone: standIn.timeZone, now: acts.clock.now() };
  if (parsed.kind === "now") return acts.db.tx({ organisationId: door.organisationId }, (tx) => dutyText(acts, tx, reader));
  if (parsed.kind === "incidents") return acts.db.tx({ organisationId: door.organisationId }, (tx) => incidentsText(tx, reader));
  if (!("number" in parsed)) return chatTexts[language].help(typed.command);
  return act(acts, { standIn, reader, number: parsed.number, action: parsed.kind });
}

/** Answers that need to know nothing: help, and what was typed wrongly. */
function saidAtOnce(parsed: Command, { command, user }: Typed, language: Language): string | undefined {
  const texts = chatTexts[language];
  const name = harmless(user.chat, command);
  switch (parsed.kind) {
    case "help":
      return texts.help(name);
    case "unknown":
      return `${texts.unknownWord(harmless(user.chat, parsed.word))}\n${texts.help(name)}`;
    case "unnumbered":
      return texts.noNumber(`${name} ${parsed.verb}`);
    case "now":
    case "incidents":
    case "take":
    case "cannot":
    case "resolve":
      return undefined;
  }
}

interface Acting {
  readonly standIn: StandIn;
  readonly reader: Reader;
  readonly number: number;
  readonly action: IncidentAction;
}

async function act(acts: Acts, { standIn, reader, number, action }: Acting): Promise<string> {
  const { actor } = standIn;
  const found = await acts.db.tx({ organisationId: actor.organisationId }, (tx) => seeIncident(tx, { number }));
  if (!found) return chatTexts[reader.language].noIncident(number);
  const pressed = { incidentId: found.id, action, via: reader.chat, once: undefined };
  return pressText(pressed, await press(acts, actor, pressed), reader);
}

async function dutyText(acts: Acts, tx: Tx, { chat, language, timeZone, now }: Reader): Promise<string> {
  const texts = chatTexts[language];
  const schedules = await acts.duty.nowOnDuty(tx);
  if (schedules.length === 0) return texts.noSchedules;
  const names = await namesOf(
    tx,
    schedules.flatMap((one) => one.people.map((id) => `person:${id}`)),
  );
  const lines = schedules.map(({ scheduleName, people: onDuty, until }) => {
    const people = onDuty.map((id) => harmless(chat, names[`person:${id}`] ?? "")).join(", ");
    const end = until === undefined ? "" : ` (${texts.until(timeText(until, now, timeZone))})`;
    return `${harmless(chat, scheduleName)}: ${people === "" ? texts.nobody : people}${end}`;
  });
  return [texts.onDuty, ...lines].join("\n");
}

async function incidentsText(tx: Tx, reader: Reader): Promise<string> {
  const texts = chatTexts[reader.language];
  const { incidents, total } = await liveIncidents(tx, mostListed);
  if (total === 0) return texts.quiet;
  const lines = incidents.map((one) => `${titleOf(one, reader.chat)} (${texts.severity[one.severity]}): ${holderText(one, reader)}`);
  const left = total - incidents.length;
  return [texts.live(total), ...lines, ...(left > 0 ? [texts.more(left)] : [])].join("\n");
}
