import { ask, type Peer } from "./peers/peer.ts";
import { familyCpuSeconds } from "./processes.ts";
import { median } from "./report.ts";
import type { StoreQuery } from "./store-server.ts";

/** One question, in the words of both sides. */
export interface ReadWork extends StoreQuery {
  readonly title: string;
  /** PromQL selector of the same series. */
  readonly selector: string;
  readonly isSkippedByPrometheus?: boolean;
}

export type ReadTarget =
  | { readonly label: string; readonly pid: number; readonly kind: "store"; readonly port: number }
  | { readonly label: string; readonly pid: number; readonly kind: "peer"; readonly peer: Peer };

export interface ReadResult {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

/** Asks once. @returns the body and the sum of all its values, to compare answers */
async function askTarget(target: ReadTarget, work: ReadWork, step: number): Promise<Buffer> {
  if (target.kind === "store") return ask(`http://127.0.0.1:${target.port}/query`, { method: "POST", body: JSON.stringify(work) });
  if (work.buckets === 0) return target.peer.queryRange({ expression: work.selector, from: work.from, to: work.to - 60, step: 60 });
  const averages = `avg_over_time(${work.selector}[${step}s])`;
  // A window of PromQL ends at its time: shifted so that it holds the minutes of a bucket of ours.
  const range = { from: work.from + step - 60, to: work.to - 60, step };
  return target.peer.queryRange({ expression: work.shape === "sum" ? `sum(${averages})` : averages, ...range });
}

interface Answers {
  readonly sum: number;
  readonly count: number;
}

/** Adds up all values of an answer. */
function addUp(target: ReadTarget, work: ReadWork, body: Buffer): Answers {
  const document: unknown = JSON.parse(body.toString("utf8"));
  const values = target.kind === "store" ? storeValues(work, document) : peerValues(document);
  const known = values.filter((value) => value !== null);
  return { sum: known.reduce((sum, value) => sum + value, 0), count: known.length };
}

function storeValues(work: ReadWork, document: unknown): (number | null)[] {
  const body = document as {
    metrics?: { value: number }[];
    avg?: (number | null)[];
    sum?: (number | null)[];
    rows?: { values: (number | null)[] }[];
  }; // made by store-server.ts
  if (work.buckets === 0) return body.metrics?.map(({ value }) => value) ?? [];
  return body.avg ?? body.sum ?? body.rows?.flatMap(({ values }) => values) ?? [];
}

function peerValues(document: unknown): number[] {
  const body = document as { data: { result: { values: [number, string][] }[] } }; // PromQL's documented answer
  return body.data.result.flatMap(({ values }) => values.map(([, value]) => Number(value)));
}

const fitting = (work: ReadWork, target: ReadTarget): boolean => !(work.isSkippedByPrometheus && target.label === "Prometheus");

/** Milliseconds of CPU can only be read in tenths of a second: so many requests a round that a round lasts this long. */
const roundMs = 1200;

/** Puts every question to every target in turn, round by round. Results by title, then label. */
export async function measureReads(
  works: readonly ReadWork[],
  targets: readonly ReadTarget[],
  rounds: number,
): Promise<Record<string, Record<string, ReadResult>>> {
  const results: Record<string, Record<string, ReadResult>> = {};
  for (const work of works) {
    const step = await stepOf(targets, work);
    await compareAnswers(targets, work, step);
    const taken: Record<string, { wall: number[]; cpu: number[]; bytes: number }> = {};
    for (let round = 0; round <= rounds; round++) {
      for (let i = 0; i < targets.length; i++) {
        const target = targets[(i + round) % targets.length];
        if (!target || !fitting(work, target)) continue;
        const one = await runRound(target, work, step);
        const list = (taken[target.label] ??= { wall: [], cpu: [], bytes: one.bytes });
        if (round === 0) continue;
        list.wall.push(one.wallMs);
        list.cpu.push(one.cpuMs);
      }
    }
    results[work.title] = Object.fromEntries(
      Object.entries(taken).map(([label, t]) => [label, { wallMs: median(t.wall), cpuMs: median(t.cpu), bytes: t.bytes }]),
    );
    console.log(work.title, results[work.title]);
  }
  return results;
}

async function runRound(target: ReadTarget, work: ReadWork, step: number): Promise<ReadResult> {
  const walls: number[] = [];
  let bytes = 0;
  const cpuBefore = familyCpuSeconds(target.pid);
  const begun = performance.now();
  while (performance.now() - begun < roundMs || walls.length < 3) {
    const at = performance.now();
    bytes = (await askTarget(target, work, step)).length;
    walls.push(performance.now() - at);
  }
  return { wallMs: median(walls), cpuMs: ((familyCpuSeconds(target.pid) - cpuBefore) * 1000) / walls.length, bytes };
}

/** The step that the store chooses for the question. */
async function stepOf(targets: readonly ReadTarget[], work: ReadWork): Promise<number> {
  const [store] = targets;
  if (work.buckets === 0 || !store) return 60;
  const body = JSON.parse((await askTarget(store, work, 60)).toString("utf8")) as { step: number }; // made by store-server.ts
  return body.step;
}

/** @throws when the targets give different answers */
async function compareAnswers(targets: readonly ReadTarget[], work: ReadWork, step: number): Promise<void> {
  let own: Answers | undefined;
  for (const target of targets) {
    if (!fitting(work, target)) continue;
    const sums = addUp(target, work, await askTarget(target, work, step));
    own ??= sums;
    const isSame = Math.abs(sums.sum - own.sum) <= Math.abs(own.sum) * 1e-3 && Math.abs(sums.count - own.count) <= own.count * 0.01;
    if (!isSame) throw new Error(`${work.title}: ${target.label} answers ${JSON.stringify(sums)}, the store ${JSON.stringify(own)}`);
    console.log(`${work.title}: ${target.label}: ${sums.count} values, sum ${sums.sum}`);
  }
}

export const readHeading = (targets: readonly ReadTarget[]): string[] => [
  "question",
  ...targets.map(({ label }) => `${label}: wall / CPU`),
  ...targets.slice(1).map(({ label }) => `Hinoban ÷ ${label}, wall (CPU)`),
];

export function readRows(
  works: readonly ReadWork[],
  targets: readonly ReadTarget[],
  results: Readonly<Record<string, Readonly<Record<string, ReadResult>>>>,
): string[][] {
  return works.map(({ title }) => {
    const own = results[title]?.["Hinoban"];
    const cells = targets.map(({ label }) => {
      const one = results[title]?.[label];
      return one ? `${one.wallMs.toFixed(2)} / ${one.cpuMs.toFixed(2)}` : "not run";
    });
    const ratios = targets.slice(1).map(({ label }) => {
      const one = results[title]?.[label];
      return one && own ? `${(own.wallMs / one.wallMs).toFixed(2)}× (${(own.cpuMs / one.cpuMs).toFixed(2)}×)` : "";
    });
    return [title, ...cells, ...ratios];
  });
}
