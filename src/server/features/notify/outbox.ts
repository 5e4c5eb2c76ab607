import { sql } from "kysely";
import { addTime, type Millis, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { oneLine } from "#base/mail-address";
import { Secret } from "#base/secret";
import { publish, type Tx } from "#store";
import type { Medium } from "#wire/alerting";
import type { ChannelType } from "#wire/notify";
import type { Language } from "#wire/shapes";
import { typeOf } from "./channel.ts";
import type { Addressee, Notice, Recipient, Sending } from "./model.ts";
import { deliveriesTopic, notifyTopic, type NotifyContext } from "./context.ts";
import { reach } from "./rules.ts";
import { readersOf, type Reader } from "./store.ts";

const longestKey = 255;
const longestTitle = 300;
/** Rows of one statement. */
const chunk = 500;

/** What {@link Notify.cancel} takes back. */
export type Cancelled = { readonly about: string } | { readonly keyPrefix: string };

interface ChannelFacts {
  readonly id: string;
  readonly type: ChannelType;
  readonly language: Language;
}

/** Who the recipients of some sendings are. */
interface Known {
  readonly channels: ReadonlyMap<string, ChannelFacts>;
  readonly readers: ReadonlyMap<string, Reader>;
  /** The organisation's. */
  readonly timeZone: string;
}

interface Row {
  readonly id: string;
  readonly sending: Sending;
  readonly kind: "post" | "edit" | "test";
  readonly notice: Notice;
  readonly lane: string;
  readonly width: number;
  readonly state: "pending" | "held" | "claimed";
  readonly dueAt: UnixMs;
  readonly problem: string | null;
  readonly targetId: string | null;
}

/** Writes sendings down in the caller's transaction. Keys that were sent before are left out, without being written anew. */
export async function enqueue(notify: NotifyContext, tx: Tx, at: UnixMs, sendings: readonly Sending[]): Promise<(string | undefined)[]> {
  if (sendings.length === 0) return [];
  for (const { key } of sendings) {
    if (key === "" || key.length > longestKey)
      throw new HinobanError("internal", `A notification's key has 1 to ${longestKey} characters.`, { key });
  }
  const { rows: known } = await sql<{ key: string }>`select key from notify_delivery
    where organisation_id = hinoban_organisation() and key = any(${sendings.map(({ key }) => key)}::text[])`.execute(tx);
  const seen = new Set(known.map(({ key }) => key));
  const fresh = sendings.filter(({ key }) => !seen.has(key) && seen.add(key));
  const who = await recipientsOf(
    tx,
    fresh.map(({ to }) => to),
  );
  const rows: Row[] = [];
  for (const sending of fresh) rows.push(await written(who, at, sending));
  const ids = await insert(notify, tx, at, rows);
  if (ids.size > 0) await publish(tx, notifyTopic);
  // A key that comes twice in one call belongs to its first sending.
  return sendings.map(({ key }) => {
    const id = ids.get(key);
    ids.delete(key);
    return id;
  });
}

async function recipientsOf(tx: Tx, recipients: readonly Recipient[]): Promise<Known> {
  const channelIds = new Set<string>();
  const personIds = new Set<string>();
  for (const to of recipients) {
    if (to.kind === "channel") channelIds.add(to.channelId);
    else personIds.add(to.personId);
  }
  const channels =
    channelIds.size === 0
      ? []
      : await tx
          .selectFrom("notify_channel")
          .select(["id", "type", "language"])
          .where("id", "in", [...channelIds])
          .execute();
  const { rows } = await sql<{ time_zone: string }>`select time_zone from identity_organisation where id = hinoban_organisation()`.execute(
    tx,
  );
  return {
    channels: new Map(channels.map((row) => [row.id, { id: row.id, type: typeOf(row), language: row.language }])),
    readers: await readersOf(tx, [...personIds]),
    timeZone: rows[0]?.time_zone ?? "UTC",
  };
}

async function written(who: Known, at: UnixMs, sending: Sending): Promise<Row> {
  const id = newId();
  const notice = await sending.write(addresseeOf(who, sending.to, id));
  const due = sending.dueAt !== undefined && sending.dueAt > at ? sending.dueAt : at;
  const row = { id, sending, kind: "post" as const, notice, ...laneOf(who, sending.to), targetId: null };
  const { to } = sending;
  const reader = to.kind === "person" ? who.readers.get(to.personId) : undefined;
  if (to.kind !== "person" || !reader) return { ...row, state: "pending", dueAt: due, problem: null };
  const told = { severity: notice.severity, medium: to.medium, isUrgent: sending.isUrgent === true };
  const verdict = reach(reader.rules, reader.timeZone, told, due);
  if (verdict.kind === "held") return { ...row, state: "held", dueAt: verdict.until, problem: null };
  return { ...row, state: "pending", dueAt: due, problem: null };
}

function addresseeOf({ channels, readers, timeZone }: Known, recipient: Recipient, deliveryId: string): Addressee {
  if (recipient.kind === "channel") {
    return { recipient, deliveryId, language: channels.get(recipient.channelId)?.language ?? "en", timeZone };
  }
  const reader = readers.get(recipient.personId);
  return { recipient, deliveryId, language: reader?.language ?? "en", timeZone: reader?.timeZone ?? timeZone };
}

/** Mail shares one server; a chat wants its posts in order; webhooks may come side by side. */
function laneOf({ channels }: Known, to: Recipient): { readonly lane: string; readonly width: number } {
  if (to.kind === "person") return to.medium === "mail" ? mailLane : { lane: `${to.medium}:${to.personId}`, width: 1 };
  const type = channels.get(to.channelId)?.type;
  if (type === "email") return mailLane;
  return { lane: `channel:${to.channelId}`, width: type === "webhook" || type === "signed-webhook" ? 4 : 1 };
}

/** The organisation is put before it when it is stored. */
const mailLane = { lane: "mail", width: 5 } as const;

/** @returns ids by key, of those that were not there yet */
async function insert(notify: NotifyContext, tx: Tx, at: UnixMs, rows: readonly Row[]): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  for (let begin = 0; begin < rows.length; begin += chunk) {
    const part = rows.slice(begin, begin + chunk);
    const column = <T>(value: (row: Row) => T): T[] => part.map(value);
    const channelId = ({ sending: { to } }: Row): string | null => (to.kind === "channel" ? to.channelId : null);
    const personId = ({ sending: { to } }: Row): string | null => (to.kind === "person" ? to.personId : null);
    const medium = ({ sending: { to } }: Row): string | null => (to.kind === "person" ? to.medium : null);
    const { rows: inserted } = await sql<{ id: string; key: string }>`
      insert into notify_delivery (id, key, about, kind, channel_id, person_id, medium, lane, lane_width, rank, is_urgent, severity, tone,
        title, thread, notice, state, created_at, due_at, ended_at, target_id, problem)
      select r.id, r.key, r.about, r.kind, r.channel_id, r.person_id, r.medium, hinoban_organisation() || ':' || r.lane, r.lane_width, r.rank,
        r.is_urgent, r.severity, r.tone, r.title, r.thread, r.notice, r.state, ${at}, r.due_at, null, r.target_id, r.problem
      from unnest(${column((row) => row.id)}::text[], ${column((row) => row.sending.key)}::text[], ${column((row) => row.sending.about)}::text[],
        ${column((row) => row.kind)}::text[], ${column(channelId)}::text[], ${column(personId)}::text[], ${column(medium)}::text[],
        ${column((row) => row.lane)}::text[], ${column((row) => row.width)}::smallint[], ${column((row) => (row.sending.isUrgent ? 0 : 1))}::smallint[],
        ${column((row) => row.sending.isUrgent === true)}::boolean[], ${column((row) => row.notice.severity)}::text[],
        ${column((row) => row.notice.tone)}::text[], ${column((row) => oneLine(row.notice.title).slice(0, longestTitle))}::text[],
        ${column((row) => row.notice.thread ?? null)}::text[], ${column((row) => sealedNotice(notify, row.id, row.notice))}::bytea[],
        ${column((row) => row.state)}::text[], ${column((row) => row.dueAt)}::bigint[], ${column((row) => row.targetId)}::text[],
        ${column((row) => row.problem)}::text[])
        as r (id, key, about, kind, channel_id, person_id, medium, lane, lane_width, rank, is_urgent, severity, tone, title, thread, notice,
          state, due_at, target_id, problem)
      on conflict (organisation_id, key) do nothing returning id, key`.execute(tx);
    for (const { id, key } of inserted) made.set(key, id);
  }
  return made;
}

/** Writes one message down that the caller itself is about to send. @returns its id; its first claim is the caller's */
export async function insertClaimed(notify: NotifyContext, tx: Tx, at: UnixMs, sending: Sending, lease: Millis): Promise<string> {
  const who = await recipientsOf(tx, [sending.to]);
  const row = await written(who, at, sending);
  await insert(notify, tx, at, [{ ...row, kind: "test", state: "claimed", dueAt: at }]);
  await sql`update notify_delivery set leased_until = ${addTime(at, lease)}, claimed_by = current_setting('hinoban.device'), claims = 1 where id = ${row.id}`.execute(
    tx,
  );
  return row.id;
}

/** A notice holds links by which its reader can act, so the database alone must not give it away. */
export const sealedNotice = (notify: NotifyContext, id: string, notice: Notice): Buffer =>
  notify.noticeSeal.seal(new Secret(JSON.stringify(notice)), id);

export const openedNotice = (notify: NotifyContext, id: string, sealed: Uint8Array): Notice =>
  JSON.parse(notify.noticeSeal.open(sealed, id).reveal()) as Notice; // sealed by `sealedNotice`

/** What is on its way cannot be taken back; whoever carries a call on is told to end it. */
export async function cancelDeliveries({ listeners }: NotifyContext, tx: Tx, at: UnixMs, which: Cancelled): Promise<number> {
  const condition = "about" in which ? sql`about = ${which.about}` : sql`starts_with(key, ${which.keyPrefix})`;
  // `old` is the row as it was before the statement.
  const { rows } = await sql<{ id: string; was: string }>`update notify_delivery d set state = 'cancelled', ended_at = ${at}, notice = null
    from (select id, state as was from notify_delivery
      where organisation_id = hinoban_organisation() and ${condition} and state in ('pending', 'held', 'retrying', 'calling') and kind = 'post'
      order by id for update) old
    where d.id = old.id returning d.id, old.was`.execute(tx);
  if (rows.length > 0) await publish(tx, deliveriesTopic);
  const calls = rows.filter(({ was }) => was === "calling").map(({ id }) => id);
  if (calls.length > 0) for (const listener of listeners) await listener.callsCancelled?.(tx, at, calls);
  return rows.length;
}

interface Post {
  readonly id: string;
  readonly channel_id: string | null;
  readonly person_id: string | null;
  readonly medium: Medium | null;
  readonly about: string;
  readonly state: string;
  readonly type: string | null;
}

/** Channels whose posts can be edited, or whose alerts can be acknowledged and closed. */
const editable: ReadonlySet<string> = new Set(["slack-bot", "mattermost-bot", "discord", "pagerduty", "opsgenie"]);

/** See {@link Notify.rewrite}. A later edit of the same post takes the place of one that has not been made yet. */
export async function enqueueEdits(
  notify: NotifyContext,
  tx: Tx,
  at: UnixMs,
  thread: string,
  write: (to: Addressee) => Notice | Promise<Notice>,
): Promise<number> {
  const { rows: posts } = await sql<Post>`
    select d.id, d.channel_id, d.person_id, d.medium, d.about, d.state, c.type
    from notify_delivery d left join notify_channel c on c.id = d.channel_id
    where d.organisation_id = hinoban_organisation() and d.thread = ${thread} and d.kind = 'post'
      and (d.place is not null or (d.state in ('pending', 'held', 'retrying', 'claimed') and (d.medium = 'chat' or d.channel_id is not null)))
    order by d.seq for update of d`.execute(tx);
  const mine = posts.filter(({ state, type, medium }) => state === "sent" || medium === "chat" || editable.has(type ?? ""));
  if (mine.length === 0) return 0;
  const recipients = mine.map(recipientOf);
  const who = await recipientsOf(tx, recipients);
  const edits: Row[] = [];
  for (const post of mine) {
    const to = recipientOf(post);
    const notice = await write(addresseeOf(who, to, post.id));
    if (post.state !== "sent" && post.state !== "claimed") {
      await sql`update notify_delivery set notice = ${sealedNotice(notify, post.id, notice)} where id = ${post.id}`.execute(tx);
      continue;
    }
    const id = newId();
    const sending: Sending = { to, key: `edit:${post.id}:${id}`, about: post.about, isUrgent: true, write: () => notice };
    edits.push({
      id,
      sending,
      kind: "edit",
      notice: { ...notice, thread },
      ...laneOf(who, to),
      state: "pending",
      dueAt: at,
      problem: null,
      targetId: post.id,
    });
  }
  const targets = edits.map(({ targetId }) => targetId);
  await sql`update notify_delivery set state = 'cancelled', ended_at = ${at}, notice = null
    where organisation_id = hinoban_organisation() and thread = ${thread} and kind = 'edit' and target_id = any(${targets}::text[])
      and state in ('pending', 'retrying')`.execute(tx);
  await insert(notify, tx, at, edits);
  await publish(tx, notifyTopic);
  return mine.length;
}

const recipientOf = ({ channel_id: channelId, person_id: personId, medium }: Post): Recipient =>
  channelId === null ? { kind: "person", personId: personId ?? "", medium: medium ?? "chat" } : { kind: "channel", channelId };
