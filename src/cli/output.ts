import { spawn } from "node:child_process";
import type { Asked } from "./asked.ts";
import { nearest } from "./nearest.ts";
import { CliFailure, exitCodes, usageError } from "./text.ts";
import type { Sink } from "./world.ts";
import { padded, widthOf } from "./width.ts";

const forms = ["json", "jsonl", "table"] as const;

/** JSON as mkr prints it: four blanks. */
export const prettyJson = (value: unknown): string => `${JSON.stringify(value, undefined, 4)}\n`;

/**
 * Prints an answer: JSON, one JSON text a line, a table, through jq, or by a template.
 * @param whole what a template sees, when `value` is a shortened form of it.
 * @throws CliFailure for a form that does not exist
 */
export async function print(asked: Asked, value: unknown, whole: unknown = value): Promise<void> {
  const { stdout } = asked.world;
  const filter = asked.text("jq");
  if (filter !== undefined) stdout.write(await throughJq(demandJson(asked, filter), value));
  else stdout.write(await formed(asked.isOn("table") ? "table" : (asked.text("format") ?? "json"), value, whole, stdout));
}

function demandJson(asked: Asked, filter: string): string {
  if (!asked.has("format") && !asked.isOn("table")) return filter;
  throw usageError(
    "--jq works on JSON: leave --format and --table out.",
    "--jq は JSON に対して働きます。--format や --table と一緒には使えません。",
  );
}

async function formed(form: string, value: unknown, whole: unknown, stdout: Sink): Promise<string> {
  if (form.includes("{{")) {
    const { renderTemplate } = await import("./template/render.ts");
    return renderTemplate(form, whole);
  }
  if (form === "json") return prettyJson(value);
  if (form === "jsonl") return (Array.isArray(value) ? value : [value]).map((one) => `${JSON.stringify(one)}\n`).join("");
  if (form === "table") return table(value, stdout.isTTY ? stdout.columns : undefined);
  throw unknownForm(form);
}

function unknownForm(form: string): CliFailure {
  const guess = nearest(form, forms);
  return usageError(
    `--format must be json, jsonl, table or a template with {{…}}, not "${form}"${guess ? `; did you mean ${guess}?` : "."}`,
    `--format は json、jsonl、table、または {{…}} を含むテンプレートです（"${form}" は使えません）。`,
  );
}

/** Prints texts raw and everything else on one line each, as mkr's --jq does. */
function throughJq(filter: string, value: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("jq", ["-r", "-c", filter], { stdio: ["pipe", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => void (out += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => void (err += chunk));
    child.once("error", (cause) =>
      reject(
        new CliFailure(
          {
            en: "--jq needs the program jq; install it, or pipe the JSON elsewhere.",
            ja: "--jq には jq コマンドが必要です。インストールするか、JSON をパイプで渡してください。",
          },
          exitCodes.failed,
          "unavailable",
          { cause },
        ),
      ),
    );
    child.once("close", (code) => (code === 0 ? resolve(out) : reject(usageError(`jq: ${err.trim()}`, `jq: ${err.trim()}`))));
    child.stdin.on("error", () => undefined); // jq went away before it read all; its exit code tells
    child.stdin.end(JSON.stringify(value));
  });
}

type Row = Readonly<Record<string, unknown>>;

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** A table for people. @param width columns of the terminal; lines are cut there. */
export function table(value: unknown, width?: number): string {
  const lines = Array.isArray(value) ? tableOfList(value) : isRow(value) ? pairs(value) : [[cell(value)]];
  const widths = lines.reduce<number[]>((most, line) => line.map((text, index) => Math.max(most[index] ?? 0, widthOf(text))), []);
  return lines
    .map((line) => line.map((text, index) => (index === line.length - 1 ? text : padded(text, widths[index] ?? 0))).join("  "))
    .map((line) => `${cutTo(line, width)}\n`)
    .join("");
}

function tableOfList(list: readonly unknown[]): string[][] {
  const rows = list.filter(isRow);
  if (rows.length < list.length) return list.map((one) => [cell(one)]);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return rows.length === 0
    ? []
    : [columns.map((column) => column.toUpperCase()), ...rows.map((row) => columns.map((column) => cell(row[column])))];
}

const pairs = (row: Row): string[][] => Object.entries(row).map(([name, value]) => [name, cell(value)]);

function cell(value: unknown): string {
  if (value === undefined || value === null) return "-";
  if (Array.isArray(value)) return value.length === 0 ? "-" : value.map((one) => (isRow(one) ? JSON.stringify(one) : cell(one))).join(", ");
  if (isRow(value))
    return Object.entries(value)
      .map(([name, one]) => `${name}=${isRow(one) ? JSON.stringify(one) : cell(one)}`)
      .join(" ");
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text === "" ? "-" : text.replaceAll(/[\u0000-\u001F\u007F-\u009F]+/gu, " "); // a memo must not move the cursor
}

function cutTo(line: string, width: number | undefined): string {
  if (width === undefined || widthOf(line) <= width) return line;
  let cut = "";
  for (const letter of line) {
    if (widthOf(cut + letter) > width - 1) break;
    cut += letter;
  }
  return `${cut}…`;
}
