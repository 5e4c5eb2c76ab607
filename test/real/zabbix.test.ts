import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { unixSeconds } from "#base/duration";
import { FakeMetricStore } from "#ports/metric-store/fake";
import type { AppendReport, PointColumns } from "#ports/metric-store/port";
import { withPeople } from "#test/people";
import { until } from "#test/until";
import { startZabbixAgent, withZabbixAgents, zabbixSender, type Psk } from "#test/zabbix-programs";
import { withZabbixRigs, type ZabbixRig } from "#test/zabbix-rig";
import { createPsk } from "../../src/server/features/zabbix/create-psk.ts";
import type { Knowledge } from "../../src/server/features/zabbix/knowledge.ts";
import { readNetDev } from "../../src/server/features/zabbix/procfs.ts";

const people = withPeople();
const openRig = withZabbixRigs(people);
withZabbixAgents();
const clock = new SystemClock();
/** A minute takes two seconds here. */
const quick = { metric: 2, fact: 4, companion: 4, probe: 30 };
const programs = ["zabbix_agentd", "zabbix_agent2"] as const;

const hostOf = async (rig: ZabbixRig, name: string, log: () => string): Promise<string> => {
  let id: string | undefined;
  const host = async (): Promise<boolean> => (id = await rig.hostId(name)) !== undefined;
  await until(`${name} is a host`, 20_000, host).catch((error: unknown) => {
    throw new Error(`${String(error)} ${log()} ${rig.logged.join("\n")}`);
  });
  return id ?? "";
};

const waitForMetrics = async (rig: ZabbixRig, id: string, wanted: readonly RegExp[]): Promise<void> => {
  let names: readonly string[] = [];
  const missing = (): readonly RegExp[] => wanted.filter((name) => !names.some((one) => name.test(one)));
  await until("the host has the usual metrics", 30_000, async () => {
    names = await rig.store.names(id);
    return missing().length === 0;
  }).catch(() => expect(missing(), `of ${names.join(" ")}`).toEqual([]));
};

/** What everybody's hosts have, whatever reports for them. */
const usual = [
  /^loadavg1$/u,
  /^loadavg5$/u,
  /^loadavg15$/u,
  ...["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest"].map(
    (state) => new RegExp(`^cpu\\.${state}\\.percentage$`, "u"),
  ),
  ...["total", "used", "mem_available", "swap_total", "swap_free"].map((part) => new RegExp(`^memory\\.${part}$`, "u")),
  /^filesystem\.[^.]+\.size$/u,
  /^filesystem\.[^.]+\.used$/u,
  /^disk\.[^.]+\.reads\.delta$/u,
  /^disk\.[^.]+\.writes\.delta$/u,
  // A machine without a network has none.
  ...(readNetDev(readFileSync("/proc/net/dev", "utf8")).length === 0
    ? []
    : [/^interface\.[^.]+\.rxBytes\.delta$/u, /^interface\.[^.]+\.txBytes\.delta$/u]),
];

const makePsk = async (hostName?: string): Promise<Psk> => {
  const { psk, key } = await createPsk(current(), people.first.actor, { hostName });
  return { identity: psk.identity, key: key?.reveal() ?? "" };
};
let rigNow: ZabbixRig | undefined;
const current = (): ZabbixRig["zabbix"] => {
  if (!rigNow) throw new Error("there is no rig yet");
  return rigNow.zabbix;
};
const open = async (store?: FakeMetricStore, port = 0): Promise<ZabbixRig> =>
  (rigNow = await openRig({ clock, delays: quick, port, ...(store ? { store } : {}) }));

describe.each(programs)("%s whose ServerActive was changed, and nothing else", (program) => {
  test("becomes a host with everybody's metrics and the facts of its machine", async () => {
    const rig = await open();
    const agent = await startZabbixAgent(program, { port: rig.port, hostName: `plain ${program}`, lines: ["HostMetadata=linux web"] });
    const id = await hostOf(rig, `plain ${program}`, agent.output);
    await waitForMetrics(rig, id, usual);
    const { total, used } = await memoryOf(rig, id);
    expect(total).toBe(Number(/MemTotal:\s+(\d+)/u.exec(readFileSync("/proc/meminfo", "utf8"))?.[1]) * 1024);
    expect(used).toBeGreaterThan(0);
    const meta = await metaOf(id);
    expect(meta).toMatchObject({
      "agent-name": expect.stringMatching(program === "zabbix_agent2" ? /^Zabbix agent 2 \d+\.\d+\.\d+/u : /^Zabbix agent \d+\.\d+\.\d+/u),
      kernel: { name: "Linux", os: "GNU/Linux" },
      memory: { total: `${total / 1024}kB` },
    });
    const state = await rig.zabbix.states.peek(people.first.actor.organisationId, `plain ${program}`);
    expect(state).toMatchObject({ metadata: "linux web", pskIdentity: undefined });
    expect(Math.abs(state?.clockOffset ?? Infinity)).toBeLessThan(5000);
  });

  test("reports by the key that was made for it, and by no other name", async () => {
    const rig = await open();
    const psk = await makePsk(`psk ${program}`);
    const agent = await startZabbixAgent(program, { port: rig.port, hostName: `psk ${program}`, psk });
    const id = await hostOf(rig, `psk ${program}`, agent.output);
    await waitForMetrics(rig, id, [/^loadavg1$/u]);
    expect(await rig.zabbix.states.peek(people.first.actor.organisationId, `psk ${program}`)).toMatchObject({ pskIdentity: psk.identity });
    await agent.end();
    const impostor = await startZabbixAgent(program, { port: rig.port, hostName: `other ${program}`, psk });
    await until("the impostor is refused", 20_000, () => impostor.output().includes(`host [other ${program}] not found`));
    expect(await rig.hostId(`other ${program}`)).toBeUndefined();
  });
});

describe("an agent that may read no files", () => {
  test("is asked for what it may tell, and fills the same graphs", async () => {
    const rig = await open();
    const lines = ["DenyKey=vfs.file.contents[*]", "DenyKey=vfs.fs.get"];
    const start = () =>
      Promise.all(programs.map((program) => startZabbixAgent(program, { port: rig.port, hostName: `denied ${program}`, lines })));
    const end = (agents: Awaited<ReturnType<typeof start>>) => Promise.all(agents.map((agent) => agent.end()));
    const known = async (holds: (knowledge: Knowledge) => boolean): Promise<boolean> => {
      const { organisationId } = people.first.actor;
      const states = await Promise.all(programs.map((program) => rig.zabbix.states.peek(organisationId, `denied ${program}`)));
      return states.every((state) => state !== undefined && holds(state.knowledge));
    };
    // Agents ask for their items at their start, and then every two minutes: three starts stand for six minutes.
    const first = await start();
    await until("what they may not tell is known", 30_000, () => known(({ unsupported }) => Object.keys(unsupported).length >= 6));
    await end(first);
    const second = await start();
    await until("disks and file systems are known", 30_000, () =>
      known(({ disks, filesystems }) => disks.length > 0 && filesystems.length > 0),
    );
    await end(second);
    const third = await start();
    for (const [index, program] of programs.entries()) {
      const id = await hostOf(rig, `denied ${program}`, () => third[index]?.output() ?? "");
      await waitForMetrics(rig, id, usual);
    }
  });
});

async function memoryOf(rig: ZabbixRig, id: string): Promise<{ total: number; used: number }> {
  const points = await rig.points(id);
  const newest = (name: string): number => points[name]?.at(-1)?.value ?? Number.NaN;
  return { total: newest("memory.total"), used: newest("memory.used") };
}

async function metaOf(id: string): Promise<unknown> {
  const meta = async (): Promise<string> => {
    const { rows } = await people.owner.query<{ meta: string }>("select meta from inventory_host where id = $1", [id]);
    return rows[0]?.meta ?? "{}";
  };
  await until("the host's page knows its kernel", 15_000, async () => (await meta()).includes("kernel"));
  return JSON.parse(await meta());
}

describe("zabbix_sender", () => {
  test("sends 600 numbers as a host's own metrics, and hears which texts were left out", async () => {
    const rig = await open();
    const lines = Array.from({ length: 600 }, (_, n) => String.raw`sender "app.requests[${n},\"x y\"]" ${n}`);
    const sent = await zabbixSender(rig.port, lines);
    expect(sent).toMatchObject({ status: 0 });
    expect(sent.output).toContain("sent: 600; skipped: 0; total: 600");
    const id = await hostOf(rig, "sender", () => sent.output);
    const points = await rig.points(id);
    expect(Object.keys(points)).toHaveLength(600);
    expect(points["custom.zabbix.app.requests.599.x_y"]?.map(({ value }) => value)).toEqual([599]);
    const text = await zabbixSender(rig.port, ["sender app.version v1.2.3", "sender app.requests[1,x] 2.5e3"]);
    expect(text).toMatchObject({ status: 2 });
    expect(text.output).toContain("processed: 1; failed: 1; total: 2");
    expect((await rig.points(id))["custom.zabbix.app.requests.1.x"]?.map(({ value }) => value)).toEqual([2500]);
  });

  test("sends values of their own time, and one from 25 hours ago is dropped and counted", async () => {
    const rig = await open();
    const now = Math.floor(clock.now() / 1000);
    const lines = [`timed app.value ${now - 3600} 1`, `timed app.value ${now - 25 * 3600} 2`, `timed app.value ${now + 25 * 3600} 3`];
    const sent = await zabbixSender(rig.port, lines, { args: ["-T"] });
    expect(sent.output).toContain("processed: 1; failed: 2; total: 3");
    const id = await hostOf(rig, "timed", () => sent.output);
    expect(await rig.points(id)).toEqual({ "custom.zabbix.app.value": [{ time: now - 3600, value: 1 }] });
    expect(await rig.zabbix.states.peek(people.first.actor.organisationId, "timed")).toMatchObject({ lateValues: 2 });
  });

  test("comes in with its key; not with a wrong one, nor by an unknown identity", async () => {
    const rig = await open();
    const psk = await makePsk();
    expect(await zabbixSender(rig.port, ["secret app.value 1"], { psk })).toMatchObject({ status: 0 });
    const wrong = await zabbixSender(rig.port, ["secret app.value 2"], { psk: { ...psk, key: "0".repeat(64) } });
    expect(wrong.status).toBe(1);
    const unknown = await zabbixSender(rig.port, ["secret app.value 3"], { psk: { ...psk, identity: "nobody" } });
    expect(unknown.status).toBe(1);
    const { organisationId } = people.first.actor;
    await until("both were noted", 5000, () => rig.zabbix.refusals.of(organisationId, true).length >= 2);
    expect(rig.zabbix.refusals.of(organisationId, true)).toMatchObject([
      { reason: "unknown-identity", name: "nobody", address: "127.0.0.1" },
      { reason: "wrong-key", name: psk.identity, address: "127.0.0.1" },
    ]);
    const points = await rig.points(await hostOf(rig, "secret", () => ""));
    expect(points["custom.zabbix.app.value"]?.map(({ value }) => value)).toEqual([1]);
  });
});

/** Keeps every point, also those that another one of the same minute replaced. */
class RememberingStore extends FakeMetricStore {
  readonly times = new Map<string, number[]>();
  readonly #names = new Map<number, string>();

  override seriesOf(...of: Parameters<FakeMetricStore["seriesOf"]>): ReturnType<FakeMetricStore["seriesOf"]> {
    const series = super.seriesOf(...of);
    this.#names.set(series, of.join("/"));
    return series;
  }

  override append(points: PointColumns): Promise<AppendReport> {
    for (let at = 0; at < points.count; at += 1) {
      const name = this.#names.get(points.series[at] ?? -1) ?? "";
      this.times.set(name, [...(this.times.get(name) ?? []), unixSeconds(points.times[at] ?? 0)]);
    }
    return super.append(points);
  }
}

describe("while the server is away", () => {
  test("agents keep their values, and after a restart no interval is missing in any graph", async () => {
    const store = new RememberingStore(clock);
    const before = await open(store);
    const { port } = before;
    const agents = await Promise.all(programs.map((program) => startZabbixAgent(program, { port, hostName: `patient ${program}` })));
    for (const [index, program] of programs.entries()) {
      const id = await hostOf(before, `patient ${program}`, () => agents[index]?.output() ?? "");
      await waitForMetrics(before, id, usual);
    }
    await before.close();
    const wentAt = clock.now();
    await until("four intervals went by", 15_000, () => clock.now() - wentAt > 8500);
    const after = await open(store, port);
    const often = (): [string, number[]][] => [...store.times].filter(([name]) => isOften.test(name));
    await until("values come again", 20_000, () => often().every(([, times]) => (times.at(-1) ?? 0) * 1000 > wentAt + 10_000));
    expect(after.logged.filter((line) => line.includes("could not"))).toEqual([]);
    expect(often().length).toBeGreaterThan(2 * usual.length - 10);
    for (const [name, times] of often()) {
      const gaps = times.toSorted((a, b) => a - b).map((time, index, all) => time - (all[index - 1] ?? time));
      // Agents' own timers may be late on a busy machine; what the server lost would be missing for as long as it was away.
      expect(Math.max(...gaps), name).toBeLessThanOrEqual(6);
      const meanwhile = times.filter((time) => time * 1000 > wentAt && time * 1000 < wentAt + 8500);
      expect(meanwhile.length, name).toBeGreaterThanOrEqual(3);
    }
  });
});

/** By host and name. Other interfaces and disks may come and go, or move their first byte late. */
const isOften = /\/(?:loadavg|cpu|memory|filesystem|disk\.(?:vd|sd|nvme\d+n)|interface\.(?:eth|en))/u;
