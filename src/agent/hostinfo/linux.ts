import type { JsonObject } from "../json.ts";
import { parseMeminfo } from "../collectors/linux/memory.ts";
import { parseMounts } from "../collectors/linux/filesystem.ts";
import type { Space, SystemReader } from "../system.ts";

/** `/proc/cpuinfo`: one object per processor, all values as text. ARM kernels name no model; their implementer stands in for the vendor. */
export function parseCpuinfo(text: string): readonly JsonObject[] {
  const cpus: JsonObject[] = [];
  for (const block of text.split(/\n\s*\n/u)) {
    const fields = new Map<string, string>();
    for (const line of block.split("\n")) {
      const at = line.indexOf(":");
      if (at > 0) fields.set(line.slice(0, at).trim(), line.slice(at + 1).trim());
    }
    if (!fields.has("processor")) continue;
    cpus.push(
      known({
        vendor_id: fields.get("vendor_id") ?? fields.get("CPU implementer"),
        model_name: fields.get("model name") ?? fields.get("Processor"),
        family: fields.get("cpu family") ?? fields.get("CPU architecture"),
        model: fields.get("model"),
        stepping: fields.get("stepping"),
        mhz: fields.get("cpu MHz"),
        cache_size: fields.get("cache size"),
        physical_id: fields.get("physical id"),
        core_id: fields.get("core id"),
        cores: fields.get("cpu cores"),
      }),
    );
  }
  return cpus;
}

/** Leaves out what is not known, so that JSON holds no null where readers expect text. */
function known(fields: Readonly<Record<string, string | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== ""));
}

const memoryKeys: Readonly<Record<string, string>> = {
  total: "MemTotal",
  free: "MemFree",
  available: "MemAvailable",
  buffers: "Buffers",
  cached: "Cached",
  active: "Active",
  inactive: "Inactive",
  high_total: "HighTotal",
  dirty: "Dirty",
  writeback: "Writeback",
  anon_pages: "AnonPages",
  mapped: "Mapped",
  slab: "Slab",
  slab_reclaimable: "SReclaimable",
  slab_unreclaim: "SUnreclaim",
  page_tables: "PageTables",
  commit_limit: "CommitLimit",
  committed_as: "Committed_AS",
  vmalloc_total: "VmallocTotal",
  vmalloc_used: "VmallocUsed",
  swap_cached: "SwapCached",
  swap_total: "SwapTotal",
  swap_free: "SwapFree",
};

/** Memory as texts like `24684096kB`. */
export function memoryMeta(meminfo: string): JsonObject {
  const bytes = parseMeminfo(meminfo);
  return known(
    Object.fromEntries(
      Object.entries(memoryKeys).map(([name, key]) => {
        const value = bytes.get(key);
        return [name, value === undefined ? undefined : `${value / 1024}kB`];
      }),
    ),
  );
}

/** `/etc/os-release`: the distribution's name and version. */
export function parseOsRelease(text: string): { readonly name: string | undefined; readonly version: string | undefined } {
  const value = (key: string): string | undefined => new RegExp(`^${key}=["']?([^"'\\n]*)["']?$`, "mu").exec(text)?.[1];
  return { name: value("NAME"), version: value("VERSION_ID") };
}

/** One file system in the shape of `df`: kilobytes, and percent as text. */
export function filesystemMeta(mount: string, space: Space): JsonObject {
  const used = space.total - space.free;
  const room = used + space.available;
  return {
    kb_size: Math.round(space.total / 1024),
    kb_used: Math.round(used / 1024),
    kb_available: Math.round(space.available / 1024),
    mount,
    percent_used: `${room === 0 ? 0 : Math.ceil((used / room) * 100)}%`,
  };
}

/** `meta` of a Linux host: cpu, memory, kernel, block_device, filesystem. */
export async function linuxMeta(reader: SystemReader): Promise<JsonObject> {
  const text = (path: string): Promise<string> => reader.text(path).catch(() => "");
  const release = parseOsRelease((await text("/etc/os-release")) || (await text("/usr/lib/os-release")));
  return {
    cpu: parseCpuinfo(await text("/proc/cpuinfo")),
    memory: memoryMeta(await text("/proc/meminfo")),
    kernel: known({
      name: reader.os.type(),
      os: "GNU/Linux",
      release: reader.os.release(),
      version: reader.os.version(),
      machine: reader.os.machine(),
      platform_name: release.name,
      platform_version: release.version,
    }),
    block_device: await blockDevices(reader),
    filesystem: await filesystems(reader),
  };
}

async function blockDevices(reader: SystemReader): Promise<JsonObject> {
  const devices: Record<string, JsonObject> = {};
  for (const name of await reader.names("/sys/block").catch(() => [])) {
    if (/^(?:loop|ram|dm-)/u.test(name)) continue;
    const field = async (path: string): Promise<string | undefined> =>
      reader.text(`/sys/block/${name}/${path}`).then(
        (value) => value.trim(),
        () => undefined,
      );
    devices[name] = known({
      size: await field("size"),
      removable: await field("removable"),
      model: await field("device/model"),
      rev: await field("device/rev"),
      state: await field("device/state"),
      vendor: await field("device/vendor"),
    });
  }
  return devices;
}

async function filesystems(reader: SystemReader): Promise<JsonObject> {
  const mounts = parseMounts(await reader.text("/proc/mounts").catch(() => ""));
  const found = await Promise.all(
    mounts.map(({ device, path }) =>
      reader.space(path).then(
        (space) => [device, filesystemMeta(path, space)] as const,
        () => undefined,
      ),
    ),
  );
  return Object.fromEntries(found.filter((entry) => entry !== undefined));
}
