import type { Space } from "../../system.ts";
import { filesystemName, type Collector, type CollectorDeps, type MetricValues } from "../collector.ts";

/** A mounted block device. */
export interface Mount {
  readonly device: string;
  readonly path: string;
}

// Images are always 100 % full: they would keep "fullest file system" at 100 for ever.
const images = new Set(["squashfs", "iso9660", "udf", "erofs", "cramfs"]);

/**
 * The block devices of `/proc/mounts`, each once: a device mounted several times (bind mounts) counts at its shortest path.
 * Network and memory file systems are left out.
 */
export function parseMounts(text: string): readonly Mount[] {
  const byDevice = new Map<string, Mount>();
  for (const line of text.split("\n")) {
    const [device, path, type] = line.split(" ").map(unescape);
    if (!device?.startsWith("/dev/") || path === undefined || type === undefined || images.has(type)) continue;
    const known = byDevice.get(device);
    if (!known || path.length < known.path.length) byDevice.set(device, { device, path });
  }
  return [...byDevice.values()];
}

/** The kernel writes blanks, tabs, line feeds and backslashes as three octal digits. */
const unescape = (field: string): string =>
  field.replace(/\\([0-7]{3})/gu, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/** `filesystem.<name>.{size,used}` in bytes; size = used + available, so blocks reserved for root do not count as room. */
export function filesystemMetrics(name: string, space: Space): MetricValues {
  const used = space.total - space.free;
  return { [`filesystem.${name}.size`]: used + space.available, [`filesystem.${name}.used`]: used };
}

export function linuxFilesystem({ reader, devices }: CollectorDeps): Collector {
  return {
    name: "filesystem",
    collect: async () => {
      const mounts = parseMounts(await reader.text("/proc/mounts"));
      const values = await Promise.all(
        mounts.map(async ({ device, path }) => {
          const name = filesystemName(device, path, devices?.());
          if (name === undefined) return {};
          try {
            return filesystemMetrics(name, await reader.space(path));
          } catch {
            return {}; // hanging, or below a folder that we may not enter: the other file systems still count
          }
        }),
      );
      return Object.assign({}, ...values);
    },
  };
}
