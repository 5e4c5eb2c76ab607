import type { Millis } from "#base/duration";
import type { DeviceFilters } from "./devices.ts";
import type { SystemReader } from "../system.ts";

/** Values by metric name, in the unit that Mackerel's agent sends. */
export type MetricValues = Readonly<Record<string, number>>;

/** One source of metrics. It keeps what it needs from the sample before; the first sample of a counter gives no value. */
export interface Collector {
  readonly name: string;
  /** Takes a sample. Metrics that this machine does not have are left out; a source that cannot be read throws. */
  collect(): Promise<MetricValues>;
}

/** What a collector is made with. */
export interface CollectorDeps {
  readonly reader: SystemReader;
  /** Monotonic time, so that a change of the wall clock never bends a rate. */
  readonly mono: () => Millis;
  /** What the configuration leaves out, as it stands now. */
  readonly devices?: () => DeviceFilters;
}

/** A device or interface name as a segment of a metric name. */
export const segment = (name: string): string => name.replace(/[^A-Za-z0-9_-]/gu, "_");

/** The names of file systems: by device unless the configuration says by mount point; undefined for one that it leaves out. */
export function filesystemName(device: string, path: string, devices: DeviceFilters | undefined): string | undefined {
  if (devices?.filesystemsIgnored?.test(device) === true) return undefined;
  if (devices?.usesMountpoint !== true) return segment(device.replace(/^\/dev\//u, ""));
  return devices.filesystemsIgnored?.test(path) === true ? undefined : segment(path);
}
