import { segment, type Collector, type CollectorDeps, type MetricValues } from "../collector.ts";
import { CounterRates } from "../rates.ts";
import { numberIn, parseSnapshot, snapshotScript, textIn, type WindowsSnapshot } from "./snapshot.ts";

/** Memory, processor queue, file systems and number of processes: everything that needs one snapshot only. */
export function windowsGauges(snapshot: WindowsSnapshot): MetricValues {
  const values: Record<string, number> = {};
  const bytes = (key: string): number | undefined => {
    const kilobytes = numberIn(snapshot.os, key);
    return kilobytes === undefined ? undefined : kilobytes * 1024;
  };
  const put = (name: string, value: number | undefined): void => {
    if (value !== undefined) values[name] = value;
  };
  const total = bytes("TotalVisibleMemorySize");
  const free = bytes("FreePhysicalMemory");
  put("memory.total", total);
  put("memory.free", free);
  if (total !== undefined && free !== undefined) values["memory.used"] = total - free;
  put("memory.pagefile_total", bytes("SizeStoredInPagingFiles"));
  put("memory.pagefile_free", bytes("FreeSpaceInPagingFiles"));
  put("processor_queue_length", snapshot.queue);
  put("custom.processes.total", numberIn(snapshot.os, "NumberOfProcesses"));
  for (const volume of snapshot.volumes) {
    const size = numberIn(volume, "Size");
    const room = numberIn(volume, "FreeSpace");
    const name = segment(textIn(volume, "DeviceID").replace(/:$/u, ""));
    if (name === "" || size === undefined || room === undefined) continue;
    values[`filesystem.${name}.size`] = size;
    values[`filesystem.${name}.used`] = size - room;
  }
  return values;
}

// _Total would count every drive twice; HarddiskVolumeN are hidden partitions.
const isDrive = /^[A-Z]:$/u;

/** Reads, writes and bytes that only grow, under the names of their rates. */
export function windowsCounters(snapshot: WindowsSnapshot): MetricValues {
  const counters: Record<string, number> = {};
  const put = (name: string, value: number | undefined): void => {
    if (value !== undefined) counters[name] = value;
  };
  for (const disk of snapshot.disks) {
    const name = textIn(disk, "Name");
    if (!isDrive.test(name)) continue;
    put(`disk.${name.charAt(0)}.reads.delta`, numberIn(disk, "DiskReadsPersec"));
    put(`disk.${name.charAt(0)}.writes.delta`, numberIn(disk, "DiskWritesPersec"));
  }
  for (const nic of snapshot.nics) {
    const received = numberIn(nic, "BytesReceivedPersec");
    const sent = numberIn(nic, "BytesSentPersec");
    if (textIn(nic, "Name") === "" || (received ?? 0) + (sent ?? 0) === 0) continue;
    put(`interface.${segment(textIn(nic, "Name"))}.rxBytes.delta`, received);
    put(`interface.${segment(textIn(nic, "Name"))}.txBytes.delta`, sent);
  }
  return counters;
}

export function windowsMetrics({ reader, mono }: CollectorDeps): Collector {
  const rates = new CounterRates();
  return {
    name: "windows",
    collect: async () => {
      const script = ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", snapshotScript];
      const snapshot = parseSnapshot(await reader.command("powershell.exe", script));
      return { ...windowsGauges(snapshot), ...rates.perSecond(mono(), windowsCounters(snapshot)) };
    },
  };
}
