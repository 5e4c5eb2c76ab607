import { afterAll, expect, test } from "vitest";
import { Baresip, withPhones } from "#test/phones/baresip";
import { PhoneHouse } from "#test/phones/house";
import { startKamailio } from "#test/phones/kamailio";
import { scenarios, startSipp, withSipp } from "#test/phones/sipp";
import { withDaemons } from "#test/daemons";
import { until } from "#test/until";

// Four engineers in order: the first is busy, the second says "cannot", the third takes it, the fourth is never called.

withDaemons();
withPhones();
withSipp();

const numbers = ["09011110001", "09011110002", "09011110003", "09011110004"] as const;
let house: PhoneHouse;

afterAll(async () => {
  expect(await house.close(), "the server stops cleanly").toBe(0);
});

test("calls engineers in order until one takes it, and tells it everywhere", async () => {
  const busy = await startSipp(scenarios.refuses("486 Busy Here", 300));
  const kamailio = await startKamailio({ numbers: { [numbers[0]]: `127.0.0.1:${busy.port}` } });
  const phones = await Promise.all(numbers.slice(1).map((user) => Baresip.start({ user, registrar: kamailio.port })));
  const [second, third, fourth] = phones;
  if (!second || !third || !fourth) throw new Error("three phones are needed");
  house = await PhoneHouse.open({
    trunkPort: kamailio.port,
    engineers: ["田中 一郎", "鈴木 花子", "佐々木 健", "高橋 涼"].map((name, index) => ({ name, number: numbers[index] ?? "" })),
  });
  await until("the trunk is registered", 15_000, async () => (await house.lineState()) === "ready");

  const incident = await house.ignite("web01 が応答しません");
  await second.rings(15_000);
  await second.accept();
  await second.event("CALL_ESTABLISHED");
  await second.press("2");
  await second.over();
  await third.rings(15_000);
  await third.accept();
  await third.event("CALL_ESTABLISHED");
  await third.press("1");
  await third.over();
  await busy.done();

  const taken = await house.key.get<{ state: string; responder?: { id: string } }>("GET", `/api/v1/orgs/main/incidents/${incident}`);
  expect(taken).toMatchObject({ state: "taken", responder: { id: house.engineers[2]?.id } });
  await until("the last call is over", 10_000, async () => (await house.calls(incident)).every(({ state }) => state === "over"));
  const calls = await house.calls(incident);
  expect(
    calls.map(({ personId, cause, pressed }) => [house.engineers.findIndex(({ id }) => id === personId) + 1, cause, pressed ?? ""]),
  ).toEqual([
    [1, "busy", ""],
    [2, "finished", "2"],
    [3, "finished", "1"],
  ]);
  expect(fourth.count("CALL_INCOMING"), "the fourth is never called").toBe(0);

  const { entries } = await house.key.get<{
    entries: { kind: string; via: string; person?: { name: string }; detail: { what?: string } }[];
  }>("GET", `/api/v1/orgs/main/incidents/${incident}/timeline?limit=100`);
  const told = entries
    .toReversed()
    .filter(({ kind }) => ["call", "declined", "taken"].includes(kind))
    .map(({ kind, person, detail }) => [detail.what ?? kind, person?.name].join(" "));
  // The next one is called at once, while the one before still hears the goodbye.
  expect(told.filter((line) => line.startsWith("ended")).length).toBe(3);
  expect(told.filter((line) => !line.startsWith("ended"))).toEqual([
    "asked 田中 一郎",
    "dialled 田中 一郎",
    "asked 鈴木 花子",
    "dialled 鈴木 花子",
    "answered 鈴木 花子",
    "key 鈴木 花子",
    "declined 鈴木 花子",
    "asked 佐々木 健",
    "dialled 佐々木 健",
    "answered 佐々木 健",
    "key 佐々木 健",
    "taken 佐々木 健",
  ]);
  const { rows } = await house.database.query<{ verb: string }>(
    "select verb from ledger_entry union all select facts::json ->> 'verb' from ledger_pending",
  );
  const verbs = new Set(rows.map(({ verb }) => verb));
  for (const verb of ["call.dialled", "call.answered", "call.key-pressed", "incident.declined", "incident.taken", "call.ended"])
    expect(verbs, verb).toContain(verb);

  await theReportTells(incident);
});

/** What the customer reads at the end of the month: who was asked, and who took it by telephone. */
async function theReportTells(incident: string): Promise<void> {
  const report = await house.owner.get<{ id: string }>("POST", "/api/v1/orgs/main/reports", { language: "ja" });
  const { figures } = await house.owner.get<{
    figures: {
      calls: unknown;
      incidents: { id: string; takenBy?: string; takenVia?: string }[];
      people: { name: string; requested: number; rang: number; answered: number; declined: number; takenByPhone: number }[];
    };
  }>("GET", `/api/v1/orgs/main/reports/${report.id}/figures`);
  expect(figures.calls).toMatchObject({ requested: 3, rang: 3, answered: 2, taken: 1, failed: 0 });
  expect(figures.incidents.find(({ id }) => id === incident)).toMatchObject({ takenVia: "phone" });
  const of = (name: string) => figures.people.find((one) => one.name === name);
  expect(of("田中 一郎")).toMatchObject({ requested: 1, answered: 0, takenByPhone: 0 });
  expect(of("鈴木 花子")).toMatchObject({ requested: 1, answered: 1, declined: 1, takenByPhone: 0 });
  expect(of("佐々木 健")).toMatchObject({ requested: 1, answered: 1, takenByPhone: 1 });
  expect(of("高橋 涼")?.requested ?? 0, "the fourth was never called").toBe(0);
  const { document } = await house.owner.get<{ document: unknown }>("GET", `/api/v1/orgs/main/reports/${report.id}`);
  expect(JSON.stringify(document)).toContain("佐々木 健");
}
