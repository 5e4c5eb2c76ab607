import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import type { Clock } from "#base/clock";
import { minutes } from "#base/duration";
import { FixtureReader } from "#test/agent/fixture-reader";
import { damaged, neverAborted, optionsOf, repeatable, sectionOf } from "#test/agent/integration-rig";
import { FakeClock } from "#test/fake-clock";
import type { Collected, Integration } from "../integration.ts";
import { port } from "./index.ts";
import { parsePortRange, parseSocketTable } from "./listening.ts";

const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const tcp = (...rows: readonly string[]): string =>
  header +
  rows.map((row, at) => `   ${at}: ${row} 00000000:00000000 00:00000000 00000000     0        0 1671${at} 1 0 100 0 0 10 0\n`).join("");
const tcp4 = tcp("00000000:0016 00000000:0000 0A", "0100007F:1538 00000000:0000 0A", "0100007F:1538 0100007F:A1B2 01");
const tcp6 = tcp(
  "00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A",
  "0000000000000000FFFF00000100007F:1F90 00000000000000000000000000000000:0000 0A",
  "000000FD000000000000000001000000:0050 00000000000000000000000000000000:0000 0A",
);
const udp4 = tcp("00000000:0035 00000000:0000 07", "00000000:9C40 00000000:0000 07", "0100007F:0143 0100007F:0035 01");

test("the kernel's tables give listening sockets with their addresses", () => {
  const shown = (text: string, protocol: "tcp" | "udp"): string[] =>
    parseSocketTable(text, protocol).map(({ address, port: number }) => `${address} ${number}`);
  expect(shown(tcp4, "tcp")).toEqual(["0.0.0.0 22", "127.0.0.1 5432"]);
  expect(shown(tcp6, "tcp")).toEqual([":: 443", "127.0.0.1 8080", "fd00::1 80"]);
  expect(shown(udp4, "udp")).toEqual(["0.0.0.0 53", "0.0.0.0 40000"]);
});

test("ranges of ports", () => {
  expect(parsePortRange("tcp/443")).toEqual({ protocol: "tcp", from: 443, to: 443 });
  expect(parsePortRange("udp/*")).toEqual({ protocol: "udp", from: 1, to: 65_535 });
  for (const wrong of ["443", "tcp/0", "tcp/9-1", "tcp/70000", "sctp/1", "tcp/1-"]) expect(parsePortRange(wrong)).toBeUndefined();
});

let folder: string;
const reader = new FixtureReader();
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hinoban-port-"));
  for (const [name, text] of [
    ["tcp", tcp4],
    ["tcp6", tcp6],
    ["udp", udp4],
    ["udp6", header],
  ] as const)
    reader.files.set(`/proc/net/${name}`, text);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const make = (values: Readonly<Record<string, unknown>>, clock: Clock, name = "port.web"): Integration =>
  port(optionsOf(values, name), { clock, reader, platform: "linux", stateFolder: async () => folder, log }, sectionOf(name, values));
const only = ({ checks = [] }: Collected): string => checks.map(({ name, status, message }) => `${name} ${status}: ${message}`).join("\n");

describe("a port to connect to", () => {
  const clock = new SystemClock();
  let server: Server;
  let number: number;
  beforeEach(async () => {
    server = createServer((socket) => socket.on("error", () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    number = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  test("answers with its latency, and is critical when nothing listens", async () => {
    const integration = make({ port: number }, clock);
    const open = await integration.collect(neverAborted());
    expect(only(open)).toMatch(new RegExp(`^port web OK: 127\\.0\\.0\\.1:${number} answered in [\\d.]+ ms$`, "u"));
    expect(open.metrics).toMatchObject({ "custom.port.open.web.state": 1 });
    expect(open.metrics?.["custom.port.latency.web.tcp"]).toBeLessThan(1000);
    await new Promise((resolve) => server.close(resolve));
    const closed = await integration.collect(neverAborted());
    expect(only(closed)).toContain("CRITICAL: 127.0.0.1:" + number + ": connection refused: nothing listens there");
    expect(closed.metrics).toEqual({ "custom.port.open.web.state": 0 });
  });

  test("something that accepts and never speaks TLS ends with the deadline", async () => {
    const started = clock.mono();
    expect(only(await make({ port: number, protocol: "tls", timeout: 1 }, clock).collect(neverAborted()))).toContain(
      "no handshake within 1 s",
    );
    expect(clock.mono() - started).toBeLessThan(4000);
  });

  test("a round that is cut off hangs up", async () => {
    const stop = new AbortController();
    const running = make({ port: number, protocol: "tls", timeout: 30 }, clock).collect(stop.signal);
    stop.abort();
    expect(only(await running)).toContain("CRITICAL");
  });
});

test("a UDP port is looked up in the kernel's table", async () => {
  const clock = new FakeClock();
  expect(only(await make({ protocol: "udp", port: 53 }, clock).collect(neverAborted()))).toBe("port web OK: udp/53 is open");
  expect(only(await make({ protocol: "udp", port: 54 }, clock).collect(neverAborted()))).toContain("CRITICAL: nothing listens on udp/54");
});

describe("this machine's own ports", () => {
  test("what appears and disappears is told for an hour, over a restart of the agent", async () => {
    const clock = new FakeClock();
    const integration = make({ listening: true }, clock, "port");
    expect(only(await integration.collect(neverAborted()))).toBe(
      "port listening OK: 6 ports: tcp/22, tcp/443, tcp/5432, tcp/80, tcp/8080, udp/53",
    );
    reader.files.set("/proc/net/tcp", tcp("00000000:0016 00000000:0000 0A", "00000000:115C 00000000:0000 0A"));
    await clock.advance(minutes(1));
    const message = "port listening WARNING: tcp/4444 appeared at 2026-01-05T00:01:00Z; tcp/5432 disappeared at 2026-01-05T00:01:00Z";
    expect(only(await integration.collect(neverAborted()))).toBe(message);
    const again = make({ listening: true }, clock, "port");
    expect(only(await again.collect(neverAborted()))).toBe(message);
    reader.files.set(
      "/proc/net/tcp",
      tcp("00000000:0016 00000000:0000 0A", "0100007F:1538 00000000:0000 0A", "00000000:115C 00000000:0000 0A"),
    );
    await clock.advance(minutes(1));
    expect(only(await again.collect(neverAborted()))).toBe("port listening WARNING: tcp/4444 appeared at 2026-01-05T00:01:00Z"); // 5432 is back
    await clock.advance(minutes(60));
    expect(only(await again.collect(neverAborted()))).toContain("OK: 7 ports");
  });

  test("against a list, missing ones are critical and unknown ones a warning", async () => {
    const values = { listening: true, expected: ["tcp/22", "tcp/443", "tcp/8000-8099", "tcp/25", "udp/*"], ignore: ["tcp/5432"] };
    expect(only(await make(values, new FakeClock(), "port").collect(neverAborted()))).toBe(
      "port listening CRITICAL: nothing listens on tcp/25; tcp/80 listens (fd00::1) and is not expected",
    );
  });
});

test("wrong options are told with their lines", () => {
  const clock = new FakeClock();
  expect(() => make({ host: "a" }, clock)).toThrow(/port\.web\.port: is missing/u);
  expect(() => make({ listening: true, expected: ["22"], port: 1 }, clock)).toThrow(/line 3, .*tcp\/443.*/su);
  expect(() => make({ protocol: "icmp", port: 70_000 }, clock)).toThrow(/line 2, .*tcp, tls, udp.*line 3, .*65535/su);
});

test("200,000 damaged tables are read without an exception, and every port is a port", () => {
  const random = repeatable(19);
  const seeds = [tcp4, tcp6, udp4];
  for (let round = 0; round < 200_000; round += 1) {
    const text = damaged(seeds[round % 3] ?? "", random);
    for (const found of parseSocketTable(text, round % 2 === 0 ? "tcp" : "udp"))
      if (!(found.port > 0 && found.port < 65_536)) throw new Error(text);
    parsePortRange(damaged("tcp/32768-60999", random));
  }
});
