import { fromSeconds, minutes, toSeconds } from "#base/duration";
import type { Clock } from "#base/clock";
import type { LatestPoint, MetricStore } from "#ports/metric-store/port";
import type { HostFigures } from "#wire/inventory";
import { sourceOf } from "./model.ts";

interface Reader {
  readonly store: MetricStore;
  readonly clock: Clock;
}

/** An older figure says nothing about the present. Fresh points arrive 50 to 110 seconds after their time. */
const freshFor = minutes(15);

/** The newest load, CPU and memory of each host; hosts without any fresh figure are left out. */
export async function figuresOf(reader: Reader, hostIds: readonly string[]): Promise<Map<string, HostFigures>> {
  const all = await Promise.all(hostIds.map(async (id) => [id, await figuresOfHost(reader, id)] as const));
  return new Map(all.filter((pair): pair is [string, HostFigures] => pair[1] !== undefined));
}

async function figuresOfHost(reader: Reader, id: string): Promise<HostFigures | undefined> {
  const posted = new Set(await reader.store.names(id));
  const [load, cpu, memory] = await Promise.all(["loadavg5", "cpu%", "memory%"].map((name) => latestOf(reader.store, id, name, posted)));
  const since = toSeconds(reader.clock.now()) - freshFor / 1000;
  const fresh = (point: LatestPoint | undefined): number | null => (point && point.time >= since ? point.value : null);
  const at = Math.max(...[load, cpu, memory].map((point) => (point && point.time >= since ? fromSeconds(point.time) : 0)));
  return at === 0 ? undefined : { loadavg5: fresh(load), cpuPercent: fresh(cpu), memoryPercent: fresh(memory), at };
}

/** The newest value of a metric, also of one that is computed: from the values that its inputs have at the newest time of any. */
export async function latestOf(
  store: MetricStore,
  source: string,
  name: string,
  posted: ReadonlySet<string>,
): Promise<LatestPoint | undefined> {
  const found = sourceOf(name, posted);
  if (found.kind === "stored") return store.latest(source, found.name);
  const points = await Promise.all(found.inputs.map((input) => store.latest(source, input)));
  const newest = points.reduce<LatestPoint | undefined>(
    (best, point) => (point && (!best || point.time > best.time) ? point : best),
    undefined,
  );
  if (!newest) return undefined;
  const value = found.compute(points.map((point) => (point?.time === newest.time ? point.value : Number.NaN)));
  return Number.isNaN(value) ? undefined : { time: newest.time, value };
}
