import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";

/** Prints rows under a heading as a Markdown table, so that it can be pasted into docs/benchmarks.md. */
export function printTable(heading: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(tableText(heading, rows));
}

export function tableText(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heading, heading.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Adds one run's figures to bench/history/NAME.json, with when and on what they were taken. */
export function keepHistory(name: string, figures: Readonly<Record<string, unknown>>): void {
  const folder = join(process.cwd(), "bench", "history");
  const file = join(folder, `${name}.json`);
  mkdirSync(folder, { recursive: true });
  const history = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as unknown[]) : []; // written below
  history.push({ at: new Date().toISOString(), cpu: cpus()[0]?.model, cores: cpus().length, node: process.version, ...figures });
  writeFileSync(file, `${JSON.stringify(history, null, 2)}\n`);
}

/**
 * Puts one benchmark's result into docs/benchmarks.md, between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`; what stands
 * around it stays. @throws when the page has no such place
 */
export function replaceInDocs(name: string, text: string): void {
  const file = join(process.cwd(), "docs", "benchmarks.md");
  const page = readFileSync(file, "utf8");
  const [opening, closing] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [page.indexOf(opening), page.indexOf(closing)];
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no ${opening} … ${closing}.`);
  writeFileSync(file, `${page.slice(0, from + opening.length)}\n${text.trim()}\n${page.slice(to)}`);
}

/** When and on what a table was measured, for the line below it. */
export function takenOn(): string {
  return `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
