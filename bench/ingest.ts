import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isLoadProcess, LoadGenerator, serveLoad, type LoadResult, type LoadSpec } from "./support/load.ts";
import { agentMetrics, seriesOf, type MixSpec } from "./support/mix.ts";
import { family, familyCpuSeconds, familyPssMb, untilQuiet } from "./support/processes.ts";
import type { Product } from "./support/product.ts";
import { keepHistory, median, printTable, replaceInDocs, tableText, takenOn } from "./support/report.ts";
import { remoteWriteKeys, startTargets, targetKeys, type Target } from "./support/targets.ts";

// How much does it cost to take in what agents post? The whole product (HTTP, API key, database, metric store, an fsync before each
// answer) beside the write doors of two databases, fed with the same points in the same run.
//   npm run bench -- ingest [--hosts 400] [--minutes 40] [--rounds 5] [--connections 16] [--only hinoban,influx] [--scenarios post]
//     [--profile FOLDER] [--remote-write] [--docs]
// With --remote-write all receivers speak Prometheus remote write.

/** How points are grouped into requests. */
interface Scenario {
  readonly key: string;
  readonly title: string;
  readonly minutesPerBody: number;
  /** How many times the minutes of a round, so that a round of cheap points lasts long enough to be measured. */
  readonly times: number;
}

/** One round of one target. */
interface Round extends LoadResult {
  /** CPU seconds until the last answer, and until it was quiet again. */
  readonly cpu: number;
  readonly cpuAllIn: number;
  readonly memoryMb: number;
}

const mix: MixSpec = { metrics: "agent", seed: 20_261_122 };
const scenarios: readonly Scenario[] = [
  { key: "post", title: "One host, one minute a post (35 points): what an agent sends", minutesPerBody: 1, times: 1 },
  {
    key: "catch-up",
    title: "One host, 20 minutes a post (700 points): what an agent sends after the server was away",
    minutesPerBody: 20,
    times: 4,
  },
];

interface Options {
  readonly hosts: number;
  readonly minutes: number;
  readonly rounds: number;
  readonly connections: number;
  /** Under which name the figures are kept. */
  readonly record: "ingest" | "remote-write";
  readonly only: readonly string[];
  readonly scenarios: readonly Scenario[];
  readonly profile: string | undefined;
  readonly docs: boolean;
}

function optionsOf(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const options = {
    hosts: text,
    minutes: text,
    rounds: text,
    connections: text,
    only: text,
    scenarios: text,
    profile: text,
    "remote-write": { type: "boolean" },
    docs: { type: "boolean" },
  } as const;
  const { values } = parseArgs({ args: [...args], options });
  return {
    hosts: Number(values.hosts ?? 400),
    minutes: Number(values.minutes ?? 40),
    rounds: Number(values.rounds ?? 5),
    connections: Number(values.connections ?? 16),
    record: values["remote-write"] ? "remote-write" : "ingest",
    only: values.only?.split(",") ?? (values["remote-write"] ? remoteWriteKeys : targetKeys),
    scenarios: scenarios.filter(({ key }) => values.scenarios === undefined || values.scenarios.split(",").includes(key)),
    profile: values.profile,
    docs: values.docs ?? false,
  };
}

/** A round, with all that the processes still did after their last answer. */
async function runRound(target: Target, load: LoadGenerator, spec: LoadSpec): Promise<Round> {
  const { points } = await load.prepare(spec);
  await untilQuiet(target.pid);
  const before = familyCpuSeconds(target.pid);
  const result = await load.send();
  const cpu = familyCpuSeconds(target.pid) - before;
  await untilQuiet(target.pid);
  const cpuAllIn = familyCpuSeconds(target.pid) - before;
  if (result.points !== points) {
    const why = `${JSON.stringify(result.failures)} ${result.firstFailure ?? ""}\n${target.output().slice(-3000)}`;
    throw new Error(`${target.label} took ${result.points} of ${points} points: ${why}`);
  }
  return { ...result, cpu, cpuAllIn, memoryMb: familyPssMb(target.pid) };
}

/** Runs a scenario: a warm-up and the rounds, the targets in turn, each round beginning with another one. Minutes go on from round to round. */
async function runScenario(scenario: Scenario, run: Run, skip: number): Promise<Map<Target, Round[]>> {
  const { targets, hosts, from, load, options } = run;
  const taken = new Map<Target, Round[]>(targets.map((target) => [target, []]));
  const minutes = options.minutes * scenario.times;
  const base = {
    mix,
    hosts,
    from,
    minutes,
    minutesPerBody: scenario.minutesPerBody,
    hostsPerBody: 1,
    connections: options.connections,
    isPrebuilt: true,
  };
  for (let round = 0; round <= options.rounds; round++) {
    for (let i = 0; i < targets.length; i++) {
      const target = targets[(i + round) % targets.length];
      if (!target) continue;
      const { port, format, headers } = target;
      const result = await runRound(target, load, { ...base, skip: skip + round * minutes, port, format, headers });
      if (round > 0) taken.get(target)?.push(result);
      const rates = `${(result.points / result.cpu / 1000).toFixed(0)} k points per CPU-second, ${(result.points / result.wallMs).toFixed(0)} k/s`;
      console.log(`${scenario.key}, ${round === 0 ? "warm-up" : `round ${round}`}: ${target.label}: ${rates}`);
    }
  }
  return taken;
}

/** Compares a sample of the series with what was sent: every point of every minute. @throws at the first difference */
async function verify(target: Target, hosts: readonly string[], from: number, minutes: number): Promise<number> {
  await target.flush();
  let checked = 0;
  for (let i = 0; i < agentMetrics.length; i++) {
    const metric = agentMetrics[i];
    const h = (i * 7919) % hosts.length;
    if (!metric) continue;
    const expected = seriesOf(mix, h, metric, minutes);
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const { times, values } = await target.stored(metric.name, hosts[h] ?? "", from, from + (minutes - 1) * 60);
    const wrong = expected.findIndex(
      (value, m) => times[m] !== from + m * 60 || Math.abs((values[m] ?? Number.NaN) - value) > largest * target.tolerance,
    );
    if (values.length !== minutes || wrong >= 0) {
      throw new Error(
        `${target.label} stored ${values.length} of ${minutes} points of ${metric.name}; first difference at minute ${wrong}: ${expected[wrong]} became ${values[wrong]}`,
      );
    }
    checked += minutes;
  }
  return checked;
}

interface Summary {
  readonly label: string;
  readonly perCpu: number;
  readonly perCpuAllIn: number;
  readonly perWall: number;
  readonly p50: number;
  readonly p99: number;
  readonly bytesPerPoint: number;
  readonly memoryMb: number;
}

function summary(target: Target, rounds: readonly Round[]): Summary {
  const of = (figure: (round: Round) => number): number => median(rounds.map(figure));
  return {
    label: target.label,
    perCpu: of(({ points, cpu }) => points / cpu),
    perCpuAllIn: of(({ points, cpuAllIn }) => points / cpuAllIn),
    perWall: of(({ points, wallMs }) => (points / wallMs) * 1000),
    p50: of(({ latency }) => latency.p50),
    p99: of(({ latency }) => latency.p99),
    bytesPerPoint: of(({ points, bytes }) => bytes / points),
    memoryMb: of(({ memoryMb }) => memoryMb),
  };
}

const heading = [
  "receiver",
  "k points per CPU-second",
  "all-in",
  "Hinoban ÷ it, all-in",
  "k points/s",
  "p50 / p99 ms",
  "bytes sent a point",
  "memory MB",
];

function rowsOf(summaries: readonly Summary[]): string[][] {
  const own = summaries.find(({ label }) => label.startsWith("Hinoban"));
  const thousands = (value: number): string => (value / 1000).toFixed(0);
  return summaries.map((one) => [
    one.label,
    thousands(one.perCpu),
    thousands(one.perCpuAllIn),
    own && own !== one ? `${(own.perCpuAllIn / one.perCpuAllIn).toFixed(2)}×` : "",
    thousands(one.perWall),
    `${one.p50.toFixed(1)} / ${one.p99.toFixed(1)}`,
    one.bytesPerPoint.toFixed(0),
    one.memoryMb.toFixed(0),
  ]);
}

/** Where the product's CPU time went, by process. */
function productShares(pid: number): string {
  const shares = new Map<string, number>();
  for (const one of family(pid)) {
    const part = one.pid === pid ? "server" : /postgres/u.test(one.command) ? "database" : "other";
    shares.set(part, (shares.get(part) ?? 0) + one.cpuSeconds);
  }
  return [...shares].map(([part, seconds]) => `${part} ${seconds.toFixed(1)} s`).join(", ");
}

/** Everything that the scenarios share. */
interface Run {
  readonly options: Options;
  readonly targets: readonly Target[];
  readonly hosts: readonly string[];
  /** Unix seconds of the first minute; the last minute of the last round is about now. */
  readonly from: number;
  readonly load: LoadGenerator;
}

const minutesOf = (scenario: Scenario, { minutes, rounds }: Options): number => minutes * scenario.times * (rounds + 1);

/** Runs all scenarios, each after the other's minutes, then checks that everything is there. */
async function measure(run: Run, product: Product | undefined, allMinutes: number): Promise<void> {
  const { options, targets, hosts, from } = run;
  const texts: string[] = [];
  const figures: Record<string, readonly Summary[]> = {};
  let skip = 0;
  for (const scenario of options.scenarios) {
    const taken = await runScenario(scenario, run, skip);
    skip += minutesOf(scenario, options);
    const summaries = [...taken].map(([target, rounds]) => summary(target, rounds));
    figures[scenario.key] = summaries;
    texts.push(`**${scenario.title}.**\n\n${tableText(heading, rowsOf(summaries))}`);
    console.log(`\n${scenario.title}`);
    printTable(heading, rowsOf(summaries));
  }
  for (const target of targets)
    console.log(`${target.label}: ${await verify(target, hosts, from, allMinutes)} points of a sample are stored as sent`);
  if (product) await checkCount(product, options.hosts * agentMetrics.length * allMinutes);
  const { hosts: hostCount, minutes, rounds, connections } = options;
  // A run of a part is for looking, not for the record.
  if (options.only === targetKeys || options.only === remoteWriteKeys)
    keepHistory(options.record, { hosts: hostCount, minutes, rounds, connections, ...figures });
  const how = `${hostCount} hosts, ${options.scenarios.map(({ times }) => minutes * times).join(" and ")} minutes a round, medians of ${rounds} rounds, ${connections} connections; ${takenOn()}.`;
  if (options.docs) replaceInDocs(options.record, [...texts, how].join("\n\n"));
}

/** @throws unless the product itself counted as many points as were sent to it */
async function checkCount(product: Product, sent: number): Promise<void> {
  const counted = await product.figure("hinoban_metric_points_received_total");
  if (counted !== sent) throw new Error(`the product counted ${counted} points, ${sent} were sent`);
  console.log(`CPU time of the product since its start: ${productShares(product.daemon.pid)}`);
}

async function main(): Promise<void> {
  const options = optionsOf(process.argv.slice(2));
  const allMinutes = options.scenarios.reduce((sum, scenario) => sum + minutesOf(scenario, options), 0);
  if (allMinutes > 23 * 60) throw new Error(`${allMinutes} minutes are older than what is accepted; ask for fewer rounds or minutes.`);
  const folder = mkdtempSync(join(tmpdir(), "hinoban-ingest-"));
  const load = new LoadGenerator();
  const targets: Target[] = [];
  try {
    const { hosts, product } = await startTargets(options, folder, targets);
    const from = Math.floor(Date.now() / 60_000) * 60 - allMinutes * 60;
    await measure({ options, targets, hosts, from, load }, product, allMinutes);
  } finally {
    load.stop();
    await Promise.all(targets.map((target) => target.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isLoadProcess()) await serveLoad();
else await main();
