import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readerOf, type Format } from "../src/agent/integrations/access-log/format.ts";
import { jsonNames } from "../src/agent/integrations/access-log/json-lines.ts";
import { LineCounter } from "../src/agent/integrations/access-log/lines.ts";
import { ltsvNames } from "../src/agent/integrations/access-log/ltsv.ts";
import { Tally } from "../src/agent/integrations/access-log/tally.ts";
import { keepHistory, median, printTable, replaceInDocs, tableText, takenOn } from "./support/report.ts";

// How fast does the agent count a web server's log? A gigabyte in each format, beside gawk and wc on the same file in the same run; CPU time, so that
// a busy machine changes little.
//   npm run bench -- access-log [--mb 1000] [--docs]

const formats = ["combined", "ltsv", "json"] as const satisfies readonly Format[];
type LogFormat = (typeof formats)[number];

/** The file is this large and read as often as it takes: a gigabyte on disk would measure the disk. */
const fileMb = 125;

const browsers = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
  "curl/7.88.1",
];
const statuses = [200, 200, 200, 200, 200, 206, 302, 304, 404, 499, 500];

function generate(format: LogFormat, file: string): void {
  let seed = 20_261_122;
  const random = (below: number): number => ((seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 8) % below;
  const out = openSync(file, "w");
  for (let written = 0; written < fileMb * 1e6;) {
    let text = "";
    for (let line = 0; line < 1000; line += 1) text += lineOf(format, random);
    written += writeSync(out, text);
  }
  closeSync(out);
}

function lineOf(format: LogFormat, random: (below: number) => number): string {
  const host = `10.${random(256)}.${random(256)}.${random(256)}`;
  const request = `GET /items/${random(100_000)}?page=${random(30)}&sort=desc HTTP/1.1`;
  const status = statuses[random(statuses.length)] ?? 200;
  const bytes = random(90_000);
  const time = (random(2000) / 1000).toFixed(3);
  const browser = browsers[random(browsers.length)] ?? "";
  if (format === "combined")
    return `${host} - - [22/Nov/2026:05:11:12 +0900] "${request}" ${status} ${bytes} "https://shop.example/" "${browser}" ${time}\n`;
  if (format === "ltsv")
    return `time:22/Nov/2026:05:11:12 +0900\thost:${host}\treq:${request}\tstatus:${status}\tsize:${bytes}\treferer:https://shop.example/\tua:${browser}\treqtime:${time}\n`;
  return `${JSON.stringify({ time: "2026-11-22T05:11:12+09:00", remote_addr: host, request, status, body_bytes_sent: bytes, request_time: Number(time), http_user_agent: browser })}\n`;
}

interface Run {
  readonly lines: number;
  readonly cpuSeconds: number;
}

/** All that the integration does with a file: classes, codes, bytes, average, percentiles. */
async function countOurs(format: LogFormat, file: string): Promise<Run> {
  const tally = new Tally();
  const fields = { time: { place: "last", unit: "s" }, ltsv: ltsvNames, json: jsonNames } as const;
  const counter = new LineCounter(tally, readerOf(format, fields));
  const handle = await open(file);
  const readAt = async (target: Uint8Array, offset: number, length: number, position: number): Promise<number> =>
    (await handle.read(target, offset, length, position)).bytesRead;
  const before = process.cpuUsage();
  await counter.drain(readAt, 0, true, new AbortController().signal);
  tally.figures([404]);
  const { user, system } = process.cpuUsage(before);
  await handle.close();
  if (tally.unread > 0) throw new Error(`${tally.unread} lines were not read.`);
  return { lines: tally.total, cpuSeconds: (user + system) / 1e6 };
}

/** A program's own CPU time, by the shell's `time`. */
function cpuOf(words: readonly string[]): number {
  const script = `TIMEFORMAT='%U %S'; time "$@" >/dev/null`;
  const { status, stderr } = spawnSync("bash", ["-c", script, "bash", ...words], {
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C" },
  });
  if (status !== 0) throw new Error(`${words[0] ?? ""}: ${stderr}`);
  return (stderr.trim().split("\n").at(-1) ?? "").split(" ").reduce((sum, part) => sum + Number(part), 0);
}

const classesOnly = "{ c[substr($9, 1, 1)]++ } END { for (k in c) print k, c[k] }";
const sameAsOurs =
  "{ c[$9]++; bytes += $10; sum += $NF; times[NR] = $NF } END { n = asort(times); print n, bytes, sum / n, times[int(n * .5)], times[int(n * .9)], times[int(n * .95)], times[int(n * .99)]; for (k in c) print k, c[k] }";

const peersOf = (format: LogFormat, file: string): readonly (readonly [name: string, words: readonly string[]])[] => [
  ...(format === "combined"
    ? ([
        ["gawk, classes only", ["gawk", classesOnly, file]],
        ["gawk, the same figures", ["gawk", sameAsOurs, file]],
      ] as const)
    : []),
  ["wc -l", ["wc", "-l", file]],
];

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { mb: { type: "string" }, docs: { type: "boolean" } } });
  const rounds = Math.max(1, Math.round(Number(values.mb ?? 1000) / fileMb));
  const folder = mkdtempSync(join(tmpdir(), "hinoban-access-log-"));
  const heading = ["format", "program", "million lines per CPU-second", "MB per CPU-second", "agent's CPU time ÷ its"];
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  try {
    for (const format of formats) {
      const file = join(folder, `access.${format}`);
      generate(format, file);
      const bytes = statSync(file).size;
      const runs: Run[] = [];
      const peers = peersOf(format, file).map(([name, words]) => ({ name, words, cpu: Array.from<number>([]) }));
      await countOurs(format, file); // the page cache and the compiler are warm for everybody
      for (let round = 0; round < rounds; round += 1) {
        runs.push(await countOurs(format, file));
        for (const { words, cpu } of peers) cpu.push(cpuOf(words));
      }
      const lines = runs[0]?.lines ?? 0;
      const own = median(runs.map(({ cpuSeconds }) => cpuSeconds));
      const row = (name: string, cpu: number): string[] => [
        format,
        name,
        (lines / cpu / 1e6).toFixed(2),
        (bytes / cpu / 1e6).toFixed(0),
        (own / cpu).toFixed(2),
      ];
      rows.push(row("the agent", own), ...peers.map(({ name, cpu }) => row(name, median(cpu))));
      figures[format] = Math.round(lines / own);
      rmSync(file);
    }
    const memory = `${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB resident.`;
    printTable(heading, rows);
    console.log(memory);
    keepHistory("access-log", { linesPerCpuSecond: figures, rssMb: Math.round(process.memoryUsage.rss() / 1e6) });
    if (values.docs)
      replaceInDocs("access-log", `${tableText(heading, rows)}\n\n${rounds} × ${fileMb} MB each, medians, ${memory} ${takenOn()}.`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
