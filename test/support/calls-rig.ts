import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Clock } from "#base/clock";
import { seconds, type Millis } from "#base/duration";
import { newId } from "#base/ids";
import { Secret } from "#base/secret";
import { linesExtension, openCalls, type Calls } from "#features/calls";
import type { Voice } from "#ports/phone/port";
import { openDb, type Db } from "#store";
import type { PolicyInput } from "#wire/escalation";
import { person, policyInput, step, withEscalation, type EscalationRig } from "./escalation-rig.ts";
import type { Somebody } from "./people.ts";
import { ScriptedLine, type ScriptedCall } from "./scripted-line.ts";
import { changeBindings, createPolicy } from "./verbs.ts";

/** Calls over a database of the calling test file, with lines in memory and a clock that stands still. */
export interface CallsRig extends Pick<
  EscalationRig,
  "incidents" | "notify" | "escalation" | "a" | "b" | "c" | "open" | "timeline" | "nameOf" | "told"
> {
  readonly calls: Calls;
  /** By name. */
  readonly line: (name?: string) => ScriptedLine;
  /** A line of the first organisation; its id. */
  addLine(name: string, more?: { readonly priority?: number; readonly capacity?: number; readonly takesCalls?: boolean }): Promise<string>;
  /** Somebody's verified number, after those they have. */
  number(who: Somebody, number: string): Promise<string>;
  /** Does all that is due, and what follows from it. */
  work(): Promise<void>;
  pass(by: Millis, step?: Millis): Promise<void>;
  /** The calls that ring or talk, oldest first. */
  ringing(): ScriptedCall[];
  /** The next call that was dialled to somebody. */
  callTo(number: string): Promise<ScriptedCall>;
  /** `incident a over busy` of every call, in the order in which they were asked for. */
  list(): Promise<string[]>;
  /** From now on critical incidents call these people by telephone, one after the other. */
  inOrder(people: readonly Somebody[], more?: Partial<PolicyInput>): Promise<void>;
  /** Another process over the same database, with lines of its own. */
  another(device: string): { readonly calls: Calls; readonly line: (name?: string) => ScriptedLine; readonly stop: () => Promise<void> };
  /** The process ends without a word; another one begins in its place. */
  crash(): Promise<void>;
  /** Waits for what was heard or pressed to be written down. */
  settled(): Promise<void>;
}

const voice: Voice = { speak: async () => ({ samples: new Int16Array(0) }), prepare: () => undefined };

export function withCalls(): CallsRig {
  const rig = withEscalation();
  const stops = new Set<() => Promise<void>>();
  const dbs: Db[] = [];
  let lines = new Map<string, ScriptedLine>();
  /** Lines that were opened anew since. */
  const earlier: ScriptedLine[] = [];
  let life: Life = { isOver: false };
  let calls: Calls | undefined;
  const get = (): Calls => {
    if (!calls) throw new Error("the rig exists only inside hooks and tests");
    return calls;
  };
  let policies = 0;
  const open = (db: Db, of: Map<string, ScriptedLine>, own: Life): Calls => {
    const { clock } = rig.incidents.people;
    const opened = openCalls({
      db: { ...db, tx: (scope, work) => (own.isOver ? new Promise(() => undefined) : db.tx(scope, work)) },
      clock: mortal(clock, own),
      notify: rig.notify.notify,
      incidents: rig.incidents.incidents,
      speech: {
        voiceFor: () => voice,
        spoken: async (_tx, { personIds = [], serviceIds = [] }) =>
          new Map([...personIds, ...serviceIds].map((id) => [id, rig.nameOf(id)])),
      },
      lines: {
        sip: ({ name }) => {
          const before = of.get(name);
          // What was changed is opened anew beside the old one.
          const line = before?.hasStarted ? successorOf(before) : (before ?? new ScriptedLine());
          if (before && before !== line) earlier.push(before);
          of.set(name, line);
          return line;
        },
      },
      leaseClock: rig.incidents.people.clock,
      serverKey: new Secret("a server key for tests"),
      gate: rig.incidents.people.gate,
      log: { info: () => undefined, warn: (facts, message) => console.warn(message, facts) },
      random: () => 0,
    });
    opened.extend(linesExtension);
    return opened;
  };
  beforeAll(() => {
    calls = open(rig.incidents.people.identity.db, lines, life);
    stops.add(calls.start());
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    for (const db of dbs) await db.close();
  });
  beforeEach(async () => {
    const { owner } = rig.incidents.people;
    await get().settled();
    await owner.query("delete from calls_call");
    await owner.query("delete from calls_line");
    await owner.query("delete from calls_pin");
    await owner.query("delete from calls_person");
    await owner.query("delete from calls_report");
    await owner.query("delete from notify_contact where kind = 'phone'");
    await owner.query("update notify_delivery set state = 'cancelled', ended_at = 0 where state = 'calling'");
    lines.clear();
    earlier.length = 0;
    await work();
  });
  /** Until a whole round of looking changes nothing: what one feature writes, the next one does. */
  const work = async (): Promise<void> => {
    const { owner } = rig.incidents.people;
    const state = async (): Promise<string> => {
      const { rows } = await owner.query<{ text: string }>(`select concat_ws('/',
        (select concat(count(*), max(seq)) from incidents_timeline), (select string_agg(concat(id, state, turn), ',' order by seq) from calls_call),
        (select string_agg(concat(id, state), ',' order by seq) from notify_delivery), (select count(*) from calls_event),
        (select string_agg(concat(id, state, suspended_until, failures), ',' order by id) from calls_line)) as text`);
      return rows[0]?.text ?? "";
    };
    for (let turn = 0, before = ""; turn < 20; turn += 1) {
      rig.escalation.wake();
      await rig.escalation.settled();
      await rig.notify.work();
      get().wake();
      await get().settled();
      const now = await state();
      if (now === before) return;
      before = now;
    }
  };
  const ringing = (): ScriptedCall[] => [...earlier, ...lines.values()].flatMap((line) => line.calls.filter((call) => !call.isOver));
  const addLine: CallsRig["addLine"] = async (name, { priority = 1, capacity = 1, takesCalls = false } = {}) => {
    const id = newId();
    await rig.incidents.people.owner.query(
      "insert into calls_line (id, organisation_id, name, kind, priority, capacity, settings, created_at) values ($1, $2, $3, 'sip', $4, $5, $6, 0)",
      [id, rig.incidents.people.first.actor.organisationId, name, priority, capacity, JSON.stringify({ domain: "trunk.test", takesCalls })],
    );
    await work();
    return id;
  };
  return {
    incidents: rig.incidents,
    open: rig.open,
    timeline: rig.timeline,
    told: rig.told,
    nameOf: rig.nameOf,
    get notify() {
      return rig.notify;
    },
    get escalation() {
      return rig.escalation;
    },
    get a() {
      return rig.a;
    },
    get b() {
      return rig.b;
    },
    get c() {
      return rig.c;
    },
    get calls() {
      return get();
    },
    line: (name = "main") => {
      const line = lines.get(name);
      if (!line) throw new Error(`no line ${name} is open`);
      return line;
    },
    addLine,
    number: async (who, number) => {
      const id = newId();
      await rig.incidents.people.owner.query(
        `insert into notify_contact (id, organisation_id, person_id, kind, address, label, position, created_at, verified_at)
          values ($1, $2, $3, 'phone', $4, '', (select count(*) from notify_contact where person_id = $3), 0, 0)`,
        [id, who.actor.organisationId, who.actor.personId, number],
      );
      return id;
    },
    work,
    pass: async (by, every = seconds(5)) => {
      for (let passed = 0; passed < by; passed += every) {
        await rig.incidents.people.clock.advance(every);
        await work();
      }
    },
    ringing,
    callTo: async (number) => {
      await work();
      const call = ringing().find(({ dial }) => dial.to === number);
      if (!call)
        throw new Error(
          `nobody calls ${number}; ringing: ${ringing()
            .map(({ dial }) => dial.to)
            .join(", ")}`,
        );
      return call;
    },
    list: async () => {
      const { rows } = await rig.incidents.people.owner.query<{
        kind: string;
        person_id: string | null;
        state: string;
        cause: string | null;
        result: string | null;
      }>("select kind, person_id, state, cause, result from calls_call order by seq");
      return rows.map(({ kind, person_id: personId, state, cause, result }) =>
        [kind, personId === null ? "nobody" : rig.nameOf(personId), state, cause, result].filter((part) => part !== null).join(" "),
      );
    },
    inOrder: async (people, more = {}) => {
      policies += 1;
      const steps = [step(people.map(person), { medium: "phone", waitSeconds: 25 })];
      const input = policyInput(steps, { name: `Phone ${policies}`, rounds: 1, ...more });
      const { actor } = rig.incidents.people.first;
      const { id } = await createPolicy(rig.escalation, actor, { input, isConfirmed: true });
      await changeBindings(rig.escalation, actor, [{ policyId: id }]);
    },
    another: (device) => {
      const { people } = rig.incidents;
      const db = openDb({ connection: people.connection, device, clock: people.clock, onError: () => undefined });
      dbs.push(db);
      const own = new Map<string, ScriptedLine>();
      const other = open(db, own, { isOver: false });
      const stop = other.start();
      stops.add(stop);
      return {
        calls: other,
        line: (name = "main") => own.get(name) ?? fail(),
        stop: async () => {
          stops.delete(stop);
          await stop();
        },
      };
    },
    crash: async () => {
      await get().settled();
      // What the dead process still says nobody hears; its timers do nothing any more.
      for (const line of lines.values()) for (const call of line.calls) call.isOver = true;
      life.isOver = true;
      stops.clear();
      const before = lines;
      lines = new Map([...before].map(([name, line]) => [name, successorOf(line)]));
      life = { isOver: false };
      calls = open(rig.incidents.people.identity.db, lines, life);
      stops.add(calls.start());
    },
    settled: () => get().settled(),
  };
}

/** The same line, opened anew. */
const successorOf = ({ recovered, startsAs }: ScriptedLine): ScriptedLine => Object.assign(new ScriptedLine(), { recovered, startsAs });

/** Whether a process still lives: of one that was killed nothing is heard any more. */
interface Life {
  isOver: boolean;
}

/** The clock of a process that may be killed: what it waits for never comes then. */
const mortal = (clock: Clock, life: Life): Clock => ({
  now: () => clock.now(),
  mono: () => clock.mono(),
  after: (name, delay, task) =>
    clock.after(name, delay, () => {
      if (!life.isOver) task();
    }),
  every: (name, period, task) =>
    clock.every(name, period, () => {
      if (!life.isOver) task();
    }),
  sleep: async (name, delay, signal) => {
    await clock.sleep(name, delay, signal);
    if (life.isOver) await new Promise(() => undefined);
  },
});

const fail = (): never => {
  throw new Error("there is no such thing in this rig");
};
