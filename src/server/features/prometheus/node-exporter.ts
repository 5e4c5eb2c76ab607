import { gauge, part, rate, segmentOf, type CombinedShape, type Output } from "#features/receivers";

/** The value of a label; empty when it is absent. */
export type LabelValue = (name: string) => string;

const percent = 100;
// As Mackerel's agent leaves them out: dm-* are the blocks of the disks below, veth* come and go with containers, lo never leaves the machine.
const skippedDisk = /^(?:dm-|loop\d|ram\d)/u;
const skippedInterface = /^(?:lo$|veth)/u;
const skippedFilesystem = new Set(["squashfs", "iso9660", "udf", "erofs", "cramfs"]);

/** All cores together; a minute without one of them would be too low. */
const cores: CombinedShape = { combine: "sum", waits: true };
const usedMemory: CombinedShape = { combine: "sum", waits: true, required: ["total", "available"] };
const usedSpace: CombinedShape = { combine: "sum", waits: true, required: ["size", "free"] };
/** Without the blocks that are reserved for root. */
const wholeSpace: CombinedShape = { combine: "sum", waits: true, required: ["size", "free", "available"] };

const cpuModes = new Set(["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"]);

/** Percent times the number of cores, as Mackerel has it. */
function cpu(label: LabelValue): readonly Output[] {
  const mode = label("mode");
  return cpuModes.has(mode) ? [part(rate(`cpu.${mode}.percentage`, percent), cores, label("cpu"))] : [];
}

/** The kernel counts time of guests in user (and nice) as well: it is taken out there. */
function guestCpu(label: LabelValue): readonly Output[] {
  const mode = label("mode");
  if (mode !== "user" && mode !== "nice") return [];
  const key = `guest:${label("cpu")}`;
  return [part(rate("cpu.guest.percentage", percent), cores, `${key}:${mode}`), part(rate(`cpu.${mode}.percentage`, -percent), cores, key)];
}

function filesystem(label: LabelValue, outputs: (name: string) => readonly Output[]): readonly Output[] {
  const device = label("device");
  if (!device.startsWith("/dev/") || skippedFilesystem.has(label("fstype"))) return [];
  return outputs(`filesystem.${segmentOf(device.slice("/dev/".length))}`);
}

const disk = (label: LabelValue, what: "reads" | "writes"): readonly Output[] =>
  skippedDisk.test(label("device")) ? [] : [rate(`disk.${segmentOf(label("device"))}.${what}.delta`)];

const network = (label: LabelValue, what: "rxBytes" | "txBytes"): readonly Output[] =>
  skippedInterface.test(label("device")) ? [] : [rate(`interface.${segmentOf(label("device"))}.${what}.delta`)];

const table: Readonly<Record<string, (label: LabelValue) => readonly Output[]>> = {
  node_load1: () => [gauge("loadavg1")],
  node_load5: () => [gauge("loadavg5")],
  node_load15: () => [gauge("loadavg15")],
  node_cpu_seconds_total: cpu,
  node_cpu_guest_seconds_total: guestCpu,
  node_memory_MemTotal_bytes: () => [gauge("memory.total"), part(gauge("memory.used"), usedMemory, "total")],
  node_memory_MemAvailable_bytes: () => [gauge("memory.mem_available"), part(gauge("memory.used", -1), usedMemory, "available")],
  node_memory_SwapTotal_bytes: () => [gauge("memory.swap_total")],
  node_memory_SwapCached_bytes: () => [gauge("memory.swap_cached")],
  node_memory_SwapFree_bytes: () => [gauge("memory.swap_free")],
  node_disk_reads_completed_total: (label) => disk(label, "reads"),
  node_disk_writes_completed_total: (label) => disk(label, "writes"),
  node_network_receive_bytes_total: (label) => network(label, "rxBytes"),
  node_network_transmit_bytes_total: (label) => network(label, "txBytes"),
  node_filesystem_size_bytes: (label) =>
    filesystem(label, (name) => [part(gauge(`${name}.used`), usedSpace, "size"), part(gauge(`${name}.size`), wholeSpace, "size")]),
  node_filesystem_free_bytes: (label) =>
    filesystem(label, (name) => [part(gauge(`${name}.used`, -1), usedSpace, "free"), part(gauge(`${name}.size`, -1), wholeSpace, "free")]),
  node_filesystem_avail_bytes: (label) => filesystem(label, (name) => [part(gauge(`${name}.size`), wholeSpace, "available")]),
};

/**
 * The metrics of Mackerel's agent that a series of node_exporter feeds; empty for a device that the agent leaves out, undefined for what
 * the agent does not measure.
 */
export function systemOutputs(metric: string, label: LabelValue): readonly Output[] | undefined {
  return Object.hasOwn(table, metric) ? table[metric]?.(label) : undefined;
}
