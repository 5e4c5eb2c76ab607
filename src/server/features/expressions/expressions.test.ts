import { beforeAll, describe, expect, test } from "vitest";
import { minutes, seconds, unixMs } from "#base/duration";
import { withRig, type Answer } from "#test/inventory-rig";
import { evaluateExpression } from "./expressions.ts";

const rig = withRig();
const hosts: string[] = [];
let start = 0;

/** Two hosts of a role for ten minutes, with 1, 2, 3 … and 10, 20, 30 …, and a service that counts errors. */
beforeAll(async () => {
  for (const name of ["app1", "app2"]) {
    hosts.push((await rig.ask("POST", "/api/v0/hosts?", { body: { name, meta: {}, roleFullnames: ["Shop:app"] } })).json.id);
  }
  await rig.people.clock.advance(seconds(60 - (rig.now() % 60)));
  await rig.people.clock.advance(minutes(10));
  start = rig.now() - 600;
  for (let i = 0; i < 10; i += 1) {
    const time = start + i * 60;
    const of = (hostId: string | undefined, name: string, value: number) => ({ hostId, name, time, value });
    const body = [
      of(hosts[0], "loadavg5", i + 1),
      of(hosts[1], "loadavg5", (i + 1) * 10),
      of(hosts[0], "filesystem.vda.used", 100 + i * 60),
    ];
    expect((await rig.ask("POST", "/api/v0/tsdb?", { body })).status).toBe(200);
    const counted = [{ name: "errors.total", time, value: 2 }];
    expect((await rig.ask("POST", "/api/v0/services/Shop/tsdb?", { body: counted })).status).toBe(200);
  }
});

const read = (expression: string, from = start, to = start + 600): Promise<Answer> =>
  rig.ask(
    "GET",
    `/api/v1/orgs/first/expressions/series?${new URLSearchParams({ expression, from: `${from}`, to: `${to}`, buckets: "10" }).toString()}`,
  );

const linesOf = async (expression: string): Promise<(number | null)[][]> =>
  (await read(expression)).json.lines.map((line: { avg: (number | null)[] }) => line.avg);

describe("an expression over stored metrics", () => {
  test("joins the hosts of a role", async () => {
    const { json } = await read("avg(role(Shop:app, loadavg5))");
    expect(json).toMatchObject({ from: start, step: 60 });
    expect(json.lines).toEqual([
      { label: "avg(role(Shop:app, loadavg5))", isStacked: false, avg: [5.5, 11, 16.5, 22, 27.5, 33, 38.5, 44, 49.5, 55] },
    ]);
    expect(await linesOf("sum(roleSlots('Shop: app', loadavg5))")).toEqual([[11, 22, 33, 44, 55, 66, 77, 88, 99, 110]]);
  });

  test("draws a line for each host when nothing joins them, with its name", async () => {
    const { json } = await read("stack(role(Shop:app, loadavg5))");
    expect(json.lines.map(({ label, isStacked }: { label: string; isStacked: boolean }) => [label, isStacked])).toEqual([
      ["app1 loadavg5", true],
      ["app2 loadavg5", true],
    ]);
  });

  test("computes with hosts and services, names by pattern, and looks at other times", async () => {
    const [first = ""] = hosts;
    expect((await linesOf(`divide(host(${first}, loadavg5), service(Shop, errors.total))`))[0]?.slice(0, 3)).toEqual([0.5, 1, 1.5]);
    expect((await linesOf(`timeShift(host(${first}, loadavg5), 2m)`))[0]?.slice(0, 4)).toEqual([null, null, 1, 2]);
    expect((await linesOf(`movingAverage(host(${first}, loadavg5), 2m)`))[0]?.slice(0, 3)).toEqual([1, 1.5, 2.5]);
    expect((await linesOf(`host(${first}, filesystem.*.used)`))[0]?.[9]).toBe(640);
    expect((await linesOf(`linearRegression(host(${first}, loadavg5), 10m)`))[0]?.[9]).toBeCloseTo(10, 6);
    expect((await linesOf(`timeLeftForecast(host(${first}, filesystem.vda.used), 10m, 1300)`))[0]?.[9]).toBeCloseTo(600, 6);
  });

  test("a line stands against every line of a role", async () => {
    const [first = ""] = hosts;
    const lines = await linesOf(`diff(role(Shop:app, loadavg5), host(${first}, loadavg5))`);
    expect(lines.map((line) => line[9])).toEqual([0, 90]);
  });

  test.each([
    ["host(nobody, loadavg5)", 404, "There is no host nobody."],
    ["service(Nothing, a.b)", 404, "There is no service Nothing."],
    ["role(Shop:db, loadavg5)", 404, "There is no role db in the service Shop."],
    ["avg(loadavg5)", 400, "line 1, column 5: expected a function"],
  ])("%s is refused and says why", async (expression, status, detail) => {
    const answer = await read(expression);
    expect(answer.status).toBe(status);
    expect(answer.json.detail).toContain(detail);
  });

  test("of another organisation's hosts is as unknown as any", async () => {
    const theirs = await rig.people.another("theirs");
    const key = await rig.newKey(theirs, "read");
    const query = new URLSearchParams({ expression: `host(${hosts[0]}, loadavg5)`, from: `${start}`, to: `${start + 60}` });
    expect((await rig.ask("GET", `/api/v1/orgs/theirs/expressions/series?${query.toString()}`, { key })).status).toBe(404);
  });
});

describe("an expression for a rule", () => {
  const at = (text: string, minute: number) => {
    const { identity, first, clock } = rig.people;
    const scope = { organisationId: first.actor.organisationId };
    return evaluateExpression({ db: identity.db, clock, store: rig.store }, scope, text, unixMs((start + minute * 60 + 30) * 1000));
  };

  test("is one number for one minute, nothing where nothing was posted, and no number when it has several lines", async () => {
    expect(await at("avg(role(Shop:app, loadavg5))", 3)).toEqual({ kind: "value", value: 22 });
    expect(await at("avg(role(Shop:app, loadavg5))", 30)).toEqual({ kind: "missing" });
    expect(await at("avg(role(Shop:app, custom.never.posted))", 3)).toEqual({ kind: "missing" });
    expect(await at("role(Shop:app, loadavg5)", 3)).toEqual({ kind: "many", lines: 2 });
  });
});
