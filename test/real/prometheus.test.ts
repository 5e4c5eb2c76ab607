import { availableParallelism, hostname } from "node:os";
import { afterEach, expect, test } from "vitest";
import { NodePageReader } from "#adapters/page-reader/node";
import { SystemClock } from "#adapters/clock/system";
import { unixMs } from "#base/duration";
import { openExporterRig, type ExporterRig } from "#test/exporter-rig";
import { withPeople } from "#test/people";
import { serveExposition, startNodeExporter, startPrometheus } from "#test/prometheus-programs";
import { until } from "#test/until";
import { createTarget } from "../../src/server/features/prometheus/create-target.ts";

const people = withPeople();
const clock = new SystemClock();
const ending: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** To be ended with the test, the newest first. */
function owned<T extends { readonly end: () => Promise<void> }>(thing: T): T {
  ending.push(() => thing.end());
  return thing;
}

async function openRig(options: Parameters<typeof openExporterRig>[1] = {}): Promise<ExporterRig> {
  const rig = await openExporterRig(people, { clock, reader: new NodePageReader(clock), ...options });
  ending.push(() => rig.close());
  return rig;
}

const newest = async (rig: ExporterRig, host: string, name: string): Promise<number | undefined> =>
  Object.values(await rig.values(host, name)).at(-1);

async function expectSystemGraphs(rig: ExporterRig, host: string): Promise<void> {
  const names = await rig.names(host);
  expect(names).toEqual(
    expect.arrayContaining(["loadavg1", "loadavg5", "loadavg15", "memory.total", "memory.used", "memory.mem_available"]),
  );
  expect(names.filter((name) => /^filesystem\.[^.]+\.(?:size|used)$/u.test(name)).length).toBeGreaterThanOrEqual(2);
  expect(names.some((name) => /^interface\.[^.]+\.rxBytes\.delta$/u.test(name))).toBe(true);
  const states = names.filter((name) => /^cpu\.[a-z]+\.percentage$/u.test(name));
  const shares = await Promise.all(states.map(async (name) => (await newest(rig, host, name)) ?? 0));
  const cores = availableParallelism();
  // All states of all cores fill the time, up to the ticks that the kernel counts in.
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(cores * 85);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeLessThan(cores * 115);
  const [total = 0, used = 0, available = 0] = await Promise.all(
    ["memory.total", "memory.used", "memory.mem_available"].map((name) => newest(rig, host, name)),
  );
  expect(Math.abs(total - used - available)).toBeLessThan(total / 20);
}

test("Debian's Prometheus writes node_exporter's metrics under the names of everybody's graphs", async () => {
  const rig = await openRig();
  const exporter = owned(await startNodeExporter());
  const scrape = `  - job_name: node\n    static_configs: [{ targets: ["127.0.0.1:${exporter.port}"], labels: { host: web1 } }]\n`;
  const prometheus = owned(await startPrometheus({ remoteWrite: `${rig.url}/api/v1/write`, key: rig.key, scrape, interval: "1s" }));
  await until("the graphs of web1 fill", 30_000, async () => {
    const id = await rig.hostId("web1").catch(() => "");
    return (
      id !== "" && (await newest(rig, id, "cpu.idle.percentage")) !== undefined && (await newest(rig, id, "memory.used")) !== undefined
    );
  });
  const host = await rig.hostId("web1");
  await until("a host that is described by its exporter", 10_000, async () => {
    const { rows } = await people.owner.query<{ meta: string }>("select meta from inventory_host where id = $1", [host]);
    return rows[0]?.meta.includes('"kernel":{"machine"');
  });
  await expectSystemGraphs(rig, host);
  const names = await rig.names(host);
  expect(names).toContain("custom.prometheus.up");
  expect(names).toContain("custom.prometheus.node_context_switches_total");
  expect(names.filter((name) => name.includes("go_") || name.includes("promhttp_"))).toEqual([]);
  expect(rig.prometheus.reception(people.first.actor.organisationId)).toMatchObject({ refused: 0, unknownHost: 0, invalid: 0 });
  expect(prometheus.output()).not.toMatch(/non-recoverable|msg="Failed to send batch/u);
});

test("an outage and a restart of the server lose no minute of what Prometheus writes", async () => {
  // Prometheus sends on nothing from before its start, and takes nothing from more than ten minutes ahead.
  const minutes = 8;
  const perMinute = 4;
  const start = Math.ceil((Date.now() + 10_000) / 60_000) * 60_000;
  // Every scrape is the next quarter of a minute of a clock that runs ahead; a request a second, a thermometer beside it.
  const exposition = owned(
    await serveExposition((scrape) => {
      const step = Math.min(scrape, minutes * perMinute);
      const at = start + (step * 60_000) / perMinute;
      return `# TYPE requests_total counter\nrequests_total ${1000 + step * 15} ${at}\n# TYPE room gauge\nroom ${20 + (step % 7)} ${at}\n`;
    }),
  );
  const first = await openRig();
  const scrape = `  - job_name: app\n    static_configs: [{ targets: ["127.0.0.1:${exposition.port}"], labels: { host: app1 } }]\n`;
  const { port } = new URL(first.url);
  owned(await startPrometheus({ remoteWrite: `${first.url}/api/v1/write`, key: first.key, scrape, interval: "300ms" }));
  await until("some minutes arrived", 20_000, async () => {
    const id = await first.hostId("app1").catch(() => "");
    return id !== "" && Object.keys(await first.values(id, "custom.prometheus.room")).length >= 2;
  });
  await first.close();
  const down = exposition.scrapes();
  await until("four minutes passed without a server", 20_000, () => exposition.scrapes() >= down + 4 * perMinute);
  const second = await openRig({ store: first.store, port: Number(port) });
  const host = await second.hostId("app1");
  await until(
    "all minutes are there",
    30_000,
    async () => Object.keys(await second.values(host, "custom.prometheus.room")).length > minutes,
  );
  const all = Array.from({ length: minutes + 1 }, (_, minute) => start / 60_000 + minute);
  const minutesOf = (values: object): number[] => Object.keys(values).map((time) => Math.floor(Number(time) / 60));
  expect(minutesOf(await second.values(host, "custom.prometheus.room"))).toEqual(all);
  const requests = await second.values(host, "custom.prometheus.requests_total");
  expect(minutesOf(requests)).toEqual(all);
  expect(new Set(Object.values(requests))).toEqual(new Set([1]));
});

test("the server scrapes Debian's node_exporter itself, says when it is gone, and two servers do not scrape twice", async () => {
  const rig = await openRig();
  const other = await openRig({ store: rig.store });
  const exporter = owned(await startNodeExporter());
  const target = await createTarget(rig.prometheus, people.first.actor, {
    url: `http://127.0.0.1:${exporter.port}/metrics`,
    isEnabled: true,
    intervalSeconds: 15,
    timeoutSeconds: 5,
    hostName: "",
    auth: "none",
    userName: "",
    verifiesTls: true,
    labels: [],
  });
  const look = async (): Promise<void> => {
    await Promise.all([rig, other].map((one) => one.scraper.look()));
    await Promise.all([rig, other].map((one) => one.scraper.settled()));
  };
  const again = (): Promise<unknown> =>
    people.owner.query("update prometheus_target set due_at = due_at - 15000 where id = $1 and due_at > $2", [
      target.id,
      unixMs(clock.now()),
    ]);
  await look();
  const { rows } = await people.owner.query<{ scrapes: string }>(
    "select count(*) as scrapes from inventory_check_report where name like 'scrape %'",
  );
  expect(Number(rows[0]?.scrapes)).toBe(1);
  // Both servers know counters from their own scrapes alone: one of them goes on.
  const idle = "cpu.idle.percentage";
  const host = await rig.hostId(hostname());
  const began = clock.mono();
  // The kernel counts in hundredths of a second: over less than some seconds shares are rough.
  await until("some seconds passed", 10_000, () => clock.mono() - began > 4000);
  await until("a second scrape", 30_000, async () => {
    await again();
    await rig.scraper.look();
    await rig.scraper.settled();
    return (await newest(rig, host, idle)) !== undefined;
  });
  await expectSystemGraphs(rig, host);
  await exporter.end();
  await again();
  await look();
  const state = await people.owner.query<{ last_error: string; status: string; message: string }>(
    "select t.last_error, c.status, c.message from prometheus_target t join inventory_check c on c.host_id = t.host_id where t.id = $1",
    [target.id],
  );
  expect(state.rows[0]).toMatchObject({ status: "CRITICAL" });
  expect(state.rows[0]?.last_error).toMatch(/cannot be reached.*ECONNREFUSED/u);
  expect(state.rows[0]?.message).toBe(state.rows[0]?.last_error);
});
