import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { isMetricName } from "#features/metrics";
import type { PointBatch } from "#features/receivers";
import { fuzz } from "#test/fuzz";
import { packetOf } from "#test/zabbix-client";
import type { ReadHost } from "./emitter.ts";
import { metaOf } from "./host-facts.ts";
import { itemsFor } from "./items.ts";
import { noKnowledge, parseKnowledge, type Sample } from "./knowledge.ts";
import { readMessage } from "./message.ts";
import { headerBytes, readBodyNow, readHeader } from "./packet.ts";
import { Reading } from "./reading.ts";

const isRefusal = (error: unknown): boolean =>
  error instanceof HinobanError && (error.code === "bad-request" || error.code === "too-large");

const requests = [
  {
    request: "active checks",
    host: "h",
    host_metadata: "linux",
    config_revision: 0,
    session: "0123456789abcdef0123456789abcdef",
    version: "7.0.9",
    variant: 1,
  },
  {
    request: "agent data",
    session: "0123456789abcdef0123456789abcdef",
    data: [{ host: "h", key: "k[a]", value: "0.7", id: 1, clock: 1_795_302_134, ns: 757 }],
  },
  { request: "agent data", host: "h", version: "6.0", data: [{ itemid: 104, state: 1, value: "no", id: 2, clock: 1_795_302_134, ns: 5 }] },
  { request: "sender data", data: [{ host: "h", key: "k", value: "1" }], clock: 1_795_302_139, ns: 792_077_512 },
  { request: "active check heartbeat", host: "h", heartbeat_freq: 60, version: "7.0.9", variant: 1 },
];

test("200,000 broken packets are read or refused, and never anything else", () => {
  const seeds = requests.flatMap((request) => [packetOf(request), packetOf(request, { flags: 3 })]);
  const { taken, refused } = fuzz(seeds, (packet) => readBodyNow(readHeader(packet), packet.subarray(headerBytes)), isRefusal);
  expect(taken).toBeGreaterThan(5000);
  expect(refused).toBeGreaterThan(5000);
});

test("200,000 broken requests are read or refused, and never anything else", () => {
  const seeds = requests.map((request) => JSON.stringify(request));
  const { taken, refused } = fuzz(seeds, (text) => readMessage(text.toString("utf8")), isRefusal);
  expect(taken).toBeGreaterThan(5000);
  expect(refused).toBeGreaterThan(5000);
});

const filesystems = JSON.stringify([
  { fsname: "/", fstype: "ext4", bytes: { total: 100, free: 40, used: 50, pfree: 44, pused: 56 }, inodes: {} },
  { fsname: "C:", fstype: "NTFS", fsdrivetype: "fixed", bytes: { total: 100, free: 40, used: 60 } },
]);
const values: readonly (readonly [string, string])[] = [
  ["vfs.file.contents[/proc/stat]", readFileSync("/proc/stat", "utf8").slice(0, 300)],
  ["vfs.file.contents[/proc/loadavg]", "0.20 0.18 0.12 1/80 11206"],
  ["vfs.file.contents[/proc/meminfo]", readFileSync("/proc/meminfo", "utf8").slice(0, 600)],
  ["vfs.file.contents[/proc/net/dev]", "  eth0: 1296 1 0 0 0 0 0 0 1296 1 0 0 0 0 0 0\nveth1: 1 1\n"],
  ["vfs.file.contents[/proc/diskstats]", " 254 0 vda 1 0 0 0 5 0 0 0 0 0 0\n 254 1 vda1 1 0 0 0 5 0 0 0 0 0 0\n"],
  ["vfs.file.contents[/proc/mounts]", "/dev/vda1 / ext4 rw 0 0\n/dev/vdb /a\\040b xfs rw 0 0\n"],
  ["vfs.file.contents[/etc/os-release]", 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\n'],
  ["vfs.fs.get", filesystems],
  ["vfs.fs.discovery", `[{"{#FSNAME}":"/","{#FSTYPE}":"ext4"}]`],
  ["net.if.discovery", `[{"{#IFNAME}":"lo"},{"{#IFNAME}":"eth0"}]`],
  ["vfs.dev.discovery", `[{"{#DEVNAME}":"vda","{#DEVTYPE}":"disk"}]`],
  ["perf_instance_en.discovery[LogicalDisk]", `[{"{#INSTANCE}":"C:"}]`],
  ["system.uname", "Linux vm 6.1.0 #1 SMP x86_64"],
  ["system.cpu.num", "2"],
  ["system.cpu.util[,user]", "46.5"],
  ["net.if.in[eth0]", "123456789"],
];

test("200,000 broken values of agents give points with good names and real numbers, or none", () => {
  let points = 0;
  const batch = {
    add: (_source: string, name: string, time: number, value: number) => {
      points += 1;
      // A number too large for a double is left out by the batch itself.
      if (!isMetricName(name) || Number.isNaN(value) || !Number.isInteger(time)) throw new Error(`${name} ${time} ${value}`);
    },
  } as unknown as PointBatch; // the one method that is used
  const host: ReadHost = { id: "host", knowledge: noKnowledge, samples: new Map<string, Sample>(), readAt: new Map() };
  let at = 1_795_302_000_000;
  const seeds = values.map(([key, text]) => `${key}\n${text}`);
  fuzz(
    seeds,
    (input) => {
      const [key = "", ...rest] = input.toString("utf8").split("\n");
      const text = rest.join("\n");
      at += 60_000;
      const reading = new Reading(host, batch);
      reading.learn(key, text);
      reading.read(key, text, unixMs(at));
      reading.custom(key, text, unixMs(at));
      reading.commit();
      if (at % 3_000_000 !== 0) return;
      expect(parseKnowledge(JSON.stringify(host.knowledge))).toEqual(host.knowledge);
      expect(itemsFor("h", host.knowledge).length).toBeLessThan(3000);
      JSON.stringify(metaOf(host.knowledge, "agent", "6.0"));
    },
    () => false,
  );
  expect(points).toBeGreaterThan(20_000);
}, 60_000);
