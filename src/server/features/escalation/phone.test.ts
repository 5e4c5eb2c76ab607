import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { declineIncident, takeIncident } from "#features/incidents";
import type { Job, Settled } from "#features/notify";
import { person, policyInput, step, withEscalation } from "#test/escalation-rig";
import type { Somebody } from "#test/people";
import type { PolicyInput } from "#wire/escalation";
import { changeBindings } from "./change-bindings.ts";
import { createPolicy } from "./create-policy.ts";

const rig = withEscalation();
const { people } = rig.incidents;
/** Calls that are on, newest last. */
let calls: Job[] = [];
let hungUp: string[] = [];

beforeAll(async () => {
  const { notify } = rig.notify;
  notify.addDriver("phone", {
    pace: "quick",
    send: async (job) => {
      calls.push(job);
      return { kind: "handed-on" };
    },
    preview: async () => ({}),
  });
  notify.listen({ callsCancelled: async (_tx, _at, ids) => void hungUp.push(...ids) });
  for (const [index, { actor }] of [rig.a, rig.b, rig.c].entries()) {
    await people.owner.query(
      `insert into notify_contact (id, organisation_id, person_id, kind, address, label, position, created_at, verified_at)
       values ($1, $2, $3, 'phone', $4, '', 1, 0, 1)`,
      [`phone${index}`, actor.organisationId, actor.personId, `+81901234567${index}`],
    );
  }
});
beforeEach(async () => {
  await people.acts();
  calls = [];
  hungUp = [];
  await people.owner.query("update notify_delivery set state = 'cancelled', ended_at = 0 where state = 'calling'");
});

let count = 0;
async function hold(input: PolicyInput): Promise<void> {
  count += 1;
  const { id } = await createPolicy(rig.escalation, people.first.actor, { input: { ...input, name: `Phone ${count}` }, isConfirmed: true });
  await changeBindings(rig.escalation, people.first.actor, [{ policyId: id }]);
}

/** What becomes of the newest call. */
async function settle(settled: Settled): Promise<void> {
  const job = calls.at(-1);
  const at = people.clock.now();
  await people.identity.db.tx({ organisationId: rig.a.actor.organisationId }, async (tx) => {
    expect(await rig.notify.notify.settle(tx, at, job?.deliveryId ?? "", settled)).toBe(true);
  });
  await rig.work();
}

const noAnswer: Settled = { kind: "failed", problem: "Nobody answered.", blame: "message", goesOn: true };
const called = () => calls.map(({ personId }) => rig.nameOf(personId));
const abc = (more: Parameters<typeof step>[1] = {}) =>
  step([person(rig.a), person(rig.b), person(rig.c)], { medium: "phone", waitSeconds: 30, ...more });
const on = (incidentId: string) => ({ incidentId, via: "phone" as const });
const cannot = (who: Somebody, id: string) => declineIncident(rig.incidents.incidents, who.actor, on(id));

describe("people who are called", () => {
  test("are called one after the other: a call lasts as long as it lasts, and its end calls the next one at once", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    expect(called()).toEqual(["a"]);
    await rig.pass(minutes(3)); // far beyond the step's wait: the first is still on the phone
    expect(called()).toEqual(["a"]);
    await settle(noAnswer);
    expect(called()).toEqual(["a", "b"]);
    expect(await rig.brief(id)).toEqual(["0 a phone failed", "180 b phone calling"]);
    expect(rig.mailsTo(rig.a)).toEqual([]); // being called was being told
  });

  test("and mailed besides are not waited for when the call was not answered", async () => {
    const slope = { working: ["phone", "mail"], outside: ["phone", "mail"] } as const;
    const both = { working: [...slope.working], outside: [...slope.outside] };
    await hold(policyInput([abc({ medium: "severity" })], { slope: { critical: both, error: both, warning: both, information: both } }));
    await rig.open();
    await rig.work();
    await settle(noAnswer);
    expect(called()).toEqual(["a", "b"]);
    expect(rig.mailsTo(rig.a)).toHaveLength(1);
  });

  test("are told otherwise when the telephone itself does not work", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await settle({ kind: "failed", problem: "No line is ready.", blame: "server", goesOn: false });
    expect(await rig.brief(id)).toEqual(["0 a phone failed", "0 a mail sent"]);
  });

  test("are no longer called once somebody has it", async () => {
    await hold(policyInput([abc()]));
    const id = await rig.open();
    await rig.work();
    await takeIncident(rig.incidents.incidents, rig.c.actor, on(id));
    await rig.work();
    expect(hungUp).toEqual([calls[0]?.deliveryId]);
    await rig.pass(minutes(2));
    expect(called()).toEqual(["a"]);
  });

  test("and say that they cannot are followed by the next one while they still listen", async () => {
    await hold(policyInput([abc()], { rounds: 2 }));
    const id = await rig.open();
    await rig.work();
    await people.clock.advance(seconds(5));
    await cannot(rig.a, id);
    await rig.work();
    expect(called()).toEqual(["a", "b"]);
  });

  test("and say that they cannot are called again in the next round, unless the policy lets them leave for good", async () => {
    for (const [leave, second] of [
      ["round", "a"],
      ["run", "b"],
    ] as const) {
      calls = [];
      await hold(policyInput([step([person(rig.a), person(rig.b)], { medium: "phone", waitSeconds: 30 })], { rounds: 3, cannot: leave }));
      const id = await rig.open(`leaves ${leave}`);
      await rig.work();
      await cannot(rig.a, id);
      await rig.work();
      await settle(noAnswer);
      await rig.pass(seconds(30));
      expect(called(), leave).toEqual(["a", "b", second]);
      await takeIncident(rig.incidents.incidents, rig.c.actor, on(id));
    }
  });

  test("and ask for the next step are followed by it at once, whoever else the step names and however long it was to wait", async () => {
    await hold(
      policyInput([
        step([person(rig.a), person(rig.b)], { medium: "phone" }),
        step([person(rig.c)], { medium: "phone", afterSeconds: 300 }),
      ]),
    );
    const id = await rig.open();
    await rig.work();
    const { organisationId } = rig.a.actor;
    await people.identity.db.tx({ organisationId }, async (tx) => {
      expect(await rig.escalation.skipStep(tx, people.clock.now(), id)).toBe(true);
    });
    await settle(noAnswer);
    expect(called()).toEqual(["a", "c"]);
    expect(await rig.timeline(id)).toContain("step hastened");
    await takeIncident(rig.incidents.incidents, rig.c.actor, on(id));
    await people.identity.db.tx({ organisationId }, async (tx) => {
      expect(await rig.escalation.skipStep(tx, people.clock.now(), id)).toBe(false);
    });
  });

  test("all at once and ask for the next step are followed by it, though the others are still called", async () => {
    const both = step([person(rig.a), person(rig.b)], { medium: "phone", mode: "at-once" });
    await hold(policyInput([both, step([person(rig.c)], { medium: "phone" })]));
    const id = await rig.open();
    await rig.work();
    expect(called().toSorted()).toEqual(["a", "b"]);
    await people.identity.db.tx({ organisationId: rig.a.actor.organisationId }, async (tx) => {
      expect(await rig.escalation.skipStep(tx, people.clock.now(), id)).toBe(true);
    });
    await settle(noAnswer);
    expect(called().at(-1)).toBe("c");
  });

  test("for ever are given up after a quarter of an hour", async () => {
    await hold(policyInput([abc()]));
    await rig.open();
    await rig.work();
    await rig.pass(minutes(16));
    expect(called().slice(0, 2)).toEqual(["a", "b"]);
  });
});
