import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { minutes, seconds } from "#base/duration";
import { lockGrouping } from "#features/incidents";
import { withRig } from "#test/inventory-rig";
import { until } from "#test/until";
import type { ProbeOutcome } from "#wire/probe-outcomes";
import type { Verdict } from "#wire/probe-words";
import { reportResults, reportRun } from "./report-results.ts";
import { runProbe } from "./run-probe.ts";

const rig = withRig();
const outcome = (verdict: Verdict, more: Partial<ProbeOutcome> = {}): ProbeOutcome => ({
  verdict,
  message: verdict === "ok" ? "connected" : "ECONNRESET, 0 bytes received",
  millis: 12.5,
  steps: [{ phase: "connect", startMillis: 0, millis: 12.5, verdict, detail: "x", address: "192.0.2.1:443" }],
  ...more,
});
const ask = async (method: string, path: string, body?: object) => {
  const answer = await rig.ask(method, `/api/v1/orgs/first/${path}`, body ? { body } : {});
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return answer.json;
};
const tick = async (by = seconds(60)): Promise<void> => {
  await rig.people.clock.advance(by);
  await rig.probes.scheduler.look();
  await rig.probes.scheduler.settled();
};
const host = async (name: string): Promise<string> => (await rig.ask("POST", "/api/v0/hosts?", { body: { name, meta: {} } })).json.id;
const alerts = async (origin: string) =>
  (
    await rig.people.owner.query<{ status: string; message: string; closed_at: number | null }>(
      "select status, message, closed_at from incidents_alert where origin_id = $1 order by seq",
      [origin],
    )
  ).rows;
const states = async (id: string) => (await ask("GET", `monitors/${id}/probes`)).vantages;

describe("the server probes", () => {
  test("what a monitor asks for, once a minute, and keeps what was found", async () => {
    rig.prober.answer("a.example", outcome("ok"));
    const { id } = await ask("POST", "monitors", {
      settings: { type: "tcp", name: "a", probe: { kind: "tcp", host: "a.example", port: 443 } },
    });
    const count = () => rig.prober.probed.filter((spec) => spec.kind === "tcp" && spec.host === "a.example").length;
    for (let round = 1; round <= 3; round += 1) {
      await tick();
      expect(count()).toBe(round);
    }
    await tick(seconds(1));
    expect(count()).toBe(3);
    const [state] = await states(id);
    expect(state).toMatchObject({ vantage: "server", isSilent: false, last: { outcome: { verdict: "ok", millis: 12.5 } } });
    expect((await ask("GET", `monitors/${id}/probes/results`)).results).toHaveLength(3);
    expect(await alerts(id)).toEqual([]);
    rig.prober.answer("a.example", outcome("reset-on-accept"));
    await tick();
    expect(await alerts(id)).toMatchObject([
      { status: "CRITICAL", message: "reset right after connecting: ECONNRESET, 0 bytes received", closed_at: null },
    ]);
    rig.prober.answer("a.example", outcome("ok"));
    await tick();
    expect((await alerts(id))[0]?.closed_at).not.toBeNull();
    await ask("DELETE", `monitors/${id}`);
    await tick();
    expect(count()).toBe(5);
    expect((await rig.people.owner.query("select from probes_task where monitor_id = $1", [id])).rowCount).toBe(0);
    expect((await rig.people.owner.query("select from probes_result where monitor_id = $1", [id])).rowCount).toBe(0);
  });

  test("an HTTP status that is wrong as Mackerel writes it, and keeps the response time with the service", async () => {
    await rig.ask("POST", "/api/v0/services?", { body: { name: "Shop" } });
    rig.prober.answer("http://shop/", outcome("ok", { http: { status: 200, url: "http://shop/", redirects: 0, bodyBytes: 5 } }));
    const { id } = (
      await rig.ask("POST", "/api/v0/monitors?", {
        body: { type: "external", name: "shop", url: "http://shop/", service: "Shop", responseTimeDuration: 3, responseTimeCritical: 5000 },
      })
    ).json;
    await tick();
    const service =
      (await rig.people.owner.query<{ id: string }>("select id from inventory_service where name = 'Shop'")).rows[0]?.id ?? "";
    expect(await rig.store.latest(`service:${service}`, `__externalhttp.responcetime.${id}`)).toMatchObject({ value: 12.5 });
    rig.prober.answer(
      "http://shop/",
      outcome("answer-wrong", { message: "503", http: { status: 503, url: "http://shop/", redirects: 0, bodyBytes: 0 } }),
    );
    await tick();
    expect(await alerts(id)).toMatchObject([{ status: "CRITICAL", message: "503" }]);
    await rig.ask("DELETE", `/api/v0/monitors/${id}?`);
  });

  test("a probe that lasts longer than its interval once, and gives it up", async () => {
    rig.prober.hang("slow.example");
    const { id } = await ask("POST", "monitors", {
      settings: { type: "ping", name: "slow", intervalSeconds: 10, probe: { kind: "ping", host: "slow.example", timeoutSeconds: 15 } },
    });
    await rig.people.clock.advance(seconds(10));
    await rig.probes.scheduler.look();
    expect(rig.prober.running).toBe(1);
    await rig.people.clock.advance(seconds(10));
    await rig.probes.scheduler.look();
    expect(rig.prober.running).toBe(1);
    await rig.people.clock.advance(seconds(10));
    await rig.probes.scheduler.settled();
    expect(rig.prober.running).toBe(0);
    expect((await states(id))[0]?.last?.outcome).toMatchObject({ verdict: "cannot-probe", message: "the probe did not keep its time" });
    expect(await alerts(id)).toMatchObject([{ status: "CRITICAL" }]);
    await ask("DELETE", `monitors/${id}`);
  });

  test("many things spread over the minute, each leased to one server", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 20; index += 1) {
      rig.prober.answer(`m${index}.example`, outcome("ok"));
      ids.push(
        (
          await ask("POST", "monitors", {
            settings: { type: "tcp", name: `m${index}`, probe: { kind: "tcp", host: `m${index}.example`, port: 1 } },
          })
        ).id,
      );
    }
    const before = rig.prober.probed.length;
    const perSecond: number[] = [];
    for (let second = 0; second < 60; second += 1) {
      const had = rig.prober.probed.length;
      await rig.people.clock.advance(seconds(1));
      await Promise.all([rig.probes.scheduler.look(), rig.probes.scheduler.look()]);
      await rig.probes.scheduler.settled();
      perSecond.push(rig.prober.probed.length - had);
    }
    expect(rig.prober.probed.length - before).toBe(20);
    expect(Math.max(...perSecond)).toBeLessThanOrEqual(5);
    for (const id of ids) await ask("DELETE", `monitors/${id}`);
  });
});

describe("an agent", () => {
  const tcp = (vantages: string[], more: object = {}) => ({
    settings: { type: "tcp", name: "vpn", probe: { kind: "tcp", host: "vpn.example", port: 443 }, vantages, ...more },
  });

  test("fetches what to probe from its host, reports, and the alert names which places fail", async () => {
    const tokyo = await host("tokyo1");
    const other = await host("abroad1");
    rig.prober.answer("vpn.example", outcome("ok"));
    const { id } = await ask("POST", "monitors", tcp(["server", `host:${tokyo}`, `host:${other}`]));
    const given = await ask("GET", `hosts/${tokyo}/probes`);
    expect(given).toMatchObject({
      holdSeconds: 25,
      orders: [],
      probes: [{ monitorId: id, spec: { kind: "tcp", host: "vpn.example" }, intervalSeconds: 60 }],
    });
    expect((await ask("GET", `hosts/${tokyo}/probes?known=${given.version}`)).probes).toBeUndefined();
    await tick();
    const [{ version }] = given.probes;
    const report = async (hostId: string, verdict: Verdict, at = rig.people.clock.now() as number) =>
      ask("POST", `hosts/${hostId}/probe-results`, { results: [{ monitorId: id, version, at, outcome: outcome(verdict) }] });
    expect(await report(tokyo, "ok")).toEqual({ taken: 1, ignored: 0 });
    expect(await alerts(id)).toEqual([]);
    expect(await report(other, "reset-on-accept")).toEqual({ taken: 1, ignored: 0 });
    expect(await alerts(id)).toMatchObject([
      { status: "CRITICAL", message: expect.stringMatching(/reset right after connecting.*from 1 of 3/u) },
    ]);
    expect(
      (await states(id)).map((state: { name: string; last: { outcome: ProbeOutcome } }) => [state.name, state.last.outcome.verdict]),
    ).toEqual([
      ["", "ok"],
      ["abroad1", "reset-on-accept"],
      ["tokyo1", "ok"],
    ]);
    await ask("DELETE", `monitors/${id}`);
    expect(await report(tokyo, "ok")).toEqual({ taken: 0, ignored: 1 });
  });

  test("is believed about the past, but nobody is told of it", async () => {
    const late = await host("late1");
    const { id } = await ask("POST", "monitors", tcp([`host:${late}`]));
    const at = rig.people.clock.now();
    const results = [at - 3 * 3_600_000, at - 1_800_000].map((time) => ({
      monitorId: id,
      version: 1,
      at: time,
      outcome: outcome("refused"),
    }));
    expect(await ask("POST", `hosts/${late}/probe-results`, { results })).toEqual({ taken: 2, ignored: 0 });
    expect(await alerts(id)).toEqual([]);
    expect((await ask("GET", `monitors/${id}/probes/results`)).results).toHaveLength(2);
    await ask("POST", `hosts/${late}/probe-results`, { results: [{ monitorId: id, version: 1, at, outcome: outcome("ok") }] });
    await ask("POST", `hosts/${late}/probe-results`, {
      results: [{ monitorId: id, version: 1, at: at - 60_000, outcome: outcome("refused") }],
    });
    expect(await alerts(id)).toEqual([]);
    await ask("DELETE", `monitors/${id}`);
  });

  test("that reports nothing any more is told of, as long as its host is at work", async () => {
    const lost = await host("lost1");
    const { id } = await ask("POST", "monitors", tcp([`host:${lost}`]));
    await rig.people.clock.advance(minutes(4));
    await rig.probes.scheduler.judgeSilence();
    expect(await alerts(id)).toEqual([]);
    await rig.people.clock.advance(minutes(2));
    await rig.probes.scheduler.judgeSilence();
    expect(await alerts(id)).toMatchObject([{ status: "CRITICAL", message: "cannot probe: the agent reports nothing" }]);
    expect((await states(id))[0]).toMatchObject({ isSilent: true });
    await rig.ask("POST", `/api/v0/hosts/${lost}/status?`, { body: { status: "poweroff" } });
    await rig.people.clock.advance(minutes(2));
    await rig.probes.scheduler.judgeSilence();
    expect((await alerts(id))[0]?.closed_at).not.toBeNull();
    await ask("DELETE", `monitors/${id}`);
  });

  test("hears at once of what changed while its question is held", async () => {
    const held = await host("held1");
    await ask("POST", "monitors", tcp([`host:${held}`]));
    const { version } = await ask("GET", `hosts/${held}/probes`);
    const question = ask("GET", `hosts/${held}/probes?known=${version}&hold=25`);
    const run = await ask("POST", "probes/runs", { spec: { kind: "tcp", host: "x.example", port: 1 }, from: `host:${held}` });
    expect(run).toMatchObject({ state: "waiting", fromName: "held1" });
    expect((await question).orders).toMatchObject([{ id: run.id }]);
    await ask("POST", `hosts/${held}/probe-runs/${run.id}`, { steps: outcome("refused").steps });
    expect(await ask("GET", `probes/runs/${run.id}`)).toMatchObject({ state: "running", steps: [{ phase: "connect" }] });
    await ask("POST", `hosts/${held}/probe-runs/${run.id}`, { steps: outcome("refused").steps, outcome: outcome("refused") });
    expect(await ask("GET", `probes/runs/${run.id}`)).toMatchObject({ state: "done", outcome: { verdict: "refused" } });
    const again = await rig.ask("POST", `/api/v1/orgs/first/hosts/${held}/probe-runs/${run.id}`, { body: { steps: [] } });
    expect(again.status).toBe(404);
    expect((await ask("GET", "probes/vantages?text=HELD")).vantages).toMatchObject([{ vantage: "server" }, { name: "held1" }]);
  });

  test("may not report for another organisation's host, nor with a key that only reads", async () => {
    const own = await host("own1");
    const elsewhere = await rig.people.another("elsewhere");
    const foreign = await rig.newKey(elsewhere, "read-write");
    const path = (name: string) => `/api/v1/orgs/${name}/hosts/${own}/probe-results`;
    expect((await rig.ask("POST", path("first"), { key: foreign, body: { results: [] } })).status).toBe(404);
    expect((await rig.ask("POST", path("elsewhere"), { key: foreign, body: { results: [] } })).status).toBe(404);
    const reading = await rig.newKey(rig.people.first, "read");
    expect((await rig.ask("POST", path("first"), { key: reading, body: { results: [] } })).status).toBe(403);
    expect((await rig.ask("GET", `/api/v1/orgs/first/hosts/${own}/probes`, { key: reading })).status).toBe(403);
    const viewer = (await rig.people.join(rig.people.first, "viewer")).actor;
    await expect(reportResults(rig.probes, viewer, own, [])).rejects.toMatchObject({ code: "forbidden" });
    await expect(reportRun(rig.probes, viewer, { id: "x", hostId: own }, { steps: [] })).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("a probe that somebody asks for", () => {
  test("is one act, shows its steps, and keeps no secrets", async () => {
    await rig.people.acts();
    const url = "http://user:pass@secret.example/x";
    rig.prober.answer(url, outcome("ok"));
    const headers = [{ name: "Authorization", value: "Bearer token" }];
    const spec = { kind: "http" as const, url, headers, requestBody: "password" };
    const run = await runProbe(rig.probes, rig.people.first.actor, { spec });
    await rig.probes.runs.settled();
    const shown = await ask("GET", `probes/runs/${run.id}`);
    expect(shown).toMatchObject({
      state: "done",
      from: "server",
      spec: { kind: "http", url: "http://secret.example/x" },
      outcome: { verdict: "ok" },
    });
    const { rows } = await rig.people.owner.query("select spec from probes_run where id = $1", [run.id]);
    for (const secret of ["pass", "token"]) expect(JSON.stringify([shown, rows])).not.toContain(secret);
    const acts = await rig.people.acts();
    expect(acts.map((act) => [act.verb, act.detail["kind"], act.detail["from"]])).toEqual([["probe.run", "http", "server"]]);
    expect((await ask("GET", "probes/runs")).runs[0]).toMatchObject({ id: run.id });
  });

  test("is refused to viewers, for what is no target, and when there are too many", async () => {
    const viewer = (await rig.people.join(rig.people.first, "viewer")).actor;
    const spec = { kind: "tcp", host: "a", port: 1 } as const;
    await expect(runProbe(rig.probes, viewer, { spec })).rejects.toMatchObject({ code: "forbidden" });
    await expect(runProbe(rig.probes, rig.people.first.actor, { spec: { kind: "http", url: "http://" } })).rejects.toMatchObject({
      code: "invalid-input",
    });
    await expect(runProbe(rig.probes, rig.people.first.actor, { spec, from: "host:nobody" })).rejects.toMatchObject({ code: "not-found" });
    const silent = await host("silent1");
    await expect(runProbe(rig.probes, rig.people.first.actor, { spec, from: `host:${silent}` })).rejects.toThrow("No agent of this host");
    for (const bad of [
      { kind: "tcp", host: "a b", port: 1 },
      { kind: "tcp", host: "a" },
      { kind: "nothing" },
      { kind: "http", url: "ftp://a" },
    ]) {
      expect((await rig.ask("POST", "/api/v1/orgs/first/probes/runs", { body: { spec: bad } })).status).toBe(400);
    }
    await rig.people.clock.advance(minutes(1));
    const many = Array.from({ length: 40 }, () => runProbe(rig.probes, rig.people.first.actor, { spec }));
    const refused = (await Promise.allSettled(many)).filter((one) => one.status === "rejected");
    expect(refused.length).toBeGreaterThanOrEqual(10);
    expect(refused.every((one) => (one.reason as { code: string }).code === "too-many-requests")).toBe(true);
    await rig.probes.runs.settled();
  });

  test("is expired when the agent never fetches it, and forgotten after a day", async () => {
    const away = await host("away1");
    await ask("GET", `hosts/${away}/probes`);
    await rig.people.clock.advance(minutes(2));
    const run = await ask("POST", "probes/runs", { spec: { kind: "tcp", host: "x.example", port: 1 }, from: `host:${away}` });
    await rig.people.clock.advance(minutes(4));
    expect(await ask("GET", `probes/runs/${run.id}`)).toMatchObject({ state: "expired" });
    await rig.people.clock.advance(minutes(25 * 60));
    await rig.probes.runs.tidy();
    expect((await rig.ask("GET", `/api/v1/orgs/first/probes/runs/${run.id}`)).status).toBe(404);
  });
});

test("a result waits for whoever groups alerts before it holds the probe's row", async () => {
  rig.prober.answer("order.example", outcome("ok"));
  const { id } = await ask("POST", "monitors", {
    settings: { type: "tcp", name: "order", probe: { kind: "tcp", host: "order.example", port: 443 } },
  });
  const { organisationId } = rig.people.first.actor;
  await rig.people.clock.advance(seconds(60));
  await rig.people.identity.db.tx({ organisationId }, async (tx) => {
    await lockGrouping(tx);
    await rig.probes.scheduler.look();
    await until("the result waits", 10_000, async () => {
      const { rows } = await rig.people.owner.query("select from pg_locks where locktype = 'advisory' and not granted");
      return rows.length > 0;
    });
    await sql`set local lock_timeout = '2s'`.execute(tx);
    const locked = await sql`select from probes_task where monitor_id = ${id} for update`.execute(tx);
    expect(locked.rows).toHaveLength(1);
  });
  await rig.probes.scheduler.settled();
  expect((await ask("GET", `monitors/${id}/probes/results`)).results).toHaveLength(1);
});
