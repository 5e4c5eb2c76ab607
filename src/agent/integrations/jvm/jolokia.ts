import { HinobanError } from "#base/errors";
import { segment, type MetricValues } from "../../collectors/collector.ts";
import { isJsonObject, parseJson } from "../../json.ts";
import { gauge, type Figures, type Graph } from "../common/graphs.ts";
import { numberAt, textAt, valueAt } from "../json-path.ts";

/** The beans that are asked for, in one request. Source: https://jolokia.org/reference/html/manual/jolokia_protocol.html */
const beans = ["Memory", "ClassLoading", "Threading", "OperatingSystem", "Runtime"] as const;
const collectors = "java.lang:type=GarbageCollector,name=*";

const attributes: Readonly<Partial<Record<string, readonly string[]>>> = {
  Threading: ["ThreadCount", "DaemonThreadCount", "PeakThreadCount"],
  OperatingSystem: ["ProcessCpuLoad", "SystemCpuLoad", "OpenFileDescriptorCount"],
  Runtime: ["Uptime"],
};

/** The body of a bulk read. */
export const jolokiaRequest: string = JSON.stringify(
  [
    ...beans.map((bean) => {
      const wanted = attributes[bean];
      return { type: "read", mbean: `java.lang:type=${bean}`, ...(wanted ? { attribute: wanted, ignoreErrors: true } : {}) };
    }),
    { type: "read", mbean: collectors, attribute: ["CollectionCount", "CollectionTime"] },
  ].map((one) => ({ ...one, config: { ignoreErrors: true } })),
);

export interface JolokiaAnswer {
  readonly figures: Figures;
  /** Collections and their milliseconds since the start, by collector. */
  readonly collectors: MetricValues;
}

/**
 * The answer to {@link jolokiaRequest}. A bean that a JVM does not have, or that may not be read, is left out.
 * @throws HinobanError "forbidden" when Jolokia's policy allows none of them, "invalid-input" for an answer that is not Jolokia's
 */
export function parseJolokia(text: string): JolokiaAnswer {
  const value = parseJson(text);
  if (!Array.isArray(value)) throw refusal(value);
  const answers: readonly unknown[] = value;
  const memory = answers[0];
  if (numberAt(memory, "status") !== 200) throw refusal(memory);
  const figures: Record<string, number> = {};
  for (const area of ["HeapMemory", "NonHeapMemory"] as const) {
    for (const [key, name] of Object.entries({ init: "Init", committed: "Committed", max: "Max", used: "Used" })) {
      const bytes = numberAt(memory, "value", `${area}Usage`, key);
      if (bytes !== undefined && bytes >= 0) figures[`${area}${name}`] = bytes; // -1: no limit
    }
  }
  for (const answer of answers.slice(1, beans.length)) {
    const found = valueAt(answer, "value");
    for (const [name, number] of Object.entries(isJsonObject(found) ? found : {}))
      if (typeof number === "number" && number >= 0) figures[name] = number; // a load of -1 is not known yet
  }
  return { figures, collectors: readCollectors(answers[beans.length]) };
}

function refusal(answer: unknown): HinobanError {
  const status = numberAt(answer, "status");
  const error = textAt(answer, "error")?.slice(0, 300);
  if (status === 403) return new HinobanError("forbidden", `Jolokia's policy does not allow it: ${error ?? "no reason given"}`);
  if (status !== undefined) return new HinobanError("unavailable", `Jolokia answered with status ${status}: ${error ?? "no reason given"}`);
  return new HinobanError("invalid-input", "The answer is not Jolokia's. Does `url` name its root, like http://127.0.0.1:8778/jolokia/?");
}

function readCollectors(answer: unknown): MetricValues {
  const counters: Record<string, number> = {};
  const found = valueAt(answer, "value");
  for (const [bean, value] of Object.entries(isJsonObject(found) ? found : {})) {
    const name = /name=([^,]+)/u.exec(bean)?.[1];
    if (name === undefined) continue;
    const count = numberAt(value, "CollectionCount");
    const time = numberAt(value, "CollectionTime");
    if (count !== undefined) counters[`gc.${segment(name)}.count`] = count;
    if (time !== undefined) counters[`gc.${segment(name)}.milliseconds`] = time;
  }
  return counters;
}

/** The graphs of mackerel-plugin-jmx-jolokia, and after them what it does not show. */
export const jolokiaGraphs: readonly Graph[] = [
  { name: "memory.heap_memory_usage", title: "HeapMemoryUsage", unit: "bytes", lines: areaLines("HeapMemory") },
  { name: "memory.non_heap_memory_usage", title: "NonHeapMemoryUsage", unit: "bytes", lines: areaLines("NonHeapMemory") },
  {
    name: "class_load",
    title: "ClassLoading",
    unit: "integer",
    lines: [gauge("LoadedClassCount", "loaded"), gauge("UnloadedClassCount", "unloaded"), gauge("TotalLoadedClassCount", "total")],
  },
  {
    name: "thread",
    title: "Threading",
    unit: "integer",
    lines: [gauge("ThreadCount", "thread"), gauge("DaemonThreadCount", "daemon"), gauge("PeakThreadCount", "peak")],
  },
  {
    name: "ops.cpu_load",
    title: "CpuLoad",
    unit: "percentage",
    lines: [
      { ...gauge("ProcessCpuLoad", "process"), scale: 100 },
      { ...gauge("SystemCpuLoad", "system"), scale: 100 },
    ],
  },
  { name: "files", title: "Open Files", unit: "integer", lines: [gauge("open", "open", "OpenFileDescriptorCount")] },
  { name: "uptime", title: "Uptime", unit: "seconds", lines: [{ ...gauge("seconds", "uptime", "Uptime"), scale: 0.001 }] },
];

function areaLines(area: string): Graph["lines"] {
  return ["Init", "Committed", "Max", "Used"].map((name) => gauge(`${area}${name}`, name.toLowerCase()));
}

/** Lines of collectors, whose names are found at run time. Both per minute. */
export const collectorGraphs: readonly Graph[] = [
  {
    name: "gc.#",
    title: "Garbage Collection",
    unit: "float",
    lines: [gauge("count", "%1 collections"), gauge("milliseconds", "%1 ms")],
  },
];
