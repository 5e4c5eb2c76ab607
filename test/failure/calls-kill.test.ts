import { afterAll, expect, test } from "vitest";
import { withDaemons } from "#test/daemons";
import { Baresip, withPhones } from "#test/phones/baresip";
import { PhoneHouse } from "#test/phones/house";
import { startKamailio } from "#test/phones/kamailio";
import { until } from "#test/until";

/** Each round kills the server once, in another state of a call and at another moment of it. */
const rounds = 20;
const states = ["queued", "dialling", "ringing", "talking", "pressed"] as const;

withDaemons();
withPhones();
let house: PhoneHouse;

afterAll(async () => {
  await house.close();
});

const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, milliseconds));

/** How many calls the phone held at most at one moment. */
function mostAtOnce({ events }: Baresip): number {
  let [now, most] = [0, 0];
  for (const { type } of events) {
    if (type === "CALL_INCOMING") now += 1;
    if (type === "CALL_CLOSED") now -= 1;
    most = Math.max(most, now);
  }
  return most;
}

const stateOf = async (incident: string): Promise<string> =>
  (await house.key.get<{ state: string }>("GET", `/api/v1/orgs/main/incidents/${incident}`)).state;

/** Brings a call into a state, and the server to its end in it. */
async function strike(phone: Baresip, round: number): Promise<string> {
  const state = states[round % states.length];
  const before = { rang: phone.count("CALL_INCOMING"), answered: phone.count("CALL_ESTABLISHED") };
  const incident = await house.ignite(`Round ${round}`);
  if (state === "dialling") await wait(20 + ((round * 37) % 100));
  if (state === "ringing" || state === "talking" || state === "pressed") await phone.rings(15_000, before.rang + 1);
  if (state === "talking" || state === "pressed") {
    await phone.accept();
    await phone.event("CALL_ESTABLISHED", 10_000, before.answered + 1);
    await wait((round * 53) % 400);
  }
  if (state === "pressed") {
    void phone.press("1");
    await wait(20 + ((round * 29) % 120));
  }
  await house.kill();
  return incident;
}

/** Whoever is called answers and presses until it is taken. */
async function takeIt(phone: Baresip, incident: string): Promise<void> {
  const seen = (): string =>
    phone.events
      .slice(-12)
      .map(({ type }) => type)
      .join(" ");
  await until(`the incident is taken; the phone: ${seen()}`, 120_000, async () => {
    if ((await stateOf(incident)) === "taken") return true;
    if (phone.count("CALL_INCOMING") === phone.count("CALL_CLOSED")) return false;
    const last = phone.events.map(({ type }) => type).lastIndexOf("CALL_INCOMING");
    const isAnswered = phone.events.slice(last).some(({ type }) => type === "CALL_ESTABLISHED");
    await (isAnswered ? phone.press("1") : phone.accept());
    return false;
  });
}

test(`a server that is killed ${rounds} times in the middle of calls loses none and doubles none`, async () => {
  const kamailio = await startKamailio();
  const phone = await Baresip.start({ user: "09011110001", registrar: kamailio.port, calls: 3 });
  house = await PhoneHouse.open({ trunkPort: kamailio.port, engineers: [{ name: "田中 一郎", number: "09011110001" }], waitSeconds: 60 });
  await until("the trunk is registered", 20_000, async () => (await house.lineState()) === "ready");
  for (let round = 0; round < rounds; round += 1) {
    const rang = phone.count("CALL_INCOMING");
    const incident = await strike(phone, round);
    await house.start();
    await takeIt(phone, incident);
    if (phone.count("CALL_INCOMING") > phone.count("CALL_CLOSED")) await phone.hangUp(); // they need not hear it out
    await until("every call is over", 20_000, async () => (await house.calls(incident)).every(({ state }) => state === "over"));
    await until("the phone is silent", 20_000, () => phone.count("CALL_INCOMING") === phone.count("CALL_CLOSED"));
    const calls = await house.calls(incident);
    const told = `round ${round} (${states[round % states.length]}): ${JSON.stringify(calls.map(({ state, cause, pressed }) => [state, cause, pressed]))}`;
    expect(mostAtOnce(phone), `never two calls at once, ${told}`).toBe(1);
    expect(phone.count("CALL_INCOMING") - rang, `called again once at most, ${told}`).toBeLessThanOrEqual(2);
    const { rows } = await house.database.query<{ kind: string; count: string }>(
      "select kind, count(*) from incidents_timeline where incident_id = $1 and kind in ('taken', 'declined') group by kind",
      [incident],
    );
    expect(
      rows.map(({ kind, count }) => `${kind} ${count}`),
      told,
    ).toEqual(["taken 1"]);
  }
  const { rows } = await house.database.query<{ left: string }>(
    "select count(*) as left from calls_call c where c.state <> 'over' or c.pending is not null or exists (select from calls_topic t where t.call_id = c.id and (t.state = 'open' or t.settlement is not null))",
  );
  expect(Number(rows[0]?.left)).toBe(0);
});
