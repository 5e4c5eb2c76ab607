import { open, type FileHandle } from "node:fs/promises";
import { isCode } from "../embedded/system-error.ts";

/** Something that goes into a backup. Paths are relative, with forward slashes. */
export type Entry = DirectoryEntry | FileEntry;

export interface DirectoryEntry {
  readonly kind: "directory";
  readonly path: string;
}

export interface FileEntry {
  readonly kind: "file";
  readonly path: string;
  /** Bytes; `read` gives exactly that many. */
  readonly size: number;
  readonly read: () => AsyncIterable<Uint8Array>;
}

const chunkSize = 256 * 1024;

/** A file made of text that is in memory. */
export function textEntry(path: string, text: string): FileEntry {
  const bytes = Buffer.from(text, "utf8");
  return {
    kind: "file",
    path,
    size: bytes.length,
    read: async function* () {
      yield bytes;
    },
  };
}

/**
 * A file on disk as it is now; nothing if it vanished meanwhile. It may grow or shrink while it is read: exactly the size it had at
 * the beginning comes out, with zeros for what was cut off (PostgreSQL's log makes good both at recovery).
 */
export async function* fileEntry(path: string, file: string): AsyncGenerator<FileEntry> {
  let handle: FileHandle;
  try {
    handle = await open(file, "r");
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  try {
    const { size } = await handle.stat();
    yield { kind: "file", path, size, read: () => readExactly(handle, size) };
  } finally {
    await handle.close();
  }
}

async function* readExactly(handle: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size;) {
    const wanted = Math.min(chunkSize, size - at);
    const chunk = Buffer.allocUnsafe(wanted);
    const { bytesRead } = await handle.read(chunk, 0, wanted, at);
    yield bytesRead === 0 ? chunk.fill(0) : chunk.subarray(0, bytesRead);
    at += bytesRead === 0 ? wanted : bytesRead;
  }
}
