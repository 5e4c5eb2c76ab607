import { expect, test } from "vitest";
import { seconds } from "#base/duration";
import { FixtureReader } from "#test/agent/fixture-reader";
import { windowsCounters, windowsGauges, windowsMetrics } from "./metrics.ts";
import { parseSnapshot, snapshotScript } from "./snapshot.ts";

const snapshot = (reads: number): string =>
  `\uFEFF${JSON.stringify({
    os: {
      TotalVisibleMemorySize: 16_000_000,
      FreePhysicalMemory: 6_000_000,
      SizeStoredInPagingFiles: 2_000_000,
      FreeSpaceInPagingFiles: 1_500_000,
      NumberOfProcesses: 180,
    },
    queue: 3,
    disks: [
      { Name: "C:", DiskReadsPersec: reads, DiskWritesPersec: 200 },
      { Name: "HarddiskVolume1", DiskReadsPersec: 1, DiskWritesPersec: 1 },
      { Name: "_Total", DiskReadsPersec: reads, DiskWritesPersec: 200 },
    ],
    nics: { Name: "Intel[R] Ethernet Connection _2", BytesReceivedPersec: "4294967296000", BytesSentPersec: 1000 },
    volumes: [
      { DeviceID: "C:", Size: 500_000_000_000, FreeSpace: 200_000_000_000 },
      { DeviceID: "D:", Size: null, FreeSpace: null },
    ],
  })}`;

test("memory, page file, queue, volumes and processes are read in bytes", () => {
  expect(windowsGauges(parseSnapshot(snapshot(100)))).toEqual({
    "memory.total": 16_384_000_000,
    "memory.free": 6_144_000_000,
    "memory.used": 10_240_000_000,
    "memory.pagefile_total": 2_048_000_000,
    "memory.pagefile_free": 1_536_000_000,
    processor_queue_length: 3,
    "custom.processes.total": 180,
    "filesystem.C.size": 500_000_000_000,
    "filesystem.C.used": 300_000_000_000,
  });
});

test("drives count once, and a single interface that PowerShell did not put into a list is found", () => {
  expect(windowsCounters(parseSnapshot(snapshot(100)))).toEqual({
    "disk.C.reads.delta": 100,
    "disk.C.writes.delta": 200,
    "interface.Intel_R__Ethernet_Connection__2.rxBytes.delta": 4_294_967_296_000,
    "interface.Intel_R__Ethernet_Connection__2.txBytes.delta": 1000,
  });
});

test("counters become rates between two snapshots", async () => {
  const reader = new FixtureReader();
  const line = ["powershell.exe", "-NoLogo", "-NoProfile", "-NonInteractive", "-Command", snapshotScript].join(" ");
  let now = seconds(0);
  const collector = windowsMetrics({ reader, mono: () => now });
  reader.outputs.set(line, snapshot(100));
  expect(await collector.collect()).not.toHaveProperty("disk.C.reads.delta");
  now = seconds(60);
  reader.outputs.set(line, snapshot(700));
  expect((await collector.collect())["disk.C.reads.delta"]).toBe(10);
});

test("an answer without any of the classes is empty, and one that is no JSON is an error", () => {
  expect(windowsGauges(parseSnapshot('{"os":null,"queue":null,"disks":[],"nics":{},"volumes":[]}'))).toEqual({});
  expect(() => parseSnapshot("Get-CimInstance : Access denied")).toThrow("JSON");
});
