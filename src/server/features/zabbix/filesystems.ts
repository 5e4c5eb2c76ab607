import { segmentOf } from "#features/receivers";
import { isLoose, rowsOf, type Loose } from "./loose.ts";
import type { Knowledge } from "./knowledge.ts";
import { deviceSegment } from "./procfs.ts";

/** A file system with its room in bytes. */
export interface Filesystem {
  readonly segment: string;
  readonly path: string;
  /** Used and available together: blocks reserved for root do not count as room. */
  readonly size: number;
  readonly used: number;
}

const mostFilesystems = 200;
const mountsKey = "vfs.file.contents[/proc/mounts]";

/** Where it is not known what is a block device, the type tells which file systems hold data of the machine itself. */
const local =
  /^(?:ext[234]|xfs|btrfs|zfs|jfs|reiserfs|f2fs|bcachefs|ufs|ffs|apfs|hfs|hammer2?|jfs2|vxfs|vfat|exfat|ntfs|refs|fat32|fixed)$/iu;

export const isLocalType = (type: string): boolean => local.test(type);

/**
 * The file systems in the value of `vfs.fs.get`, named like the own agent does: by device where the agent tells it, else by path.
 * Undefined for a text that is no such list. Empty as long as the devices are still to come.
 */
export function readFilesystems(json: string, known: Knowledge): readonly Filesystem[] | undefined {
  const rows = rowsOf(json);
  if (rows.length === 0 && json.trim() !== "[]") return undefined;
  const hasDevices = Object.keys(known.mounts).length > 0;
  if (!hasDevices && awaitsDevices(known)) return [];
  const found: Filesystem[] = [];
  for (const row of rows) {
    const path = textIn(row, "fsname");
    const room = roomOf(row);
    const segment = hasDevices ? segmentOfMount(known.mounts[path]) : segmentOfPath(path, textIn(row, "fstype"), row);
    if (segment !== undefined && room && found.length < mostFilesystems) found.push({ segment, path, ...room });
  }
  return found;
}

const awaitsDevices = ({ os = "linux", facts, unsupported }: Knowledge): boolean =>
  os === "linux" && facts[mountsKey] === undefined && unsupported[mountsKey] === undefined;

const textIn = (row: Loose, name: string): string => {
  const value = row[name];
  return typeof value === "string" ? value : "";
};

function roomOf(row: Loose): { size: number; used: number } | undefined {
  const bytes = isLoose(row["bytes"]) ? row["bytes"] : {};
  const [used, free] = [Number(bytes["used"]), Number(bytes["free"])];
  return used >= 0 && free >= 0 && used + free > 0 && Number.isFinite(used + free) ? { size: used + free, used } : undefined;
}

const segmentOfMount = (device: string | undefined): string | undefined => (device === undefined ? undefined : deviceSegment(device));

function segmentOfPath(path: string, type: string, row: Loose): string | undefined {
  const drive = /^([A-Z]):[\\/]?$/iu.exec(path)?.[1];
  if (drive !== undefined) {
    const kind = row["fsdrivetype"];
    return kind === undefined || kind === "fixed" ? drive.toUpperCase() : undefined;
  }
  return path !== "" && isLocalType(type) ? segmentOf(path) : undefined;
}
