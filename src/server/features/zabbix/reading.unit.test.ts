import { describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import type { PointBatch } from "#features/receivers";
import type { ReadHost } from "./emitter.ts";
import { learnSupport } from "./facts.ts";
import { customMetric, numberOf, parseItemKey } from "./item-key.ts";
import { delaysOf, itemId, itemNumbers, itemsFor, keysOf, revisionOf, usualDelays } from "./items.ts";
import { formatSamples, noKnowledge, parseKnowledge, parseSamples, type Knowledge, type Sample } from "./knowledge.ts";
import { Reading } from "./reading.ts";
import { Sessions } from "./sessions.ts";

const noon = Date.UTC(2026, 10, 22, 12, 0, 30);
const newHost = (knowledge: Partial<Knowledge> = {}): ReadHost => ({
  id: "host",
  knowledge: { ...noKnowledge, ...knowledge },
  samples: new Map<string, Sample>(),
  readAt: new Map(),
});

/** What a post of values becomes: values by metric, of the newest time. */
function post(host: ReadHost, minute: number, values: Readonly<Record<string, string>>, { isKept = true, times = [] as number[] } = {}) {
  const points: Record<string, number> = {};
  const batch = {
    add: (_id: string, name: string, time: number, value: number) => {
      points[name] = value;
      times.push(time);
    },
  } as unknown as PointBatch; // the one method that is used
  const reading = new Reading(host, batch);
  for (const [key, text] of Object.entries(values)) reading.learn(key, text);
  for (const [key, text] of Object.entries(values)) reading.read(key, text, unixMs(noon + minute * 60_000));
  if (isKept) reading.commit();
  return points;
}

const stat = (user: number, idle: number, guest = 0): string =>
  `cpu  ${user} 10 20 ${idle} 5 1 2 0 ${guest} 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nintr 5\n`;

describe("values of Linux", () => {
  test("arrive under the names of Mackerel's agent, computed like there", () => {
    const host = newHost();
    const first = post(host, 0, {
      "vfs.file.contents[/proc/stat]": stat(100, 1000),
      "vfs.file.contents[/proc/loadavg]": "0.20 0.18 0.12 1/80 11206",
      "vfs.file.contents[/proc/meminfo]":
        "MemTotal: 1000 kB\nMemFree: 200 kB\nMemAvailable: 600 kB\nSwapCached: 1 kB\nSwapTotal: 50 kB\nSwapFree: 40 kB",
      "vfs.file.contents[/proc/net/dev]": "  eth0: 6000 1 0 0 0 0 0 0 12000 1 0 0 0 0 0 0\n    lo: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0",
      "vfs.file.contents[/proc/diskstats]":
        " 254 0 vda 60 0 0 0 120 0 0 0 0 0 0\n 254 1 vda1 60 0 0 0 120 0 0 0 0 0 0\n 7 0 loop0 1 0 0 0 1 0 0 0 0 0 0\n 8 0 sdb 0 0 0 0 0 0 0 0 0 0 0",
    });
    expect(first).toEqual({
      loadavg1: 0.2,
      loadavg5: 0.18,
      loadavg15: 0.12,
      "memory.total": 1_024_000,
      "memory.used": 409_600,
      "memory.mem_available": 614_400,
      "memory.swap_total": 51_200,
      "memory.swap_cached": 1024,
      "memory.swap_free": 40_960,
    });
    const second = post(host, 1, {
      "vfs.file.contents[/proc/stat]": stat(150, 1050, 25),
      "vfs.file.contents[/proc/net/dev]": "  eth0: 12000 1 0 0 0 0 0 0 12060 1 0 0 0 0 0 0\n",
      "vfs.file.contents[/proc/diskstats]": " 254 0 vda 120 0 0 0 180 0 0 0 0 0 0\n 254 1 vda1 120 0 0 0 180 0 0 0 0 0 0\n",
    });
    // of 100 ticks of 2 cores 25 went to user, 25 to a guest, which the kernel had counted as user, too
    expect(second).toMatchObject({
      "cpu.user.percentage": 50,
      "cpu.guest.percentage": 50,
      "cpu.idle.percentage": 100,
      "cpu.iowait.percentage": 0,
    });
    expect(second).toMatchObject({
      "interface.eth0.rxBytes.delta": 100,
      "interface.eth0.txBytes.delta": 1,
      "disk.vda.reads.delta": 1,
      "disk.vda.writes.delta": 1,
    });
    expect(Object.keys(second).filter((name) => /lo|vda1|sdb/u.test(name))).toEqual([]);
  });

  test("of a batch that could not be stored give the same points again", () => {
    const host = newHost();
    const dev = (bytes: number) => ({ "vfs.file.contents[/proc/net/dev]": `eth0: ${bytes} 1 0 0 0 0 0 0 ${bytes} 1 0 0 0 0 0 0\n` });
    post(host, 0, dev(6000));
    const lost = post(host, 1, dev(12_000), { isKept: false });
    expect(lost).toEqual({ "interface.eth0.rxBytes.delta": 100, "interface.eth0.txBytes.delta": 100 });
    expect(post(host, 1, dev(12_000))).toEqual(lost);
    expect(post(host, 1, dev(12_000))).toEqual({});
    expect(post(host, 2, dev(100))).toEqual({}); // the machine restarted
    expect(post(host, 3, dev(700))).toEqual({ "interface.eth0.rxBytes.delta": 10, "interface.eth0.txBytes.delta": 10 });
  });

  test("name file systems by device, as soon as the devices are known, each once", () => {
    const host = newHost();
    const room = (fsname: string, fstype: string) => ({ fsname, fstype, bytes: { total: 110, free: 40, used: 60 } });
    const fsget = JSON.stringify([room("/", "ext4"), room("/srv/a b", "ext4"), room("/proc", "proc"), room("/snap", "squashfs")]);
    expect(post(host, 0, { "vfs.fs.get": fsget })).toEqual({});
    const mounts =
      "/dev/vda1 / ext4 rw 0 0\n/dev/vda1 /var/lib/long ext4 rw 0 0\n/dev/mapper/vg-a /srv/a\\040b ext4 rw 0 0\n/dev/loop1 /snap squashfs ro 0 0\n";
    expect(post(host, 1, { "vfs.fs.get": fsget, "vfs.file.contents[/proc/mounts]": mounts })).toEqual({
      "filesystem.vda1.size": 100,
      "filesystem.vda1.used": 60,
      "filesystem.mapper_vg-a.size": 100,
      "filesystem.mapper_vg-a.used": 60,
    });
    const unable = newHost({ unsupported: { "vfs.file.contents[/proc/mounts]": { message: "no", at: unixMs(0) } } });
    expect(Object.keys(post(unable, 0, { "vfs.fs.get": fsget }))).toEqual([
      "filesystem._.size",
      "filesystem._.used",
      "filesystem._srv_a_b.size",
      "filesystem._srv_a_b.used",
    ]);
  });

  test("that come 60 seconds later but in the minute after the next leave no minute out", () => {
    const host = newHost();
    const times: number[] = [];
    const load = { "vfs.file.contents[/proc/loadavg]": "1 2 3 1/1 1" };
    const at = (seconds: number): number => (seconds - 30) / 60;
    post(host, at(59.98), load, { times });
    post(host, at(120.01), load, { times });
    post(host, at(180.02), load, { times });
    expect([...new Set(times.map((time) => time - (noon / 1000 - 30)))]).toEqual([59, 119, 120, 180]);
  });
});

describe("values of the classic items", () => {
  test("fill the same graphs: percent times cores, counters as rates, pairs as sums", () => {
    const host = newHost();
    const values = (add: number) => ({
      "system.cpu.num": "4",
      "system.cpu.util[,user]": "12.5",
      "system.cpu.util[,interrupt]": "0.5",
      "system.cpu.load[all,avg1]": "0.7",
      "vm.memory.size[total]": "1000",
      "vm.memory.size[available]": "600",
      "system.swap.size[,total]": "50",
      "system.swap.size[,free]": "40",
      "net.if.in[eth0]": String(1000 + add),
      "net.if.out[eth0]": String(2000 + 2 * add),
      "vfs.dev.read[sda,operations]": String(add),
      "vfs.dev.write[sda,operations]": String(3 * add),
      "vfs.fs.size[/,used]": "60",
      "vfs.fs.size[/,free]": "40",
    });
    post(host, 0, values(0));
    expect(post(host, 1, values(600))).toEqual({
      "cpu.user.percentage": 50,
      "cpu.irq.percentage": 2,
      loadavg1: 0.7,
      "memory.total": 1000,
      "memory.mem_available": 600,
      "memory.used": 400,
      "memory.swap_total": 50,
      "memory.swap_free": 40,
      "interface.eth0.rxBytes.delta": 10,
      "interface.eth0.txBytes.delta": 20,
      "disk.sda.reads.delta": 10,
      "disk.sda.writes.delta": 30,
      "filesystem._.used": 60,
      "filesystem._.size": 100,
    });
  });

  test("of Windows arrive under Mackerel's names for Windows", () => {
    const host = newHost();
    const values = {
      "system.uname": "Windows WEB-1 10.0.17763 Microsoft Windows Server 2019 Standard x64",
      "system.cpu.num": "2",
      [String.raw`perf_counter_en["\Processor(_Total)\% User Time"]`]: "10",
      [String.raw`perf_counter_en["\Processor(_Total)\% Privileged Time"]`]: "5",
      [String.raw`perf_counter_en["\LogicalDisk(C:)\Disk Reads/sec"]`]: "3.5",
      [String.raw`perf_counter_en["\System\Processor Queue Length"]`]: "1",
      "vm.memory.size[total]": "1000",
      "vm.memory.size[available]": "600",
      "system.swap.size[,total]": "50",
      "vfs.fs.get": JSON.stringify([
        { fsname: "C:", fstype: "NTFS", fsdrivetype: "fixed", bytes: { total: 100, free: 40, used: 60 } },
        { fsname: "D:", fstype: "CDFS", fsdrivetype: "cdrom", bytes: { total: 100, free: 0, used: 100 } },
      ]),
      "perf_instance_en.discovery[LogicalDisk]": JSON.stringify([{ "{#INSTANCE}": "C:" }, { "{#INSTANCE}": "_Total" }]),
    };
    expect(post(host, 0, values)).toEqual({
      "cpu.user.percentage": 20,
      "cpu.system.percentage": 10,
      "disk.C.reads.delta": 3.5,
      processor_queue_length: 1,
      "memory.total": 1000,
      "memory.free": 600,
      "memory.used": 400,
      "memory.pagefile_total": 50,
      "filesystem.C.size": 100,
      "filesystem.C.used": 60,
    });
    const keys = itemsFor("web-1", host.knowledge).map(({ key }) => key);
    expect(keys).toContain(String.raw`perf_counter_en["\LogicalDisk(C:)\Disk Writes/sec"]`);
    expect(keys.filter((key) => key.includes("/proc/"))).toEqual([]);
  });
});

describe("items", () => {
  test("on Linux are few enough that ten minutes of them fit into the 100 values of an agent's default buffer", () => {
    const perTenMinutes = (known: Knowledge): number => itemsFor("h", known).reduce((sum, { delay }) => sum + 600 / delay, 0);
    const facts = itemsFor("h", noKnowledge).map(({ key }) => [key, "told"] as const);
    const all = { ...noKnowledge, facts: Object.fromEntries(facts) };
    expect(perTenMinutes(all)).toBeLessThanOrEqual(75);
    const forAgent2 = itemsFor("h", all, delaysOf("agent2", usualDelays));
    expect(forAgent2.reduce((sum, { delay }) => sum + 600 / delay, 0)).toBeLessThanOrEqual(90);
    // Items of one plug-in of agent 2 have one interval.
    expect(new Set(forAgent2.filter(({ key }) => key.startsWith("vfs.file.")).map(({ delay }) => delay))).toEqual(new Set([60]));
    // Until they are told, facts are asked for each minute: agent 2 waits for the end of an interval before it asks at all.
    expect(new Set(itemsFor("h", noKnowledge).map(({ delay }) => delay))).toEqual(new Set([usualDelays.metric]));
  });

  test("watch whole disks, named by any version of the agent, and no parts of them", () => {
    const found = [
      { "{#DEVNAME}": "vda", "{#DEVTYPE}": "disk" },
      { "{#DEVNAME}": "vda1", "{#DEVTYPE}": "partition" },
      { "{#DEVNAME}": "vdb", "{#DEVTYPE}": "DEVTYPE=disk" },
      { "{#DEVNAME}": "vdb1", "{#DEVTYPE}": "DEVTYPE=partition" },
      { "{#DEVNAME}": "loop0", "{#DEVTYPE}": "disk" },
    ];
    const host = newHost();
    post(host, 0, { "vfs.dev.discovery": JSON.stringify(found) });
    expect(host.knowledge.disks).toEqual(["vda", "vdb"]);
  });

  test("that an agent cannot deliver make room for others, and are asked for again once an hour", () => {
    const known = learnSupport(
      { ...noKnowledge, interfaces: ["eth0"] },
      "vfs.file.contents[/proc/net/dev]",
      "Unsupported item key.",
      unixMs(1),
    );
    const delays = new Map(itemsFor("h", known).map(({ key, delay }) => [key, delay]));
    expect(delays.get("vfs.file.contents[/proc/net/dev]")).toBe(usualDelays.probe);
    expect(delays.get("net.if.discovery")).toBe(usualDelays.fact);
    expect(delays.get("system.uname")).toBe(usualDelays.metric);
    expect(delays.get("net.if.in[eth0]")).toBe(usualDelays.metric);
    expect(delays.has("net.if.in[lo]")).toBe(false);
    const back = learnSupport(known, "vfs.file.contents[/proc/net/dev]", undefined, unixMs(2));
    expect(revisionOf(itemsFor("h", back))).toBe(revisionOf(itemsFor("h", { ...noKnowledge, interfaces: ["eth0"] })));
    expect(revisionOf(itemsFor("h", back))).not.toBe(revisionOf(itemsFor("h", known)));
  });

  test("keep their numbers for ever, share a second within the minute, and never the same number", () => {
    expect(itemId("web-1", "vfs.fs.get", "minutely")).toBe(itemId("web-1", "vfs.fs.get", "minutely"));
    for (const host of ["web-1", "web-2", "db"]) {
      const known = { ...noKnowledge, facts: Object.fromEntries(itemsFor(host, noKnowledge).map(({ key }) => [key, "told"])) };
      const items = itemsFor(host, known);
      const ids = items.map(({ id }) => id);
      expect(itemNumbers(host, known).size).toBe(2 * new Set(keysOf(known)).size);
      for (const { id, key } of items) expect(itemNumbers(host, known).get(id)).toBe(key);
      const secondsOf = (delay: number) => new Set(items.filter((item) => item.delay === delay).map(({ id }) => id % 60));
      expect(secondsOf(usualDelays.metric).size).toBe(1);
      expect([...secondsOf(usualDelays.fact)].some((second) => secondsOf(usualDelays.metric).has(second))).toBe(false);
      for (const id of ids) {
        expect(Number.isSafeInteger(id)).toBe(true);
        expect(id % 60).toBeGreaterThanOrEqual(5);
        expect(id % 60).toBeLessThan(55);
      }
    }
  });
});

describe("keys", () => {
  test("are taken apart as Zabbix writes them", () => {
    expect(parseItemKey("agent.ping")).toEqual({ name: "agent.ping", params: [] });
    expect(parseItemKey("a[]")).toEqual({ name: "a", params: [""] });
    expect(parseItemKey("vfs.fs.size[/, used]")).toEqual({ name: "vfs.fs.size", params: ["/", "used"] });
    expect(parseItemKey(String.raw`k["a,b","x \"y\"",,z]`)).toEqual({ name: "k", params: ["a,b", 'x "y"', "", "z"] });
    expect(parseItemKey(String.raw`perf_counter_en["\A\B"]`)?.params).toEqual([String.raw`\A\B`]);
    expect(parseItemKey("no key")).toBeUndefined();
  });

  test("of one's own become metrics of one's own", () => {
    expect(customMetric("app.requests")).toBe("custom.zabbix.app.requests");
    expect(customMetric('app.requests[eu,"x y"]')).toBe("custom.zabbix.app.requests.eu.x_y");
    expect(customMetric("app..odd.[,,z]")).toBe("custom.zabbix.app.odd.z");
    expect(customMetric("...")).toBeUndefined();
    expect(customMetric(`a[${"x".repeat(300)}]`)).toBeUndefined();
    expect(["1", " -2.5e3 ", ".5", "v1", "", "0x10", "1,5", "1e999", "NaN"].map(numberOf)).toEqual([
      1,
      -2500,
      0.5,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("what is kept over a restart", () => {
  test("comes back as it was, and strange text as nothing", () => {
    const samples = new Map<string, Sample>([["cpu", { at: unixMs(5), values: [1, 2] }]]);
    expect(parseSamples(formatSamples(samples))).toEqual(samples);
    expect(parseSamples(`{"a":[1],"b":"x","c":[1,null]}`)).toEqual(new Map());
    const known: Knowledge = {
      ...noKnowledge,
      os: "linux",
      cores: 2,
      mounts: { "/": "/dev/vda1" },
      unsupported: { k: { message: "m", at: unixMs(3) } },
    };
    expect(parseKnowledge(JSON.stringify(known))).toEqual(known);
    expect(parseKnowledge(`{"os":"x","cores":"2","mounts":[1],"disks":{},"unsupported":{"k":1}}`)).toEqual(noKnowledge);
  });

  test("are the newest values of the last sessions", () => {
    const sessions = new Sessions();
    sessions.take("a", 5);
    expect([sessions.has("a", 5), sessions.has("a", 6), sessions.has("b", 1)]).toEqual([true, false, false]);
    for (const session of ["b", "c", "d", "e"]) sessions.take(session, 1);
    expect([sessions.has("a", 5), sessions.has("e", 1)]).toEqual([false, true]);
  });
});
