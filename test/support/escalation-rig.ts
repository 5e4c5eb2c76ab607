import { afterAll, beforeAll, beforeEach } from "vitest";
import { seconds, type Millis } from "#base/duration";
import { Secret } from "#base/secret";
import { openDuty, openHolidays, type Duty } from "#features/duty";
import { openEscalation, type Escalation } from "#features/escalation";
import { openIncidents } from "#features/incidents";
import { openDb, type Db } from "#store";
import { defaultSlope, type PolicyInput, type PolicyStep, type StepTarget } from "#wire/escalation";
import { withIncidents, type IncidentsRig } from "./incidents-rig.ts";
import { Mailbox } from "./mailbox.ts";
import { openNotifyRig, type NotifyRig } from "./notify-rig.ts";
import type { Somebody } from "./people.ts";

/** One line of what an incident's runs did: who, how, and what became of it. */
export interface Told {
  readonly who: string;
  readonly medium: string | undefined;
  readonly state: string;
  readonly round: number;
  readonly step: number;
  /** Seconds since the rig's first moment of the test. */
  readonly after: number;
}

/** Incidents, notifications and escalation over a database of the calling test file, on a clock that stands still. */
export interface EscalationRig {
  readonly incidents: IncidentsRig;
  readonly duty: Duty;
  readonly notify: NotifyRig;
  readonly escalation: Escalation;
  /** A, B, C: collaborators of the first organisation. */
  readonly a: Somebody;
  readonly b: Somebody;
  readonly c: Somebody;
  /** Does all that is due, and what follows from it. */
  work(): Promise<void>;
  /** Moves time on in steps and does what falls due on the way. */
  pass(by: Millis, step?: Millis): Promise<void>;
  /** Who was told of an incident, in order. */
  told(incidentId: string): Promise<Told[]>;
  /** `0 A mail sent` of everybody who was told. */
  brief(incidentId: string): Promise<string[]>;
  /** Kinds of an incident's timeline, with `what` of steps. */
  timeline(incidentId: string): Promise<string[]>;
  /** Subjects of the mails to somebody. */
  mailsTo(who: Somebody): string[];
  /** Opens an incident and gives its id. */
  open(name?: string, severity?: "critical" | "error" | "warning" | "information"): Promise<string>;
  /** Another server over the same database. */
  another(): Promise<{ readonly escalation: Escalation; readonly notify: NotifyRig; readonly stop: () => Promise<void> }>;
  nameOf(personId: string | undefined): string;
}

export const person = (who: Somebody): StepTarget => ({ kind: "person", personId: who.actor.personId });
export const step = (targets: readonly StepTarget[], more: Partial<PolicyStep> = {}): PolicyStep => ({
  afterSeconds: 0,
  mode: "in-order",
  medium: "mail",
  waitSeconds: 120,
  targets: [...targets],
  ...more,
});
export const policyInput = (steps: readonly PolicyStep[], more: Partial<PolicyInput> = {}): PolicyInput => ({
  name: "Web",
  memo: "",
  rounds: 2,
  pauseSeconds: 0,
  minOpenSeconds: 0,
  ackTimeoutSeconds: 0,
  slope: defaultSlope,
  steps: [...steps],
  exhausted: { repeatSeconds: 900 },
  ...more,
});

export function withEscalation(): EscalationRig {
  const incidents = withIncidents();
  const dbs: Db[] = [];
  const stops: (() => Promise<void>)[] = [];
  let made: { notify: NotifyRig; duty: Duty; escalation: Escalation; mailbox: Mailbox; people: Somebody[] } | undefined;
  let began = 0;
  const get = (): NonNullable<typeof made> => {
    if (!made) throw new Error("the rig exists only inside hooks and tests");
    return made;
  };
  const at = (index: number): Somebody => {
    const found = get().people[index];
    if (!found) throw new Error("there is nobody");
    return found;
  };
  beforeAll(async () => {
    const { people } = incidents;
    const { db } = people.identity;
    const mailbox = await Mailbox.open();
    const notify = await openNotifyRig(people, { mailbox });
    const duty = openDuty({ db, clock: people.clock, holidays: await openHolidays("", () => undefined) });
    const log = { info: () => undefined, warn: (facts: object, message: string) => console.warn(message, facts) };
    const escalation = openEscalation({ db, clock: people.clock, incidents: incidents.incidents, notify: notify.notify, duty, log });
    stops.push(escalation.start());
    const somebody: Somebody[] = [];
    for (const name of ["a", "b", "c"]) somebody.push(await people.join(people.first, "collaborator", `${name}@example.jp`));
    made = { notify, duty, escalation, mailbox, people: somebody };
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    await made?.notify.close();
    for (const db of dbs) await db.close();
    await made?.mailbox.close();
  });
  beforeEach(async () => {
    const { owner } = incidents.people;
    // Tests look at one incident each; what earlier ones left is over.
    await owner.query("update escalation_run set state = 'done', next_at = null, ended_at = 0 where state <> 'done'");
    await owner.query(
      "update notify_delivery set state = 'cancelled', ended_at = 0 where state in ('pending', 'held', 'retrying', 'claimed')",
    );
    await owner.query(
      "update incidents_incident set state = 'resolved', responder_id = null, taken_at = null, taken_via = null, snoozed_until = null, settles_at = null, resolved_at = 0 where state <> 'resolved'",
    );
    await owner.query("update incidents_alert set status = 'OK', closed_at = 0 where closed_at is null");
    await owner.query("delete from escalation_binding");
    await owner.query("delete from escalation_report");
    await owner.query("update escalation_attempt set is_unanswered = false");
    get().mailbox.clear();
    get().mailbox.refusedAddresses.clear();
    began = incidents.people.clock.now();
  });
  const nameOf = (personId: string | undefined): string => {
    if (personId === incidents.people.first.actor.personId) return "owner";
    const index = get().people.findIndex(({ actor }) => actor.personId === personId);
    return ["a", "b", "c"][index] ?? personId ?? "nobody";
  };
  const work = async (): Promise<void> => {
    const { escalation, notify } = get();
    // What is told may fail, and what failed may be told otherwise.
    for (let turn = 0; turn < 3; turn += 1) {
      escalation.wake();
      await escalation.settled();
      await notify.work();
    }
    escalation.wake();
    await escalation.settled();
  };
  let count = 0;
  const told: EscalationRig["told"] = async (incidentId) => {
    const { rows } = await incidents.people.owner.query<{
      person_id: string | null;
      channel_id: string | null;
      medium: string | null;
      state: string;
      round: number;
      step: number;
      created_at: number;
    }>(
      "select a.* from escalation_attempt a join escalation_run r on r.id = a.run_id where a.incident_id = $1 order by r.started_at, r.state = 'active', a.act, a.created_at, a.pos, a.n",
      [incidentId],
    );
    return rows.map((row) => ({
      who: row.person_id === null ? `#${row.channel_id}` : nameOf(row.person_id),
      medium: row.medium ?? undefined,
      state: row.state,
      round: row.round,
      step: row.step,
      after: (row.created_at - began) / 1000,
    }));
  };
  return {
    incidents,
    get duty() {
      return get().duty;
    },
    get notify() {
      return get().notify;
    },
    get escalation() {
      return get().escalation;
    },
    get a() {
      return at(0);
    },
    get b() {
      return at(1);
    },
    get c() {
      return at(2);
    },
    work,
    pass: async (by, every = seconds(30)) => {
      for (let passed = 0; passed < by; passed += every) {
        await incidents.people.clock.advance(every);
        await work();
      }
    },
    told,
    brief: async (incidentId) => (await told(incidentId)).map((one) => [one.after, one.who, one.medium ?? "-", one.state].join(" ")),
    timeline: async (incidentId) => {
      const { rows } = await incidents.people.owner.query<{ kind: string; detail: string; person_id: string | null }>(
        "select kind, detail, person_id from incidents_timeline where incident_id = $1 order by seq",
        [incidentId],
      );
      return rows.map(({ kind, detail, person_id }) => {
        const { what } = JSON.parse(detail) as { what?: string }; // written by the features
        return [kind, what, person_id === null ? undefined : nameOf(person_id)].filter((part) => part !== undefined).join(" ");
      });
    },
    mailsTo: (who) =>
      get()
        .mailbox.received.filter(({ to }) => to.includes(who.email))
        .map(({ mail }) => mail.subject ?? ""),
    open: async (name = "CPU", severity = "critical") => {
      count += 1;
      const [outcome] = await incidents.report([{ origin: { kind: "monitor", id: `m${count}` }, name: `${name} ${count}`, severity }]);
      return outcome?.incidentId ?? "";
    },
    another: async () => {
      const { people } = incidents;
      const db = openDb({ connection: people.connection, device: "server:other", clock: people.clock, onError: () => undefined });
      dbs.push(db);
      const { clock } = people;
      const notify = await openNotifyRig(people, { mailbox: get().mailbox, db });
      const log = { info: () => undefined, warn: () => undefined };
      const others = openIncidents({ db, clock, serverKey: new Secret("a server key for tests"), publicUrl: "", onError: () => undefined });
      const escalation = openEscalation({
        db,
        clock,
        incidents: others,
        notify: notify.notify,
        duty: openDuty({ db, clock, holidays: get().duty.holidays }),
        log,
      });
      const stopEscalation = escalation.start();
      const stop = async (): Promise<void> => {
        await stopEscalation();
        await notify.close();
      };
      return { escalation, notify, stop };
    },
    nameOf,
  };
}
