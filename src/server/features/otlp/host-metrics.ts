import { gauge, part, rate, segmentOf, type CombinedShape, type Output } from "#features/receivers";
import type { Attributes } from "./model.ts";

const percent = 100;
const skippedDisk = /^(?:dm-|loop\d|ram\d)/u;
const skippedInterface = /^(?:lo$|veth)/u;

/** All cores together; a minute without one of them would be too low. */
const cores: CombinedShape = { combine: "sum", waits: true };
const wholeMemory: CombinedShape = { combine: "sum", waits: true, required: ["used", "free"] };
const freeMemory: CombinedShape = { combine: "sum", waits: true, required: ["free"] };
const wholeSpace: CombinedShape = { combine: "sum", waits: true, required: ["used", "free"] };
const devices: CombinedShape = { combine: "sum", waits: true };

/** Names of Linux's states as Mackerel writes them; the conventions have both the receiver's and newer names. */
const cpuStates: Readonly<Record<string, string>> = {
  user: "user",
  nice: "nice",
  system: "system",
  idle: "idle",
  wait: "iowait",
  iowait: "iowait",
  interrupt: "irq",
  softirq: "softirq",
  steal: "steal",
};

type Rule = (attribute: (...names: string[]) => string) => readonly Output[];

const cpu =
  (make: (name: string) => Output): Rule =>
  (attribute) => {
    const state = cpuStates[attribute("state", "system.cpu.state", "cpu.mode")];
    return state === undefined
      ? []
      : [part(make(`cpu.${state}.percentage`), cores, attribute("cpu", "system.cpu.logical_number", "cpu.logical_number"))];
  };

/** The receiver counts as cached what can be reclaimed, and as used what is left without free, buffered and cached. */
const memory: Rule = (attribute) => {
  const state = attribute("state", "system.memory.state");
  const total = part(gauge("memory.total"), wholeMemory, state);
  const available = part(gauge("memory.mem_available"), freeMemory, state);
  switch (state) {
    case "used":
      return [gauge("memory.used"), total];
    case "free":
    case "buffered":
    case "buffers":
    case "cached":
      return [total, available];
    default:
      return [];
  }
};

const paging: Rule = (attribute) => {
  const state = attribute("state", "system.paging.state");
  const device = attribute("device", "system.device");
  const total = part(gauge("memory.swap_total"), devices, `${device}:${state}`);
  if (state === "free") return [total, part(gauge("memory.swap_free"), devices, device)];
  if (state === "cached") return [part(gauge("memory.swap_cached"), devices, device)];
  return state === "used" ? [total] : [];
};

const network: Rule = (attribute) => {
  const device = attribute("device", "network.interface.name", "system.device");
  const direction = attribute("direction", "network.io.direction");
  if (device === "" || skippedInterface.test(device)) return [];
  if (direction === "receive") return [rate(`interface.${segmentOf(device)}.rxBytes.delta`)];
  return direction === "transmit" ? [rate(`interface.${segmentOf(device)}.txBytes.delta`)] : [];
};

const disk: Rule = (attribute) => {
  const device = attribute("device", "system.device");
  const direction = attribute("direction", "disk.io.direction");
  if (device === "" || skippedDisk.test(device)) return [];
  if (direction === "read") return [rate(`disk.${segmentOf(device)}.reads.delta`)];
  return direction === "write" ? [rate(`disk.${segmentOf(device)}.writes.delta`)] : [];
};

const filesystem: Rule = (attribute) => {
  const device = attribute("device", "system.device");
  const state = attribute("state", "system.filesystem.state");
  if (!device.startsWith("/dev/") || /^\/dev\/(?:loop|ram)\d/u.test(device)) return [];
  const name = `filesystem.${segmentOf(device.slice("/dev/".length))}`;
  const size = part(gauge(`${name}.size`), wholeSpace, state);
  if (state === "used") return [gauge(`${name}.used`), size];
  return state === "free" ? [size] : []; // what is reserved for root is no room
};

const table: Readonly<Record<string, Rule>> = {
  "system.cpu.load_average.1m": () => [gauge("loadavg1")],
  "system.cpu.load_average.5m": () => [gauge("loadavg5")],
  "system.cpu.load_average.15m": () => [gauge("loadavg15")],
  "system.cpu.time": cpu((name) => rate(name, percent)),
  "system.cpu.utilization": cpu((name) => gauge(name, percent)),
  "system.memory.usage": memory,
  "system.memory.limit": () => [gauge("memory.total")],
  "system.paging.usage": paging,
  "system.network.io": network,
  "system.disk.operations": disk,
  "system.filesystem.usage": filesystem,
};

/**
 * The metrics of Mackerel's agent that a point of the collector's host metrics feeds; empty for a device or state that the agent leaves
 * out, undefined for what the agent does not measure.
 */
export function systemOutputs(metric: string, attributes: Attributes): readonly Output[] | undefined {
  if (!Object.hasOwn(table, metric)) return undefined;
  const attribute = (...names: string[]): string => names.map((name) => attributes.get(name)).find((value) => value !== undefined) ?? "";
  return table[metric]?.(attribute);
}
