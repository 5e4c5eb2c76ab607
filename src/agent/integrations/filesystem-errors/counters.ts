import type { SystemReader } from "../../system.ts";

/** Errors that a file system counts by itself. */
export interface CountedErrors {
  /** `sda1` */
  readonly device: string;
  readonly type: "ext4" | "btrfs";
  readonly errors: number;
  /** For ext4: when the last one was, in seconds since 1970; 0 when it does not say. */
  readonly lastAt: number;
}

const mostFilesystems = 256;

const whole = (text: string): number => (/^\d{1,15}$/u.test(text.trim()) ? Number(text) : 0);

/** The sum of `write_errs 0`, `read_errs 0` … of a btrfs device. */
export function sumOfErrorStats(text: string): number {
  let sum = 0;
  for (const line of text.split("\n")) {
    const [name = "", count = ""] = line.trim().split(/\s+/u);
    if (name.endsWith("_errs")) sum += whole(count);
  }
  return sum;
}

/** What ext4 and btrfs count in /sys/fs. ext4's count is kept on disk until e2fsck repairs; btrfs' until `btrfs device stats --reset`. */
export async function readCounters(reader: Pick<SystemReader, "text" | "names">): Promise<readonly CountedErrors[]> {
  const found: CountedErrors[] = [];
  const text = (path: string): Promise<string> => reader.text(path).catch(() => "");
  const names = (path: string): Promise<readonly string[]> => reader.names(path).catch(() => []);
  for (const device of (await names("/sys/fs/ext4")).slice(0, mostFilesystems)) {
    const count = await text(`/sys/fs/ext4/${device}/errors_count`);
    if (count === "") continue; // the folder "features"
    const lastAt = whole(await text(`/sys/fs/ext4/${device}/last_error_time`));
    found.push({ device, type: "ext4", errors: whole(count), lastAt });
  }
  for (const id of (await names("/sys/fs/btrfs")).slice(0, mostFilesystems)) {
    let errors = 0;
    const devices = await names(`/sys/fs/btrfs/${id}/devinfo`);
    for (const device of devices) errors += sumOfErrorStats(await text(`/sys/fs/btrfs/${id}/devinfo/${device}/error_stats`));
    if (devices.length > 0) found.push({ device: (await names(`/sys/fs/btrfs/${id}/devices`))[0] ?? id, type: "btrfs", errors, lastAt: 0 });
  }
  return found;
}
