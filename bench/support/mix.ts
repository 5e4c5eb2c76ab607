// The values that benchmarks write: what agents send, in the shapes that decide how well a store compresses. Deterministic from a seed,
// per series: a benchmark that loads one series of a year and one that loads a thousand hosts minute by minute see the same values.

/** How the values of a series come about. */
export type ValueKind =
  | "constant" // totals and sizes: the same whole number of bytes for ever
  | "pages" // memory and file systems: a walk in whole pages of 4,096 bytes
  | "small" // processes, connections: a small whole number that often stays
  | "percent" // a noisy percentage with two decimals
  | "rate" // a counter's growth over a minute, per second: a whole number / 60
  | "load" // a load average: two decimals, each minute near the one before
  | "ticks" // CPU shares: clock ticks of a state / ticks of all states x 100 x cores
  | "rare-ticks" // the same for a state that hardly ever occurs
  | "zero"
  | "uptime" // 60 more each minute
  | "offset"; // three decimals around zero

export interface MixMetric {
  /** A name in Mackerel's style. */
  readonly name: string;
  readonly kind: ValueKind;
}

const cpuStates = ["user", "system", "idle", "iowait", "softirq"];
const rareCpuStates = ["nice", "irq", "steal", "guest"];

/** The 35 metrics that an agent posts each minute for a Linux machine with two disks, two interfaces and one plugin. */
export const agentMetrics: readonly MixMetric[] = [
  ...named("load", ["loadavg1", "loadavg5", "loadavg15"]),
  ...named(
    "ticks",
    cpuStates.map((state) => `cpu.${state}.percentage`),
  ),
  ...named(
    "rare-ticks",
    rareCpuStates.map((state) => `cpu.${state}.percentage`),
  ),
  ...named("constant", ["memory.total", "memory.swap_total"]),
  ...named("pages", ["memory.used", "memory.mem_available", "memory.swap_free"]),
  ...named("zero", ["memory.swap_cached"]),
  ...named("rate", ["disk.vda.reads.delta", "disk.vda.writes.delta", "disk.vdb.reads.delta", "disk.vdb.writes.delta"]),
  ...named("rate", [
    "interface.eth0.rxBytes.delta",
    "interface.eth0.txBytes.delta",
    "interface.eth1.rxBytes.delta",
    "interface.eth1.txBytes.delta",
  ]),
  ...named("constant", ["filesystem.vda1.size", "filesystem.vdb1.size"]),
  ...named("pages", ["filesystem.vda1.used", "filesystem.vdb1.used"]),
  ...named("small", ["custom.processes.total", "custom.processes.running"]),
  ...named("zero", ["custom.processes.zombie"]),
  ...named("uptime", ["custom.uptime.seconds"]),
  ...named("offset", ["custom.ntp.offset"]),
];

function named(kind: ValueKind, names: readonly string[]): MixMetric[] {
  return names.map((name) => ({ name, kind }));
}

/** The kinds of the even mix, in its order. */
export const mixKinds = ["constant", "pages", "small", "percent", "rate"] as const satisfies readonly ValueKind[];

/** The even mix: of each kind the same number of metrics, 20 by default, so 100 a host. */
export function evenMetrics(perKind = 20): readonly MixMetric[] {
  return mixKinds.flatMap((kind) =>
    named(
      kind,
      Array.from({ length: perKind }, (_, i) => `custom.${kind}.m${String(i).padStart(2, "0")}`),
    ),
  );
}

/** Which metrics a mix has: what an agent posts, or the even mix; optionally only some of them. Plain data, to be sent to another process. */
export interface MixSpec {
  readonly metrics: "agent" | { readonly perKind: number };
  /** Only the metrics of these names. Their values do not depend on which others are there. */
  readonly only?: readonly string[];
  readonly seed: number;
}

export function metricsOf({ metrics, only }: MixSpec): readonly MixMetric[] {
  const all = metrics === "agent" ? agentMetrics : evenMetrics(metrics.perKind);
  return only ? all.filter(({ name }) => only.includes(name)) : all;
}

/** All series of some hosts, advanced minute by minute. */
export class Mix {
  readonly metrics: readonly MixMetric[];
  readonly hosts: number;
  readonly #series: SeriesBank;
  readonly #values: Float64Array;

  constructor(spec: MixSpec, hosts: number) {
    this.metrics = metricsOf(spec);
    this.hosts = hosts;
    const { metrics } = this;
    const series = Array.from({ length: hosts }, (_, host) =>
      metrics.map((metric) => ({ kind: metric.kind, seed: seriesSeed(spec.seed, host, metric.name) })),
    );
    this.#series = new SeriesBank(series.flat());
    this.#values = new Float64Array(hosts * metrics.length);
  }

  /** The next minute of every series: the value of metric m of host h at `h * metrics.length + m`. The array is used again by the next call. */
  minute(): Float64Array {
    const values = this.#values;
    for (let i = 0; i < values.length; i++) values[i] = this.#series.next(i);
    return values;
  }

  /** Leaves out some minutes. */
  skip(minutes: number): void {
    for (let i = 0; i < minutes; i++) this.minute();
  }
}

/** The first minutes of one series: the values that `Mix` gives for this host and metric. */
export function seriesOf(spec: MixSpec, host: number, metric: MixMetric, minutes: number): Float64Array {
  const series = new SeriesBank([{ kind: metric.kind, seed: seriesSeed(spec.seed, host, metric.name) }]);
  return Float64Array.from({ length: minutes }, () => series.next(0));
}

/** A number from 32 bits of everything that identifies the series (FNV-1a), never 0. */
function seriesSeed(seed: number, host: number, name: string): number {
  let hash = 2_166_136_261;
  for (const part of `${seed}/${host}/${name}`) hash = Math.imul(hash ^ (part.codePointAt(0) ?? 0), 16_777_619);
  return hash >>> 0 || 1;
}

const page = 4096;
const gigabyte = 2 ** 30;
const cores = 2;

interface SeriesStart {
  readonly kind: ValueKind;
  readonly seed: number;
}

/** Generators of values, their state in typed arrays: a hundred thousand of them cost some megabytes. */
class SeriesBank {
  readonly #kinds: readonly ValueKind[];
  readonly #random: Uint32Array;
  /** Where the walk of a series is, and what it returns to. */
  readonly #level: Float64Array;
  readonly #home: Float64Array;

  constructor(series: readonly SeriesStart[]) {
    this.#kinds = series.map(({ kind }) => kind);
    this.#random = Uint32Array.from(series, ({ seed }) => seed);
    this.#home = Float64Array.from(series, ({ kind }, i) => homes[kind](() => this.#uniform(i)));
    this.#level = this.#home.slice();
  }

  /** A number in [0, 1): Mulberry32. */
  #uniform(i: number): number {
    const state = ((this.#random[i] ?? 0) + 0x6d_2b_79_f5) >>> 0;
    this.#random[i] = state;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Roughly normal, mean 0, deviation 1/2. */
  #noise(i: number): number {
    return this.#uniform(i) + this.#uniform(i) + this.#uniform(i) - 1.5;
  }

  /** Moves the level a step and a little back home. */
  #wander(i: number, step: number, pull: number): number {
    const level = this.#level[i] ?? 0;
    const next = level + step + ((this.#home[i] ?? 0) - level) * pull;
    this.#level[i] = next;
    return next;
  }

  /** The next value of series `i`. */
  next(i: number): number {
    return SeriesBank.#steps[this.#kinds[i] ?? "zero"](this, i);
  }

  static readonly #steps: Readonly<Record<ValueKind, (bank: SeriesBank, i: number) => number>> = {
    zero: () => 0,
    constant: (bank, i) => bank.#home[i] ?? 0,
    uptime: (bank, i) => (bank.#level[i] = (bank.#level[i] ?? 0) + 60),
    offset: (bank, i) => Math.round(bank.#noise(i) * 4000) / 1000,
    percent: (bank, i) => Math.round(clamp(bank.#wander(i, bank.#noise(i), 0.02) + bank.#noise(i) * 4, 0, 100) * 100) / 100,
    load: (bank, i) => Math.round(Math.max(0, bank.#wander(i, bank.#noise(i) * 0.3, 0.1)) * 100) / 100,
    pages: (bank, i) => bank.#pages(i),
    small: (bank, i) => bank.#small(i),
    rate: (bank, i) => bank.#rate(i),
    ticks: (bank, i) => bank.#ticks(i),
    "rare-ticks": (bank, i) => bank.#rareTicks(i),
  };

  #pages(i: number): number {
    const isStill = this.#uniform(i) < 0.2;
    return Math.max(0, Math.round(isStill ? (this.#level[i] ?? 0) : this.#wander(i, this.#noise(i) * 600, 0.001))) * page;
  }

  #small(i: number): number {
    if (this.#uniform(i) < 0.7) return this.#level[i] ?? 0;
    return (this.#level[i] = Math.max(0, Math.round((this.#home[i] ?? 0) + this.#noise(i) * 4)));
  }

  #rate(i: number): number {
    const busy = Math.exp(this.#wander(i, this.#noise(i) * 0.2, 0.05));
    return Math.floor(busy * (1 + this.#noise(i) * 0.4)) / 60;
  }

  #ticks(i: number): number {
    const total = this.#ticksOfMinute(i);
    const ticks = Math.floor(clamp(this.#wander(i, this.#noise(i) * 60, 0.02) + this.#noise(i) * 150, 0, total));
    return (ticks / total) * 100 * cores;
  }

  #rareTicks(i: number): number {
    const total = this.#ticksOfMinute(i);
    return this.#uniform(i) < 0.98 ? 0 : (Math.floor(this.#uniform(i) * 5) / total) * 100 * cores;
  }

  /** A minute has hardly ever exactly 6,000 ticks a core. */
  #ticksOfMinute(i: number): number {
    return cores * 6000 - Math.floor(this.#uniform(i) * 8);
  }
}

const clamp = (value: number, from: number, to: number): number => Math.min(Math.max(value, from), to);

/** Where a series of each kind begins. Pages count pages, rates the logarithm of the growth in a minute, ticks of a minute. */
const homes: Readonly<Record<ValueKind, (uniform: () => number) => number>> = {
  zero: () => 0,
  offset: () => 0,
  constant: (uniform) => Math.floor((1 + uniform() * 63) * (gigabyte / page)) * page,
  pages: (uniform) => Math.floor((1 + uniform() * 31) * (gigabyte / page)),
  small: (uniform) => Math.floor(uniform() * 30),
  percent: (uniform) => 5 + uniform() * 70,
  rate: (uniform) => 4 + uniform() * 12,
  load: (uniform) => 0.2 + uniform() * 3,
  ticks: (uniform) => uniform() * 9000,
  "rare-ticks": () => 0,
  uptime: (uniform) => Math.floor(uniform() * 10_000_000),
};
