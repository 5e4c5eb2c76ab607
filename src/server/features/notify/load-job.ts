import { sql } from "kysely";
import type { UnixMs } from "#base/duration";

import type { Tx } from "#store";
import { findOrganisation } from "#features/identity";
import type { Medium } from "#wire/alerting";
import type { MailEncoding } from "#wire/notify";
import { contactKindOf, type ContactKind } from "#wire/notify-people";
import { findChannel, mattermostServer, opened, type ChannelRow, type OpenChannel } from "./channel.ts";
import { forServer } from "./sent-to.ts";
import type { Job, Target } from "./driver.ts";
import { readMailSetup } from "./mail-server.ts";
import type { NotifyContext } from "./context.ts";
import { openedNotice } from "./outbox.ts";
import { reach } from "./rules.ts";
import { contactsOf, readersOf, type ContactRow, type DeliveryRow, type Reader } from "./store.ts";

/** A message that can go out, or why it cannot. */
export type Loaded =
  | { readonly kind: "ready"; readonly job: Job; readonly driver: string }
  | { readonly kind: "held"; readonly until: UnixMs }
  | { readonly kind: "over"; readonly state: "failed" | "cancelled"; readonly problem: string }
  /** The post that is to be edited is still on its way. */
  | { readonly kind: "later" };

const over = (problem: string, state: "failed" | "cancelled" = "failed"): Loaded => ({ kind: "over", state, problem });

type JobSoFar = Omit<Job, "channel" | "personId" | "targets" | "mentioned" | "root" | "language" | "timeZone">;

/** Everything that a driver needs to know about a claimed delivery, as it is at this moment. */
export async function loadJob(notify: NotifyContext, tx: Tx, row: DeliveryRow, at: UnixMs): Promise<Loaded> {
  const organisation = await findOrganisation(tx);
  if (!organisation || row.notice === null) return over("The message is no longer there.");
  const mail = row.medium === "mail" || row.medium === null ? await readMailSetup(notify, tx) : undefined;
  const notice = openedNotice(notify, row.id, row.notice);
  const common = {
    deliveryId: row.target_id ?? row.id,
    at,
    organisation,
    notice,
    about: row.about,
    isTest: row.kind === "test",
    mail,
    progress: JSON.parse(row.progress) as string[], // written by the worker in this shape
    picture: async () => undefined,
  };
  const job: JobSoFar = { ...common, picture: pictureOf(notify, organisation, notice) };
  if (row.channel_id !== null) return forChannel(notify, tx, row, job, organisation.timeZone);
  return forPerson(notify, tx, row, job);
}

/** Drawn once, when the first driver wants it. */
function pictureOf(
  notify: NotifyContext,
  organisation: { readonly id: string; readonly timeZone: string },
  notice: Job["notice"],
): Job["picture"] {
  const { pictures, log } = notify.deps;
  const { picture } = notice;
  if (!picture || !pictures) return async () => undefined;
  return async () => {
    try {
      return await pictures(picture, { organisationId: organisation.id, language: "en", timeZone: organisation.timeZone });
    } catch (error) {
      // A message without its picture is better than none.
      log.warn({ err: error }, "the graph of a notification could not be drawn");
      return undefined;
    }
  };
}

async function forChannel(notify: NotifyContext, tx: Tx, row: DeliveryRow, job: JobSoFar, timeZone: string): Promise<Loaded> {
  const found = row.channel_id === null ? undefined : await findChannel(tx, row.channel_id);
  if (!found) return over("The channel was deleted.");
  if (found.suspended_at !== null && row.kind !== "test") return over(`The channel is suspended: ${found.suspended_because ?? ""}`);
  const channel = opened(notify.channelSeal, found);
  const root = await rootOf(tx, row, channel);
  if (row.kind === "edit" && root === undefined) return waitsFor(tx, row);
  const ready = {
    ...job,
    channel,
    personId: undefined,
    language: channel.language,
    timeZone,
    targets: channel.type === "email" ? await targetsOfChannel(tx, channel, job) : [],
    mentioned: await mentionedIn(tx, found, job.notice.people ?? []),
    root,
  };
  return toServer(tx, row, ready, channel);
}

async function forPerson(notify: NotifyContext, tx: Tx, row: DeliveryRow, job: JobSoFar): Promise<Loaded> {
  const personId = row.person_id ?? "";
  const medium = row.medium ?? "mail";
  const reader = (await readersOf(tx, [personId])).get(personId);
  if (!reader?.isMember) return over("The person is no longer a member of the organisation.");
  if (row.kind === "post") {
    const verdict = reach(reader.rules, reader.timeZone, { severity: job.notice.severity, medium, isUrgent: row.is_urgent }, job.at);
    if (verdict.kind === "held") return { kind: "held", until: verdict.until };
    if (verdict.kind === "off") return over(`${reader.name} wants no messages of this severity by this medium.`, "cancelled");
  }
  const contacts = await contactsOf(tx, [personId]);
  const usable = usableContacts(contacts, reader, medium, job.at);
  if (medium in noDriver && !notify.drivers.has(medium)) return over(noDriver[medium as keyof typeof noDriver]); // it is one of the keys
  if (usable.targets.length === 0) return over(usable.problem);
  const ready = { ...job, personId, language: reader.language, timeZone: reader.timeZone, mentioned: [] };
  if (medium !== "chat")
    return { kind: "ready", job: { ...ready, channel: undefined, targets: usable.targets, root: undefined }, driver: medium };
  return forChat(notify, tx, row, { ...ready, targets: usable.targets, channel: undefined, root: undefined }, contacts);
}

/** The bot that knows the person's account writes to it: the first of those that work. */
async function forChat(notify: NotifyContext, tx: Tx, row: DeliveryRow, job: Job, contacts: readonly ContactRow[]): Promise<Loaded> {
  let problem = "The chat of this person is no longer connected.";
  for (const target of job.targets) {
    const found = await botOf(tx, contacts.find(({ id }) => id === target.contactId)?.workspace ?? "");
    if (!found) continue;
    if (found.suspended_at !== null) {
      problem = `The channel ${found.name} is suspended.`;
      continue;
    }
    const channel = opened(notify.channelSeal, found);
    const root = await rootOf(tx, row, channel);
    if (row.kind === "edit" && root === undefined) return waitsFor(tx, row);
    return toServer(tx, row, { ...job, channel, targets: [target], root }, channel);
  }
  return over(problem);
}

async function toServer(tx: Tx, row: DeliveryRow, job: Job, channel: OpenChannel): Promise<Loaded> {
  const notice = await forServer(tx, row, job.notice, channel);
  if (!notice) return over("The post stands on another server than the one that the channel belongs to now.");
  return { kind: "ready", job: { ...job, notice }, driver: channel.type };
}

/** A bot that lives in that chat, one that works if there is one. */
function botOf(tx: Tx, workspace: string): Promise<ChannelRow | undefined> {
  return tx
    .selectFrom("notify_channel")
    .selectAll()
    .where("workspace", "=", workspace)
    .where("type", "in", ["slack-bot", "mattermost-bot"])
    .orderBy(sql`suspended_at is not null`)
    .orderBy("created_at")
    .limit(1)
    .executeTakeFirst();
}

/** Why nobody can be reached by a medium that a line or a service has to carry. */
export const noDriver = {
  phone: "No telephone line is set up.",
  sms: "No service for text messages is set up.",
  push: "Notifications in browsers are not available.",
} as const;

/** Verified, not muted and not known to be wrong; with the address that the person signs in with. */
export function usableContacts(
  contacts: readonly ContactRow[],
  reader: Reader,
  medium: Medium,
  at: UnixMs,
): { readonly targets: readonly Target[]; readonly problem: string } {
  const wanted = contactKindOf(medium);
  const mine = contacts.filter(({ kind, person_id: personId }) => kind === wanted && personId === reader.id);
  const all = medium === "mail" && !mine.some((one) => one.is_login) ? [loginContact(reader), ...mine] : mine;
  const known = all.filter((one) => one.verified_at !== null);
  const usable = known.filter((one) => one.invalid_since === null && (one.muted_until === null || one.muted_until <= at));
  const targets = usable.map((one) => ({
    address: one.is_login ? reader.email : one.address,
    encoding: one.encoding,
    contactId: one.id,
    personId: reader.id,
  }));
  return { targets, problem: problemOf(reader, medium, known) };
}

const ways: Readonly<Record<ContactKind, string>> = {
  mail: "mail address",
  chat: "chat account",
  phone: "telephone number",
  push: "browser for notifications",
};

function problemOf(reader: Reader, medium: Medium, known: readonly ContactRow[]): string {
  const what = ways[contactKindOf(medium)];
  if (known.length === 0) return `${reader.name} has no verified ${what}.`;
  const isMuted = known.some(({ muted_until: mutedUntil }) => mutedUntil !== null);
  return isMuted ? `${reader.name} has muted every ${what}.` : `Every ${what} of ${reader.name} was refused before.`;
}

/** What stands for the sign-in address while nobody changed anything about it. */
export const loginContact = (reader: Reader): ContactRow => ({
  id: `login:${reader.id}`,
  organisation_id: "",
  person_id: reader.id,
  kind: "mail",
  address: "",
  is_login: true,
  label: "",
  workspace: null,
  encoding: "utf-8",
  position: 0,
  created_at: 0,
  verified_at: 0,
  code_digest: null,
  code_expires_at: null,
  code_tries: 0,
  muted_until: null,
  bounces: 0,
  invalid_since: null,
});

/** Addresses as they were typed, and those of the members that were chosen; each once. */
async function targetsOfChannel(tx: Tx, channel: OpenChannel, job: JobSoFar): Promise<Target[]> {
  const { emails = [], userIds = [], encoding } = channel.settings;
  const standard: MailEncoding = encoding ?? job.mail?.encoding ?? "utf-8";
  const targets = new Map<string, Target>();
  for (const address of emails)
    targets.set(address.toLowerCase(), { address, encoding: standard, contactId: undefined, personId: undefined });
  const readers = await readersOf(tx, userIds);
  const contacts = await contactsOf(tx, userIds);
  for (const reader of readers.values()) {
    if (!reader.isMember) continue;
    for (const target of usableContacts(contacts, reader, "mail", job.at).targets) {
      const { address } = target;
      if (!targets.has(address.toLowerCase())) targets.set(address.toLowerCase(), encoding ? { ...target, encoding } : target);
    }
  }
  return [...targets.values()];
}

/** Slack mentions by id, Mattermost by name. */
async function mentionedIn(tx: Tx, { type, workspace }: ChannelRow, people: readonly string[]): Promise<string[]> {
  if (people.length === 0 || workspace === null) return [];
  const rows = await tx
    .selectFrom("notify_contact")
    .select(["address", "label"])
    .where("kind", "=", "chat")
    .where("workspace", "=", workspace)
    .where("person_id", "in", [...people])
    .where("verified_at", "is not", null)
    .orderBy("person_id")
    .execute();
  return rows.map(({ address, label }) => (type.startsWith("mattermost") ? label : address)).filter((name) => name !== "");
}

/** The first post of the thread in the same place. */
async function rootOf(tx: Tx, row: DeliveryRow, channel: OpenChannel): Promise<string | undefined> {
  if (row.kind === "edit") return targetPlace(tx, row);
  if (row.thread === null) return undefined;
  let query = tx
    .selectFrom("notify_delivery")
    .select("place")
    .where("thread", "=", row.thread)
    .where("kind", "=", "post")
    .where("place", "is not", null)
    .where("seq", "<", row.seq)
    // A post of another server is nothing that can be answered here.
    .where(sql<boolean>`sent_to is not distinct from ${mattermostServer(channel) ?? null}`);
  query =
    row.channel_id === null
      ? query.where("person_id", "=", row.person_id).where("medium", "=", "chat")
      : query.where("channel_id", "=", row.channel_id);
  const found = await query.orderBy("seq").limit(1).executeTakeFirst();
  return found?.place ?? undefined;
}

async function targetPlace(tx: Tx, row: DeliveryRow): Promise<string | undefined> {
  const target = await tx.selectFrom("notify_delivery").select("place").where("id", "=", row.target_id).executeTakeFirst();
  return target?.place ?? undefined;
}

/** The post that is to be edited has not been made: it may still be, or never. */
async function waitsFor(tx: Tx, row: DeliveryRow): Promise<Loaded> {
  const target = await tx.selectFrom("notify_delivery").select("ended_at").where("id", "=", row.target_id).executeTakeFirst();
  return target && target.ended_at === null ? { kind: "later" } : over("The post was never made.", "cancelled");
}
