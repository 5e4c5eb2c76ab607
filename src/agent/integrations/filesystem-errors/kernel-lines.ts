/** What a line of the kernel's log is about. */
export const kernelKinds = ["io", "link", "ext4", "xfs", "btrfs", "raid"] as const;
export type KernelKind = (typeof kernelKinds)[number];

/** A line that tells of a failing disk or file system. */
export interface KernelTrouble {
  readonly kind: KernelKind;
  /** `sda`, `dm-0`, `ata1`; empty when the line names none. */
  readonly device: string;
  readonly isCritical: boolean;
}

interface Pattern {
  readonly kind: KernelKind;
  readonly isCritical: boolean;
  /** Its first group is the device. */
  readonly pattern: RegExp;
}

const device = String.raw`([\w!-]{1,40})`;
const pattern = (kind: KernelKind, isCritical: boolean, source: string): Pattern => ({
  kind,
  isCritical,
  pattern: new RegExp(source, "u"),
});

/** What Linux writes, from 4.x to 6.x. The first that matches counts. */
const patterns: readonly Pattern[] = [
  // Block layer: "blk_update_request: I/O error, dev sda, sector 1234", "critical medium error, dev nvme0n1, sector 1"
  pattern("io", false, `(?:I/O error|critical (?:medium|target|space allocation|nexus) error|protection error), dev ${device},? sector`),
  pattern("io", false, `Buffer I/O error on (?:device|dev) ${device}[, ]`),
  pattern("io", false, `lost (?:async|sync) page write.*\\bdev(?:ice)? ${device}`),
  pattern("io", false, `^sd [\\d:]+: \\[${device}\\] .*(?:Medium Error|Hardware Error|Unrecovered read error|Write error)`),
  pattern(
    "io",
    false,
    `^(?:nvme )?${device}: (?:I/O (?:tag )?\\d+ .*timeout|I/O \\d+ QID \\d+ timeout|controller is down|Device not ready|Removing after probe failure)`,
  ),
  pattern(
    "link",
    false,
    `^(ata\\d+)(?:\\.\\d+)?: (?:exception Emask|failed command|hard resetting link|SError|link is slow to respond|COMRESET failed|disabled|(?:status|error): \\{.*(?:UNC|ERR|ICRC))`,
  ),
  // File systems
  pattern("ext4", true, `^EXT[234]-fs error \\(device ${device}\\)`),
  pattern(
    "ext4",
    true,
    `^EXT[234]-fs \\(${device}\\): (?:Remounting filesystem read-only|previous I/O error|failed to convert|Delayed block allocation failed|This should not happen)`,
  ),
  pattern(
    "ext4",
    false,
    `^EXT[234]-fs (?:warning )?\\(?(?:device )?${device}\\)?: .*(?:mounting fs with errors|warning: maximal mount count|initial error at|last error at|error count since last fsck)`,
  ),
  pattern("ext4", true, `^(?:JBD2: .*(?:error|aborting)|Aborting journal on device ${device})`),
  pattern(
    "xfs",
    true,
    `^XFS \\(${device}\\): .*(?:[Cc]orruption|Internal error|I/O error|Shutting down|shut down|shutdown|Unmount and run xfs_repair|metadata CRC error)`,
  ),
  pattern("btrfs", true, `^BTRFS:? (?:error|critical) \\(device ${device}[ )]`),
  pattern(
    "btrfs",
    true,
    `^BTRFS:? (?:warning|info) \\(device ${device}[^)]*\\): .*(?:csum failed|checksum (?:error|verify failed)|forced readonly|unable to fixup)`,
  ),
  pattern("btrfs", true, `^BTRFS:? (?:error|warning) .*bdev (?:/dev/)?${device} errs:`),
  // RAID
  pattern("raid", true, `^md/raid\\w*:${device}: (?:Disk failure|Operation continuing|not clean|read error not correctable|unrecoverable)`),
  pattern("raid", false, `^md/raid\\w*:${device}: read error corrected`),
  pattern("raid", true, `^md: ${device}: .*(?:failed|unrecoverable)`),
  pattern(
    "io",
    false,
    `^device-mapper: (?:multipath: .*Failing path|thin: .*(?:read-only|out of data space|failed)|raid: .*(?:fail|error)|snapshots: Invalidating) ?${device}?`,
  ),
];

/** Drives whose medium comes and goes. */
const removable = /^(?:sr|fd|st|loop|zram|ram)\d/u;

/** Longer lines are none of the kernel's. */
const longestLine = 2000;

/** What `line` tells about a disk or file system; undefined for everything else. */
export function classify(line: string): KernelTrouble | undefined {
  const text = line.slice(0, longestLine);
  for (const { kind, isCritical, pattern: wanted } of patterns) {
    const match = wanted.exec(text);
    if (!match) continue;
    const name = match[1] ?? "";
    return removable.test(name) ? undefined : { kind, device: name, isCritical };
  }
  return undefined;
}

/** A record of the kernel's log. */
export interface KernelRecord {
  readonly sequence: number;
  /** Microseconds since the machine started. */
  readonly sinceBoot: number;
  readonly text: string;
}

/**
 * A record as `/dev/kmsg` gives it: `priority,sequence,microseconds,flags;text`, then lines of properties (Documentation/ABI/testing/dev-kmsg).
 * What programs wrote into the log themselves (facility not 0) is left out: anybody may write there.
 */
export function parseKmsg(record: string): KernelRecord | undefined {
  const match = /^(\d{1,10}),(\d{1,15}),(\d{1,16}),[^;\n]*;([^\n]*)/u.exec(record);
  if (!match || Number(match[1]) >> 3 !== 0) return undefined;
  const text = (match[4] ?? "").replace(/\\x([\da-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { sequence: Number(match[2]), sinceBoot: Number(match[3]), text };
}
