import { parseExposition, type ExpositionSample } from "#base/exposition-format";
import { segment } from "../../collectors/collector.ts";

/** What is taken of an exposition. */
export interface Selection {
  /** `custom.prometheus.app` */
  readonly prefix: string;
  readonly isWanted: (metric: string) => boolean;
  readonly takesBuckets: boolean;
  /** At most so many metrics. */
  readonly most: number;
}

/** The values of one scrape under the names that the server takes. */
export interface Taken {
  readonly gauges: Readonly<Record<string, number>>;
  readonly counters: Readonly<Record<string, number>>;
  /** Samples in the exposition. */
  readonly samples: number;
  /** Beyond the limit. */
  readonly leftOut: number;
  /** Whose names became the same as another's; the first counts. */
  readonly same: number;
}

const longestName = 255;

/**
 * Reads an exposition. `http_requests_total{code="200",method="get"}` becomes `PREFIX.http_requests_total.200_get`, in the order of the labels'
 * names; without labels the last part is `value`. NaN and infinities are left out.
 * @throws HinobanError "invalid-input" for a malformed line, "too-large" beyond the reader's limits
 */
export function takeSamples(text: string, selection: Selection): Taken {
  const gauges: Record<string, number> = {};
  const counters: Record<string, number> = {};
  const names = new Set<string>();
  let samples = 0;
  let leftOut = 0;
  let same = 0;
  for (const sample of parseExposition(text)) {
    samples += 1;
    if (!Number.isFinite(sample.value) || !selection.isWanted(sample.name) || (isBucket(sample) && !selection.takesBuckets)) continue;
    const name = nameOf(sample, selection.prefix);
    if (names.has(name)) same += 1;
    else if (names.size >= selection.most || name.length > longestName) leftOut += 1;
    else {
      names.add(name);
      (isCounter(sample) ? counters : gauges)[name] = sample.value;
    }
  }
  return { gauges, counters, samples, leftOut, same };
}

const isBucket = ({ type, name }: ExpositionSample): boolean =>
  (type === "histogram" || type === "gaugehistogram") && name.endsWith("_bucket");

/** Also the parts of histograms and summaries that only grow, and what a target without types calls `_total`. */
function isCounter({ type, name }: ExpositionSample): boolean {
  if (type === "counter") return !name.endsWith("_created");
  if (type === "histogram" || type === "summary") return /_(?:count|sum|bucket)$/u.test(name);
  return type === "unknown" && name.endsWith("_total");
}

function nameOf({ name, labels }: ExpositionSample, prefix: string): string {
  const values = [...labels].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => segment(value) || "_");
  return `${prefix}.${segment(name)}.${values.length === 0 ? "value" : values.join("_")}`;
}
