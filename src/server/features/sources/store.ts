import type { Selectable } from "kysely";
import { HinobanError } from "#base/errors";
import { findService, namesOf as inventoryNames } from "#features/inventory";
import type { Tx } from "#store";
import type { Beat, Mapping, Signal, Source, SourceInput } from "#wire/sources";
import { mailboxesOf, shownMailbox, type MailboxRow } from "./mailbox-store.ts";
import type { SourceSettings } from "./model.ts";
import type { SourcesSignalTable, SourcesSourceTable } from "./tables.ts";

export type SourceRow = Selectable<SourcesSourceTable>;

/** @throws "not-found" */
export async function findSource(tx: Tx, id: string): Promise<SourceRow> {
  const row = await tx.selectFrom("sources_source").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw noSource(id);
  return row;
}

/** One that is about to be changed, locked until the transaction ends. @throws "not-found" */
export async function lockSource(tx: Tx, id: string): Promise<SourceRow> {
  const row = await tx.selectFrom("sources_source").selectAll().where("id", "=", id).forUpdate().executeTakeFirst();
  if (!row) throw noSource(id);
  return row;
}

const noSource = (id: string): HinobanError => new HinobanError("not-found", `There is no source ${id}.`, { id });

export const beatOf = (row: Pick<SourceRow, "beat_interval_seconds" | "beat_grace_seconds">): Beat | undefined =>
  row.beat_interval_seconds === null || row.beat_grace_seconds === null
    ? undefined
    : { intervalSeconds: row.beat_interval_seconds, graceSeconds: row.beat_grace_seconds };

// What the column holds was checked by the wire's shape when it was written.
const mappingOf = (text: string): Mapping => JSON.parse(text) as Mapping;

export const settingsOf = (row: SourceRow): SourceSettings => ({
  defaultSeverity: row.default_severity,
  mapping: row.mapping === null ? undefined : mappingOf(row.mapping),
  beat: beatOf(row),
});

/** The columns that somebody types. @throws "not-found" for the service */
export async function columnsOf(tx: Tx, input: SourceInput) {
  return {
    name: input.name.trim(),
    memo: input.memo ?? "",
    service_id: input.service === undefined ? null : (await findService(tx, input.service)).id,
    default_severity: input.defaultSeverity,
    mapping: input.mapping ? JSON.stringify(input.mapping) : null,
    beat_interval_seconds: input.beat?.intervalSeconds ?? null,
    beat_grace_seconds: input.beat?.graceSeconds ?? null,
  } as const;
}

/** All of them, by name. @param openOf open alerts by source */
export async function readSources(tx: Tx, openOf: ReadonlyMap<string, number>, now: number): Promise<Source[]> {
  const rows = await tx.selectFrom("sources_source").selectAll().orderBy("name").orderBy("id").execute();
  return present(tx, rows, openOf, now);
}

export async function present(tx: Tx, rows: readonly SourceRow[], openOf: ReadonlyMap<string, number>, now: number): Promise<Source[]> {
  const serviceIds = rows.flatMap((row) => (row.service_id === null ? [] : [`service:${row.service_id}`]));
  const names = await inventoryNames(tx, serviceIds);
  const mailboxes = await mailboxesOf(
    tx,
    rows.filter(({ kind }) => kind === "mail").map(({ id }) => id),
  );
  return rows.map((row) => ({
    ...toSource(row, names[`service:${row.service_id ?? ""}`], openOf.get(row.id) ?? 0, now),
    ...mailboxOf(mailboxes.get(row.id), row, now),
  }));
}

/** A mailbox that cannot be read says so before all else but a mute. */
function mailboxOf(mailbox: MailboxRow | undefined, { muted_until: mutedUntil }: SourceRow, now: number): Partial<Source> {
  if (!mailbox) return {};
  const isMuted = mutedUntil !== null && mutedUntil > now;
  return {
    mailbox: shownMailbox(mailbox),
    ...(mailbox.looked_at === null ? {} : { lookedAt: mailbox.looked_at }),
    ...(mailbox.problem === null ? {} : { problem: mailbox.problem, ...(isMuted ? {} : { state: "failing" as const }) }),
  };
}

function toSource(row: SourceRow, service: string | undefined, openAlerts: number, now: number): Source {
  const { mapping, beat, defaultSeverity } = settingsOf(row);
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    memo: row.memo,
    ...(service === undefined ? {} : { service }),
    defaultSeverity,
    ...(mapping ? { mapping } : {}),
    ...(beat ? { beat } : {}),
    state: row.state,
    createdAt: row.created_at,
    ...(row.last_at === null ? {} : { lastAt: row.last_at }),
    ...(row.due_at === null ? {} : { dueAt: row.due_at }),
    ...muteOf(row, now),
    hasSecondAddress: row.old_digest !== null,
    openAlerts,
  };
}

function muteOf({ muted_until: until, mute_reason: reason }: SourceRow, now: number): Partial<Source> {
  if (until === null || until <= now) return {};
  return { state: "muted", mutedUntil: until, ...(reason === "" ? {} : { muteReason: reason }) };
}

/** The newest messages, newest first. */
export async function readSignals(tx: Tx, sourceId: string, limit: number): Promise<Signal[]> {
  const rows = await tx
    .selectFrom("sources_signal")
    .selectAll()
    .where("source_id", "=", sourceId)
    .orderBy("seq", "desc")
    .limit(limit)
    .execute();
  return rows.map(toSignal);
}

const toSignal = (row: Selectable<SourcesSignalTable>): Signal => ({
  id: row.id,
  receivedAt: row.received_at,
  effect: row.effect,
  opened: row.opened,
  closed: row.closed,
  ...(row.problem === null ? {} : { problem: row.problem }),
  body: row.body,
  isCut: row.is_cut,
});

/** Names for the history, by the ledger's ids. */
export async function namesOf(tx: Tx, ids: readonly string[]): Promise<Record<string, string>> {
  const wanted = ids.filter((id) => id.startsWith("alert-source:")).map((id) => id.slice("alert-source:".length));
  if (wanted.length === 0) return {};
  const rows = await tx.selectFrom("sources_source").select(["id", "name"]).where("id", "in", wanted).execute();
  return Object.fromEntries(rows.map((row) => [`alert-source:${row.id}`, row.name]));
}
