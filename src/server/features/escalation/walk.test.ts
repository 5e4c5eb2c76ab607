import { beforeEach, describe, expect, test } from "vitest";
import { hours, minutes, seconds, unixMs } from "#base/duration";
import {
  declineIncident,
  passIncident,
  releaseIncident,
  reopenIncident,
  resolveIncident,
  snoozeIncident,
  takeIncident,
} from "#features/incidents";
import { person, policyInput, step, withEscalation } from "#test/escalation-rig";
import type { Somebody } from "#test/people";
import type { PolicyInput } from "#wire/escalation";
import { changeBindings } from "./change-bindings.ts";
import { createPolicy } from "./create-policy.ts";

const rig = withEscalation();
const { people } = rig.incidents;
let count = 0;

/** A policy that holds for the whole organisation. */
async function hold(input: PolicyInput): Promise<string> {
  count += 1;
  const { id } = await createPolicy(rig.escalation, people.first.actor, {
    input: { ...input, name: `${input.name} ${count}` },
    isConfirmed: true,
  });
  await changeBindings(rig.escalation, people.first.actor, [{ policyId: id }]);
  return id;
}
const acts = () => rig.incidents.incidents;
const on = (incidentId: string) => ({ incidentId, via: "console" as const });
const take = (who: Somebody, incidentId: string) => takeIncident(acts(), who.actor, on(incidentId));
const abc = () => step([person(rig.a), person(rig.b), person(rig.c)]);

beforeEach(() => people.acts());

describe("an incident that nobody takes", () => {
  test("is told to one after the other, and in the end to the owners, again and again", async () => {
    await hold(policyInput([abc()], { rounds: 1 }));
    const id = await rig.open();
    await rig.work();
    expect(await rig.brief(id)).toEqual(["0 a mail sent"]);
    await rig.pass(minutes(30));
    // The rig looks every half minute: what falls due at 1270 s is done at 1290 s.
    expect(await rig.brief(id)).toEqual([
      "0 a mail sent",
      "120 b mail sent",
      "240 c mail sent",
      "360 owner mail sent",
      "1290 owner mail sent",
    ]);
    expect(rig.mailsTo(rig.a)).toHaveLength(1);
    expect(await rig.timeline(id)).toContain("step exhausted");
  });

  test("is told to all owners when the organisation has no policy", async () => {
    const id = await rig.open();
    await rig.work();
    expect(await rig.brief(id)).toEqual(["0 owner mail sent"]);
    await rig.pass(minutes(16));
    expect((await rig.told(id)).map(({ who }) => who)).toEqual(["owner", "owner"]);
  });

  test("starts with the incident: both are there or neither", async () => {
    await hold(policyInput([abc()]));
    const failing = rig.incidents.tx(async (tx) => {
      await acts().report(tx, rig.incidents.now(), [
        { origin: { kind: "monitor", id: "undone" }, key: "", status: "CRITICAL", type: "host", name: "Undone", message: "" },
      ]);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    const id = await rig.open();
    const { rows } = await people.owner.query("select state, next_at from escalation_run where incident_id = $1", [id]);
    expect(rows).toEqual([{ state: "active", next_at: people.clock.now() }]);
    const { rows: all } = await people.owner.query("select count(*)::int as n from escalation_run r where state <> 'done'");
    expect(all).toEqual([{ n: 1 }]);
  });

  test("is told of in the ledger, once an act", async () => {
    await hold(policyInput([abc()]));
    await people.acts();
    const id = await rig.open();
    await rig.work();
    const entries = (await people.acts()).filter(({ verb }) => verb === "incident.escalated");
    expect(entries).toMatchObject([
      { object: `incident:${id}`, actor: "system:escalation", detail: { persons: [rig.a.actor.personId], round: 0, step: 0 } },
    ]);
  });
});

describe("somebody who takes it", () => {
  test("ends the walk: nobody else is told, and those who were told hear who has it", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await rig.pass(minutes(2));
    await take(rig.b, id);
    await rig.pass(minutes(20));
    expect(await rig.brief(id)).toEqual(["0 a mail sent", "120 b mail sent"]);
    expect(rig.mailsTo(rig.a)).toHaveLength(2);
    expect(rig.mailsTo(rig.b)).toHaveLength(1);
    expect(rig.mailsTo(rig.c)).toHaveLength(0);
    const { rows } = await people.owner.query("select state, result, next_at from escalation_run where incident_id = $1", [id]);
    expect(rows).toEqual([{ state: "done", result: "taken", next_at: null }]);
  });

  test("before anything left takes it back", async () => {
    await hold(policyInput([abc()], { minOpenSeconds: 30 }));
    const id = await rig.open();
    await rig.work();
    await take(rig.c, id);
    await rig.pass(minutes(5));
    expect(await rig.brief(id)).toEqual([]);
  });

  test("and gives it back makes the walk begin anew", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await take(rig.a, id);
    await rig.pass(minutes(1));
    await releaseIncident(acts(), rig.a.actor, on(id));
    await rig.work();
    expect((await rig.told(id)).map(({ after, who }) => `${after} ${who}`)).toEqual(["0 a", "60 a"]);
    const { rows } = await people.owner.query("select state from escalation_run where incident_id = $1 order by started_at", [id]);
    expect(rows).toEqual([{ state: "done" }, { state: "active" }]);
  });

  test("and says then that they cannot is passed over in the first round", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await take(rig.a, id);
    await people.clock.advance(seconds(1));
    await declineIncident(acts(), rig.a.actor, on(id));
    await rig.work();
    expect((await rig.told(id)).map(({ who, state }) => `${who} ${state}`)).toEqual(["a sent", "a skipped", "b sent"]);
  });

  test("by being passed it hears so", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await take(rig.a, id);
    await passIncident(acts(), rig.a.actor, { ...on(id), to: rig.c.actor.personId });
    await rig.work();
    expect(rig.mailsTo(rig.c)).toHaveLength(1);
  });

  test("is asked after a while whether they are still at it; without a sign it is nobody's and others are told", async () => {
    await hold(policyInput([abc()], { ackTimeoutSeconds: 600 }));
    const id = await rig.open();
    await rig.work();
    await take(rig.a, id);
    await rig.pass(minutes(10));
    expect(await rig.timeline(id)).toContain("asked a");
    expect(rig.mailsTo(rig.a)).toHaveLength(2);
    await rig.pass(minutes(10));
    expect(await rig.timeline(id)).toContain("released a");
    expect((await rig.told(id)).map(({ who }) => who)).toEqual(["a", "a"]);
  });
});

describe("somebody who says that they cannot", () => {
  test("is followed by the next at once, and asked again in the next round", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await people.clock.advance(seconds(20));
    await declineIncident(acts(), rig.a.actor, on(id));
    await rig.work();
    expect((await rig.told(id)).map(({ after, who }) => `${after} ${who}`)).toEqual(["0 a", "20 b"]);
    await rig.pass(minutes(4));
    expect((await rig.told(id)).map(({ who }) => who)).toEqual(["a", "b", "c", "a"]);
  });

  test("without having been asked hastens nobody, but is passed over", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await declineIncident(acts(), rig.b.actor, on(id));
    await rig.work();
    expect((await rig.told(id)).map(({ who }) => who)).toEqual(["a"]);
    await rig.pass(minutes(2));
    expect((await rig.told(id)).map(({ who, state }) => `${who} ${state}`)).toEqual(["a sent", "b skipped", "c sent"]);
    expect(await rig.timeline(id)).toContain("step declined b");
  });

  test("hastens a step in which all are asked at once only when the last of them cannot", async () => {
    await hold(policyInput([step([person(rig.a), person(rig.b)], { mode: "at-once" }), step([person(rig.c)])]));
    const id = await rig.open();
    await rig.work();
    await declineIncident(acts(), rig.a.actor, on(id));
    await rig.work();
    expect((await rig.told(id)).map(({ who }) => who)).toEqual(["a", "b"]);
    await declineIncident(acts(), rig.b.actor, on(id));
    await rig.work();
    expect((await rig.told(id)).map(({ who }) => who)).toEqual(["a", "b", "c"]);
  });
});

describe("an incident that changes", () => {
  test("to a worse one begins anew at its severity when nobody has it", async () => {
    await hold(
      policyInput([
        step([person(rig.a)], { when: { severities: ["warning"] } }),
        step([person(rig.b)], { when: { severities: ["critical"] } }),
      ]),
    );
    await rig.incidents.report([{ origin: { kind: "monitor", id: "worse" }, severity: "warning", status: "WARNING" }]);
    await rig.work();
    const [outcome] = await rig.incidents.report([{ origin: { kind: "monitor", id: "worse" }, severity: "critical" }]);
    await rig.work();
    expect((await rig.told(outcome?.incidentId ?? "")).map(({ who }) => who)).toEqual(["a", "b"]);
  });

  test("to a worse one is told to whoever has it", async () => {
    await hold(policyInput([abc()]));
    const [outcome] = await rig.incidents.report([{ origin: { kind: "monitor", id: "worse2" }, severity: "warning", status: "WARNING" }]);
    const id = outcome?.incidentId ?? "";
    await rig.work();
    await take(rig.b, id);
    await rig.incidents.report([{ origin: { kind: "monitor", id: "worse2" }, severity: "critical" }]);
    await rig.work();
    expect(rig.mailsTo(rig.b)).toHaveLength(1);
    expect((await rig.told(id)).map(({ who }) => who)).toEqual(["a"]);
  });

  test("to a snoozed one rests until then, and begins anew", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await snoozeIncident(acts(), rig.c.actor, { ...on(id), until: unixMs(people.clock.now() + hours(1)) });
    await rig.pass(minutes(50), minutes(10));
    expect((await rig.told(id)).map(({ who }) => who)).toEqual(["a"]);
    await people.clock.advance(minutes(10));
    await acts().lookNow();
    await rig.work();
    expect((await rig.told(id)).map(({ after, who }) => `${after} ${who}`)).toEqual(["0 a", "3600 a"]);
  });

  test("to a resolved one tells whoever had it, and nobody any more", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await take(rig.a, id);
    await resolveIncident(acts(), rig.c.actor, on(id));
    await rig.pass(minutes(5));
    expect(rig.mailsTo(rig.a)).toHaveLength(2);
    await reopenIncident(acts(), rig.c.actor, on(id));
    await rig.work();
    expect(rig.mailsTo(rig.a)).toHaveLength(3);
    expect((await rig.told(id)).map(({ who }) => who)).toEqual(["a"]);
  });

  test("to a resolved one before anybody had it tells those who were told", async () => {
    await hold(policyInput([abc()]));
    const [outcome] = await rig.incidents.report([{ origin: { kind: "monitor", id: "brief" } }]);
    await rig.work();
    await rig.incidents.report([{ origin: { kind: "monitor", id: "brief" }, status: "OK" }]);
    await acts().lookNow();
    await rig.pass(minutes(5));
    expect(outcome?.incidentId).toBeDefined();
    expect(rig.mailsTo(rig.a)).toHaveLength(2);
    expect(rig.mailsTo(rig.b)).toHaveLength(0);
  });

  test("in less than the time that it must be open tells nobody", async () => {
    await hold(policyInput([abc()], { minOpenSeconds: 60 }));
    const [outcome] = await rig.incidents.report([{ origin: { kind: "monitor", id: "blip" } }]);
    await rig.pass(seconds(30));
    await rig.incidents.report([{ origin: { kind: "monitor", id: "blip" }, status: "OK" }]);
    await rig.pass(minutes(5));
    expect(await rig.brief(outcome?.incidentId ?? "")).toEqual([]);
    expect(rig.mailsTo(rig.a)).toHaveLength(0);
  });
});

describe("a message that fails", () => {
  test("is followed by the next person at once, and the timeline says what failed", async () => {
    await hold(policyInput([abc()]));
    rig.notify.mailbox.refusedAddresses.set(rig.a.email, { code: 550, text: "5.1.1 nobody here" });
    const id = await rig.open();
    await rig.work();
    expect(await rig.brief(id)).toEqual(["0 a mail failed", "0 b mail sent"]);
    expect(await rig.timeline(id)).toContain("not-told a");
  });

  test("by telephone is followed by mail at once while no telephone is set up", async () => {
    await hold(policyInput([step([person(rig.a), person(rig.b)], { medium: "phone" })]));
    const id = await rig.open();
    await rig.work();
    expect(await rig.brief(id)).toEqual(["0 a phone failed", "0 a mail sent"]);
  });

  test("everywhere walks the whole policy and does not spin", async () => {
    await hold(policyInput([abc()], { rounds: "until-taken", pauseSeconds: 60 }));
    for (const who of [rig.a, rig.b, rig.c, people.first])
      rig.notify.mailbox.refusedAddresses.set(who.email, { code: 550, text: "5.1.1 nobody here" });
    const id = await rig.open();
    for (let turn = 0; turn < 5; turn += 1) await rig.work();
    expect((await rig.told(id)).map(({ after, who, state }) => `${after} ${who} ${state}`)).toEqual([
      "0 a failed",
      "0 b failed",
      "0 c failed",
    ]);
    await rig.pass(minutes(1));
    expect(await rig.told(id)).toHaveLength(6);
  });
});

test("a policy that is changed while an incident escalates changes nothing for it", async () => {
  const id = await hold(policyInput([abc()]));
  const incident = await rig.open();
  await rig.work();
  await people.owner.query("update escalation_policy set document = replace(document, $1, $2) where id = $3", [
    rig.b.actor.personId,
    rig.c.actor.personId,
    id,
  ]);
  await rig.pass(minutes(2));
  expect((await rig.told(incident)).map(({ who }) => who)).toEqual(["a", "b"]);
});
