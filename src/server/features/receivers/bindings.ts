import { sql } from "kysely";
import type { Timer } from "#base/clock";
import { hours, minutes, type UnixMs } from "#base/duration";
import { registerHost, type Inventory, type RegisterHost } from "#features/inventory";
import { scopeOf, type Actor } from "#http";
import type { Change, Deps, Tx } from "#store";
import type { ReceiverKind } from "./tables.ts";

/** Something that reports by a name of its own, and what to register it as when it is new. */
export interface Reporter {
  readonly kind: ReceiverKind;
  /** What it calls its host: a Zabbix agent's Hostname, a Prometheus instance, OpenTelemetry's host.name. */
  readonly name: string;
  /** Whether an unknown one becomes a host on first sight. */
  readonly mayRegister: boolean;
  /** What is known about it when it registers. */
  readonly first?: Pick<RegisterHost, "displayName" | "customIdentifier" | "memo" | "meta" | "interfaces" | "roles">;
}

interface Binding {
  readonly hostId: string | undefined;
  readonly loadedAt: number;
  seenAt: UnixMs;
}

interface BindingsDeps extends Deps {
  readonly inventory: Inventory;
}

const freshFor = minutes(5);
/** How long a refusal is believed. */
const refusalFor = minutes(1);
const flushEvery = minutes(1);
/** A retired host's name is free again once nothing reported by it for this long: whoever still runs there was meant to go. */
const silentFor = hours(24);
const longestName = 255;
/** Names that are remembered, of all organisations: whoever makes them up must not fill the memory. */
const mostKnown = 100_000;

/**
 * Which host each foreign name stands for. A name is bound once: to the host of that name, or to a new one; a host that is renamed in
 * the inventory keeps its binding. Kept in memory for five minutes, so that a post costs no query.
 */
export class Bindings {
  readonly #deps: BindingsDeps;
  readonly #known = new Map<string, Promise<Binding>>();
  readonly #waiting = new Map<
    string,
    { readonly organisationId: string; readonly kind: ReceiverKind; readonly name: string; readonly at: UnixMs }
  >();
  #timer: Timer | undefined;
  /** New names are bound one after the other, so that two posts of one new host cannot register it twice. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: BindingsDeps) {
    this.#deps = deps;
  }

  /** See `Receivers.hostOf`. */
  async hostOf(actor: Actor, reporter: Reporter): Promise<string | undefined> {
    const name = storable(reporter.name);
    if (name === "") return undefined;
    const key = keyOf(actor.organisationId, reporter.kind, name);
    const { clock } = this.#deps;
    const kept = await this.#known.get(key)?.catch(() => undefined);
    const isFresh = kept !== undefined && clock.mono() - kept.loadedAt < (kept.hostId === undefined ? refusalFor : freshFor);
    const binding = isFresh ? kept : await this.#load(key, actor, { ...reporter, name });
    this.#see(key, actor.organisationId, reporter.kind, name);
    return binding.hostId;
  }

  /** When a name was heard of last, if that is not written down yet. */
  seenAt(organisationId: string, kind: ReceiverKind, name: string): UnixMs | undefined {
    return this.#waiting.get(keyOf(organisationId, kind, name))?.at;
  }

  /** Writes when names were heard of last. @throws what the database throws; nothing is lost then */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    const waiting = [...this.#waiting.entries()];
    this.#waiting.clear();
    const organisations = new Set(waiting.map(([, { organisationId }]) => organisationId));
    try {
      for (const organisationId of organisations) {
        const rows = waiting.map(([, row]) => row).filter((row) => row.organisationId === organisationId);
        await this.#deps.db.tx({ organisationId }, (tx) =>
          sql`update receivers_binding b set seen_at = s.at
              from unnest(${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.name)}::text[], ${rows.map((row) => row.at)}::bigint[]) as s (kind, name, at)
              where b.kind = s.kind and b.name = s.name and b.seen_at < s.at`.execute(tx),
        );
      }
    } catch (error) {
      for (const [key, row] of waiting) if (!this.#waiting.has(key)) this.#waiting.set(key, row);
      throw error;
    }
  }

  /** A changed host may have been retired: what is known about names is looked up again. */
  onChange(change: Change | undefined): void {
    if (!change || change.topic.startsWith("host:")) this.#known.clear();
  }

  #see(key: string, organisationId: string, kind: ReceiverKind, name: string): void {
    this.#waiting.set(key, { organisationId, kind, name, at: this.#deps.clock.now() });
    this.#timer ??= this.#deps.clock.after("receivers.seen", flushEvery, () => void this.flush().catch(() => undefined)); // what could not be written waits for the next time
  }

  #load(key: string, actor: Actor, reporter: Reporter): Promise<Binding> {
    const loading = this.#queue.catch(() => undefined).then(() => this.#bind(actor, reporter));
    this.#queue = loading;
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(key, loading);
    // A failed look-up is not kept; whoever waits for it gets its error.
    loading.catch(() => this.#known.get(key) === loading && this.#known.delete(key));
    return loading;
  }

  async #bind(actor: Actor, reporter: Reporter): Promise<Binding> {
    const { db, clock, inventory } = this.#deps;
    const loadedAt = clock.mono();
    const seenAt = clock.now();
    const found = await db.tx(scopeOf(actor), async (tx) => {
      const bound = await boundHost(tx, reporter, seenAt);
      if (bound !== "none") return bound;
      const hostId = await hostNamed(tx, reporter.name);
      return hostId === undefined ? "none" : bindName(tx, reporter, hostId, seenAt);
    });
    if (found !== "none" || !reporter.mayRegister) return { hostId: found === "none" ? undefined : found.hostId, loadedAt, seenAt };
    const { id } = await registerHost(inventory, actor, { ...reporter.first, name: reporter.name, onExisting: "change" });
    const { hostId } = await db.tx(scopeOf(actor), (tx) => bindName(tx, reporter, id, seenAt));
    return { hostId, loadedAt, seenAt };
  }
}

/** A name as the database takes it: a label or attribute may hold any character, and one bad name must not keep a whole post out. */
const storable = (name: string): string =>
  name
    .slice(0, longestName)
    .toWellFormed()
    // oxlint-disable-next-line no-control-regex -- exactly these are taken out
    .replaceAll(/[\u0000-\u001f\u007f]/gu, " ")
    .trim();

const keyOf = (organisationId: string, kind: ReceiverKind, name: string): string => JSON.stringify([organisationId, kind, name]);

interface Found {
  /** Undefined: the name belongs to a retired host that was never replaced. */
  readonly hostId: string | undefined;
}

async function boundHost(tx: Tx, { kind, name }: Reporter, now: UnixMs): Promise<Found | "none"> {
  const row = await tx
    .selectFrom("receivers_binding as b")
    .innerJoin("inventory_host as h", "h.id", "b.host_id")
    .select(["b.host_id", "b.seen_at", "h.retired_at"])
    .where("b.kind", "=", kind)
    .where("b.name", "=", name)
    .executeTakeFirst();
  if (!row) return "none";
  if (row.retired_at === null) return { hostId: row.host_id };
  const heardOf = Math.max(row.seen_at, row.retired_at);
  return now - heardOf > silentFor ? "none" : { hostId: undefined };
}

/** The present host of that name or custom identifier; the oldest when there are several. */
async function hostNamed(tx: Tx, name: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom("inventory_host")
    .select("id")
    .where((where) => where.or([where("name", "=", name), where("custom_identifier", "=", name)]))
    .where("retired_at", "is", null)
    .orderBy("created_at")
    .orderBy("id")
    .limit(1)
    .executeTakeFirst();
  return row?.id;
}

/** Another server may have bound the name a moment ago: then that one counts. */
async function bindName(tx: Tx, { kind, name }: Reporter, hostId: string, now: UnixMs): Promise<Found> {
  const { rows } = await sql<{ host_id: string }>`
    insert into receivers_binding (kind, name, host_id, created_at, seen_at) values (${kind}, ${name}, ${hostId}, ${now}, ${now})
    on conflict (organisation_id, kind, name) do update
      set host_id = case when (select retired_at from inventory_host h where h.id = receivers_binding.host_id) is null
                         then receivers_binding.host_id else excluded.host_id end,
          seen_at = excluded.seen_at
    returning host_id`.execute(tx);
  return { hostId: rows[0]?.host_id ?? hostId };
}
