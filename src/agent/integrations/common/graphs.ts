import type { Millis } from "#base/duration";
import type { MetricValues } from "../../collectors/collector.ts";
import { CounterRates } from "../../collectors/rates.ts";
import type { JsonObject } from "../../json.ts";

/** Units that graph definitions know. */
export type Unit = "float" | "integer" | "percentage" | "seconds" | "milliseconds" | "bytes" | "bytes/sec";

/**
 * What becomes of a raw figure: shown as it is, or the growth of a counter per minute (what the `Diff` metrics of Mackerel's plugins are) or per
 * second.
 */
export type Kind = "gauge" | "perMinute" | "perSecond";

/** One line of a graph. */
export interface Line {
  /** Last segment of the metric's name. */
  readonly name: string;
  readonly title: string;
  readonly kind: Kind;
  /** Name of the raw figure; default: `name`. */
  readonly from?: string;
  /** Factor between raw figure and metric; default: 1. */
  readonly scale?: number;
  readonly isStacked?: boolean;
}

/** One graph. Its name may end with `.#` for lines of things whose names are found at run time. */
export interface Graph {
  /** What stands between the prefix and the line's name. */
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  readonly lines: readonly Line[];
}

/** Short ways to write lines; `from` is the raw figure when it is not called like the line. */
export const gauge = (name: string, title: string, from = name): Line => ({ name, title, kind: "gauge", from });
export const stacked = (name: string, title: string, from = name): Line => ({ name, title, kind: "gauge", from, isStacked: true });
export const perMinute = (name: string, title: string, from = name): Line => ({ name, title, kind: "perMinute", from });
export const perSecond = (name: string, title: string, from = name): Line => ({ name, title, kind: "perSecond", from });

/** Raw figures by name; one that is not known this time is left out. */
export type Figures = Readonly<Record<string, number>>;

/** Graph definitions in the shape of `POST /api/v0/graph-defs/create`. `label` begins each title. */
export function graphDefinitions(prefix: string, label: string, graphs: readonly Graph[]): readonly JsonObject[] {
  return graphs.map(({ name, title, unit, lines }) => ({
    name: `custom.${prefix}.${name}`,
    displayName: `${label} ${title}`,
    unit,
    metrics: lines.map((line) => ({
      name: `custom.${prefix}.${name}.${line.name}`,
      displayName: line.title,
      isStacked: line.isStacked ?? false,
    })),
  }));
}

/** Turns raw figures into the metrics of `graphs`, keeping the counters of the round before. */
export class GraphValues {
  readonly #prefix: string;
  readonly #graphs: readonly Graph[];
  readonly #rates = new CounterRates();

  constructor(prefix: string, graphs: readonly Graph[]) {
    this.#prefix = prefix;
    this.#graphs = graphs.filter(({ name }) => !name.endsWith("#"));
  }

  /** The metrics that `figures` give. A counter gives none at its first time and after it went down. @param at monotonic time */
  take(at: Millis, figures: Figures): MetricValues {
    const counters: Record<string, number> = {};
    const metrics: Record<string, number> = {};
    for (const { metric, line, raw } of this.#lines(figures)) {
      if (line.kind === "gauge") metrics[metric] = raw * (line.scale ?? 1);
      else counters[metric] = raw;
    }
    const rates = this.#rates.perSecond(at, counters);
    for (const { metric, line } of this.#lines(figures)) {
      const rate = rates[metric];
      if (rate !== undefined) metrics[metric] = exact(rate * (line.kind === "perMinute" ? 60 : 1) * (line.scale ?? 1));
    }
    return metrics;
  }

  *#lines(figures: Figures): Iterable<{ readonly metric: string; readonly line: Line; readonly raw: number }> {
    for (const { name, lines } of this.#graphs) {
      for (const line of lines) {
        const raw = figures[line.from ?? line.name];
        if (raw !== undefined && Number.isFinite(raw)) yield { metric: `custom.${this.#prefix}.${name}.${line.name}`, line, raw };
      }
    }
  }
}

// Seven events divided by 60 seconds and multiplied again are 7, not 7.000000000000001.
const exact = (value: number): number => Math.round(value * 1e6) / 1e6;
