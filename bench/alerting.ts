import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openAlertSink, type AlertSink } from "./support/alert-sink.ts";
import { startAlertmanager } from "./support/peers/alertmanager.ts";
import { familyCpuSeconds, familyPssMb, pause, untilQuiet } from "./support/processes.ts";
import { startProduct, type Product } from "./support/product.ts";
import { keepHistory, printTable, replaceInDocs, tableText, takenOn } from "./support/report.ts";

// How long does it take from a point that crosses a threshold to the first message on the wire? The whole product (a real post over HTTP,
// fsync, judging, alert, incident, channel, webhook) beside Debian's Prometheus and Alertmanager with the same condition in the same run.
// And what becomes of 10,000 alerts at once.
//   npm run bench -- alerting [--samples 60] [--hosts 500] [--peer-samples 12] [--no-peers] [--docs]

/** Metrics of a host that are judged, each by a rule of its own. */
const metricsPerHost = 20;
const metricNames = Array.from({ length: metricsPerHost }, (_, i) => `custom.bench.m${i}`);
const patience = 120_000;

interface Options {
  readonly samples: number;
  readonly hosts: number;
  readonly peerSamples: number;
  readonly peers: boolean;
  readonly docs: boolean;
}

function optionsOf(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { samples: text, hosts: text, "peer-samples": text, "no-peers": flag, docs: flag } as const;
  const { values } = parseArgs({ args: [...args], options });
  return {
    samples: Number(values.samples ?? 60),
    hosts: Number(values.hosts ?? 500),
    peerSamples: Number(values["peer-samples"] ?? 12),
    peers: !(values["no-peers"] ?? false),
    docs: values.docs ?? false,
  };
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;

interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly samples: number;
}

const latencyOf = (millis: readonly number[]): Latency => {
  const sorted = millis.toSorted((a, b) => a - b);
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99), samples: sorted.length };
};

async function heard(sink: AlertSink, name: string): Promise<number> {
  for (const deadline = performance.now() + patience; performance.now() < deadline; await pause(2)) {
    const at = sink.heardAt(name);
    if (at !== undefined) return at;
  }
  throw new Error(`nobody was told of ${name} within ${patience / 1000} s`);
}

const seconds = (): number => Math.floor(Date.now() / 1000);

/** Hosts with rules over their metrics, and a channel that tells the sink. */
class Ours {
  readonly product: Product;
  readonly sink: AlertSink;

  constructor(product: Product, sink: AlertSink) {
    this.product = product;
    this.sink = sink;
  }

  async post(hostId: string, values: Readonly<Record<string, number>>, time = seconds()): Promise<void> {
    const body = Object.entries(values).map(([name, value]) => ({ hostId, name, time, value }));
    await this.product.api.get("POST", "/api/v0/tsdb", body);
  }

  rule(name: string, metric: string): Promise<{ id: string }> {
    const settings = { type: "host", name, metric, operator: ">", warning: 5, critical: null, duration: 1 };
    return this.product.api.get("POST", "/api/v0/monitors", settings);
  }

  /** From the beginning of the post that crosses until the webhook has begun to come, one host after the other. */
  async latencies(hosts: readonly string[]): Promise<number[]> {
    const found: number[] = [];
    for (const host of hosts) await this.post(host, { loadavg5: 1 }, seconds() - 60);
    await pause(2000);
    for (const host of hosts) {
      const began = performance.now();
      await this.post(host, { loadavg5: 9 });
      found.push((await heard(this.sink, host)) - began);
      await pause(50);
    }
    return found;
  }
}

/** Every series once a minute, spread over it. */
function keepPosting(ours: Ours, hosts: readonly string[]): () => Promise<void> {
  let isOver = false;
  const running = (async () => {
    for (let i = 0; !isOver; i = (i + 1) % hosts.length) {
      const values = Object.fromEntries(metricNames.map((name) => [name, 1 + Math.random()]));
      await ours.post(hosts[i] ?? "", values);
      await pause(60_000 / hosts.length);
    }
  })();
  return async () => {
    isOver = true;
    await running;
  };
}

interface Judging {
  /** Judgements a CPU-second of the whole product, and of that which posting costs without rules. */
  readonly perCpuSecond: number;
  readonly postsOnly: number;
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
    }),
  );
}

const wellNow = (): Record<string, number> => Object.fromEntries(metricNames.map((name) => [name, 1 + Math.random()]));

/** CPU-seconds for one round in which every host posts all its metrics, and how many points of rules were judged in it. */
async function costOfRounds(ours: Ours, hosts: readonly string[], rounds: number, from: number): Promise<{ cpu: number; judged: number }> {
  const { daemon } = ours.product;
  await untilQuiet(daemon.pid);
  const judgedBefore = await ours.product.figure("hinoban_monitor_judgements_total");
  const cpuBefore = familyCpuSeconds(daemon.pid);
  for (let round = 0; round < rounds; round++) await inParallel(hosts, 16, (host) => ours.post(host, wellNow(), from + round * 60));
  await untilQuiet(daemon.pid);
  const judged = (await ours.product.figure("hinoban_monitor_judgements_total")) - judgedBefore;
  return { cpu: familyCpuSeconds(daemon.pid) - cpuBefore, judged };
}

interface Storm {
  readonly alerts: number;
  readonly incidents: number;
  readonly postedMs: number;
  readonly groupedMs: number;
  readonly memoryMb: number;
}

interface Counted {
  readonly total: number;
}

/** All series cross at once. */
async function storm(ours: Ours, hosts: readonly string[]): Promise<Storm> {
  const { api, daemon } = ours.product;
  const bad = Object.fromEntries(metricNames.map((name) => [name, 9]));
  const before = await api.get<Counted>("GET", "/api/v1/orgs/main/incidents?limit=1&state=open");
  const alertsBefore = (await api.get<Counted>("GET", "/api/v1/orgs/main/alerts?limit=1")).total;
  const wanted = hosts.length * metricsPerHost;
  const began = performance.now();
  await inParallel(hosts, 16, (host) => ours.post(host, bad));
  const postedMs = performance.now() - began;
  let alerts = 0;
  while (alerts < wanted && performance.now() - began < patience) {
    alerts = (await api.get<Counted>("GET", "/api/v1/orgs/main/alerts?limit=1")).total - alertsBefore;
    await pause(20);
  }
  const groupedMs = performance.now() - began;
  const after = await api.get<Counted>("GET", "/api/v1/orgs/main/incidents?limit=1&state=open");
  await pause(3000);
  const later = (await api.get<Counted>("GET", "/api/v1/orgs/main/alerts?limit=1")).total - alertsBefore;
  if (alerts !== wanted || later !== wanted) throw new Error(`${wanted} series crossed, there are ${alerts}, then ${later} alerts`);
  return { alerts, incidents: after.total - before.total, postedMs, groupedMs, memoryMb: familyPssMb(daemon.pid) };
}

interface OurFigures {
  readonly idle: Latency;
  readonly busy: Latency;
  readonly judging: Judging;
  readonly storm: Storm;
}

/** Mackerel's body for an alert names its host. */
function hostOf(body: unknown): string[] {
  const { event, host } = body as { event?: string; host?: { id: string } }; // what the product documents
  return event === "alert" && host ? [host.id] : [];
}

async function measureOurs(folder: string, { samples, hosts: count }: Options): Promise<OurFigures> {
  const sink = await openAlertSink(hostOf);
  const directory = join(folder, "ours");
  mkdirSync(directory);
  const product = await startProduct({ directory, flags: ["--outgoing-allow", "127.0.0.0/8"] });
  try {
    const ours = new Ours(product, sink);
    const channel = { type: "webhook", name: "sink", url: sink.url, events: ["alert"], enabledGraphImage: false };
    await product.api.get("POST", "/api/v0/channels", channel);
    await ours.rule("load", "loadavg5");
    const lone = await product.registerHosts(samples * 2);
    const idle = latencyOf(await ours.latencies(lone.slice(0, samples)));
    console.log(`idle: p50 ${idle.p50.toFixed(0)} ms, p99 ${idle.p99.toFixed(0)} ms`);
    const hosts = await product.registerHosts(count);
    for (const host of hosts) await ours.post(host, wellNow(), seconds() - 7200);
    const rounds = 6;
    await costOfRounds(ours, hosts, rounds, seconds() - 7000); // warms up
    const without = await costOfRounds(ours, hosts, rounds, seconds() - 6000);
    await Promise.all(metricNames.map((name) => ours.rule(name, name)));
    await pause(5000);
    const withRules = await costOfRounds(ours, hosts, rounds, seconds() - rounds * 60);
    const judging = { perCpuSecond: withRules.judged / withRules.cpu, postsOnly: (count * metricsPerHost * rounds) / without.cpu };
    const stop = keepPosting(ours, hosts);
    const busy = latencyOf(await ours.latencies(lone.slice(samples)));
    await stop();
    console.log(`with ${count * metricsPerHost} series: p50 ${busy.p50.toFixed(0)} ms, p99 ${busy.p99.toFixed(0)} ms`);
    await pause(2000);
    return { idle, busy, judging, storm: await storm(ours, hosts) };
  } finally {
    await product.stop();
    await sink.close();
  }
}

interface PeerFigures {
  readonly label: string;
  readonly latency: Latency;
}

/** Alertmanager's body holds alerts with their labels. */
function labelsIn(body: unknown): string[] {
  const { alerts = [] } = body as { alerts?: { labels: { host: string } }[] }; // its documented body
  return alerts.map(({ labels }) => labels.host);
}

async function measurePeer(
  folder: string,
  label: string,
  settings: { everySeconds: number; groupWaitSeconds: number },
  samples: number,
): Promise<PeerFigures> {
  const sink = await openAlertSink(labelsIn);
  const directory = join(folder, label.replaceAll(/\W+/gu, "-"));
  mkdirSync(directory);
  const peer = await startAlertmanager({ directory, sink: sink.url, ...settings });
  try {
    await pause(settings.everySeconds * 2500);
    const found: Promise<number>[] = [];
    for (let i = 0; i < samples; i++) {
      const began = performance.now();
      peer.cross(`host-${i}`);
      found.push(heard(sink, `host-${i}`).then((at) => at - began));
      await pause(settings.everySeconds * 370); // at another moment of its rhythm each time
    }
    const latency = latencyOf(await Promise.all(found));
    console.log(`${label} (${peer.version}): p50 ${latency.p50.toFixed(0)} ms, p99 ${latency.p99.toFixed(0)} ms`);
    return { label, latency };
  } finally {
    await peer.stop();
    await sink.close();
  }
}

const inSeconds = (millis: number): string => (millis < 1000 ? `${millis.toFixed(0)} ms` : `${(millis / 1000).toFixed(1)} s`);

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2));
  const folder = mkdtempSync(join(tmpdir(), "hinoban-bench-alerting-"));
  try {
    const ours = await measureOurs(folder, options);
    const peers = options.peers
      ? [
          await measurePeer(
            folder,
            "Prometheus and Alertmanager, Debian's settings (15 s, group_wait 30 s)",
            { everySeconds: 15, groupWaitSeconds: 30 },
            options.peerSamples,
          ),
          await measurePeer(
            folder,
            "Prometheus and Alertmanager, as fast as they go (1 s, group_wait 0 s)",
            { everySeconds: 1, groupWaitSeconds: 0 },
            options.peerSamples * 3,
          ),
        ]
      : [];
    report(options, ours, peers);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(options: Options, ours: OurFigures, peers: readonly PeerFigures[]): void {
  const series = options.hosts * metricsPerHost;
  const rows = [
    { label: "Hinoban, idle", latency: ours.idle },
    { label: `Hinoban, ${series} series judged each minute`, latency: ours.busy },
    ...peers,
  ].map(({ label, latency }) => [label, inSeconds(latency.p50), inSeconds(latency.p99), String(latency.samples)]);
  const heading = ["from the crossing value to the first message", "p50", "p99", "samples"];
  const { storm: all, judging } = ours;
  const more = [
    ["alerts at once", `${all.alerts}: each there once, in ${all.incidents} incidents of ${options.hosts} causes`],
    ["until all were posted, and until all were grouped", `${inSeconds(all.postedMs)}, ${inSeconds(all.groupedMs)}`],
    ["memory of all processes afterwards", `${all.memoryMb.toFixed(0)} MB`],
    [
      "judgements a CPU-second, with the posts that bring them",
      `${Math.round(judging.perCpuSecond)} (points of posts that no rule watches: ${Math.round(judging.postsOnly)})`,
    ],
  ];
  printTable(heading, rows);
  printTable(["", ""], more);
  keepHistory("alerting", { ...ours, peers, options: { samples: options.samples, hosts: options.hosts } });
  if (options.docs) replaceInDocs("alerting", `${takenOn()}\n\n${tableText(heading, rows)}\n\n${tableText(["", ""], more)}`);
}

await main();
