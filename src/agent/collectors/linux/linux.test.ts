import { describe, expect, test } from "vitest";
import { millis, seconds } from "#base/duration";
import { FixtureReader } from "#test/agent/fixture-reader";
import { collectorsFor } from "../index.ts";
import { cpuPercentages, parseProcStat } from "./cpu.ts";
import { parseDiskstats } from "./disk.ts";
import { filesystemMetrics, linuxFilesystem, parseMounts } from "./filesystem.ts";
import { parseLoadavg } from "./loadavg.ts";
import { memoryMetrics, parseMeminfo } from "./memory.ts";
import { linuxNetwork, parseNetDev } from "./network.ts";
import { linuxProcesses, processState } from "./processes.ts";

const stat = (cpu: string): string => `cpu  ${cpu}\ncpu0 1 2 3\ncpu1 1 2 3\nintr 1 2 3\nctxt 99\nbtime 1795300000\nprocesses 17\n`;
const sum = (values: Readonly<Record<string, number>>): number => Object.values(values).reduce((a, b) => a + b, 0);

describe("load average", () => {
  test("the first three fields are the averages", () => {
    expect(parseLoadavg("0.20 0.18 0.12 1/80 11206\n")).toEqual({ loadavg1: 0.2, loadavg5: 0.18, loadavg15: 0.12 });
  });

  test("a cut file is an error, not zeros", () => {
    expect(() => parseLoadavg("0.20\n")).toThrow("fewer than 3");
  });
});

describe("processor", () => {
  test("the states add up to 100 times the number of cores", () => {
    const before = parseProcStat(stat("1000 100 500 8000 200 10 20 30 40 5"));
    const after = parseProcStat(stat("1300 110 600 8700 250 12 24 36 90 10"));
    const values = cpuPercentages(before, after);
    expect(Object.keys(values)).toHaveLength(9);
    expect(sum(values)).toBeCloseTo(200, 8);
  });

  test("guest time is taken out of user and nice, where the kernel counts it a second time", () => {
    const before = parseProcStat(stat("0 0 0 0 0 0 0 0 0 0"));
    const after = parseProcStat(stat("60 40 0 0 0 0 0 0 50 40"));
    const values = cpuPercentages(before, after);
    expect(values["cpu.user.percentage"]).toBeCloseTo(20, 8); // 10 of 100 ticks on 2 cores
    expect(values["cpu.nice.percentage"]).toBeCloseTo(0, 8);
    expect(values["cpu.guest.percentage"]).toBeCloseTo(180, 8);
  });

  test("an old kernel without steal and guest gives the states that it has", () => {
    const values = cpuPercentages(parseProcStat(stat("10 0 10 80 0 0 0")), parseProcStat(stat("20 0 20 160 0 0 0")));
    expect(values["cpu.idle.percentage"]).toBeCloseTo(160, 8);
    expect(values).not.toHaveProperty("cpu.steal.percentage");
  });

  test("iowait that the kernel corrects downwards counts as nothing", () => {
    const values = cpuPercentages(parseProcStat(stat("0 0 0 100 50 0 0 0 0 0")), parseProcStat(stat("0 0 0 200 49 0 0 0 0 0")));
    expect(values["cpu.iowait.percentage"]).toBe(0);
    expect(values["cpu.idle.percentage"]).toBeCloseTo(200, 8);
  });

  test("two samples in the same instant give no values", () => {
    const same = parseProcStat(stat("1 2 3 4 5 6 7 8 9 0"));
    expect(cpuPercentages(same, same)).toEqual({});
  });
});

describe("memory", () => {
  const meminfo = [
    "MemTotal:  1000 kB",
    "MemFree:  100 kB",
    "Buffers:  50 kB",
    "Cached:  200 kB",
    "SwapCached:  1 kB",
    "SwapTotal:  500 kB",
    "SwapFree:  400 kB",
  ];

  test("used is total without available, all in bytes", () => {
    const values = memoryMetrics(parseMeminfo([...meminfo, "MemAvailable:  600 kB", "HugePages_Total:  0"].join("\n")));
    expect(values).toEqual({
      "memory.total": 1_024_000,
      "memory.used": 409_600,
      "memory.mem_available": 614_400,
      "memory.swap_total": 512_000,
      "memory.swap_cached": 1024,
      "memory.swap_free": 409_600,
    });
  });

  test("a kernel without MemAvailable gives free, buffers and cached", () => {
    const values = memoryMetrics(parseMeminfo(meminfo.join("\n")));
    expect(values["memory.used"]).toBe((1000 - 100 - 50 - 200) * 1024);
    expect(values).toMatchObject({ "memory.free": 102_400, "memory.buffers": 51_200, "memory.cached": 204_800 });
    expect(values).not.toHaveProperty("memory.mem_available");
  });
});

describe("disks", () => {
  const diskstats = [
    "   7       0 loop0 55 0 2 3 0 0 0 0 0 1 1",
    " 254       0 vda 34146 9142 2231770 62931 12579 61322 4338576 33377 0 29764 98109 5991 52 219832 1751 1073 47",
    " 254       1 vda1 34000 9142 2231770 62931 12000 61322 4338576 33377 0 29764 98109",
    " 253       0 zram0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
    " 252       0 dm-0 99 0 0 0 99 0 0 0 0 0 0",
    " 104       0 cciss/c0d0 5 0 0 0 6 0 0 0 0 0 0",
  ].join("\n");

  test("whole disks count; partitions, loops, device-mapper and disks that never moved do not", () => {
    expect(parseDiskstats(diskstats, new Set(["loop0", "vda", "zram0", "dm-0", "cciss!c0d0"]))).toEqual({
      "disk.vda.reads.delta": 34_146,
      "disk.vda.writes.delta": 12_579,
      "disk.cciss_c0d0.reads.delta": 5,
      "disk.cciss_c0d0.writes.delta": 6,
    });
  });

  test("without /sys every device with a name of its own counts", () => {
    expect(Object.keys(parseDiskstats(diskstats, new Set()))).toContain("disk.vda1.reads.delta");
  });
});

const netDev = (rx: number, tx: number): string =>
  [
    "Inter-|   Receive                                                |  Transmit",
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
    "    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0",
    `  eth0:${rx}   15319    0    0    0     0          0         0  ${tx}    8614    0    0    0     0       0          0`,
    "  ifb0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0",
    "veth1a2b3c:  999       1    0    0    0     0          0         0      999       1    0    0    0     0       0          0",
    "eth0.100: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0",
  ].join("\n");

describe("interfaces", () => {
  test("names are made fit, also when the first number touches the colon", () => {
    expect(parseNetDev(netDev(606_878_716, 1_121_606))).toEqual({
      "interface.eth0.rxBytes.delta": 606_878_716,
      "interface.eth0.txBytes.delta": 1_121_606,
      "interface.eth0_100.rxBytes.delta": 10,
      "interface.eth0_100.txBytes.delta": 20,
    });
  });

  test("the rate is per second over the time that passed, and a counter that was reset gives no point", async () => {
    const reader = new FixtureReader();
    let now = seconds(100);
    const collector = linuxNetwork({ reader, mono: () => now });
    reader.files.set("/proc/net/dev", netDev(1000, 1000));
    expect(await collector.collect()).toEqual({});
    now = seconds(160);
    reader.files.set("/proc/net/dev", netDev(7000, 100));
    const values = await collector.collect();
    expect(values["interface.eth0.rxBytes.delta"]).toBe(100);
    expect(values).not.toHaveProperty("interface.eth0.txBytes.delta");
    now = seconds(220);
    reader.files.set("/proc/net/dev", netDev(7000, 700));
    expect((await collector.collect())["interface.eth0.txBytes.delta"]).toBe(10);
  });
});

describe("file systems", () => {
  const mounts = [
    "proc /proc proc rw 0 0",
    "/dev/vda1 / ext4 rw,relatime 0 0",
    "/dev/mapper/vg-data /srv/my\\040data xfs rw 0 0",
    "/dev/vda1 /var/lib/bind/mount ext4 rw 0 0",
    "/dev/loop3 /snap/core/1 squashfs ro 0 0",
    "nfs:/export /mnt nfs rw 0 0",
    "tmpfs /run tmpfs rw 0 0",
  ].join("\n");

  test("block devices count once each; images, network and memory file systems do not", () => {
    expect(parseMounts(mounts)).toEqual([
      { device: "/dev/vda1", path: "/" },
      { device: "/dev/mapper/vg-data", path: "/srv/my data" },
    ]);
  });

  test("size is used plus available, so that the blocks reserved for root are no room", () => {
    expect(filesystemMetrics("mapper_vg-data", { total: 1000, free: 300, available: 250 })).toEqual({
      "filesystem.mapper_vg-data.size": 950,
      "filesystem.mapper_vg-data.used": 700,
    });
  });

  test("one that cannot be asked does not hide the others", async () => {
    const reader = new FixtureReader();
    reader.files.set("/proc/mounts", mounts);
    reader.spaces.set("/", { total: 1000, free: 300, available: 250 });
    expect(await linuxFilesystem({ reader, mono: () => millis(0) }).collect()).toEqual({
      "filesystem.vda1.size": 950,
      "filesystem.vda1.used": 700,
    });
  });
});

describe("processes", () => {
  test("the state stands after the last parenthesis, because a command may be called anything", () => {
    expect(processState("4711 (evil) R (name) S 1 4711 0")).toBe("S");
  });

  test("they are counted by state, without the agent itself among the running", async () => {
    const reader = new FixtureReader();
    reader.folders.set("/proc", ["1", "20", "21", "22", "23", "self", "meminfo"]);
    reader.files.set("/proc/1/stat", "1 (init) S 0");
    reader.files.set("/proc/20/stat", "20 (node) R 1");
    reader.files.set("/proc/21/stat", "21 (cc) R 1");
    reader.files.set("/proc/22/stat", "22 (dead) Z 1");
    expect(await linuxProcesses({ reader, mono: () => millis(0) }, 20).collect()).toEqual({
      "custom.processes.total": 4,
      "custom.processes.running": 1,
      "custom.processes.zombie": 1,
    });
  });
});

test("an unknown platform still gives load, processor and uptime", async () => {
  const reader = new FixtureReader();
  const collectors = collectorsFor("sunos", { reader, mono: () => millis(0) });
  const values = Object.assign({}, ...(await Promise.all(collectors.map((collector) => collector.collect()))));
  expect(values).toMatchObject({ loadavg5: 1.25, "custom.uptime.seconds": 86_400 });
});
