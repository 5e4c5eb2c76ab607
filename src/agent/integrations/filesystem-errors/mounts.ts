import type { Finding } from "../findings.ts";

/** A mounted file system, as `/proc/self/mountinfo` tells it. */
export interface MountedFilesystem {
  readonly path: string;
  readonly type: string;
  readonly source: string;
  /** Whether the file system itself is read-only. A read-only mount of a writable one (a bind mount, a sandbox) does not count. */
  readonly isReadOnly: boolean;
}

/** Types that kernels turn read-only when they find an error. Others are read-only by nature, or of the network. */
const onDisk = /^(?:ext[234]|xfs|btrfs|f2fs|jfs|reiserfs|nilfs2|bcachefs|vfat|exfat|ntfs3)$/u;

const mostMounts = 5000;

/**
 * The file systems on disks, each device once. See proc_pid_mountinfo(5): fields are divided by blanks, optional ones end with `-`, and then
 * come type, source and the options of the file system itself.
 */
export function parseMountinfo(text: string): readonly MountedFilesystem[] {
  const bySource = new Map<string, MountedFilesystem>();
  for (const line of text.split("\n")) {
    const [front = "", back = ""] = line.split(/ - (.*)/su);
    const path = front.split(" ")[4];
    const [type = "", source = "", options = ""] = back.split(" ");
    if (path === undefined || !onDisk.test(type) || bySource.size >= mostMounts) continue;
    const found = {
      path: unescape(path),
      type,
      source: unescape(source),
      isReadOnly: /(?:^|,)(?:ro|emergency_ro|shutdown)(?:,|$)/u.test(options),
    };
    const known = bySource.get(found.source);
    if (!known || found.path.length < known.path.length) bySource.set(found.source, found);
  }
  return [...bySource.values()];
}

/** The paths that `/etc/fstab` mounts read-only on purpose. */
export function readOnlyInFstab(text: string): ReadonlySet<string> {
  const paths = new Set<string>();
  for (const line of text.split("\n")) {
    const [source = "", path, , options = ""] = line.trim().split(/\s+/u);
    if (path !== undefined && !source.startsWith("#") && options.split(",").includes("ro")) paths.add(unescape(path));
  }
  return paths;
}

/** The kernel writes blanks, tabs, line feeds and backslashes as three octal digits. */
const unescape = (field: string): string =>
  field.replace(/\\([0-7]{3})/gu, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * File systems that are read-only although nobody wanted it.
 * @param isExpected says which paths are read-only on purpose
 */
export function judgeMounts(mounts: readonly MountedFilesystem[], isExpected: (path: string) => boolean): readonly Finding[] {
  return mounts
    .filter((mount) => mount.isReadOnly && !isExpected(mount.path))
    .map((mount) => ({ status: "CRITICAL", text: `${mount.path} (${mount.type} on ${mount.source}) is read-only` }));
}
