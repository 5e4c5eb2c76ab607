import { filesystemName, type Collector, type CollectorDeps } from "../collector.ts";

/** A row of `df -kPl`, in bytes. */
export interface DfRow {
  readonly device: string;
  readonly path: string;
  readonly used: number;
  readonly available: number;
}

// Helper volumes of the system inside the same APFS container: they share its free space and say nothing of their own.
const helper = /^\/System\/Volumes\/(?!Data$)/u;

/** `df -kPl`: local file systems on block devices. The mount point is last and may hold blanks. */
export function parseDf(text: string): readonly DfRow[] {
  const rows: DfRow[] = [];
  for (const line of text.split("\n")) {
    const match = /^(\/dev\/\S+)\s+\d+\s+(\d+)\s+(\d+)\s+\d+%\s+(\/.*)$/u.exec(line);
    if (!match) continue;
    const [, device = "", used, available, path = ""] = match;
    if (!helper.test(path)) rows.push({ device, path, used: Number(used) * 1024, available: Number(available) * 1024 });
  }
  return rows;
}

export function macosFilesystem({ reader, devices }: CollectorDeps): Collector {
  return {
    name: "filesystem",
    collect: async () => {
      const values: Record<string, number> = {};
      for (const row of parseDf(await reader.command("/bin/df", ["-kPl"]))) {
        const name = filesystemName(row.device, row.path, devices?.());
        if (name === undefined) continue;
        values[`filesystem.${name}.size`] = row.used + row.available;
        values[`filesystem.${name}.used`] = row.used;
      }
      return values;
    },
  };
}
