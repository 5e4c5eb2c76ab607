import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { openDb, type Db, type Tx } from "#store";
import { FakeClock } from "#test/fake-clock";
import { withDatabase } from "#test/database";
import { listEntries } from "./list-entries.ts";
import { record, type Entry } from "./record.ts";
import { Sequencer } from "./sequencer.ts";
import { recordedOrganisations, verifyLedger } from "./verify-ledger.ts";

const database = withDatabase();
const clock = new FakeClock();
let db: Db;
let owner: pg.Client;
let sequencer: Sequencer;
const problems: string[] = [];

beforeAll(async () => {
  db = openDb({ connection: database.app, device: "server:test", clock, onError: (error) => problems.push(error.message) });
  owner = new pg.Client(database.owner);
  await owner.connect();
  sequencer = new Sequencer({ db, clock, device: "server:test", onProblem: (problem) => problems.push(problem) });
});
afterAll(async () => {
  await db.close();
  await owner.end();
});

const entry = (object: string, more: Partial<Entry> = {}): Entry => ({
  at: clock.now(),
  actor: "person:p1",
  verb: "host.retired",
  object,
  outcome: "done",
  detail: {},
  ...more,
});
const act = (organisationId: string, one: Entry): Promise<void> => db.tx({ organisationId }, (tx) => record(tx, one));
const noNames = async (): Promise<Record<string, string>> => ({});
const list = (organisationId: string, query: Parameters<typeof listEntries>[2] = {}) => listEntries(db, { organisationId }, query, noNames);

describe("an act and its entry", () => {
  test("commit together, and the entry gets its place in the chain of its organisation and device", async () => {
    await act("first", entry("host:h1"));
    await act("first", entry("host:h2"));
    await sequencer.drain();
    const { entries } = await list("first");
    expect(entries.map(({ seq, dseq, object, device }) => ({ seq, dseq, object, device }))).toEqual([
      { seq: 2, dseq: 2, object: "host:h2", device: "server:test" },
      { seq: 1, dseq: 1, object: "host:h1", device: "server:test" },
    ]);
    expect(JSON.parse(entries[0]?.bytes ?? "")).toMatchObject({ v: 1, org: "first", dprev: entries[1]?.hash });
    expect(await verifyLedger(db, "first")).toEqual({ organisationId: "first", checked: 2 });
  });

  test("vanish together when the transaction fails", async () => {
    const failing = db.tx({ organisationId: "rolled-back" }, async (tx) => {
      await record(tx, entry("host:h1"));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await sequencer.drain();
    expect((await list("rolled-back")).entries).toEqual([]);
  });

  test("a detail that the registry of verbs does not know is refused", async () => {
    await expect(act("first", entry("host:h1", { detail: { colour: "red" } }))).rejects.toThrow("no detail called colour");
  });

  test("names stay outside the bytes and can be forgotten without breaking the chain", async () => {
    await act("forgetful", entry("host:h1", { verb: "host.registered", texts: { name: "tanaka-laptop" } }));
    await sequencer.drain();
    const [before] = (await list("forgetful", { text: "TANAKA" })).entries;
    expect(before?.detail).toEqual({ name: "tanaka-laptop" });
    expect(before?.bytes).not.toContain("tanaka");
    await db.tx({ organisationId: "forgetful" }, (tx) => tx.deleteFrom("ledger_text").execute());
    expect((await list("forgetful")).entries[0]?.detail["name"]).toMatch(/^h:[0-9a-f]{64}$/u);
    expect(await verifyLedger(db, "forgetful")).toEqual({ organisationId: "forgetful", checked: 1 });
  });
});

test("a thousand acts at once, in several organisations, give dense and unbroken chains", async () => {
  const organisations = ["crowd-a", "crowd-b", "crowd-c"];
  await Promise.all(Array.from({ length: 1000 }, (_, i) => act(organisations[i % 3] ?? "", entry(`host:${i}`))));
  await sequencer.drain();
  const verified = await Promise.all(organisations.map((id) => verifyLedger(db, id)));
  expect(verified.map(({ checked, bad }) => ({ checked, bad }))).toEqual([
    { checked: 334, bad: undefined },
    { checked: 333, bad: undefined },
    { checked: 333, bad: undefined },
  ]);
  expect(await recordedOrganisations(db)).toEqual(expect.arrayContaining(organisations));
  expect(problems).toEqual([]);
});

test("two servers write one organisation's record as two devices in one order", async () => {
  const otherDb = openDb({ connection: database.app, device: "server:other", clock, onError: () => undefined });
  const other = new Sequencer({ db: otherDb, clock, device: "server:other", onProblem: (problem) => problems.push(problem) });
  const acts = Array.from({ length: 60 }, (_, i) =>
    (i % 2 === 0 ? db : otherDb).tx({ organisationId: "shared" }, (tx: Tx) => record(tx, entry(`host:${i}`))),
  );
  await Promise.all(acts);
  await Promise.all([sequencer.drain(), other.drain()]);
  expect(await verifyLedger(db, "shared")).toEqual({ organisationId: "shared", checked: 60 });
  await otherDb.close();
});

test("a second sequencer of the same device cannot fork the chain", async () => {
  const twin = new Sequencer({ db, clock, device: "server:test", onProblem: () => undefined });
  await Promise.all(Array.from({ length: 200 }, (_, i) => act("twins", entry(`host:${i}`))));
  await Promise.all([sequencer.drain(), twin.drain()]);
  await sequencer.drain();
  expect(await verifyLedger(db, "twins")).toEqual({ organisationId: "twins", checked: 200 });
  problems.length = 0; // the loser of a round reports and tries again
});

describe("the database", () => {
  const asApp = async (statement: string): Promise<unknown> => {
    const client = new pg.Client(database.app);
    await client.connect();
    try {
      await client.query("select set_config('hinoban.organisation_id', 'first', false)");
      return await client.query(statement);
    } finally {
      await client.end();
    }
  };

  test.each([
    "update ledger_entry set verb = 'x'",
    "delete from ledger_entry",
    "truncate ledger_entry",
    "insert into ledger_entry (organisation_id, seq) values ('first', 9)",
  ])("refuses the application %s", async (statement) => {
    await expect(asApp(statement)).rejects.toThrow("permission denied");
  });

  test.each(["update ledger_entry set verb = 'x'", "delete from ledger_entry", "truncate ledger_entry"])(
    "refuses even its owner %s",
    async (statement) => {
      await expect(owner.query(statement)).rejects.toThrow("append-only");
    },
  );

  test.each(["select * from ledger_pending", "update ledger_pending set facts = '{}'", "delete from ledger_pending"])(
    "keeps waiting entries from the application: %s",
    async (statement) => {
      await expect(asApp(statement)).rejects.toThrow("permission denied");
    },
  );

  test("shows an organisation nothing of another", async () => {
    expect((await list("second")).entries).toEqual([]);
    const rows = (await asApp("select distinct organisation_id from ledger_entry")) as pg.QueryResult;
    expect(rows.rows).toEqual([{ organisation_id: "first" }]);
  });
});

test("verification names the first entry that somebody bent with the database's own powers", async () => {
  await Promise.all(Array.from({ length: 9 }, (_, i) => act("bent", entry(`host:${i}`))));
  await sequencer.drain();
  const bend = async (statement: string): Promise<unknown> => {
    await owner.query("begin");
    await owner.query("alter table ledger_entry disable trigger all");
    await owner.query(statement);
    await owner.query("alter table ledger_entry enable trigger all");
    await owner.query("commit");
    return (await verifyLedger(db, "bent")).bad;
  };
  expect(await bend("update ledger_entry set outcome = 'refused' where organisation_id = 'bent' and seq = 8")).toMatchObject({
    seq: 8,
    problem: "a searchable column differs from the bytes",
  });
  expect(
    await bend("update ledger_entry set bytes = replace(bytes, 'done', 'open') where organisation_id = 'bent' and seq = 5"),
  ).toMatchObject({ seq: 5, problem: "the bytes do not match their hash" });
  expect(await bend("delete from ledger_entry where organisation_id = 'bent' and seq = 3")).toMatchObject({
    problem: "number 3 is missing",
  });
});

test("the history is searched by time, actor, object, noun, outcome and text, page by page", async () => {
  const day = Date.UTC(2026, 2, 1);
  for (let i = 0; i < 7; i++)
    await act(
      "search",
      entry(`host:${i}`, {
        at: unixMs(day + i * 1000),
        actor: i < 3 ? "key:k1" : "person:p1",
        verb: i === 6 ? "service.deleted" : "host.retired",
        outcome: i === 2 ? "refused" : "done",
      }),
    );
  await sequencer.drain();
  const objects = async (query: Parameters<typeof list>[1]) => (await list("search", query)).entries.map((one) => one.object);
  expect(await objects({ actor: "key:k1" })).toEqual(["host:2", "host:1", "host:0"]);
  expect(await objects({ object: "host:4" })).toEqual(["host:4"]);
  expect(await objects({ verb: "service" })).toEqual(["host:6"]);
  expect(await objects({ verb: "host.retired", outcome: "refused" })).toEqual(["host:2"]);
  expect(await objects({ from: day + 4000, to: day + 6000 })).toEqual(["host:5", "host:4"]);
  expect(await objects({ text: "100%" })).toEqual([]);
  const first = await list("search", { limit: 4 });
  const rest = await list("search", { limit: 4, ...(first.next === undefined ? {} : { before: first.next }) });
  expect([...first.entries, ...rest.entries].map((one) => one.seq)).toEqual([7, 6, 5, 4, 3, 2, 1]);
  expect(rest.next).toBeUndefined();
});
