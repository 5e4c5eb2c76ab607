import { connect } from "node:net";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startZabbix } from "./support/peers/zabbix.ts";
import { familyCpuSeconds, familyPssMb, freePort, pause } from "./support/processes.ts";
import { startProduct } from "./support/product.ts";
import { keepHistory, median, replaceInDocs, tableText, takenOn } from "./support/report.ts";

// What does it cost to take in what Zabbix agents and senders send? The same packets, 35 values of one host each, a connection each,
// to Hinoban and to a Zabbix server with its PostgreSQL, in the same run.
//   npm run bench -- zabbix [--hosts 100] [--minutes 20] [--rounds 3] [--connections 8] [--docs]

const keys = Array.from({ length: 35 }, (_, i) => `bench.m${String(i).padStart(2, "0")}`);

interface Receiver {
  readonly label: string;
  readonly port: number;
  cpuSeconds(): number;
  memoryMb(): number;
  /** The values that are stored of one item. */
  stored(host: string, key: string): Promise<readonly number[]>;
  readonly stop: () => Promise<void>;
}

interface Round {
  readonly cpu: number;
  readonly cpuAllIn: number;
  readonly wallMs: number;
  readonly p50: number;
  readonly p99: number;
  readonly memoryMb: number;
}

const valueOf = (host: number, key: number, minute: number): number => ((host * 31 + key * 7 + minute * 13) % 1000) / 4;

function packetOf(host: string, hostNumber: number, minute: number, clock: number): Buffer {
  const data = keys.map((key, k) => ({ host, key, value: String(valueOf(hostNumber, k, minute)), clock, ns: 0 }));
  const body = Buffer.from(JSON.stringify({ request: "sender data", data, clock: Math.floor(Date.now() / 1000), ns: 0 }));
  const head = Buffer.alloc(13);
  head.write("ZBXD");
  head[4] = 1;
  head.writeUInt32LE(body.length, 5);
  return Buffer.concat([head, body]);
}

/** Sends one packet over a connection of its own, as senders do. @throws unless every value was processed */
function send(port: number, packet: Buffer): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () => socket.write(packet));
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.once("error", reject);
    socket.once("close", () => {
      const answer = Buffer.concat(chunks).toString("latin1");
      if (answer.includes(`processed: ${keys.length}; failed: 0`)) resolve(performance.now() - begin);
      else reject(new Error(`answered ${JSON.stringify(answer.slice(13))}`));
    });
  });
}

interface Load {
  readonly hosts: readonly string[];
  readonly minutes: number;
  readonly firstMinute: number;
  readonly start: number;
  readonly connections: number;
}

async function runRound(receiver: Receiver, load: Load): Promise<Round> {
  const packets: Buffer[] = [];
  for (let m = load.firstMinute; m < load.firstMinute + load.minutes; m++) {
    for (const [h, host] of load.hosts.entries()) packets.push(packetOf(host, h, m, load.start + m * 60));
  }
  await untilQuiet(receiver);
  const before = receiver.cpuSeconds();
  const begin = performance.now();
  const latencies: number[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let packet = packets[next++]; packet; packet = packets[next++]) latencies.push(await send(receiver.port, packet));
  };
  await Promise.all(Array.from({ length: load.connections }, worker));
  const wallMs = performance.now() - begin;
  const cpu = receiver.cpuSeconds() - before;
  await untilQuiet(receiver);
  const cpuAllIn = receiver.cpuSeconds() - before;
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { cpu, cpuAllIn, wallMs, p50: at(0.5), p99: at(0.99), memoryMb: receiver.memoryMb() };
}

/** Until it uses less than 5 % of a core: a Zabbix server always does a little. */
async function untilQuiet(receiver: Receiver): Promise<void> {
  for (let second = 0; second < 40; second++) {
    const before = receiver.cpuSeconds();
    await pause(1000);
    if (receiver.cpuSeconds() - before < 0.05) return;
  }
}

async function startHinoban(directory: string): Promise<Receiver> {
  const zabbixPort = await freePort();
  const product = await startProduct({ directory, flags: ["--zabbix-port", String(zabbixPort)] });
  return {
    label: "Hinoban, fsync before the answer",
    port: zabbixPort,
    cpuSeconds: () => familyCpuSeconds(product.daemon.pid),
    memoryMb: () => familyPssMb(product.daemon.pid),
    stored: async (host, key) => {
      const { hosts } = await product.api.get<{ hosts: { id: string; name: string }[] }>("GET", `/api/v0/hosts?name=${host}`);
      const { names } = await product.api.get<{ names: string[] }>("GET", `/api/v0/hosts/${hosts[0]?.id}/metric-names`);
      const name = names.find((one) => one.endsWith(key.replaceAll(".", "_")) || one.endsWith(key)) ?? "missing";
      return (await product.stored(name, hosts[0]?.id ?? "", Math.floor(Date.now() / 1000) - 86_000, Math.floor(Date.now() / 1000) + 60))
        .values;
    },
    stop: product.stop,
  };
}

async function check(receiver: Receiver, load: Load, minutes: number): Promise<void> {
  for (const [h, k] of [
    [0, 0],
    [load.hosts.length - 1, keys.length - 1],
  ] as const) {
    const stored = await receiver.stored(load.hosts[h] ?? "", keys[k] ?? "");
    const expected = Array.from({ length: minutes }, (_, m) => valueOf(h, k, m));
    if (JSON.stringify(stored) !== JSON.stringify(expected)) {
      throw new Error(`${receiver.label} stored ${stored.length} of ${minutes} values of ${keys[k]}: ${stored.slice(0, 5).join(", ")} …`);
    }
  }
}

const { values: words } = parseArgs({
  options: {
    hosts: { type: "string" },
    minutes: { type: "string" },
    rounds: { type: "string" },
    connections: { type: "string" },
    docs: { type: "boolean" },
  },
});
const hosts = Array.from({ length: Number(words.hosts ?? 100) }, (_, i) => `bench-${String(i).padStart(4, "0")}`);
const minutes = Number(words.minutes ?? 20);
const rounds = Number(words.rounds ?? 3);
const connections = Number(words.connections ?? 8);
const folder = mkdtempSync(join(tmpdir(), "hinoban-bench-zabbix-"));
chmodSync(folder, 0o711); // PostgreSQL runs as another account
const receivers: Receiver[] = [];
try {
  for (const name of ["hinoban", "zabbix"]) mkdirSync(join(folder, name));
  receivers.push(await startHinoban(join(folder, "hinoban")));
  const zabbix = await startZabbix({ directory: join(folder, "zabbix"), hosts, keys });
  receivers.push({ ...zabbix, label: `Zabbix server ${zabbix.version} with PostgreSQL` });
  const taken = new Map<Receiver, Round[]>(receivers.map((receiver) => [receiver, []]));
  // Minutes of the last hours, oldest first; the first round warms up.
  const start = Math.floor(Date.now() / 60_000) * 60 - (rounds + 1) * minutes * 60 - 600;
  const load = { hosts, minutes, start, connections };
  for (let round = 0; round <= rounds; round++) {
    for (const receiver of round % 2 === 0 ? receivers : receivers.toReversed()) {
      const result = await runRound(receiver, { ...load, firstMinute: round * minutes });
      if (round > 0) taken.get(receiver)?.push(result);
      const posts = (hosts.length * minutes) / result.cpuAllIn;
      console.log(`${round === 0 ? "warm-up" : `round ${round}`}: ${receiver.label}: ${posts.toFixed(0)} posts per CPU-second, all-in`);
    }
  }
  for (const receiver of receivers) await check(receiver, { ...load, firstMinute: 0 }, (rounds + 1) * minutes);
  const posts = hosts.length * minutes;
  const of = (receiver: Receiver, figure: (round: Round) => number): number => median((taken.get(receiver) ?? []).map(figure));
  const own = receivers[0];
  const rows = receivers.map((receiver) => {
    const allIn = posts / of(receiver, ({ cpuAllIn }) => cpuAllIn);
    const ownAllIn = own ? posts / of(own, ({ cpuAllIn }) => cpuAllIn) : Number.NaN;
    return [
      receiver.label,
      (posts / of(receiver, ({ cpu }) => cpu)).toFixed(0),
      allIn.toFixed(0),
      receiver === own ? "" : `${(ownAllIn / allIn).toFixed(2)}×`,
      of(receiver, ({ wallMs }) => (posts / wallMs) * 1000).toFixed(0),
      `${of(receiver, ({ p50 }) => p50).toFixed(1)} / ${of(receiver, ({ p99 }) => p99).toFixed(1)}`,
      of(receiver, ({ memoryMb }) => memoryMb).toFixed(0),
    ];
  });
  const heading = ["receiver", "posts per CPU-second", "all-in", "Hinoban ÷ it, all-in", "posts/s", "p50 / p99 ms", "memory MB"];
  const table = tableText(heading, rows);
  console.log(table);
  const figures = Object.fromEntries(
    rows.map(([label = "", ...cells]) => [label, Object.fromEntries(heading.slice(1).map((head, i) => [head, cells[i]]))]),
  );
  keepHistory("zabbix", { hosts: hosts.length, minutes, connections, ...figures });
  if (words.docs)
    replaceInDocs(
      "zabbix",
      `${table}\n\n_${hosts.length} hosts, ${minutes} minutes a round, ${connections} connections, medians of ${rounds} rounds. ${takenOn()}._`,
    );
} finally {
  for (const receiver of receivers) await receiver.stop();
  rmSync(folder, { recursive: true, force: true });
}
