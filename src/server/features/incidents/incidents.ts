import type { Clock } from "#base/clock";
import type { UnixMs } from "#base/duration";
import type { Secret } from "#base/secret";
import type { Inventory } from "#features/inventory";
import type { Addressee, Notice } from "#features/notify";
import type { Change, Db, Deps, Tx } from "#store";
import { DueWork } from "#store";
import type { ActVia } from "#wire/alerting";
import { placedAlerts, factsOfAlert } from "./alert-rows.ts";
import { closeAlerts, recordRuleChange, type CloseWhat, type CloseWhy } from "./close.ts";
import type { Covering, IncidentsContext } from "./context.ts";
import { incidentFacts } from "./incident-rows.ts";
import type { AlertFacts, AlertOrigin, AlertOutcome, AlertReport, AlertTrigger, IncidentFacts } from "./model.ts";
import { noticeOf } from "./notice.ts";
import type { NoticeCause } from "./notice-words.ts";
import { reportAlerts } from "./report.ts";
import { ActTokens } from "./tokens.ts";
import { wakeDue } from "./wake.ts";
import { announce, insertLines, type IncidentsListener, type TimelineLine } from "./work.ts";

export interface IncidentsDeps extends Deps {
  /** Act tokens are signed with a key derived from it. */
  readonly serverKey: Secret;
  /** Where people reach this server; empty when nobody said so: messages then have no links. */
  readonly publicUrl: string;
  /** What they cover makes no alert when another product reports it. Absent: nothing is ever covered. */
  readonly downtimes?: Covering;
  /** Background work that failed; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/** A line of a timeline that another feature adds. */
export interface AddedLine extends TimelineLine {
  /** The ledger's name of who did it: `system:escalation`, `person:<id>`. */
  readonly by: string;
  readonly via: ActVia;
}

/** Alerts and incidents of all organisations. */
export class Incidents implements IncidentsContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly serverKey: Secret;
  readonly publicUrl: string;
  readonly onError: (error: unknown) => void;
  readonly downtimes: Covering | undefined;
  /** Proves of links and buttons in messages that they are ours. */
  readonly tokens: ActTokens;
  readonly #listeners: IncidentsListener[] = [];
  readonly #due: DueWork;

  constructor(deps: IncidentsDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.serverKey = deps.serverKey;
    this.publicUrl = deps.publicUrl.replace(/\/$/u, "");
    this.onError = deps.onError;
    this.downtimes = deps.downtimes;
    this.tokens = new ActTokens(deps.serverKey);
    this.#due = new DueWork({ name: "incidents.due", clock: deps.clock, look: () => wakeDue(this, deps.onError), onError: deps.onError });
  }

  /** Who is told of changes, inside the transaction that makes them, in the order of joining. */
  get listeners(): readonly IncidentsListener[] {
    return this.#listeners;
  }

  /** From now on `listener` is told; what it writes commits with the change, and what it throws undoes the change. */
  listen(listener: IncidentsListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Opens, changes, closes and repeats alerts, and incidents with them, in the caller's transaction. Any number of reports in a few
   * statements; outcomes in their order. Call it before writing rows of your own that a listener of yours may write as well: one
   * transaction at a time groups alerts in an organisation, until it ends.
   * @throws "invalid-input" for an origin or key that cannot be kept
   */
  report(tx: Tx, at: UnixMs, reports: readonly AlertReport[], trigger: AlertTrigger = "monitoring"): Promise<readonly AlertOutcome[]> {
    return reportAlerts(this, tx, at, reports, trigger);
  }

  /** Closes all open alerts of an origin, or the one with that key. Returns how many. */
  close(tx: Tx, at: UnixMs, what: { readonly origin: AlertOrigin; readonly key?: string }, why: CloseWhy): Promise<number> {
    return this.#close(tx, at, what, why);
  }

  /** Closes all open alerts of a host, whatever found them. */
  closeOfHost(tx: Tx, at: UnixMs, hostId: string, trigger: AlertTrigger): Promise<number> {
    return this.#close(tx, at, { hostId }, { trigger });
  }

  /** Closes all open alerts of a service itself; those of its hosts stay. */
  closeOfService(tx: Tx, at: UnixMs, serviceId: string, trigger: AlertTrigger): Promise<number> {
    return this.#close(tx, at, { serviceId }, { trigger });
  }

  #close(tx: Tx, at: UnixMs, what: CloseWhat, why: CloseWhy): Promise<number> {
    return closeAlerts(this, tx, at, what, why);
  }

  /** From now on a host that retires and a service that is deleted take their alerts with them. */
  watch(inventory: Pick<Inventory, "listen">): void {
    inventory.listen({
      hostChanged: async (tx, at, { effect, hostId }) => {
        if (effect === "retired") await this.closeOfHost(tx, at, hostId, "hostRetire");
      },
      serviceDeleted: async (tx, at, { serviceId }) => void (await this.closeOfService(tx, at, serviceId, "serviceDelete")),
    });
  }

  /** A rule was changed or deleted: logs from before no longer name it. */
  ruleChanged(tx: Tx, at: UnixMs, originId: string): Promise<void> {
    return recordRuleChange(tx, at, originId);
  }

  async factsOf(tx: Tx, incidentId: string): Promise<IncidentFacts | undefined> {
    return (await incidentFacts(tx, [incidentId])).get(incidentId);
  }

  /** Its alerts, the newest last; closed ones as long as they belong to it. */
  async alertsOf(tx: Tx, incidentId: string): Promise<readonly AlertFacts[]> {
    const rows = await placedAlerts(tx).where("m.incident_id", "=", incidentId).orderBy("a.seq").execute();
    return rows.map(factsOfAlert);
  }

  /** The open alerts of an origin, oldest first. */
  async openAlertsOf(tx: Tx, origin: AlertOrigin): Promise<readonly AlertFacts[]> {
    const rows = await placedAlerts(tx)
      .where("a.origin_kind", "=", origin.kind)
      .where("a.origin_id", "=", origin.id)
      .where("a.closed_at", "is", null)
      .orderBy("a.seq")
      .execute();
    return rows.map(factsOfAlert);
  }

  /** How many open alerts the origins of a kind have, by the origin's id; of those named, or of all. */
  async openByOrigin(tx: Tx, kind: AlertOrigin["kind"], ids?: readonly string[]): Promise<Map<string, number>> {
    let query = tx
      .selectFrom("incidents_alert")
      .select(["origin_id as id", (of) => of.fn.countAll<number>().as("count")])
      .where("origin_kind", "=", kind)
      .where("closed_at", "is", null);
    if (ids) query = query.where("origin_id", "in", ids);
    const rows = await query.groupBy("origin_id").execute();
    return new Map(rows.map((row) => [row.id, row.count]));
  }

  async addToTimeline(tx: Tx, at: UnixMs, incidentId: string, line: AddedLine): Promise<void> {
    await insertLines(tx, [{ ...line, incidentId, at }]);
    await announce(tx, [incidentId]);
  }

  /** A notice about an incident for somebody, in their language, with links and tokens that let them act. @throws "not-found" */
  noticeOf(tx: Tx, incidentId: string, cause: NoticeCause, to: Addressee): Promise<Notice> {
    return noticeOf(this, tx, incidentId, cause, to);
  }

  /** Starts waking snoozed incidents; the result ends it. */
  start(): () => Promise<void> {
    this.#due.start();
    return () => this.#due.stop();
  }

  /** To be told of every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void {
    if (!change || change.topic === "incidents") this.#due.wake();
  }

  /** Looks at once for what is due. For tests, and after the clock was set. */
  async lookNow(): Promise<void> {
    await wakeDue(this, this.onError);
  }
}

export const openIncidents = (deps: IncidentsDeps): Incidents => new Incidents(deps);
