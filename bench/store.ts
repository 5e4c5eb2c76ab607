import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fillStore, type Dataset } from "./support/fill-store.ts";
import type { FormatName } from "./support/formats.ts";
import { promName } from "./support/formats.ts";
import { isLoadProcess, LoadGenerator, serveLoad, type LoadSpec } from "./support/load.ts";
import { metricsOf, mixKinds } from "./support/mix.ts";
import { ask, type Peer } from "./support/peers/peer.ts";
import { startPrometheus } from "./support/peers/prometheus.ts";
import { startVictoriaMetrics } from "./support/peers/victoriametrics.ts";
import { familyCpuSeconds, familyPssMb, freePort, startDaemon, untilQuiet, type Daemon } from "./support/processes.ts";
import { median, keepHistory, replaceInDocs, tableText, takenOn } from "./support/report.ts";
import { measureReads, readHeading, readRows, type ReadTarget, type ReadWork } from "./support/reads.ts";
import { serveStore, type StoreServerOptions } from "./support/store-server.ts";

// What the metric store costs by itself, behind the least of HTTP, beside two databases with the same points in the same run:
// taking points in, bytes on disk, and the graphs that the console asks for.
//   npm run bench -- store [--parts ingest,bytes,reads] [--rounds 5] [--hosts 400] [--minutes 40] [--connections 16,64] [--peers vm,prometheus] [--docs]

const hour = 3600;
const day = 24 * hour;
const seed = 20_261_122;

interface Options {
  readonly parts: readonly string[];
  readonly rounds: number;
  readonly hosts: number;
  readonly minutes: number;
  readonly connections: readonly number[];
  readonly peers: readonly string[];
  readonly docs: boolean;
}

function optionsOf(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { parts: text, rounds: text, hosts: text, minutes: text, connections: text, peers: text, docs: { type: "boolean" } },
  });
  return {
    parts: values.parts?.split(",") ?? ["ingest", "bytes", "reads"],
    rounds: Number(values.rounds ?? 5),
    hosts: Number(values.hosts ?? 400),
    minutes: Number(values.minutes ?? 40),
    connections: (values.connections ?? "16,64").split(",").map(Number),
    peers: values.peers?.split(",") ?? ["vm", "prometheus"],
    docs: values.docs ?? false,
  };
}

const storeOptionsFlag = "--serve-store";

/** Starts the store in a process of its own. */
async function startStore(directory: string): Promise<Daemon & { readonly port: number }> {
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const options: StoreServerOptions = { directory, port, workerUrl: new URL("metric-worker.js", import.meta.url).href };
  const daemon = await startDaemon(
    process.execPath,
    ["--enable-source-maps", process.argv[1] ?? "", storeOptionsFlag, JSON.stringify(options)],
    `http://127.0.0.1:${port}/status`,
  );
  return { ...daemon, port };
}

const hostNames = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${String(i).padStart(6, "0")}`);

interface Part {
  readonly figures: Readonly<Record<string, unknown>>;
  readonly text: string;
}

// Taking points in.

/** Compilers and caches take some seconds to settle. */
const warmUpRounds = 2;

interface IngestTarget {
  readonly label: string;
  readonly format: FormatName;
  readonly port: number;
  readonly pid: number;
  /** Does now what it would do with the points sooner or later. */
  readonly settle: () => Promise<unknown>;
}

/** What the rounds of one target gave. */
interface Taken {
  readonly cpu: number[];
  readonly wall: number[];
  readonly p50: number[];
  readonly p99: number[];
  points: number;
  /** CPU seconds until the last answer, and until it was quiet again. */
  foregroundSeconds: number;
  cpuSeconds: number;
  /** Of the sealing and merging that all rounds together left to be done. */
  laterSeconds: number;
  memoryMb: number;
}

async function measureIngest(options: Options, connections: number, folder: string, load: LoadGenerator): Promise<Part> {
  const stops: (() => Promise<void>)[] = [];
  try {
    const targets = await ingestTargets(options, folder, stops);
    const taken = new Map<IngestTarget, Taken>();
    for (const target of targets)
      taken.set(target, {
        cpu: [],
        wall: [],
        p50: [],
        p99: [],
        points: 0,
        foregroundSeconds: 0,
        cpuSeconds: 0,
        laterSeconds: 0,
        memoryMb: 0,
      });
    const from = Math.floor(Date.now() / 60_000) * 60 - options.minutes * (options.rounds + warmUpRounds) * 60;
    for (let round = 0; round < options.rounds + warmUpRounds; round++) {
      for (let i = 0; i < targets.length; i++) {
        const target = targets[(i + round) % targets.length];
        const list = target && taken.get(target);
        if (list) await ingestRound(options, connections, load, target, list, from, round);
      }
    }
    for (const [target, list] of taken) {
      const before = familyCpuSeconds(target.pid);
      await target.settle();
      await untilQuiet(target.pid);
      list.laterSeconds = familyCpuSeconds(target.pid) - before;
      list.memoryMb = familyPssMb(target.pid);
    }
    return ingestPart(options, connections, [...taken]);
  } finally {
    for (const stop of stops) await stop();
  }
}

async function ingestRound(
  options: Options,
  connections: number,
  load: LoadGenerator,
  target: IngestTarget,
  list: Taken,
  from: number,
  round: number,
): Promise<void> {
  const { port, format, label, pid } = target;
  const base = {
    mix: { metrics: "agent", seed },
    hosts: hostNames("h", options.hosts),
    hostsPerBody: 1,
    minutesPerBody: 1,
    isPrebuilt: true,
  } as const;
  const spec: LoadSpec = { ...base, port, format, from, connections, skip: round * options.minutes, minutes: options.minutes };
  await load.prepare(spec);
  await untilQuiet(pid);
  const before = familyCpuSeconds(pid);
  const result = await load.send();
  const cpu = familyCpuSeconds(pid) - before;
  await untilQuiet(pid);
  if (Object.keys(result.failures).length > 0) throw new Error(`${label}: ${JSON.stringify(result.failures)} ${result.firstFailure ?? ""}`);
  console.log(`${connections} connections, round ${round}: ${label}: ${(result.points / cpu / 1000).toFixed(0)} k points per CPU-second`);
  list.points += result.points;
  list.foregroundSeconds += cpu;
  list.cpuSeconds += familyCpuSeconds(pid) - before;
  if (round < warmUpRounds) return;
  list.cpu.push(result.points / cpu);
  list.wall.push((result.points / result.wallMs) * 1000);
  list.p50.push(result.latency.p50);
  list.p99.push(result.latency.p99);
}

async function ingestTargets(options: Options, folder: string, stops: (() => Promise<void>)[]): Promise<IngestTarget[]> {
  const store = await startStore(join(folder, "ingest-hinoban"));
  stops.push(() => store.stop());
  const targets: IngestTarget[] = [
    {
      label: "Hinoban's store, fsync before the answer",
      format: "hinoban",
      port: store.port,
      pid: store.pid,
      settle: () => ask(`http://127.0.0.1:${store.port}/settle`),
    },
  ];
  const add = (peer: Peer, format: FormatName, label: string): void => {
    stops.push(() => peer.stop());
    targets.push({ label: `${peer.name}, ${label}`, format, port: peer.port, pid: peer.daemon.pid, settle: () => peer.flush() });
  };
  const directory = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name);
  };
  if (options.peers.includes("vm")) {
    add(await startVictoriaMetrics({ directory: directory("ingest-vm-import") }), "vm-import", "`/api/v1/import`");
    add(await startVictoriaMetrics({ directory: directory("ingest-vm-influx") }), "influx", "influx `/write`");
  }
  if (options.peers.includes("prometheus"))
    add(await startPrometheus({ directory: directory("ingest-prometheus") }), "remote-write", "remote write");
  return targets;
}

/** Points per CPU-second with what they cause later: background work of the rounds and what `settle` had left to do, evenly over all points. */
function allIn(list: Taken): number {
  const inRounds = list.points / median(list.cpu);
  const later = Math.max(0, list.cpuSeconds - list.foregroundSeconds) + list.laterSeconds;
  return list.points / (inRounds + later);
}

function ingestPart(options: Options, connections: number, taken: readonly (readonly [IngestTarget, Taken])[]): Part {
  const figures = Object.fromEntries(
    taken.map(([target, t]) => [
      target.label,
      { cpu: median(t.cpu), allIn: allIn(t), wall: median(t.wall), p50: median(t.p50), p99: median(t.p99), memoryMb: t.memoryMb },
    ]),
  );
  const [first] = taken;
  const own = first ? allIn(first[1]) : Number.NaN;
  const rows = taken.map(([target, t], i) => [
    target.label,
    (median(t.cpu) / 1000).toFixed(0),
    (allIn(t) / 1000).toFixed(0),
    i === 0 ? "" : `${(own / allIn(t)).toFixed(2)}×`,
    (median(t.wall) / 1000).toFixed(0),
    `${median(t.p50).toFixed(1)} / ${median(t.p99).toFixed(1)}`,
    t.memoryMb.toFixed(0),
  ]);
  const heading = ["receiver", "k points per CPU-second", "all-in", "Hinoban ÷ it, all-in", "k points/s", "p50 / p99 ms", "memory MB"];
  const note = `Posts of 35 points (one host, one minute), ${options.hosts} hosts, ${options.minutes} minutes a round, ${connections} connections, medians of ${options.rounds} rounds. All-in: with flushing, sealing and merging.`;
  return { figures: { [`ingest-${connections}`]: figures }, text: `**Taking points in.** ${note}\n\n${tableText(heading, rows)}` };
}

// Bytes.

const bytesHosts = 40;

async function measureBytes(options: Options, folder: string, load: LoadGenerator): Promise<Part> {
  const mix = { metrics: { perKind: 20 }, seed } as const;
  const from = Math.floor(Date.now() / 1000 / day) * day - 3 * day;
  const hosts = hostNames("b", bytesHosts);
  const directory = join(folder, "bytes-hinoban");
  const points = await fillStore(directory, [{ mix, hosts, from, hours: 24 }], from + 3 * day);
  const own = blockBytes(directory, points);
  const all = Object.values(own).reduce((sum, bytes) => sum + bytes, 0);
  const figures: Record<string, number> = { ...own, all };
  const rows = [
    ["Hinoban, points with index", (own["raw"] ?? 0).toFixed(3), ""],
    ["Hinoban, with hourly and daily summaries", all.toFixed(3), "1.00×"],
  ];
  for (const [name, start, format] of [
    ["vm", startVictoriaMetrics, "vm-import"],
    ["prometheus", startPrometheus, "remote-write"],
  ] as const) {
    if (!options.peers.includes(name)) continue;
    mkdirSync(join(folder, `bytes-${name}`));
    const peer = await start({ directory: join(folder, `bytes-${name}`) });
    try {
      await load.load({
        port: peer.port,
        format,
        mix,
        hosts,
        from,
        skip: 0,
        minutes: 1440,
        hostsPerBody: 10,
        minutesPerBody: 10,
        connections: 4,
        isPrebuilt: false,
      });
      const bytes = (await peer.bytesOnDisk()) / points;
      figures[name] = bytes;
      rows.push([
        `${peer.name}, merged`,
        bytes.toFixed(3),
        `${(all / bytes).toFixed(2)}× (without summaries ${((own["raw"] ?? 0) / bytes).toFixed(2)}×)`,
      ]);
    } finally {
      await peer.stop();
    }
  }
  rows.push(...(await bytesByKind(folder, from)));
  const note = `${bytesHosts} hosts, 100 metrics each (20 of a kind: ${mixKinds.join(", ")}), one day, after merging.`;
  return {
    figures: { bytes: figures },
    text: `**Bytes per point.** ${note}\n\n${tableText(["store", "bytes per point", "Hinoban ÷ it"], rows)}`,
  };
}

/** Bytes per point in the blocks of each kind. */
function blockBytes(directory: string, points: number): Record<string, number> {
  const bytes: Record<string, number> = { raw: 0, hour: 0, day: 0 };
  for (const name of readdirSync(directory)) {
    const kind = name.split("-")[0] ?? "";
    if (name.endsWith(".block")) bytes[kind] = (bytes[kind] ?? 0) + statSync(join(directory, name)).size / points;
  }
  return bytes;
}

/** What each kind of value takes in the store. */
async function bytesByKind(folder: string, from: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const kind of mixKinds) {
    const all = { metrics: { perKind: 20 }, seed } as const;
    const only = metricsOf(all).flatMap((metric) => (metric.kind === kind ? [metric.name] : []));
    const directory = join(folder, `bytes-${kind}`);
    const points = await fillStore(directory, [{ mix: { ...all, only }, hosts: hostNames("b", 10), from, hours: 24 }], from + 3 * day);
    rows.push([
      `Hinoban, ${kind} only, with summaries`,
      Object.values(blockBytes(directory, points))
        .reduce((sum, bytes) => sum + bytes, 0)
        .toFixed(3),
      "",
    ]);
  }
  return rows;
}

// Reads.

/** Prometheus wants points roughly in the order of time: what overlaps is sent hour by hour. */
async function fillPeer(load: LoadGenerator, peer: Peer, format: FormatName, datasets: readonly Dataset[]): Promise<void> {
  const common = Math.max(...datasets.map((set) => set.from));
  const send = (set: Dataset, from: number, to: number): Promise<unknown> =>
    load.load({
      port: peer.port,
      format,
      mix: set.mix,
      hosts: set.hosts,
      hostsPerRole: set.hosts.length,
      from: set.from,
      skip: (from - set.from) / 60,
      minutes: (to - from) / 60,
      hostsPerBody: 50,
      minutesPerBody: set.hosts.length === 1 ? 1440 : 30,
      connections: 1,
      isPrebuilt: false,
    });
  for (const set of datasets) if (set.from < common) await send(set, set.from, common);
  for (let at = common; at < common + day; at += hour) for (const set of datasets) await send(set, at, at + hour);
}

const readMix = { metrics: "agent", only: ["loadavg5"], seed } as const;

/** The questions. */
function readWorks(datasets: Readonly<Record<"day" | "week" | "year", Dataset>>, now: number): ReadWork[] {
  const metric = "loadavg5";
  const of = (set: Dataset, prefix: string): Pick<ReadWork, "name" | "sources" | "from" | "to" | "selector"> => ({
    name: metric,
    sources: set.hosts,
    from: set.from,
    to: set.from + set.hours * hour,
    selector: `${promName(metric)}{host=~"${prefix}.*"}`,
  });
  const one = datasets.week.hosts[17] ?? "";
  return [
    {
      ...of(datasets.week, "w"),
      title: "1 series × 1 day, every point",
      sources: [one],
      from: now - day,
      selector: `${promName(metric)}{host="${one}"}`,
      buckets: 0,
      shape: "rows",
    },
    {
      ...of(datasets.year, "y"),
      title: "1 series × 460 days, 1,000 averages",
      buckets: 1000,
      shape: "rows",
      isSkippedByPrometheus: true,
    },
    { ...of(datasets.week, "w"), title: "200 hosts × 1 week, stacked, 300 buckets", buckets: 300, shape: "rows" },
    { ...of(datasets.day, "d"), title: "1,000 hosts × 1 day, stacked, 300 buckets", buckets: 300, shape: "rows" },
    { ...of(datasets.day, "d"), title: "1,000 hosts × 1 day, summed, 300 buckets", buckets: 300, shape: "sum" },
  ];
}

async function measureReadsPart(options: Options, folder: string, load: LoadGenerator): Promise<Part> {
  const now = Math.floor(Date.now() / 1000 / hour) * hour;
  const datasets = {
    day: { mix: readMix, hosts: hostNames("d", 1000), from: now - day, hours: 24 },
    week: { mix: readMix, hosts: hostNames("w", 200), from: now - 7 * day, hours: 7 * 24 },
    year: { mix: readMix, hosts: hostNames("y", 1), from: now - 460 * day, hours: 460 * 24 },
  } satisfies Record<string, Dataset>;
  const directory = join(folder, "reads-hinoban");
  console.log(`reads: filling, ${await fillStore(directory, Object.values(datasets), now)} points`);
  const stops: (() => Promise<void>)[] = [];
  try {
    const store = await startStore(directory);
    stops.push(() => store.stop());
    const targets: ReadTarget[] = [{ label: "Hinoban", pid: store.pid, kind: "store", port: store.port }];
    for (const [name, start, format] of [
      ["vm", startVictoriaMetrics, "vm-import"],
      ["prometheus", startPrometheus, "remote-write"],
    ] as const) {
      if (!options.peers.includes(name)) continue;
      mkdirSync(join(folder, `reads-${name}`));
      const peer = await start({ directory: join(folder, `reads-${name}`) });
      stops.push(() => peer.stop());
      await fillPeer(load, peer, format, name === "prometheus" ? [datasets.week, datasets.day] : Object.values(datasets));
      await peer.bytesOnDisk(); // flushes and merges
      targets.push({ label: peer.name, pid: peer.daemon.pid, kind: "peer", peer });
    }
    const works = readWorks(datasets, now);
    const results = await measureReads(works, targets, options.rounds);
    return {
      figures: { reads: results },
      text: `**Reads**, through HTTP as JSON, milliseconds: median wall time / CPU time a request, interleaved.\n\n${tableText(readHeading(targets), readRows(works, targets, results))}`,
    };
  } finally {
    for (const stop of stops) await stop();
  }
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), "hinoban-store-"));
  const load = new LoadGenerator();
  const parts: Part[] = [];
  try {
    if (options.parts.includes("ingest"))
      for (const connections of options.connections)
        parts.push(await measureIngest(options, connections, join(folder, `connections-${connections}`), load));
    if (options.parts.includes("bytes")) parts.push(await measureBytes(options, folder, load));
    if (options.parts.includes("reads")) parts.push(await measureReadsPart(options, folder, load));
    for (const part of parts) console.log(`\n${part.text}`);
    keepHistory("store", Object.assign({}, ...parts.map((part) => part.figures)) as Record<string, unknown>); // plain figures
    if (options.docs) replaceInDocs("store", `${parts.map((part) => part.text).join("\n\n")}\n\n${takenOn()}.`);
  } finally {
    load.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const serve = process.argv.indexOf(storeOptionsFlag);
if (serve >= 0) await serveStore(JSON.parse(process.argv[serve + 1] ?? "{}") as StoreServerOptions); // written by startStore
else if (isLoadProcess()) await serveLoad();
else await main();
