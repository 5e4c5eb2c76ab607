import { beforeEach, describe, expect, test } from "vitest";
import { newId } from "#base/ids";
import { createService } from "#features/inventory";
import { scopeOf } from "#http";
import { person, policyInput, step, withEscalation } from "#test/escalation-rig";
import type { PolicyInput, StepTarget } from "#wire/escalation";
import { changeBindings } from "./change-bindings.ts";
import { changePolicy } from "./change-policy.ts";
import { createPolicy } from "./create-policy.ts";
import { deletePolicy } from "./delete-policy.ts";
import { dryRunOf } from "./dry-run.ts";
import { allBindings } from "./policy-store.ts";

const rig = withEscalation();
const { people } = rig.incidents;
const owner = () => people.first.actor;
let count = 0;
const named = (input: PolicyInput): PolicyInput => {
  count += 1;
  return { ...input, name: `Policy ${count}` };
};
const plain = () => named(policyInput([step([person(rig.a)])]));
const create = (input: PolicyInput, isConfirmed = false) => createPolicy(rig.escalation, owner(), { input, isConfirmed });
const acts = async () => (await people.acts()).filter(({ verb }) => verb.startsWith("escalation"));
const dry = (asked: Parameters<typeof dryRunOf>[2]) => rig.incidents.tx((tx) => dryRunOf(tx, rig.duty, asked, people.clock.now()));

beforeEach(() => people.acts());

describe("a policy", () => {
  test("is created, changed and deleted, each with one entry of the ledger", async () => {
    const made = await create(plain());
    expect(made).toMatchObject({ version: 1, reaches: "all", problems: [], bindings: 0 });
    const input = { ...policyInput([step([person(rig.b)])]), name: made.name };
    const changed = await changePolicy(rig.escalation, owner(), { id: made.id, input, isConfirmed: false, version: 1 });
    expect(changed).toMatchObject({ version: 2, steps: input.steps });
    await deletePolicy(rig.escalation, owner(), made.id);
    expect((await acts()).map(({ verb, detail }) => [verb, detail["fields"]])).toEqual([
      ["escalation-policy.created", undefined],
      ["escalation-policy.changed", ["steps"]],
      ["escalation-policy.deleted", undefined],
    ]);
  });

  test("that is saved as it is changes nothing and tells the ledger nothing", async () => {
    const input = plain();
    const { id } = await create(input);
    await people.acts();
    expect(await changePolicy(rig.escalation, owner(), { id, input, isConfirmed: false, version: undefined })).toMatchObject({
      version: 1,
    });
    expect(await acts()).toEqual([]);
  });

  test("is refused to a viewer", async () => {
    const viewer = await people.join(people.first, "viewer");
    const { id } = await create(plain());
    const refused = { code: "forbidden" };
    await expect(createPolicy(rig.escalation, viewer.actor, { input: plain(), isConfirmed: false })).rejects.toMatchObject(refused);
    await expect(
      changePolicy(rig.escalation, viewer.actor, { id, input: plain(), isConfirmed: false, version: undefined }),
    ).rejects.toMatchObject(refused);
    await expect(deletePolicy(rig.escalation, viewer.actor, id)).rejects.toMatchObject(refused);
    await expect(changeBindings(rig.escalation, viewer.actor, [])).rejects.toMatchObject(refused);
  });

  test("of another organisation is not there", async () => {
    const { id } = await create(plain());
    const other = await people.another(`other-${newId().toLowerCase()}`);
    await expect(deletePolicy(rig.escalation, other.actor, id)).rejects.toMatchObject({ code: "not-found" });
    expect(await rig.escalation.db.tx(scopeOf(other.actor), allBindings)).toEqual([]);
  });

  test("that somebody else changed meanwhile is refused", async () => {
    const { id } = await create(plain());
    const change = (version: number) => changePolicy(rig.escalation, owner(), { id, input: plain(), isConfirmed: false, version });
    await change(1);
    await expect(change(1)).rejects.toMatchObject({ code: "conflict", facts: { version: 2 } });
  });

  test("of which a step reaches nobody is refused with the step, and saved when that is confirmed", async () => {
    const leaver = await people.join(people.first, "collaborator");
    await people.owner.query("update identity_membership set removed_at = 1 where person_id = $1", [leaver.actor.personId]);
    const input = named(policyInput([step([person(rig.a)]), step([person(leaver)])]));
    await expect(create(input)).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: [{ field: "steps.1", problem: expect.stringContaining("step 2 reaches nobody: this person is no active member") }] },
    });
    expect(await create(input, true)).toMatchObject({ reaches: "some", problems: [{ field: "steps.1.targets.0" }, { field: "steps.1" }] });
  });

  test.each<[string, (id: string) => Partial<PolicyInput>, string]>([
    ["a person whom nobody knows", () => ({ steps: [step([{ kind: "person", personId: "nobody" }])] }), "steps.0.targets.0"],
    [
      "a schedule that does not exist",
      () => ({ steps: [step([{ kind: "schedule", scheduleId: "none", who: "now" }])] }),
      "steps.0.targets.0",
    ],
    ["a team that does not exist", () => ({ steps: [step([{ kind: "team", teamId: "none", how: "in-order" }])] }), "steps.0.targets.0"],
    ["a channel that does not exist", () => ({ exhausted: { channelId: "none", repeatSeconds: 60 } }), "exhausted.channelId"],
    ["a calendar that does not exist", () => ({ calendarId: "none" }), "calendarId"],
    ["rounds for ever without a pause", () => ({ rounds: "until-taken", pauseSeconds: 10 }), "pauseSeconds"],
    ["a policy to go on with that does not exist", () => ({ exhausted: { policyId: "none", repeatSeconds: 60 } }), "exhausted.policyId"],
    ["itself to go on with", (id) => ({ exhausted: { policyId: id, repeatSeconds: 60 } }), "exhausted.policyId"],
    ["a blank name", () => ({ name: "   " }), "name"],
  ])("with %s is refused with the field", async (_name, more, field) => {
    const { id } = await create(plain());
    const input = { ...plain(), ...more(id) };
    const changing = changePolicy(rig.escalation, owner(), { id, input, isConfirmed: true, version: undefined });
    await expect(changing).rejects.toMatchObject({
      code: "invalid-input",
      facts: { fields: expect.arrayContaining([expect.objectContaining({ field })]) },
    });
  });

  test("never takes a name that another has", async () => {
    const first = await create(plain());
    const second = await create(plain());
    const input = { ...plain(), name: first.name };
    await expect(create(input)).rejects.toMatchObject({ code: "invalid-input", facts: { fields: [{ field: "name" }] } });
    await expect(
      changePolicy(rig.escalation, owner(), { id: second.id, input, isConfirmed: false, version: undefined }),
    ).rejects.toMatchObject({
      facts: { fields: [{ field: "name" }] },
    });
  });

  test("that is in use, or that another goes on with, is not deleted", async () => {
    const { id } = await create(plain());
    await changeBindings(rig.escalation, owner(), [{ policyId: id }]);
    await expect(deletePolicy(rig.escalation, owner(), id)).rejects.toMatchObject({ code: "conflict" });
    await changeBindings(rig.escalation, owner(), []);
    await create({ ...plain(), exhausted: { policyId: id, repeatSeconds: 60 } });
    await expect(deletePolicy(rig.escalation, owner(), id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("goes on with this one"),
    });
  });
});

describe("bindings", () => {
  test("decide by service and severity before the organisation's", async () => {
    await createService(rig.incidents.inventory, owner(), { name: "shop", memo: "" });
    const ids = [await create(plain()), await create(plain()), await create(plain())].map(({ id }) => id);
    const [standard = "", shop = "", critical = ""] = ids;
    await people.acts();
    await changeBindings(rig.escalation, owner(), [
      { policyId: standard },
      { service: "shop", policyId: shop },
      { service: "shop", severity: "critical", policyId: critical },
    ]);
    expect((await acts()).map(({ verb }) => verb)).toEqual(["escalation-bindings.changed"]);
    const names = new Map(
      (await Promise.all(ids.map(async (id) => [id, (await dry({ policyId: id, severity: "error" })).policyName] as const))).map(
        ([id, name]) => [id, name],
      ),
    );
    expect((await dry({ severity: "critical" })).policyName).toBe(names.get(standard));
    expect((await dry({ service: "shop", severity: "warning" })).policyName).toBe(names.get(shop));
    expect((await dry({ service: "shop", severity: "critical" })).policyName).toBe(names.get(critical));
  });

  test("name every field that is wrong, and leave everything as it was", async () => {
    const { id } = await create(plain());
    const changing = changeBindings(rig.escalation, owner(), [{ policyId: id }, { policyId: id }, { service: "none", policyId: "none" }]);
    await expect(changing).rejects.toMatchObject({
      facts: { fields: [{ field: "bindings.1" }, { field: "bindings.2.policyId" }, { field: "bindings.2.service" }] },
    });
    expect(await rig.incidents.tx(allBindings)).toEqual([]);
  });
});

describe("a dry run", () => {
  test("tells minute by minute what would happen, until it repeats itself, and tells nobody", async () => {
    const input = named(
      policyInput([step([person(rig.a), person(rig.b)]), step([{ kind: "team", teamId: "none", how: "in-order" }])], { rounds: 1 }),
    );
    const { lines, endsAs, problems, names } = await dry({ draft: input, severity: "critical" });
    expect(lines.map((line) => `${line.afterSeconds} ${line.kind} ${rig.nameOf(line.personId)}`)).toEqual([
      "0 told a",
      "120 told b",
      "240 nobody nobody",
      "240 empty nobody",
      "240 exhausted nobody",
      "240 told owner",
      "250 round-over nobody",
    ]);
    expect(endsAs).toBe("repeats");
    expect(problems).toMatchObject([{ field: "steps.1.targets.0" }, { field: "steps.1" }]);
    expect(names[`person:${rig.a.actor.personId}`]).toBe("Name of a@example.jp");
    expect(rig.notify.mailbox.received).toHaveLength(0);
    expect(await acts()).toEqual([]);
  });

  test("shows what would be held, and until when", async () => {
    const input = named(policyInput([step([person(rig.a)], { medium: "severity" })], { calendarId: "business-days" }));
    const saturday = Date.UTC(2026, 10, 21, 3); // noon in Tokyo
    const { lines } = await dry({ draft: input, severity: "warning", at: saturday });
    // Monday is a public holiday: 勤労感謝の日.
    const tuesday = Date.UTC(2026, 10, 24, 0);
    expect(lines[0]).toMatchObject({ kind: "held", until: tuesday });
    expect(lines[1]).toMatchObject({ kind: "told", at: tuesday, media: ["chat", "mail"] });
    const urgent = await dry({ draft: input, severity: "critical", at: saturday });
    expect(urgent.lines[0]).toMatchObject({ kind: "told", at: saturday, media: ["phone", "mail"] });
  });

  test("goes on for ever in a policy without end, and says so", async () => {
    const input = named(policyInput([step([person(rig.a)])], { rounds: "until-taken", pauseSeconds: 300 }));
    const { lines, endsAs } = await dry({ draft: input, severity: "critical" });
    expect(endsAs).toBe("repeats");
    expect(lines.filter(({ kind }) => kind === "told").map(({ afterSeconds }) => afterSeconds)).toEqual([0, 420]);
  });

  test("of any step and any target takes its time, not the server's", async () => {
    const all: StepTarget[] = Array.from({ length: 20 }, () => ({ kind: "team", teamId: "none", how: "in-order" }));
    const input = named(
      policyInput(
        Array.from({ length: 20 }, () => step(all, { afterSeconds: 1 })),
        { rounds: 10 },
      ),
    );
    const { lines, endsAs } = await dry({ draft: input, severity: "critical" });
    expect(lines).toHaveLength(300);
    expect(endsAs).toBe("cut");
  });
});
