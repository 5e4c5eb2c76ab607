import { unixSeconds, type UnixSeconds } from "#base/duration";

/** A value that a plugin printed. */
export interface PluginValue {
  /** Complete, `custom.` included. */
  readonly name: string;
  readonly value: number;
  readonly time: UnixSeconds;
}

export interface MetricOutput {
  readonly values: readonly PluginValue[];
  /** Lines that look like values and are none: wrong names, NaN, times too far away, more than allowed. */
  readonly dropped: number;
}

export interface ReadingRules {
  readonly include: RegExp | undefined;
  readonly exclude: RegExp | undefined;
  /** The plugin's own times count when they are near. */
  readonly usesOwnTime: boolean;
}

/** Values of one plugin in one round: a post of 10,000 must hold them beside the others'. */
export const mostValues = 4000;

/** A plugin's own time may be this far from now. */
const farthest = 15 * 60;

const longestName = 255;
const metricName = /^[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+)*$/u;
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u;

/**
 * Reads what a metric plugin prints: a line per value, name, value and time (unix seconds) between blanks or tabs. Other lines are comments to us.
 * The last one wins when a name comes twice for the same time.
 */
export function parseMetricOutput(text: string, now: UnixSeconds, { include, exclude, usesOwnTime }: ReadingRules): MetricOutput {
  const values = new Map<string, PluginValue>();
  let dropped = 0;
  for (const line of text.split("\n")) {
    const [name, written, when] = line.trim().split(/\s+/u, 4);
    if (name === undefined || written === undefined || when === undefined) continue;
    if (include?.test(name) === false || exclude?.test(name) === true) continue;
    const found = valueOf(name, written, usesOwnTime ? ownTime(when, now) : now);
    if (found && values.size < mostValues) values.set(`${name} ${found.time}`, found);
    else dropped += 1;
  }
  return { values: [...values.values()], dropped };
}

function valueOf(name: string, written: string, time: UnixSeconds | undefined): PluginValue | undefined {
  const value = decimal.test(written) ? Number(written) : Number.NaN;
  if (!Number.isFinite(value) || time === undefined || !metricName.test(name) || name.length > longestName - 7) return undefined;
  return { name: `custom.${name}`, value, time };
}

function ownTime(text: string, now: UnixSeconds): UnixSeconds | undefined {
  const time = /^\d{1,12}$/u.test(text) ? Number(text) : Number.NaN;
  return Math.abs(time - now) <= farthest ? unixSeconds(time) : undefined;
}
