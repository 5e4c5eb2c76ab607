import type { Severity } from "#wire/alerting";
import {
  insertIncidents,
  isWorse,
  lockIncidents,
  standingsOf,
  takeNumbers,
  updateIncidents,
  type IncidentRow,
  type Standing,
} from "./incident-rows.ts";
import { membersOf } from "./people.ts";
import { raised, reopened, resolved } from "./states.ts";
import type { Work } from "./work.ts";

/** An incident while a batch changes it. */
export interface Stage {
  row: IncidentRow;
  /** As it stands in the database. */
  readonly written: IncidentRow;
  /** It was made by this batch. */
  readonly isNew: boolean;
  /** An alert joined that somebody should hear of. */
  hasJoined: boolean;
  /** An alert joined, loud or not. */
  isTouched: boolean;
  /** An alert came back. */
  hasReturned: boolean;
  /** An alert of it got worse. */
  isWorse: boolean;
}

export interface OpenedIncident {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
}

/** What is new about it belongs to nobody. */
export function newIncident(opened: OpenedIncident, number: number, { at, by }: Pick<Work, "at" | "by">): IncidentRow {
  return {
    id: opened.id,
    organisation_id: "",
    number,
    state: "open",
    severity: opened.severity,
    title: opened.title,
    description: "",
    is_manual: false,
    opened_by: by,
    responder_id: null,
    taken_at: null,
    taken_via: null,
    last_responder_id: null,
    opened_at: at,
    joined_at: at,
    resolved_at: null,
    resolved_by: null,
    snoozed_until: null,
    settles_at: null,
    returns: 0,
    is_flapping: false,
    service_ids: [],
    merged_into: null,
    version: 1,
  };
}

/** The incidents that one batch touches, locked. */
export class Stages {
  readonly #work: Work;
  readonly #stages = new Map<string, Stage>();

  constructor(work: Work) {
    this.#work = work;
  }

  get all(): readonly Stage[] {
    return [...this.#stages.values()];
  }

  get(id: string): Stage | undefined {
    return this.#stages.get(id);
  }

  /** Locks incidents, once each. */
  async lock(ids: readonly string[]): Promise<void> {
    const unknown = [...new Set(ids)].filter((id) => !this.#stages.has(id));
    for (const row of await lockIncidents(this.#work.tx, unknown)) this.#stages.set(row.id, stageOf(row, false));
  }

  /** The incident that has the alerts of this one now, locked; itself unless it was merged. */
  async lockFinal(id: string): Promise<string> {
    await this.lock([id]);
    const into = this.#stages.get(id)?.row.merged_into;
    return into === null || into === undefined ? id : this.lockFinal(into);
  }

  /** Opens incidents, in their order. */
  async open(opened: readonly OpenedIncident[]): Promise<void> {
    if (opened.length === 0) return;
    const { tx } = this.#work;
    const first = await takeNumbers(tx, opened.length);
    const rows = opened.map((one, i) => newIncident(one, first + i, this.#work));
    await insertIncidents(tx, rows);
    for (const row of rows) {
      this.#stages.set(row.id, stageOf(row, true));
      tellOpened(this.#work, row, "alert");
    }
  }

  /** Brings every incident in line with its alerts, writes what changed, and collects what there is to tell. */
  async settle({ flapMinutes, flapCount }: { readonly flapMinutes: number; readonly flapCount: number }): Promise<void> {
    const { tx, at } = this.#work;
    const ids = [...this.#stages.keys()];
    const standings = await standingsOf(tx, ids);
    const holders = await membersOf(tx, [...new Set(this.all.flatMap(({ row }) => row.last_responder_id ?? []))]);
    const flaps = await this.#recentReturns(at - flapMinutes * 60_000 * flapCount);
    const changed: IncidentRow[] = [];
    for (const stage of this.#stages.values()) {
      const before = stage.row;
      const holder = before.last_responder_id === null ? undefined : holders.get(before.last_responder_id);
      const isFlapping = before.is_flapping || (flaps.get(before.id) ?? 0) >= flapCount;
      stage.row = this.#settled(stage, {
        standing: standings.get(before.id) ?? { open: 0, worst: undefined },
        lastResponderId: holder?.mayAct === true ? holder.id : undefined,
        isFlapping,
        quietFor: flapMinutes * 60_000,
      });
      if (stage.row !== stage.written) changed.push(stage.row);
    }
    await updateIncidents(tx, changed);
  }

  #settled(stage: Stage, given: Given): IncidentRow {
    const before = stage.row;
    const isOver = before.state === "resolved" && !stage.hasReturned && !stage.isWorse;
    if (before.merged_into !== null || isOver) return before;
    let row = before.state === "resolved" ? this.#reopened(stage, given) : this.#worsened(stage, given);
    if (stage.isTouched && !stage.isNew) row = { ...row, joined_at: this.#work.at, settles_at: null };
    if (stage.hasReturned) row = this.#returned(row, given);
    return given.standing.open > 0 || row.is_manual ? row : this.#ended(row, given);
  }

  /** It comes back to whom had it last, if they still may have it. */
  #reopened({ row, hasReturned }: Stage, { lastResponderId: responderId, standing }: Given): IncidentRow {
    const { at, via } = this.#work;
    const open = reopened(row, at, { responderId, severity: standing.worst ?? row.severity, via });
    this.#tellReopened(open, hasReturned ? "again" : "worse");
    return open;
  }

  /** An unresolved one gets no less severe by itself: who was told of it was told that. */
  #worsened({ row, isNew, hasJoined }: Stage, { standing }: Given): IncidentRow {
    if (hasJoined && !isNew) this.#work.incidentChanged(row.id, "joined");
    if (standing.worst === undefined || !isWorse(standing.worst, row.severity)) return row;
    const worse = raised(row, standing.worst);
    if (!isNew) this.#tellRaised(worse, row.severity);
    return worse;
  }

  #returned(row: IncidentRow, { isFlapping }: Given): IncidentRow {
    if (isFlapping && !row.is_flapping) this.#work.note(row.id, { kind: "flapping", detail: { returns: row.returns + 1 } });
    return { ...row, returns: row.returns + 1, is_flapping: isFlapping };
  }

  /** All is well: it is over at once, or after a while of quiet when it flaps. */
  #ended(row: IncidentRow, { quietFor }: Given): IncidentRow {
    const { at } = this.#work;
    if (row.is_flapping && quietFor > 0) return { ...row, settles_at: row.settles_at ?? at + quietFor };
    tellResolved(this.#work, row, "recovered");
    return resolved(row, at, this.#work.by);
  }

  #tellReopened(row: IncidentRow, cause: string): void {
    const personId = row.responder_id ?? undefined;
    const detail = { cause, ...(personId === undefined ? {} : { person: personId }), via: this.#work.via };
    this.#work.record({ verb: "incident.reopened", object: `incident:${row.id}`, detail });
    this.#work.note(row.id, { kind: "reopened", personId, detail: { cause } });
    this.#work.incidentChanged(row.id, "reopened", { personId });
  }

  #tellRaised(row: IncidentRow, from: Severity): void {
    const detail = { from, to: row.severity };
    this.#work.record({ verb: "incident.severity-raised", object: `incident:${row.id}`, detail });
    this.#work.note(row.id, { kind: "severity-raised", detail });
    this.#work.incidentChanged(row.id, "severity-raised");
  }

  /** How many times alerts came back to the incidents since then; those of one batch count once. */
  async #recentReturns(since: number): Promise<Map<string, number>> {
    const ids = this.all.filter((stage) => stage.hasReturned).map((stage) => stage.row.id);
    if (ids.length === 0) return new Map();
    const rows = await this.#work.tx
      .selectFrom("incidents_membership")
      .select(["incident_id", (of) => of.fn.count<number>("joined_at").distinct().as("count")])
      .where("incident_id", "in", ids)
      .where("why", "=", "again")
      .where("joined_at", ">=", since)
      .groupBy("incident_id")
      .execute();
    return new Map(rows.map((row) => [row.incident_id, row.count]));
  }
}

interface Given {
  readonly standing: Standing;
  /** Who had it when it was resolved, if they still may. */
  readonly lastResponderId: string | undefined;
  readonly isFlapping: boolean;
  /** ms of quiet after which a flapping incident is over. */
  readonly quietFor: number;
}

const stageOf = (row: IncidentRow, isNew: boolean): Stage => ({
  row,
  written: row,
  isNew,
  hasJoined: false,
  isTouched: false,
  hasReturned: false,
  isWorse: false,
});

/** Collects what there is to tell about a new incident. */
export function tellOpened(work: Work, row: IncidentRow, cause: "alert" | "person" | "split"): void {
  const detail = { number: row.number, severity: row.severity, cause, via: work.via };
  work.record({ verb: "incident.opened", object: `incident:${row.id}`, detail, texts: { title: row.title } });
  work.note(row.id, { kind: "opened", detail: { cause, severity: row.severity } });
  work.incidentChanged(row.id, "opened");
}

/** Collects what there is to tell about an incident that ends by itself. */
export function tellResolved(work: Work, row: IncidentRow, cause: "recovered" | "quiet" | "merged" | "split", into?: string): void {
  const fromPersonId = row.responder_id ?? undefined;
  const detail = {
    cause,
    ...(fromPersonId === undefined ? {} : { from: fromPersonId }),
    ...(into === undefined ? {} : { into }),
    via: work.via,
  };
  work.record({ verb: "incident.resolved", object: `incident:${row.id}`, detail });
  work.note(row.id, { kind: "resolved", detail: { cause, ...(into === undefined ? {} : { into }) } });
  work.incidentChanged(row.id, "resolved", { fromPersonId });
}
