import { basename, join } from "node:path";
import { HinobanError } from "#base/errors";
import { codeOf, writeAll, type Disk } from "./disk.ts";
import type { StoreState } from "./state.ts";
import { tombstonesFile } from "./tombstones.ts";
import { segmentName } from "./wal.ts";

const copyBytes = 1024 * 1024;

/**
 * Copies the store into the empty folder `target`: a second name for every immutable file, and the open log segment up to its last durable byte.
 * The caller keeps housekeeping off meanwhile.
 * @throws HinobanError "conflict" when the folder holds something already.
 */
export async function writeSnapshot(state: StoreState, target: string): Promise<void> {
  const { disk, directory, wal, blocks, tombstones, segments } = state;
  await disk.makeDirectory(target);
  if ((await disk.list(target)).length > 0) throw new HinobanError("conflict", `The folder ${target} is not empty.`, { target });
  await wal.flush();
  await tombstones.save();
  const cut = wal.position();
  const whole = [
    ...blocks.all.map((block) => basename(block.path)),
    ...[...segments.keys(), ...wal.closedSegments].filter((n) => n < cut.segment).map(segmentName),
  ];
  for (const name of whole) await disk.link(join(directory, name), join(target, name));
  await disk.link(join(directory, tombstonesFile), join(target, tombstonesFile)).catch((error: unknown) => {
    if (codeOf(error) !== "ENOENT") throw error;
  });
  if (cut.bytes > 0) await copyStart(disk, join(directory, segmentName(cut.segment)), join(target, segmentName(cut.segment)), cut.bytes);
  await disk.syncDirectory(target);
}

async function copyStart(disk: Disk, from: string, to: string, bytes: number): Promise<void> {
  const source = await disk.open(from, "read");
  try {
    const copy = await disk.open(to, "create");
    try {
      for (let at = 0; at < bytes; at += copyBytes) {
        const piece = Buffer.alloc(Math.min(copyBytes, bytes - at));
        await source.read(piece, at);
        await writeAll(copy, [piece], at);
      }
      await copy.datasync();
    } finally {
      await copy.close();
    }
  } finally {
    await source.close();
  }
}
