/** Longest metric name, in characters. */
export const longestName = 255;

const plainName = /^[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+)*$/u;
const definedName = /^custom(?:\.(?:[-a-zA-Z0-9_]+|[*#]))+$/u;

/** A name that a point may have: segments of letters, digits, "_" and "-", joined by single dots. */
export const isMetricName = (name: string): boolean => name.length <= longestName && plainName.test(name);

/** A name in a graph definition: begins with `custom.`; `*` and at most one `#` each stand for one segment. */
export const isDefinedName = (name: string): boolean => name.length <= longestName && definedName.test(name) && name.split("#").length <= 2;

/** The graph a metric belongs to: its name up to the last dot. A name without a dot is its own graph. */
export function graphOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? name : name.slice(0, dot);
}

export const lastSegment = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

/** What the wildcards of a pattern stood for. */
export interface WildcardMatch {
  /** In order, `*` and `#` alike: what `%1`, `%2` … of a display name mean. */
  readonly captures: readonly string[];
  /** What `#` stood for. */
  readonly group?: string;
}

/** Compares a name with a pattern in which `*` and `#` stand for one whole segment each; undefined when it does not match. */
export function matchWildcards(pattern: string, name: string): WildcardMatch | undefined {
  const wanted = pattern.split(".");
  const given = name.split(".");
  if (wanted.length !== given.length) return undefined;
  const captures: string[] = [];
  let group: string | undefined;
  for (const [index, segment] of given.entries()) {
    const want = wanted[index];
    if (want === "*" || want === "#") {
      captures.push(segment);
      if (want === "#") group = segment;
    } else if (want !== segment) return undefined;
  }
  return group === undefined ? { captures } : { captures, group };
}

/** A display name with `%1`, `%2` … replaced by what the wildcards stood for. */
export const fillCaptures = (displayName: string, { captures }: WildcardMatch): string =>
  displayName.replaceAll(/%([1-9])/gu, (text, digit: string) => captures[Number(digit) - 1] ?? text);

/**
 * How a metric that somebody asks for is obtained from those that were posted: as it is, or computed from the values of several at one time.
 * `compute` gets the values in the order of `inputs`, NaN where there is none, and answers NaN where nothing can be said.
 */
export type Source =
  | { readonly kind: "stored"; readonly name: string }
  | { readonly kind: "computed"; readonly inputs: readonly string[]; readonly compute: (values: readonly number[]) => number };

/**
 * Finds out how to obtain `name` from the metrics a host has posted. Linux agents post `memory.mem_available` and `memory.swap_free`,
 * while screens, rules and documents speak of `memory.available` and `memory.swap_used`.
 */
export function sourceOf(name: string, posted: ReadonlySet<string>): Source {
  if (posted.has(name)) return { kind: "stored", name };
  switch (name) {
    case "memory.available":
      return { kind: "stored", name: "memory.mem_available" };
    case "memory.swap_used":
      return {
        kind: "computed",
        inputs: ["memory.swap_total", "memory.swap_free"],
        compute: ([total = Number.NaN, free = Number.NaN]) => total - free,
      };
    case "cpu%":
      return cpuSource(posted);
    case "memory%":
      return {
        kind: "computed",
        inputs: ["memory.used", "memory.total"],
        compute: ([used = Number.NaN, total = Number.NaN]) => share(used, total),
      };
    case "swap%":
      return {
        kind: "computed",
        inputs: ["memory.swap_total", "memory.swap_free"],
        compute: ([total = Number.NaN, free = Number.NaN]) => share(total - free, total),
      };
    case "disk%":
      return diskSource(posted);
    default:
      return { kind: "stored", name };
  }
}

/** The posted names and those that can be had besides, sorted. */
export function offeredNames(posted: Iterable<string>): string[] {
  const names = new Set(posted);
  if (names.has("memory.mem_available")) names.add("memory.available");
  if (names.has("memory.swap_total") && names.has("memory.swap_free")) names.add("memory.swap_used");
  return [...names].toSorted();
}

const isCpuShare = (name: string): boolean => matchWildcards("cpu.*.percentage", name) !== undefined;

function cpuSource(posted: ReadonlySet<string>): Source {
  const others = [...posted].filter((name) => isCpuShare(name) && name !== "cpu.idle.percentage").toSorted();
  return {
    kind: "computed",
    inputs: ["cpu.idle.percentage", ...others],
    compute: ([idle = Number.NaN, ...busy]) => cpuPercent(idle, busy),
  };
}

/**
 * How busy all cores together are, 0 to 100. The shares that agents post add up to 100 for every core, so idle is compared with their sum.
 * NaN without idle.
 */
export function cpuPercent(idle: number, busy: readonly number[]): number {
  const work = busy.reduce((total, value) => (Number.isNaN(value) ? total : total + value), 0);
  return share(work, work + idle);
}

function diskSource(posted: ReadonlySet<string>): Source {
  const systems = [...posted]
    .flatMap((name) => matchWildcards("filesystem.*.used", name)?.captures ?? [])
    .filter((system) => posted.has(`filesystem.${system}.size`));
  const inputs = systems.flatMap((system) => [`filesystem.${system}.used`, `filesystem.${system}.size`]);
  return { kind: "computed", inputs, compute: diskPercent };
}

/** How full the fullest file system is. @param pairs used and size, in turn */
export function diskPercent(pairs: readonly number[]): number {
  let fullest = Number.NaN;
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const percent = share(pairs[i] ?? Number.NaN, pairs[i + 1] ?? Number.NaN);
    if (!(percent <= fullest) && !Number.isNaN(percent)) fullest = percent;
  }
  return fullest;
}

/** `part` of `whole` in percent; NaN when there is no whole, such as swap on a machine without. */
export const share = (part: number, whole: number): number => (whole > 0 ? clamp((100 * part) / whole) : Number.NaN);

const clamp = (percent: number): number => Math.min(100, Math.max(0, percent));

/** Metrics of a role's graph that add up what each device of a host posts, with the pattern of the devices' metrics. */
export const summedMetrics: Readonly<Record<string, string>> = {
  "interface.rxBytes.delta": "interface.*.rxBytes.delta",
  "interface.txBytes.delta": "interface.*.txBytes.delta",
  "disk.reads.delta": "disk.*.reads.delta",
  "disk.writes.delta": "disk.*.writes.delta",
};

/** The same for a role, whose hosts have different devices. */
export function roleSourceOf(name: string, posted: ReadonlySet<string>): Source {
  const pattern = summedMetrics[name];
  if (pattern === undefined || posted.has(name)) return sourceOf(name, posted);
  const inputs = [...posted].filter((one) => matchWildcards(pattern, one)).toSorted();
  return { kind: "computed", inputs, compute: sumOf };
}

/** NaN only when every value is. */
export function sumOf(values: readonly number[]): number {
  let sum = Number.NaN;
  for (const value of values) if (!Number.isNaN(value)) sum = Number.isNaN(sum) ? value : sum + value;
  return sum;
}
