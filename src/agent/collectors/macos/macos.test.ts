import { expect, test } from "vitest";
import { seconds } from "#base/duration";
import { FixtureReader } from "#test/agent/fixture-reader";
import { collectorsFor } from "../index.ts";
import { parseIoreg } from "./disk.ts";
import { parseDf } from "./filesystem.ts";
import { macosMemoryMetrics, parseSwapUsage, parseVmStat } from "./memory.ts";
import { parseNetstat } from "./network.ts";
import { parseProcessStates } from "./processes.ts";

const vmStat = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10000.
Pages active:                            400000.
Pages inactive:                          300000.
Pages speculative:                         5000.
Pages throttled:                              0.
Pages wired down:                        120000.
"Translation faults":                2384723847.
File-backed pages:                       250000.
Pages occupied by compressor:             60000.
`;

const netstat = (
  rx: number,
): string => `Name       Mtu   Network       Address            Ipkts Ierrs     Ibytes    Opkts Oerrs     Obytes  Coll
lo0        16384 <Link#1>                      1234     0     567890     1234     0     567890     0
lo0        16384 127           127.0.0.1       1234     -     567890     1234     -     567890     -
gif0*      1280  <Link#2>                         0     0          0        0     0          0     0
en0        1500  <Link#6>    02:00:00:00:00:01  9485     0   ${rx}     5678     0     777000     0
en0        1500  192.168.1     192.168.1.20     9485     -   ${rx}     5678     -     777000     -
utun3      1380  <Link#15>                       10     0        100       20     0        200     0
`;

const ioreg = `+-o IOBlockStorageDriver  <class IOBlockStorageDriver, id 0x100000333, registered, matched, active, busy 0 (3 ms), retain 9>
  | {
  |   "IOClass" = "IOBlockStorageDriver"
  |   "Statistics" = {"Operations (Write)"=4100,"Latency Time (Write)"=0,"Bytes (Read)"=91726848,"Errors (Write)"=0,"Operations (Read)"=8200,"Retries (Read)"=0}
  | }
  |
  +-o APPLE SSD AP0512Q Media  <class IOMedia, id 0x100000334, registered, matched, active, busy 0 (0 ms), retain 17>
    | {
    |   "Content" = "GUID_partition_scheme"
    |   "BSD Name" = "disk0"
    | }
    +-o Container_1@1  <class IOMedia>
        {
          "BSD Name" = "disk0s1"
        }
`;

const df = `Filesystem     1024-blocks      Used Available Capacity  Mounted on
/dev/disk3s1s1   494384795  10485760 200000000     5%    /
devfs                  205       205         0   100%    /dev
/dev/disk3s6     494384795   2097152 200000000     2%    /System/Volumes/VM
/dev/disk3s5     494384795 250000000 200000000    56%    /System/Volumes/Data
/dev/disk4s1       1000000    400000    600000    40%    /Volumes/My Disk
`;

test("memory is read in the page size that vm_stat names", () => {
  expect(macosMemoryMetrics(17_179_869_184, parseVmStat(vmStat))).toEqual({
    "memory.total": 17_179_869_184,
    "memory.mem_available": 315_000 * 16_384,
    "memory.used": 17_179_869_184 - 315_000 * 16_384,
    "memory.cached": 250_000 * 16_384,
  });
  expect(() => parseVmStat("Pages free: 1.")).toThrow("page size");
});

test("swap is read with its unit", () => {
  expect(parseSwapUsage("total = 2048.00M  used = 823.50M  free = 1.50G  (encrypted)\n")).toEqual({
    "memory.swap_total": 2_147_483_648,
    "memory.swap_free": 1_610_612_736,
  });
  expect(parseSwapUsage("vm.swapusage: unknown")).toEqual({});
});

test("interfaces are read from their link rows, with or without an address", () => {
  expect(parseNetstat(netstat(123_456))).toEqual({
    "interface.en0.rxBytes.delta": 123_456,
    "interface.en0.txBytes.delta": 777_000,
    "interface.utun3.rxBytes.delta": 100,
    "interface.utun3.txBytes.delta": 200,
  });
});

test("a disk's operations belong to the whole disk, not to its partitions", () => {
  expect(parseIoreg(ioreg)).toEqual({ "disk.disk0.reads.delta": 8200, "disk.disk0.writes.delta": 4100 });
});

test("file systems leave out the system's helper volumes and keep blanks in mount points", () => {
  expect(parseDf(df).map((row) => row.path)).toEqual(["/", "/System/Volumes/Data", "/Volumes/My Disk"]);
  expect(parseDf(df)[2]).toEqual({ device: "/dev/disk4s1", path: "/Volumes/My Disk", used: 409_600_000, available: 614_400_000 });
});

test("processes are counted without ps itself", () => {
  expect(parseProcessStates("Ss\nR+\nR\nZ\nS\n")).toEqual({
    "custom.processes.total": 5,
    "custom.processes.running": 1,
    "custom.processes.zombie": 1,
  });
});

test("all collectors of macOS together give Mackerel's names", async () => {
  const reader = new FixtureReader();
  reader.outputs.set("/usr/bin/vm_stat", vmStat);
  reader.outputs.set("/usr/sbin/netstat -ibn", netstat(1000));
  reader.outputs.set("/usr/sbin/ioreg -r -w 0 -c IOBlockStorageDriver", ioreg);
  reader.outputs.set("/bin/df -kPl", df);
  reader.outputs.set("/bin/ps -axo state=", "S\nR\n");
  const times = (idle: number) => [{ model: "Apple M2", speed: 24, times: { user: 100, nice: 0, sys: 100, idle, irq: 0 } }];
  reader.cpus = times(0);
  let now = seconds(0);
  const collectors = collectorsFor("darwin", { reader, mono: () => now });
  await Promise.all(collectors.map((collector) => collector.collect()));
  now = seconds(60);
  reader.cpus = times(1000);
  reader.outputs.set("/usr/sbin/netstat -ibn", netstat(61_000));
  const values = Object.assign({}, ...(await Promise.all(collectors.map((collector) => collector.collect()))));
  expect(values).toMatchObject({
    loadavg1: 1.5,
    "cpu.idle.percentage": 100,
    "interface.en0.rxBytes.delta": 1000,
    "disk.disk0.reads.delta": 0,
    "filesystem.disk4s1.size": 1_024_000_000,
    "custom.processes.total": 2,
  });
});
