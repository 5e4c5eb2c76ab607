import http from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Mix, type MixSpec } from "./support/mix.ts";
import { family, familyCpuSeconds, familyPssMb, pause, pssMb } from "./support/processes.ts";
import { startProduct, type Product } from "./support/product.ts";
import { keepHistory, replaceInDocs, tableText, takenOn } from "./support/report.ts";

// A fleet as it really is: each agent has a connection of its own that it keeps, and posts once a minute at its own second. In real
// time, so that keep-alive, timers and the minute's rhythm are what they will be. Afterwards every point is asked for.
//   npm run bench -- fleet [--hosts 5000] [--minutes 10] [--docs]

const mix: MixSpec = { metrics: "agent", seed: 20_261_122 };

interface Sample {
  readonly minute: number;
  readonly cpuSeconds: number;
  readonly pssMb: number;
  readonly nodePssMb: number;
}

interface Outcome {
  readonly latencies: Float64Array;
  readonly posts: number;
  readonly failures: number;
  readonly samples: readonly Sample[];
  readonly firstMinute: number;
}

class FleetAgent {
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  readonly #options: http.RequestOptions;

  constructor(port: number, headers: Readonly<Record<string, string>>) {
    this.#options = {
      host: "127.0.0.1",
      port,
      method: "POST",
      path: "/api/v0/tsdb?",
      agent: this.#agent,
      headers: { ...headers, "content-type": "application/json", "user-agent": "mackerel-agent/0.85.2 (Revision abc)" },
    };
  }

  /** Resolves with the time until the whole answer was there, in milliseconds. @throws for anything but 200 */
  post(body: Buffer): Promise<number> {
    const begin = performance.now();
    return new Promise((resolve, reject) => {
      const request = http.request(this.#options, (response) => {
        response.resume();
        response.once("error", reject);
        response.once("end", () => {
          if (response.statusCode === 200) resolve(performance.now() - begin);
          else reject(new Error(`answered ${response.statusCode}`));
        });
      });
      request.once("error", reject);
      request.setHeader("content-length", body.length);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function bodyOf(hostId: string, names: readonly string[], values: Float64Array, at: number, time: number): Buffer {
  return Buffer.from(JSON.stringify(names.map((name, m) => ({ hostId, name, time, value: values[at + m] }))));
}

/** Hosts spread over the minute by their position, as the hash of an id would spread them. */
async function runFleet(product: Product, hosts: readonly string[], minutes: number): Promise<Outcome> {
  const agents = hosts.map(() => new FleetAgent(product.port, product.headers));
  const values = new Mix(mix, hosts.length);
  const names = values.metrics.map(({ name }) => name);
  const latencies: number[] = [];
  const samples: Sample[] = [];
  let failures = 0;
  const waiting = new Set<Promise<void>>();
  const firstMinute = Math.floor(Date.now() / 60_000) * 60 - 60;
  for (let minute = 0; minute < minutes; minute++) {
    const start = performance.now();
    const now = values.minute();
    const cpuBefore = familyCpuSeconds(product.daemon.pid);
    for (let second = 0; second < 60; second++) {
      const from = Math.floor((second * hosts.length) / 60);
      const to = Math.floor(((second + 1) * hosts.length) / 60);
      for (let h = from; h < to; h++) {
        const body = bodyOf(hosts[h] ?? "", names, now, h * names.length, firstMinute + minute * 60);
        const sent = (agents[h]?.post(body) ?? Promise.reject(new Error("no agent"))).then(
          (ms) => void latencies.push(ms),
          () => void (failures += 1),
        );
        waiting.add(sent);
        void sent.finally(() => waiting.delete(sent));
      }
      await pause(Math.max(0, (second + 1) * 1000 - (performance.now() - start)));
    }
    const sample = {
      minute: minute + 1,
      cpuSeconds: familyCpuSeconds(product.daemon.pid) - cpuBefore,
      pssMb: familyPssMb(product.daemon.pid),
      nodePssMb: pssMb(family(product.daemon.pid)[0]?.pid ?? product.daemon.pid),
    };
    samples.push(sample);
    console.log(
      `minute ${sample.minute}: ${sample.cpuSeconds.toFixed(1)} CPU-seconds, ${sample.pssMb.toFixed(0)} MB, ${failures} failures`,
    );
  }
  await Promise.all(waiting);
  for (const agent of agents) agent.close();
  return { latencies: Float64Array.from(latencies).sort(), posts: latencies.length, failures, samples, firstMinute };
}

/** Asks for every minute of one metric of every host, another metric for each host. @returns points that are not there */
async function countLost(product: Product, hosts: readonly string[], outcome: Outcome, minutes: number): Promise<number> {
  const { metrics } = new Mix(mix, 1);
  let lost = 0;
  for (const [h, host] of hosts.entries()) {
    const name = metrics[h % metrics.length]?.name ?? "loadavg5";
    const { times } = await product.stored(name, host, outcome.firstMinute, outcome.firstMinute + (minutes - 1) * 60);
    lost += minutes - times.length;
  }
  return lost;
}

const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

const { values: words } = parseArgs({ options: { hosts: { type: "string" }, minutes: { type: "string" }, docs: { type: "boolean" } } });
const hostCount = Number(words.hosts ?? 5000);
const minutes = Number(words.minutes ?? 10);
const directory = mkdtempSync(join(tmpdir(), "hinoban-fleet-"));
const product = await startProduct({ directory });
try {
  const hosts = await product.registerHosts(hostCount);
  console.log(`${hosts.length} hosts are registered; ${minutes} minutes begin.`);
  const idleMb = familyPssMb(product.daemon.pid);
  const outcome = await runFleet(product, hosts, minutes);
  const lost = await countLost(product, hosts, outcome, minutes);
  const kept = await product.figure("hinoban_metric_points_received_total");
  const points = outcome.posts * new Mix(mix, 1).metrics.length;
  const cpu = outcome.samples.reduce((sum, one) => sum + one.cpuSeconds, 0) / (minutes * 60);
  const last = outcome.samples.at(-1);
  const rows = [
    ["agents, one post of 35 points a minute each, one connection each", String(hostCount)],
    ["minutes", String(minutes)],
    ["posts / failures", `${outcome.posts} / ${outcome.failures}`],
    ["points sent / kept", `${points} / ${kept}`],
    ["minutes lost (one metric of every host read back)", String(lost)],
    ["CPU, share of one core, PostgreSQL and merging included", `${(cpu * 100).toFixed(1)} %`],
    ["memory before / after, PostgreSQL included, MB", `${idleMb.toFixed(0)} / ${(last?.pssMb ?? Number.NaN).toFixed(0)}`],
    ["memory of the server's own process after, MB", (last?.nodePssMb ?? Number.NaN).toFixed(0)],
    ["answer p50 / p99 / longest, ms", [0.5, 0.99, 1].map((share) => percentile(outcome.latencies, share).toFixed(1)).join(" / ")],
  ];
  const table = tableText(["fleet", "figure"], rows);
  console.log(table);
  keepHistory("fleet", Object.fromEntries(rows.map(([key = "", value = ""]) => [key, value])));
  if (words.docs) replaceInDocs("fleet", `${table}\n\n_${takenOn()}._`);
  if (lost > 0 || outcome.failures > 0) process.exitCode = 1;
} finally {
  await product.stop();
  rmSync(directory, { recursive: true, force: true });
}
