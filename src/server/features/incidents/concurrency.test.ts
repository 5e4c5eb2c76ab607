import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { addTime, minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Incidents } from "#features/incidents";
import { withIncidents } from "#test/incidents-rig";
import type { Somebody } from "#test/people";
import { declineIncident } from "./decline-incident.ts";
import { mergeIncident } from "./merge-incidents.ts";
import { passIncident } from "./pass-incident.ts";
import { releaseIncident } from "./release-incident.ts";
import { reopenIncident } from "./reopen-incident.ts";
import { resolveIncident } from "./resolve-incident.ts";
import { setDependencies } from "./set-dependencies.ts";
import { snoozeIncident } from "./snooze-incident.ts";
import { splitIncident } from "./split-incident.ts";
import { takeIncident } from "./take-incident.ts";

const rig = withIncidents();
let servers: Incidents[] = [];
let people: Somebody[] = [];
const hosts: string[] = [];

beforeAll(async () => {
  servers = [rig.incidents, rig.another(), rig.another()];
  people = [rig.people.first, await rig.people.join(rig.people.first, "collaborator"), await rig.people.join(rig.people.first, "manager")];
  for (const name of ["router", "web1", "web2"]) hosts.push(await rig.host(name, ...(name === "router" ? [] : ["Shop:web"])));
  for (const web of hosts.slice(1))
    await setDependencies(rig.incidents, rig.people.first.actor, { hostId: web, dependsOn: [hosts[0] ?? ""] });
});

const keys = 6;
const allKeys = Array.from({ length: keys }, (_, key) => key);

type Step =
  | { readonly kind: "report"; readonly status: "OK" | "WARNING" | "CRITICAL"; readonly keys: readonly number[] }
  | {
      readonly kind: "take" | "pass" | "decline" | "release" | "snooze" | "resolve" | "reopen" | "split" | "merge" | "wake";
      readonly incident: number;
      readonly other: number;
    };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("report" as const),
    status: fc.constantFrom("OK", "WARNING", "CRITICAL"),
    keys: fc.uniqueArray(fc.nat(keys - 1), { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    kind: fc.constantFrom("take", "pass", "decline", "release", "snooze", "resolve", "reopen", "split", "merge", "wake"),
    incident: fc.nat(20),
    other: fc.nat(20),
  }),
);

/** Half of the time the newest, else one of eight. A step may name one that is over by the time it acts. */
async function chosen(place: number): Promise<string> {
  const rows = await rig.tx((tx) => tx.selectFrom("incidents_incident").select("id").orderBy("number", "desc").limit(8).execute());
  return rows[(place >> 1) % Math.max(1, Math.min(place % 2 === 0 ? 1 : 8, rows.length))]?.id ?? "none";
}

type On = { readonly incidentId: string; readonly via: "api" };
type Act = (server: Incidents, actor: Somebody["actor"], on: On, other: number) => Promise<unknown>;

const acts: Record<Exclude<Step["kind"], "report">, Act> = {
  take: (server, actor, on) => takeIncident(server, actor, on),
  pass: (server, actor, on, other) => passIncident(server, actor, { ...on, to: people[other % people.length]?.actor.personId ?? "" }),
  decline: (server, actor, on) => declineIncident(server, actor, on),
  release: (server, actor, on) => releaseIncident(server, actor, on),
  snooze: (server, actor, on) => snoozeIncident(server, actor, { ...on, until: addTime(rig.now(), minutes(1)) }),
  resolve: (server, actor, on) => resolveIncident(server, actor, on),
  reopen: (server, actor, on) => reopenIncident(server, actor, on),
  wake: (server) => server.lookNow(),
  merge: async (server, actor, on, other) => mergeIncident(server, actor, { ...on, otherId: await chosen(other) }),
  split: async (server, actor, on, other) => {
    const alerts = await server.db.tx({ organisationId: actor.organisationId }, (tx) => server.alertsOf(tx, on.incidentId));
    const open = alerts.filter((alert) => alert.closedAt === undefined);
    return splitIncident(server, actor, { ...on, alertIds: [open[other % Math.max(1, open.length)]?.id ?? "none"] });
  },
};

async function perform(one: Step, server: Incidents, { actor }: Somebody): Promise<unknown> {
  if (one.kind !== "report") return acts[one.kind](server, actor, { incidentId: await chosen(one.incident), via: "api" }, one.other);
  const reports = one.keys.map((key) => ({
    origin: { kind: "monitor" as const, id: "m" },
    key: String(key),
    status: one.status,
    type: key === 0 ? "connectivity" : "host",
    name: `rule ${key}`,
    message: one.status,
    ...(key === keys - 1 ? {} : { hostId: hosts[key === 0 ? 0 : 1 + (key % 2)] ?? "" }),
  }));
  return server.db.tx({ organisationId: actor.organisationId }, (tx) => server.report(tx, rig.now(), reports));
}

const rowsOf = async (statement: string) => (await rig.people.owner.query(statement)).rows;

/** What must hold whatever happened, each as a question for counter-examples. */
const laws = {
  "an open alert is in exactly one incident": `select a.id from incidents_alert a left join incidents_membership m on m.alert_id = a.id and m.left_at is null
    where a.closed_at is null group by a.id having count(m.incident_id) <> 1`,
  "an open alert is in an incident that is over only because a person said so": `select a.id, i.number from incidents_alert a
    join incidents_membership m on m.alert_id = a.id and m.left_at is null join incidents_incident i on i.id = m.incident_id
    where a.closed_at is null and i.state = 'resolved' and (i.resolved_by like 'system:%' or i.merged_into is not null)`,
  "at most one alert of a key is open": "select key from incidents_alert where closed_at is null group by key having count(*) > 1",
  "an incident is taken exactly while somebody has it":
    "select id from incidents_incident where (state = 'taken') <> (responder_id is not null)",
  "an incident whose alerts are all closed is over, unless a person opened it again or it flaps": `select i.number from incidents_incident i
    where i.state <> 'resolved' and not i.is_manual and i.settles_at is null and not exists (
      select from incidents_membership m join incidents_alert a on a.id = m.alert_id
      where m.incident_id = i.id and m.left_at is null and a.closed_at is null)
    and not exists (select from incidents_timeline t where t.incident_id = i.id and t.kind = 'reopened' and t.by like 'person:%')`,
  "each change of responder starts where the one before ended": `select incident_id from (
      select incident_id, from_id, lag(to_id) over (partition by incident_id order by n) as before, n from incidents_responder_change) c
    where c.before is distinct from c.from_id`,
  "who has it now is whom the last change says": `select i.number from incidents_incident i
    where i.responder_id is distinct from (select c.to_id from incidents_responder_change c where c.incident_id = i.id order by n desc limit 1)`,
  "numbers have no gaps": "select 1 from incidents_incident having count(*) <> coalesce(max(number), 0)",
  "an inhibited alert depends on a host that is down": `select a.id from incidents_alert a where a.closed_at is null and a.inhibited_by is not null
    and not exists (select from incidents_alert d where d.host_id = a.inhibited_by and d.means_down and d.closed_at is null)`,
};

test("whatever acts and reports come at once from several servers, nobody or one person has an incident, and an open alert is in one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 2, maxLength: 5 }), { minLength: 2, maxLength: 6 }), async (rounds) => {
      // Each run begins with all as bad as can be, long after the run before it.
      await rig.people.clock.advance(minutes(60));
      for (const status of ["OK", "CRITICAL"] as const)
        await perform({ kind: "report", status, keys: allKeys }, rig.incidents, rig.people.first);
      for (const round of rounds) {
        const outcomes = await Promise.allSettled(
          round.map((one, i) => perform(one, servers[i % servers.length] ?? rig.incidents, people[i % people.length] ?? rig.people.first)),
        );
        for (const one of outcomes) {
          // Who comes too late is told so; anything else, above all a deadlock, is a fault.
          const isRefusal = one.status === "rejected" && one.reason instanceof HinobanError && one.reason.code !== "internal";
          if (one.status === "rejected" && !isRefusal) throw one.reason;
        }
        await rig.people.clock.advance(minutes(2));
        for (const [law, question] of Object.entries(laws)) expect([law, await rowsOf(question)]).toEqual([law, []]);
      }
    }),
    { numRuns: 25, seed: 4, endOnFailure: true },
  );
}, 120_000);

test("of twenty who take at the same moment exactly one has it", async () => {
  const [outcome] = await rig.report([{ origin: { kind: "monitor", id: "race" }, key: "race" }]);
  await rig.people.acts();
  const on = { incidentId: outcome?.incidentId ?? "", via: "api" } as const;
  const outcomes = await Promise.allSettled(
    Array.from({ length: 21 }, (_, i) => takeIncident(servers[i % 3] ?? rig.incidents, (people[i % 3] ?? rig.people.first).actor, on)),
  );
  const had = outcomes.flatMap((one) => (one.status === "fulfilled" ? (one.value.responderId ?? "") : []));
  expect(new Set(had).size).toBe(1);
  expect(had.length).toBe(7); // the winner asked seven times
  expect((await rig.people.acts()).map((act) => act.verb)).toEqual(["incident.taken"]);
});

test("of many servers that report the same at the same moment one opens it", async () => {
  const report = {
    origin: { kind: "monitor" as const, id: "same" },
    key: "k",
    status: "CRITICAL" as const,
    type: "host",
    name: "same",
    message: "",
  };
  const { organisationId } = rig.people.first.actor;
  const outcomes = await Promise.all(
    Array.from({ length: 12 }, (_, i) => {
      const server = servers[i % 3] ?? rig.incidents;
      return server.db.tx({ organisationId }, (tx) => server.report(tx, rig.now(), [report]));
    }),
  );
  const effects = outcomes.map(([one]) => one?.effect).toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
  expect(effects).toEqual(["opened", ...Array.from({ length: 11 }, () => "repeated")]);
  expect(new Set(outcomes.map(([one]) => one?.incidentId)).size).toBe(1);
});
