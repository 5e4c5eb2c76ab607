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
