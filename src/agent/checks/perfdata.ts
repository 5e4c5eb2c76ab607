import { segment } from "../collectors/collector.ts";

/** A number that a check printed behind its text. */
export interface PerfValue {
  readonly label: string;
  readonly value: number;
}

// 'label'=value[unit];warn;crit;min;max with quotes where the label holds blanks; a quote inside is doubled. U means: could not be measured.
const item = /(?:'((?:[^']|'')*)'|([^\s='|]+))=([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[^\s]*/gu;

const mostValues = 100;
// A search that fails at each quote takes the square of the length.
const longestOutput = 8 * 1024;

/**
 * The performance data of a check's output: behind `|` of the first line, and of later lines from the next `|` on (Monitoring Plugins
 * Development Guidelines, "Performance data" and "Plugin output"). Numbers stay as they are printed; their units are left out.
 */
export function parsePerfdata(output: string): readonly PerfValue[] {
  const [first = "", ...rest] = output.slice(0, longestOutput).split("\n");
  const later = rest.join("\n");
  const text = `${behindBar(first)} ${behindBar(later)}`;
  const values = new Map<string, PerfValue>();
  for (const [, quoted, bare, number] of text.matchAll(item)) {
    const label = quoted === undefined ? (bare ?? "") : quoted.replaceAll("''", "'");
    const value = Number(number);
    if (label === "" || !Number.isFinite(value) || values.size >= mostValues) continue;
    values.set(label, { label, value });
  }
  return [...values.values()];
}

function behindBar(text: string): string {
  const at = text.indexOf("|");
  return at < 0 ? "" : text.slice(at + 1);
}

/** `custom.check.<check>.<label>`, each a segment of its own; undefined for a label that leaves nothing readable. */
export function perfMetricName(check: string, label: string): string | undefined {
  const last = label === "/" ? "root" : segment(label.replace(/^\/+/u, ""));
  const name = `custom.check.${segment(check)}.${last}`;
  return /[A-Za-z0-9]/u.test(last) && name.length <= 255 ? name : undefined;
}
