import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes `text` so that after a crash either the old or the new file stands, complete: a temporary file beside it is synced, then renamed.
 * @param mode permission bits; the default is for the owner only
 */
export async function writeDurably(path: string, text: string, mode = 0o600): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await withFile(temporary, "w", mode, async (file) => {
      await file.chmod(mode); // an old temporary file keeps its mode otherwise
      await file.writeFile(text);
      await file.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes created, renamed and removed names in `folder` durable. Windows cannot open a folder and does not need it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  await withFile(folder, "r", 0, (file) => file.sync());
}

async function withFile(path: string, flags: string, mode: number, use: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, flags, mode);
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
