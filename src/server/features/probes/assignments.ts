import { createHash } from "node:crypto";
import { minutes, seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { demand } from "#features/identity";
import { demandHost } from "#features/inventory";
import { scopeOf, type Actor } from "#http";
import type { ResponseOf } from "#wire/contract";
import type { AssignedProbe, getAssignedProbes } from "#wire/probes";
import type { ProbeSpec } from "#wire/probe-specs";
import { hostOfVantage } from "#wire/probe-words";
import type { ProbePlan } from "./model.ts";
import type { ProbesContext } from "./context.ts";

/** An agent that probes, or was asked to not long ago, waits at the server, so that it hears of changes at once. */
const attentiveFor = minutes(10);
const holdSeconds = 25;
/** Questions that are held open in one process. */
const mostHeld = 2000;
/** How often it is written down that a host's agent asks. */
const noteEvery = minutes(10);
const freshFor = minutes(5);
const mostKnownHosts = 50_000;

interface OfHost {
  readonly version: string;
  readonly probes: readonly AssignedProbe[];
}

/** What the agents of one organisation are to do. */
interface OfOrganisation {
  readonly loadedAt: number;
  readonly hosts: ReadonlyMap<string, OfHost>;
  /** Hosts for which something waits that somebody wants at once. */
  readonly ordered: ReadonlySet<string>;
}

const nothing: OfHost = { version: "0", probes: [] };

type Answer = ResponseOf<typeof getAssignedProbes>;

/** Tells agents what to probe. An agent that has nothing to do costs a look into memory a minute. */
export class Assignments {
  readonly #deps: ProbesContext;
  readonly #known = new Map<string, Promise<OfOrganisation>>();
  readonly #held = new Map<string, Set<() => void>>();
  readonly #notedAt = new Map<string, number>();
  readonly #attentiveUntil = new Map<string, number>();
  #heldCount = 0;
  #isEnding = false;

  constructor(deps: ProbesContext) {
    this.#deps = deps;
  }

  /** What the host is to probe. Held back for up to `hold` seconds while there is nothing new. @throws "forbidden", "not-found", "gone" */
  async answer(actor: Actor, hostId: string, question: { readonly known?: string; readonly hold?: number }): Promise<Answer> {
    const { clock } = this.#deps;
    await this.#note(actor, hostId);
    const until = clock.mono() + seconds(Math.min(question.hold ?? 0, holdSeconds));
    for (;;) {
      const { hosts, ordered } = await this.#of(actor);
      const mine = hosts.get(hostId) ?? nothing;
      const orders = ordered.has(hostId) ? await this.#claim(actor, hostId) : [];
      const isNews = mine.version !== question.known || orders.length > 0;
      const left = until - clock.mono();
      if (isNews || left <= 0 || this.#isEnding || this.#heldCount >= mostHeld) return this.#answerOf(hostId, mine, orders, question.known);
      await this.#changeWithin(actor.organisationId, left);
    }
  }

  /** To be told that something changed for an organisation's agents. */
  forget(organisationId: string): void {
    this.#known.delete(organisationId);
    for (const wake of this.#held.get(organisationId) ?? []) wake();
  }

  forgetAll(): void {
    this.#known.clear();
    for (const organisationId of this.#held.keys()) this.forget(organisationId);
  }

  /** Lets all who wait go. */
  end(): void {
    this.#isEnding = true;
    this.forgetAll();
  }

  #answerOf(hostId: string, mine: OfHost, orders: Answer["orders"], known: string | undefined): Answer {
    const now = this.#deps.clock.mono();
    if (orders.length > 0) this.#attentiveUntil.set(hostId, now + attentiveFor);
    const isAttentive = mine.probes.length > 0 || (this.#attentiveUntil.get(hostId) ?? 0) > now;
    if (!isAttentive) this.#attentiveUntil.delete(hostId);
    return {
      version: mine.version,
      ...(mine.version === known ? {} : { probes: [...mine.probes] }),
      orders,
      holdSeconds: isAttentive && !this.#isEnding ? holdSeconds : 0,
    };
  }

  /** Whether the host may report with this key, looked at now and then; and that its agent asks, so that people can choose it. */
  async #note(actor: Actor, hostId: string): Promise<void> {
    const { db, clock } = this.#deps;
    const key = `${actor.organisationId} ${hostId}`;
    demand(actor, "metrics.post", `host:${hostId}`, clock.now());
    if ((this.#notedAt.get(key) ?? -Infinity) > clock.mono() - noteEvery) return;
    const at = clock.now();
    await db.tx(scopeOf(actor), async (tx) => {
      await demandHost(tx, hostId);
      const host = await tx.selectFrom("inventory_host").select("retired_at").where("id", "=", hostId).executeTakeFirst();
      if (host?.retired_at != null) throw new HinobanError("gone", "The host was retired.", { hostId });
      // oxlint-disable-next-line hinoban/recorded-mutations -- that an agent asks is an observation, and no act of anybody
      await tx
        .insertInto("probes_agent")
        .values({ host_id: hostId, seen_at: at })
        .onConflict((on) => on.columns(["organisation_id", "host_id"]).doUpdateSet({ seen_at: at }))
        .execute();
    });
    if (this.#notedAt.size >= mostKnownHosts) this.#notedAt.clear();
    this.#notedAt.set(key, clock.mono());
  }

  async #of(actor: Actor): Promise<OfOrganisation> {
    const { organisationId } = actor;
    const known = this.#known.get(organisationId);
    if (known && this.#deps.clock.mono() - (await known).loadedAt < freshFor) return known;
    const loading = this.#load(organisationId);
    this.#known.set(organisationId, loading);
    loading.catch(() => this.#known.delete(organisationId));
    return loading;
  }

  async #load(organisationId: string): Promise<OfOrganisation> {
    const loadedAt = this.#deps.clock.mono();
    const { tasks, runs } = await this.#deps.db.tx({ organisationId }, async (tx) => ({
      tasks: await tx
        .selectFrom("probes_task")
        .select(["monitor_id", "vantage", "version", "plan"])
        .where("vantage", "!=", "server")
        .orderBy("monitor_id")
        .execute(),
      runs: await tx.selectFrom("probes_run").select("vantage").where("state", "=", "waiting").execute(),
    }));
    const lists = new Map<string, AssignedProbe[]>();
    for (const { monitor_id: monitorId, vantage, version, plan } of tasks) {
      const hostId = hostOfVantage(vantage);
      if (hostId === undefined) continue;
      const { spec, intervalSeconds } = JSON.parse(plan) as ProbePlan; // written by syncTasks in this shape
      const list = lists.get(hostId) ?? [];
      list.push({ monitorId, version, spec, intervalSeconds });
      lists.set(hostId, list);
    }
    const hosts = new Map([...lists].map(([hostId, probes]) => [hostId, { version: versionOf(probes), probes }]));
    return { loadedAt, hosts, ordered: new Set(runs.flatMap(({ vantage }) => hostOfVantage(vantage) ?? [])) };
  }

  /** Hands out what somebody wants probed from the host, each once. */
  async #claim(actor: Actor, hostId: string): Promise<Answer["orders"]> {
    const { db } = this.#deps;
    const claimed = await db.tx(scopeOf(actor), (tx) =>
      // Whoever asked for it has recorded it.
      tx
        .updateTable("probes_run")
        .set({ state: "running" })
        .where("vantage", "=", `host:${hostId}`)
        .where("state", "=", "waiting")
        .returning(["id", "spec"])
        .execute(),
    );
    this.#known.delete(actor.organisationId);
    return claimed.map(({ id, spec }) => ({ id, spec: JSON.parse(spec) as ProbeSpec })); // written by runProbe in this shape
  }

  async #changeWithin(organisationId: string, left: number): Promise<void> {
    const waiting = this.#held.get(organisationId) ?? new Set();
    this.#held.set(organisationId, waiting);
    this.#heldCount += 1;
    await new Promise<void>((resolve) => {
      const timer = this.#deps.clock.after("probes.hold", millisOf(left), done);
      function done(): void {
        timer.cancel();
        waiting.delete(done);
        resolve();
      }
      waiting.add(done);
    });
    this.#heldCount -= 1;
    if (waiting.size === 0) this.#held.delete(organisationId);
  }
}

const millisOf = (left: number) => seconds(left / 1000);

const versionOf = (probes: readonly AssignedProbe[]): string =>
  createHash("sha256").update(JSON.stringify(probes)).digest("base64url").slice(0, 22);
