import { createHash } from "node:crypto";
import { sql } from "kysely";
import { unixMs, type UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import type { AlertReport } from "#features/incidents";
import { hostsByName } from "#features/inventory";
import { publish, type Tx, repeated } from "#store";
import type { SignalEffect } from "#wire/sources";
import { cut, type Item, type Reading } from "./model.ts";
import { readMessage } from "./readers/index.ts";
import { sourcesTopic, type SourcesContext } from "./context.ts";
import { lockSource, settingsOf, type SourceRow } from "./store.ts";

/** What became of a message, for whoever sent it. */
export interface Taken {
  readonly effect: SignalEffect;
  readonly opened: number;
  readonly closed: number;
  readonly problem?: string;
}

const keptSignals = 100;
const keptBytes = 16_384;
const longestKey = 255;

/**
 * Takes a message in: reads it, opens and closes alerts, and keeps it, in one transaction, so that whoever sent it is told "taken" only
 * when it is. What is not understood is never dropped: it opens an alert of its own.
 * @throws "unavailable" when the database is away: then the sender tries again
 */
export function takeSignal(sources: SourcesContext, organisationId: string, sourceId: string, text: string): Promise<Taken> {
  return repeated(sources.db).tx({ organisationId }, async (tx) => {
    const at = sources.clock.now();
    const source = await lockSource(tx, sourceId);
    const reading = readingOf(source, text);
    const isMuted = source.muted_until !== null && source.muted_until > at;
    const taken = isMuted && reading.kind !== "test" ? muted : await carryOut(sources, tx, at, { source, reading });
    await keepSignal(tx, at, source, text, taken);
    return taken;
  });
}

export const muted: Taken = { effect: "ignored", opened: 0, closed: 0, problem: "the source is muted" };

function readingOf(source: SourceRow, text: string): Reading {
  if (source.kind === "heartbeat") return { kind: "ignored", why: "a heartbeat reads no messages" };
  if (source.kind === "mail") return { kind: "ignored", why: "mails are read from the mailbox" };
  return readMessage(source.kind, text, settingsOf(source));
}

/** Notes a message that was too large to be read. */
export function takeOversized(sources: SourcesContext, organisationId: string, sourceId: string, limit: number): Promise<Taken> {
  return repeated(sources.db).tx({ organisationId }, async (tx) => {
    const at = sources.clock.now();
    const source = await lockSource(tx, sourceId);
    const reading: Reading = { kind: "unread", why: `the message is larger than ${limit} bytes` };
    const taken = await carryOut(sources, tx, at, { source, reading });
    await keepSignal(tx, at, source, "", taken);
    return taken;
  });
}

interface Read {
  readonly source: SourceRow;
  readonly reading: Reading;
}

export async function carryOut(sources: SourcesContext, tx: Tx, at: UnixMs, { source, reading }: Read): Promise<Taken> {
  switch (reading.kind) {
    case "test":
      return { effect: "test", opened: 0, closed: 0 };
    case "ignored":
      return { effect: "ignored", opened: 0, closed: 0, problem: reading.why };
    case "unread":
      await sources.incidents.report(tx, at, [unreadReport(source, reading.why)], "source");
      return { effect: "unread", opened: 1, closed: 0, problem: reading.why };
    case "items":
      return takeItems(sources, tx, at, { source, items: reading.items, truncated: reading.truncated });
  }
}

/** Somebody must look: what it says is unknown. Closed by whoever did. */
const unreadReport = (source: SourceRow, why: string): AlertReport => ({
  origin: { kind: "source", id: source.id },
  key: "unread",
  status: "WARNING",
  severity: "warning",
  type: source.kind,
  name: source.name,
  message: cut(`A message of ${source.name} could not be read: ${why}`, 1024),
  ...(source.service_id === null ? {} : { serviceId: source.service_id }),
  detail: { unread: true },
});

interface Items {
  readonly source: SourceRow;
  readonly items: readonly Item[];
  readonly truncated: number;
}

async function takeItems(sources: SourcesContext, tx: Tx, at: UnixMs, { source, items, truncated }: Items): Promise<Taken> {
  const newest = newestOfKeys(items);
  const stale = await noteStarts(tx, at, source.id, newest);
  const fresh = newest.filter((item) => !stale.has(keyOf(item)));
  const hosts = await hostsByName(tx, [...new Set(fresh.flatMap((item) => item.hostNames))]);
  const reports = fresh.map((item) => reportOf(source, item, hosts, truncated));
  const outcomes = await sources.incidents.report(tx, at, reports, "source");
  const count = (effect: string): number => outcomes.filter((outcome) => outcome.effect === effect).length;
  const [opened, closed, changed] = [count("opened"), count("closed"), count("changed")];
  if (stale.size > 0 && fresh.length === 0) return { effect: "ignored", opened: 0, closed: 0, problem: "older than what is known already" };
  return { effect: opened + closed + changed > 0 ? "taken" : "repeated", opened, closed };
}

/** A key as it is stored: long ones by their digest. */
const keyOf = ({ key }: Item): string =>
  key.length <= longestKey ? key : `sha256:${createHash("sha256").update(key, "utf8").digest("hex")}`;

/** Of several items with one key in a message, the one that started last. */
function newestOfKeys(items: readonly Item[]): Item[] {
  const byKey = new Map<string, Item>();
  for (const item of items) {
    const known = byKey.get(keyOf(item));
    if (!known || item.startedAt >= known.startedAt) byKey.set(keyOf(item), item);
  }
  return [...byKey.values()];
}

/**
 * Notes when each item started. Messages overtake each other: one about an older start than what is known says nothing any more.
 * @returns keys of such items
 */
async function noteStarts(tx: Tx, at: UnixMs, sourceId: string, items: readonly Item[]): Promise<Set<string>> {
  const dated = items.filter((item) => item.startedAt > 0);
  if (dated.length === 0) return new Set();
  const { rows } = await sql<{ key: string }>`
    insert into sources_item (source_id, key, started_at, seen_at)
    select ${sourceId}, i.key, i.started_at, ${at} from unnest(${dated.map(keyOf)}::text[], ${dated.map((item) => item.startedAt)}::bigint[]) as i(key, started_at)
    on conflict (source_id, key) do update set started_at = excluded.started_at, seen_at = excluded.seen_at
    where sources_item.started_at <= excluded.started_at
    returning key`.execute(tx);
  const noted = new Set(rows.map((row) => row.key));
  return new Set(dated.map(keyOf).filter((key) => !noted.has(key)));
}

function reportOf(source: SourceRow, item: Item, hosts: ReadonlyMap<string, string>, truncated: number): AlertReport {
  const hostId = item.hostNames.map((name) => hosts.get(name)).find((id) => id !== undefined);
  const status = item.isOpen ? (item.severity === "information" || item.severity === "warning" ? "WARNING" : "CRITICAL") : "OK";
  return {
    origin: { kind: "source", id: source.id },
    key: keyOf(item),
    status,
    severity: item.severity,
    type: source.kind,
    name: cut(item.name, 255),
    message: cut(item.message, 1024),
    ...(hostId === undefined ? {} : { hostId }),
    ...(source.service_id === null ? {} : { serviceId: source.service_id }),
    ...(item.startedAt > 0 ? { observedAt: unixMs(item.startedAt) } : {}),
    detail: { ...item.detail, source: source.name, ...(truncated > 0 ? { truncated } : {}) },
  };
}

/** Keeps the newest hundred messages of a source, and starts for a month. */
export async function keepSignal(tx: Tx, at: UnixMs, source: SourceRow, text: string, taken: Taken): Promise<void> {
  const body = cutBytes(text);
  const id = newId();
  // A message is an observation like a metric; what it does to alerts has entries of its own.
  await sql`insert into sources_signal (id, source_id, received_at, effect, opened, closed, problem, body, is_cut)
    values (${id}, ${source.id}, ${at}, ${taken.effect}, ${taken.opened}, ${taken.closed}, ${taken.problem ?? null}, ${body}, ${body.length < text.length})`.execute(
    tx,
  );
  await sql`delete from sources_signal where source_id = ${source.id} and seq < (
    select seq from sources_signal where source_id = ${source.id} order by seq desc offset ${keptSignals - 1} limit 1)`.execute(tx);
  await sql`delete from sources_item where source_id = ${source.id} and seen_at < ${at - 30 * 86_400_000}`.execute(tx);
  const state =
    taken.effect === "unread"
      ? "unread"
      : taken.effect === "taken" || taken.effect === "repeated"
        ? "ok"
        : source.state === "waiting"
          ? "ok"
          : source.state;
  await sql`update sources_source set last_at = ${at}, state = ${state} where id = ${source.id}`.execute(tx);
  await publish(tx, source.state === state ? `alert-source:${source.id}` : sourcesTopic);
}

/** The first bytes, never half a character; PostgreSQL's texts hold no NUL. */
function cutBytes(text: string): string {
  const bytes = Buffer.from(text.replaceAll("\u0000", "\uFFFD"), "utf8");
  return bytes.length <= keptBytes
    ? bytes.toString("utf8")
    : new TextDecoder("utf-8").decode(bytes.subarray(0, keptBytes)).replace(/\uFFFD$/u, "");
}
