import { beforeEach, describe, expect, test } from "vitest";
import { addTime, hours, minutes, seconds, unixMs } from "#base/duration";
import { takeIncident } from "#features/incidents";
import { person, policyInput, step, withEscalation } from "#test/escalation-rig";
import { until } from "#test/until";
import type { PolicyInput } from "#wire/escalation";
import { changeBindings } from "./change-bindings.ts";
import { createPolicy } from "./create-policy.ts";
import { runsOf } from "./read-runs.ts";
import { statusOf } from "./read-status.ts";

const rig = withEscalation();
const { people } = rig.incidents;
let count = 0;

async function hold(input: PolicyInput): Promise<string> {
  count += 1;
  const { id } = await createPolicy(rig.escalation, people.first.actor, {
    input: { ...input, name: `${input.name} ${count}` },
    isConfirmed: true,
  });
  await changeBindings(rig.escalation, people.first.actor, [{ policyId: id }]);
  return id;
}
const abc = () => step([person(rig.a), person(rig.b), person(rig.c)]);
const who = async (id: string) => (await rig.told(id)).map((one) => one.who);
const one = async <T>(sql: string, ...values: unknown[]): Promise<T | undefined> =>
  (await people.owner.query(sql, values)).rows[0] as T | undefined; // the query says so

beforeEach(() => people.acts());

describe("four servers over one database", () => {
  test("tell each step once, whoever comes first", async () => {
    await hold(policyInput([abc()], { rounds: 1 }));
    const others = [await rig.another(), await rig.another(), await rig.another()];
    const all = [{ escalation: rig.escalation, notify: rig.notify }, ...others];
    const ids: string[] = [];
    for (let index = 0; index < 15; index += 1) ids.push(await rig.open(`Race ${index}`));
    for (let moment = 0; moment < 4; moment += 1) {
      for (const { escalation } of all) escalation.wake();
      await Promise.all(all.map(({ escalation }) => escalation.settled()));
      // The clock must not pass a lease while something is on its way: that would be a server that hangs.
      await until("all mail has left", 20_000, async () => {
        await Promise.all(all.map(({ notify }) => notify.work()));
        const open = await one<{ n: number }>("select count(*)::int as n from notify_delivery where state in ('pending', 'claimed')");
        return open?.n === 0;
      });
      if (moment < 3) await people.clock.advance(minutes(2));
    }
    for (const id of ids) expect((await who(id)).slice(0, 4)).toEqual(["a", "b", "c", "owner"]);
    const subjects = rig.mailsTo(rig.b);
    expect(new Set(subjects).size).toBe(subjects.length);
    expect(subjects).toHaveLength(ids.length);
    for (const { stop } of others) await stop();
  });

  test("let somebody take it while they work: whatever happens, nobody is told afterwards", async () => {
    await hold(policyInput([step([person(rig.a), person(rig.b), person(rig.c)], { waitSeconds: 10 })], { rounds: 1 }));
    for (let round = 0; round < 8; round += 1) {
      const id = await rig.open(`Taken ${round}`);
      await rig.work();
      await people.clock.advance(seconds(10));
      rig.escalation.wake();
      const taking = takeIncident(rig.incidents.incidents, rig.c.actor, { incidentId: id, via: "console" });
      await Promise.all([rig.escalation.settled(), taking]);
      await rig.work();
      const told = await who(id);
      await rig.pass(minutes(1));
      expect(await who(id)).toEqual(told);
      expect(await one("select state, result from escalation_run where incident_id = $1", id)).toEqual({ state: "done", result: "taken" });
      const waiting = await one(
        "select count(*)::int as n from notify_delivery where about = $1 and key like 'run:%' and state in ('pending', 'held', 'retrying')",
        `incident:${id}`,
      );
      expect(waiting).toEqual({ n: 0 });
    }
  });
});

describe("a clock that is set", () => {
  test("an hour forward gives everybody the time that they were given, and fires nothing in bulk", async () => {
    await hold(policyInput([abc()], { rounds: 1 }));
    const id = await rig.open();
    await rig.work();
    await people.clock.advance(seconds(30));
    await rig.work();
    people.clock.jumpTo(addTime(people.clock.now(), hours(1)));
    await rig.work();
    expect(await who(id)).toEqual(["a"]);
    await rig.pass(seconds(60));
    expect(await who(id)).toEqual(["a"]);
    await rig.pass(seconds(30));
    expect(await who(id)).toEqual(["a", "b"]);
  });

  test("an hour back lets nobody wait an hour longer", async () => {
    await hold(policyInput([abc()], { rounds: 1 }));
    const id = await rig.open();
    await rig.work();
    people.clock.jumpTo(addTime(people.clock.now(), hours(-1)));
    await rig.work();
    await rig.pass(minutes(2));
    expect(await who(id)).toEqual(["a", "b"]);
    people.clock.jumpTo(addTime(people.clock.now(), hours(1)));
    await rig.work();
  });

  test("back while nobody was running is noticed by whoever starts", async () => {
    await hold(policyInput([abc()], { rounds: 1 }));
    const id = await rig.open();
    await rig.work();
    // As if it had been settled by a server whose clock was an hour ahead.
    await people.owner.query(
      "update escalation_run set next_at = next_at + 3600000, planned_at = planned_at + 3600000 where incident_id = $1",
      [id],
    );
    await rig.pass(minutes(2.5));
    expect(await who(id)).toEqual(["a", "b"]);
  });
});

describe("the auditor", () => {
  const audit = async () => {
    const { findings } = await rig.escalation.auditor.audit();
    await rig.work();
    return findings;
  };
  const systemAlert = (origin = "escalation") =>
    one<{ status: string; message: string }>(
      "select status, message from incidents_alert where origin_kind = 'system' and origin_id = $1 order by seq desc limit 1",
      origin,
    );

  test("finds nothing while every open incident has its next action", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    expect(await audit()).toBe(0);
    expect(rig.escalation.auditor.last).toMatchObject({ findings: 0 });
    expect(await who(id)).toEqual(["a"]);
  });

  test("sets an incident going again that has no run, says so as an alert, and ends that alert", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await people.owner.query("update escalation_run set state = 'done', next_at = null, ended_at = 0 where incident_id = $1", [id]);
    await people.acts();
    expect(await audit()).toBe(1);
    expect(await who(id)).toEqual(["a"]);
    expect(await systemAlert()).toMatchObject({ status: "CRITICAL", message: expect.stringContaining("1 incidents had no next action") });
    expect((await people.acts()).filter(({ verb }) => verb === "escalation.restarted")).toMatchObject([
      { object: `incident:${id}`, detail: { cause: "without-next" } },
    ]);
    expect(await audit()).toBe(0);
    expect(await systemAlert()).toMatchObject({ status: "OK" });
  });

  test("tries no more than three times an hour", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    const lose = () =>
      people.owner.query(
        "update escalation_run set state = 'done', next_at = null, ended_at = 0 where incident_id = $1 and state <> 'done'",
        [id],
      );
    for (let turn = 0; turn < 6; turn += 1) {
      await lose();
      await rig.escalation.auditor.audit();
    }
    expect(await one("select count(*)::int as n from escalation_run where incident_id = $1 and restarts > 0", id)).toEqual({ n: 3 });
  });

  test("makes no alert about its own alert, but sets it going again", async () => {
    const [outcome] = await rig.incidents.report([{ origin: { kind: "system", id: "escalation" }, name: "Escalation" }]);
    await people.owner.query("update escalation_run set state = 'done', next_at = null, ended_at = 0 where incident_id = $1", [
      outcome?.incidentId,
    ]);
    const before = await one<{ n: number }>("select count(*)::int as n from incidents_alert where origin_id = 'escalation'");
    expect(await audit()).toBe(1);
    expect(await one("select count(*)::int as n from incidents_alert where origin_id = 'escalation'")).toEqual(before);
    expect(
      await one("select count(*)::int as n from escalation_run where incident_id = $1 and state = 'active'", outcome?.incidentId),
    ).toEqual({ n: 1 });
  });

  test("hastens a run that waits longer than its policy says", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await people.owner.query("update escalation_run set next_at = next_at + 86400000 where incident_id = $1", [id]);
    expect(await audit()).toBe(1);
    expect(await who(id)).toEqual(["a", "b"]);
  });

  test("tells of a policy in use that has come to reach nobody, and of when it does again", async () => {
    const leaver = await people.join(people.first, "collaborator");
    const id = await hold(policyInput([step([person(leaver)])]));
    await people.owner.query("update identity_membership set removed_at = 1 where person_id = $1", [leaver.actor.personId]);
    for (let turn = 0; turn < 5; turn += 1) await audit();
    expect(await systemAlert(`policy:${id}`)).toMatchObject({ status: "CRITICAL" });
    const status = await rig.incidents.tx((tx) => statusOf(rig.escalation, tx, people.clock.now()));
    expect(status).toMatchObject({ default: "policy", reachesNobody: true, brokenPolicies: [{ id }] });
    await people.owner.query("update identity_membership set removed_at = null where person_id = $1", [leaver.actor.personId]);
    for (let turn = 0; turn < 5; turn += 1) await audit();
    expect(await systemAlert(`policy:${id}`)).toMatchObject({ status: "OK" });
  });
});

describe("something of Hinoban itself that fails", () => {
  test("makes an alert: a channel that was suspended", async () => {
    await people.owner.query(
      "insert into notify_channel (id, organisation_id, name, type, settings, language, created_at, suspended_at) values ('ops', $1, 'Ops', 'webhook', '{}', 'en', 0, 1)",
      [people.first.actor.organisationId],
    );
    await rig.incidents.tx(async (tx) => {
      for (const listener of rig.notify.notify.listeners) {
        await listener.channelSuspended?.(tx, people.clock.now(), { channelId: "ops", name: "Ops", problem: "410 Gone" });
      }
    });
    await rig.work();
    const alert = await one<{ name: string; message: string; id: string }>("select * from incidents_alert where origin_id = 'channel:ops'");
    expect(alert).toMatchObject({ name: "Channel Ops", message: expect.stringContaining("410 Gone"), status: "CRITICAL" });
    expect(rig.mailsTo(people.first)).toHaveLength(1);
    await people.owner.query("delete from notify_channel where id = 'ops'");
    for (let turn = 0; turn < 5; turn += 1) await rig.escalation.auditor.audit();
    await rig.work();
    expect(await one("select status from incidents_alert where origin_id = 'channel:ops'")).toEqual({ status: "OK" });
  });
});

describe("what schedules tell", () => {
  const change = () => ({
    scheduleId: "s",
    scheduleName: "Night",
    timeZone: "Asia/Tokyo",
    at: people.clock.now(),
    from: [rig.a.actor.personId],
    to: [rig.b.actor.personId],
    until: unixMs(people.clock.now() + 3_600_000),
    next: [rig.c.actor.personId],
    tellsPeople: true,
    channelId: undefined,
    teamId: undefined,
    key: `duty:s:${people.clock.now()}`,
  });

  test("reaches those who come and go, once", async () => {
    for (let turn = 0; turn < 2; turn += 1) {
      await rig.incidents.tx(async (tx) => {
        for (const listener of rig.duty.listeners) await listener.handedOver?.(tx, people.clock.now(), change());
      });
    }
    await rig.work();
    expect(rig.mailsTo(rig.a)).toHaveLength(1);
    expect(rig.mailsTo(rig.b)).toHaveLength(1);
    expect(rig.mailsTo(rig.b)[0]).toContain("Night");
  });

  test("a gap reaches the owners when the schedule names neither a channel nor a team", async () => {
    const { key, ...rest } = change();
    const gap = { ...rest, key: `${key}:gap`, from: people.clock.now(), to: addTime(people.clock.now(), hours(2)) };
    await rig.incidents.tx(async (tx) => {
      for (const listener of rig.duty.listeners) await listener.gapAhead?.(tx, people.clock.now(), gap);
    });
    await rig.work();
    expect(rig.mailsTo(people.first)).toHaveLength(1);
  });
});

test("the incident's page is told who was told, with what outcome, and who is next", async () => {
  await hold(policyInput([abc()]));
  rig.notify.mailbox.refusedAddresses.set(rig.a.email, { code: 550, text: "5.1.1 nobody here" });
  const id = await rig.open();
  await rig.work();
  const { runs } = await rig.incidents.tx((tx) => runsOf(rig.escalation, tx, id));
  expect(runs).toMatchObject([
    {
      state: "active",
      nextAt: addTime(people.clock.now(), minutes(2)),
      attempts: [
        { personId: rig.a.actor.personId, medium: "mail", state: "failed", problem: expect.stringContaining("nobody here") },
        { personId: rig.b.actor.personId, medium: "mail", state: "sent" },
      ],
      nextTargets: [{ kind: "person", personId: rig.c.actor.personId }],
    },
  ]);
});
