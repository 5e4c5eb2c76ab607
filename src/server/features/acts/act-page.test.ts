import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { days, minutes } from "#base/duration";
import { takeIncident, releaseIncident } from "#features/incidents";
import { withActs } from "#test/acts-rig";
import type { Somebody } from "#test/people";
import { changeMember, removeMember, restrictNetworks } from "#test/verbs";
import type { Act } from "#wire/acts";
import type { IncidentAction } from "#wire/alerting";

const rig = withActs();
let incident = "";

beforeEach(async () => {
  incident = await rig.open();
  await rig.incidents.people.acts();
});

let deliveries = 0;
/** The token of a link that was sent to somebody. */
const link = (who: Somebody, action: IncidentAction, lasts = days(7), incidentId = incident): string =>
  rig.incidents.incidents.tokens.mint({
    organisationId: who.actor.organisationId,
    incidentId,
    action,
    to: { kind: "person", id: who.actor.personId },
    deliveryId: `delivery-${(deliveries += 1)}`,
    expiresAt: (rig.incidents.now() + lasts) as never, // a sum of a time and a length
  });
const get = async (token: string, address = "192.0.2.7") => {
  const answer = await rig.app.inject({ method: "GET", url: `/api/v1/acts/${token}`, remoteAddress: address });
  return { status: answer.statusCode, body: answer.json<Act & { code?: string }>() };
};
const post = async (token: string, address = "192.0.2.7") => {
  const answer = await rig.app.inject({ method: "POST", url: `/api/v1/acts/${token}`, remoteAddress: address });
  return { status: answer.statusCode, body: answer.json<{ isDone: boolean; act: Act; code?: string }>() };
};
/** What people did; what the escalation does meanwhile is its own. */
const verbs = async (): Promise<string[]> =>
  (await rig.incidents.people.acts())
    .filter(({ verb }) => verb !== "incident.escalated")
    .map(({ verb, actor }) => `${verb} ${actor.slice(0, 7)}`);
const via = { via: "console" } as const;

describe("a link of a mail", () => {
  test("shows what it is about and changes nothing, however often it is opened", async () => {
    const token = link(rig.a, "take");
    for (let time = 0; time < 3; time += 1) {
      const { status, body } = await get(token);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        action: "take",
        standing: "ready",
        person: { name: "Name of a@example.jp", language: "en", timeZone: "Asia/Tokyo" },
        organisation: { name: "first" },
        incident: { id: incident, state: "open", alertCount: 1, alerts: [{ name: expect.stringContaining("CPU"), isOpen: true }] },
      });
      expect(body.incident.responderName).toBeUndefined();
    }
    expect(await verbs()).toEqual([]);
  });

  test("is of use once: the second press tells who has it, and since when", async () => {
    const token = link(rig.a, "take");
    const at = rig.incidents.now();
    expect((await post(token)).body).toMatchObject({ isDone: true, act: { standing: "yours", incident: { state: "taken", takenAt: at } } });
    expect(await rig.incidents.people.acts()).toMatchObject([
      { verb: "incident.taken", actor: `person:${rig.a.actor.personId}`, object: `incident:${incident}`, detail: { via: "mail" } },
    ]);
    expect((await post(token)).body).toMatchObject({ isDone: false, act: { standing: "yours" } });
    expect((await post(link(rig.b, "take"))).body).toMatchObject({
      isDone: false,
      act: { standing: "taken", incident: { responderName: "Name of a@example.jp", takenAt: at } },
    });
    await releaseIncident(rig.incidents.incidents, rig.a.actor, { incidentId: incident, ...via });
    expect((await post(token)).body).toMatchObject({ isDone: false, act: { standing: "used", incident: { state: "open" } } });
  });

  test("that came too late is of use when the incident is given back", async () => {
    const late = link(rig.b, "take");
    await takeIncident(rig.incidents.incidents, rig.a.actor, { incidentId: incident, ...via });
    expect((await post(late)).body).toMatchObject({ isDone: false, act: { standing: "taken" } });
    await releaseIncident(rig.incidents.incidents, rig.a.actor, { incidentId: incident, ...via });
    expect((await post(late)).body).toMatchObject({ isDone: true, act: { standing: "yours" } });
  });

  test("passes to the next person, and ends the incident", async () => {
    expect((await post(link(rig.a, "cannot"))).body).toMatchObject({ isDone: true, act: { incident: { state: "open" } } });
    expect((await post(link(rig.b, "resolve"))).body).toMatchObject({ isDone: true, act: { standing: "resolved" } });
    expect((await post(link(rig.a, "take"))).body).toMatchObject({ isDone: false, act: { standing: "resolved" } });
    expect(await verbs()).toEqual(["incident.declined person:", "incident.resolved person:"]);
  });

  test("that is too old is refused, and so is one that nobody of ours made; both are written down", async () => {
    const old = link(rig.a, "take", minutes(1));
    await rig.incidents.people.clock.advance(minutes(2));
    expect([(await get(old)).status, (await get(old)).body.code]).toEqual([410, "gone"]);
    expect(await verbs()).toEqual([]);
    expect((await post(old)).status).toBe(410);
    const fresh = link(rig.a, "take");
    const forged = [`${fresh}x`, fresh.slice(0, -2), fresh.replace(".", "A."), "x.y", "a.b.c", "%F0%9F%92%A9"];
    for (const token of forged) expect([(await get(token)).status, (await post(token)).status], token).toEqual([404, 404]);
    const acts = (await rig.incidents.people.acts()).filter(({ verb }) => verb === "act.refused");
    expect(acts.map(({ verb, detail, outcome }) => [verb, detail["cause"], outcome])).toEqual([
      ["act.refused", "expired", "refused"],
      ...forged.map(() => ["act.refused", "forged", "refused"]),
    ]);
    expect(acts[0]).toMatchObject({ organisationId: rig.a.actor.organisationId, object: `incident:${incident}` });
    expect(acts[1]).toMatchObject({ organisationId: "installation", object: "organisation:installation" });
    expect((await get(fresh)).body.standing).toBe("ready");
  });

  test("of a channel's message is a link for nobody", async () => {
    const { organisationId } = rig.a.actor;
    const facts = { organisationId, incidentId: incident, action: "take", deliveryId: "d" } as const;
    const expiresAt = (rig.incidents.now() + days(1)) as never; // a sum of a time and a length
    const token = rig.incidents.incidents.tokens.mint({ ...facts, to: { kind: "channel", id: "c" }, expiresAt });
    expect([(await get(token)).status, (await post(token)).status]).toEqual([404, 404]);
  });

  test("does what the person may do now: not after they became a viewer, were removed or suspended", async () => {
    const { people } = rig.incidents;
    const person = await people.join(people.first, "collaborator");
    const token = link(person, "take");
    const change = (input: object) => changeMember(people.identity, people.first.actor, { personId: person.actor.personId, ...input });
    await change({ role: "viewer" });
    await people.acts();
    expect([(await get(token)).status, (await post(token)).status]).toEqual([403, 403]);
    expect(await people.acts()).toMatchObject([
      { verb: "permission.refused", actor: `person:${person.actor.personId}`, outcome: "refused", detail: { verb: "incident.act" } },
    ]);
    await change({ role: "collaborator" });
    await change({ state: "suspended" });
    expect((await post(token)).status).toBe(403);
    await change({ state: "active" });
    await removeMember(people.identity, people.first.actor, person.actor.personId);
    expect([(await get(token)).status, (await post(token)).body.code]).toEqual([403, "forbidden"]);
    expect((await get(token)).body).not.toHaveProperty("incident");
  });

  test("is refused from outside the organisation's networks, as everything else of theirs is", async () => {
    const { people } = rig.incidents;
    const inside = { ...people.first.actor, address: "192.0.2.10" };
    await restrictNetworks(people.identity, inside, { method: "web", networks: ["192.0.2.0/24"] });
    const token = link(rig.a, "take");
    expect((await post(token, "198.51.100.1")).status).toBe(403);
    expect((await post(token, "192.0.2.77")).body.isDone).toBe(true);
    await restrictNetworks(people.identity, inside, { method: "web", networks: [] });
  });

  test("works without JavaScript: a page with one button, a form", async () => {
    const token = link(rig.a, "take");
    const url = `/act/${token}/plain`;
    const page = await rig.app.inject({ method: "GET", url });
    expect(page.body).toContain('<form method="post"><button type="submit">Take it</button></form>');
    expect(page.headers["content-security-policy"]).toContain("form-action 'self'");
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const pressed = await rig.app.inject({ method: "POST", url, headers, payload: "" });
    expect(pressed.body).toContain("Name of a@example.jp has it since");
    expect(pressed.body).not.toContain("<form");
    const japanese = await rig.app.inject({ method: "GET", url: "/act/x.y/plain", headers: { "accept-language": "ja,en;q=0.5" } });
    expect([japanese.statusCode, japanese.body.includes("このリンクは無効です")]).toEqual([404, true]);
  });

  test("is asked for so often from one address and no more", async () => {
    const token = link(rig.a, "take");
    const answers = [];
    for (let time = 0; time < 130; time += 1) answers.push((await get(token, "203.0.113.9")).status);
    expect([answers.filter((status) => status === 200).length, answers.at(-1)]).toEqual([120, 429]);
    expect((await get(token, "203.0.113.10")).status).toBe(200);
    await rig.incidents.people.clock.advance(minutes(1));
    expect((await get(token, "203.0.113.9")).status).toBe(200);
  });
});

describe("many at the same moment", () => {
  let people: Somebody[] = [];
  beforeAll(async () => {
    people = [];
    for (let count = 0; count < 6; count += 1) people.push(await rig.incidents.people.join(rig.incidents.people.first, "collaborator"));
  });

  test("by links, one of them twice, and in the console: exactly one has it, and everybody is told who", async () => {
    for (let round = 0; round < 5; round += 1) {
      const own = await rig.open(`Duel ${round}`);
      const tokens = people.map((who) => link(who, "take", days(7), own));
      const [first = ""] = tokens;
      const presses = [...tokens, first].map((token) => post(token));
      const console_ = takeIncident(rig.incidents.incidents, rig.a.actor, { incidentId: own, ...via }).then(
        () => true,
        () => false,
      );
      const answers = await Promise.all(presses);
      const isByConsole = await console_;
      const winners = answers.filter(({ body }) => body.isDone).length + (isByConsole ? 1 : 0);
      expect(winners, `round ${round}`).toBe(1);
      const names = new Set(answers.map(({ body }) => body.act.incident.responderName));
      expect([names.size, names.has(undefined)]).toEqual([1, false]);
      const { rows } = await rig.incidents.people.owner.query(
        "select count(*)::int as n from incidents_timeline where incident_id = $1 and kind = 'taken'",
        [own],
      );
      expect(rows).toEqual([{ n: 1 }]);
    }
  });

  test("one link that says cannot, pressed five times at once, says it once", async () => {
    const own = await rig.open("Cannot at once");
    const token = link(rig.a, "cannot", days(7), own);
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => post(token)));
    expect(answers.filter(({ body }) => body.isDone)).toHaveLength(1);
  });
});
