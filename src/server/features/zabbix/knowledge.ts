import type { UnixMs } from "#base/duration";
import { isLoose, numbersIn, textsIn } from "./loose.ts";

/** Which list of items an agent gets. */
export type OperatingSystem = "linux" | "windows" | "other";

/** An item that the agent cannot deliver, in its own words. */
export interface Unsupported {
  readonly message: string;
  readonly at: UnixMs;
}

/** What a host's agent told about its machine so far: enough to choose its items and to name its metrics. Kept over restarts. */
export interface Knowledge {
  os?: OperatingSystem;
  cores?: number;
  interfaces: readonly string[];
  disks: readonly string[];
  filesystems: readonly string[];
  /** The block device behind each place where one is mounted. */
  mounts: Readonly<Record<string, string>>;
  /** Facts for the page of the host, by item. */
  facts: Readonly<Record<string, string>>;
  unsupported: Readonly<Record<string, Unsupported>>;
  /** What was last written to the host's page. */
  written?: string;
}

export const noKnowledge: Knowledge = { interfaces: [], disks: [], filesystems: [], mounts: {}, facts: {}, unsupported: {} };

const systems = new Set<unknown>(["linux", "windows", "other"]);

/** Reads what {@link JSON.stringify} made of a {@link Knowledge}; what is missing or strange is forgotten. */
export function parseKnowledge(text: string): Knowledge {
  const value: unknown = JSON.parse(text);
  const all = isLoose(value) ? value : {};
  const unsupported: Record<string, Unsupported> = {};
  for (const [key, entry] of Object.entries(isLoose(all["unsupported"]) ? all["unsupported"] : {})) {
    if (!isLoose(entry) || typeof entry["message"] !== "string" || typeof entry["at"] !== "number") continue;
    unsupported[key] = { message: entry["message"], at: entry["at"] as UnixMs }; // written as one
  }
  return {
    ...(systems.has(all["os"]) ? { os: all["os"] as OperatingSystem } : {}), // one of the three
    ...(typeof all["cores"] === "number" ? { cores: all["cores"] } : {}),
    interfaces: textsIn(all["interfaces"]),
    disks: textsIn(all["disks"]),
    filesystems: textsIn(all["filesystems"]),
    mounts: textMap(all["mounts"]),
    facts: textMap(all["facts"]),
    unsupported,
    ...(typeof all["written"] === "string" ? { written: all["written"] } : {}),
  };
}

function textMap(value: unknown): Record<string, string> {
  if (!isLoose(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

/** The newest sample of a group of counters that were read together. */
export interface Sample {
  readonly at: UnixMs;
  readonly values: readonly number[];
}

/** Samples by group, as {@link formatSamples} wrote them. */
export function parseSamples(text: string): Map<string, Sample> {
  const value: unknown = JSON.parse(text);
  const samples = new Map<string, Sample>();
  for (const [name, numbers] of Object.entries(isLoose(value) ? value : {})) {
    const [at, ...values] = numbersIn(numbers);
    if (at !== undefined && values.length > 0) samples.set(name, { at: at as UnixMs, values }); // the first number is the time
  }
  return samples;
}

export const formatSamples = (samples: ReadonlyMap<string, Sample>): string =>
  JSON.stringify(Object.fromEntries([...samples].map(([name, { at, values }]) => [name, [at, ...values]])));
