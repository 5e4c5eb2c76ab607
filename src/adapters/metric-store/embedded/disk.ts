import * as fs from "node:fs";
import * as fsp from "node:fs/promises";

/** An open file of the store. Positions and lengths are bytes. */
export interface DiskFile {
  /** True when every write is durable by itself as soon as it returns, and `datasync` need not be called. */
  readonly isSynchronous: boolean;
  /** Writes at `position`; like the system call it may write less than asked, and says how much. */
  writev(buffers: readonly Uint8Array[], position: number): Promise<number>;
  /** Reads up to `into.length` bytes; fewer only at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Returns once the data survive a power cut. After an error nothing is known about what was written. */
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

export type OpenMode = "read" | "create" | "log" | "edit";

/** What the store needs of a file system, small enough that tests can let it fail. */
export interface Disk {
  /** "create" fails when the file exists, and so does "log", which writes synchronously where the system can; "edit" opens an existing file for reading and writing. */
  open(path: string, mode: OpenMode): Promise<DiskFile>;
  list(directory: string): Promise<readonly string[]>;
  makeDirectory(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Removing what is not there is fine. */
  remove(path: string): Promise<void>;
  /** A second name for an immutable file, or a copy of it where the file system cannot link. */
  link(from: string, to: string): Promise<void>;
  /** Makes created, renamed and removed names durable. */
  syncDirectory(path: string): Promise<void>;
}

class NodeFile implements DiskFile {
  readonly #fd: number;
  readonly isSynchronous: boolean;

  constructor(fd: number, isSynchronous = false) {
    this.#fd = fd;
    this.isSynchronous = isSynchronous;
  }

  writev(buffers: readonly Uint8Array[], position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.writev(this.#fd, buffers, position, (error, written) => (error ? reject(error) : resolve(written)));
    });
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const got = await this.#readOnce(into, done, position + done);
      if (got === 0) break;
      done += got;
    }
    return done;
  }

  #readOnce(into: Uint8Array, offset: number, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.#fd, into, offset, into.length - offset, position, (error, got) => (error ? reject(error) : resolve(got)));
    });
  }

  datasync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
  }

  truncate(length: number): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.ftruncate(this.#fd, length, (error) => (error ? reject(error) : resolve()));
    });
  }

  size(): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.fstat(this.#fd, (error, stats) => (error ? reject(error) : resolve(stats.size)));
    });
  }

  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.close(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
  }
}

// Linux: one call that writes and waits costs half the CPU of two. Elsewhere the flag promises less than fdatasync does.
const canWriteSynchronously = process.platform === "linux";
const { O_CREAT, O_DSYNC, O_EXCL, O_RDWR } = fs.constants;
const flagsOf = { read: "r", create: "wx+", log: canWriteSynchronously ? O_CREAT | O_EXCL | O_RDWR | O_DSYNC : "wx+", edit: "r+" } as const;

const openDescriptor = (path: string, flags: string | number): Promise<number> =>
  new Promise((resolve, reject) => {
    fs.open(path, flags, 0o600, (error, fd) => (error ? reject(error) : resolve(fd)));
  });

/** The machine's own file system. */
export const nodeDisk: Disk = {
  open: async (path, mode) => new NodeFile(await openDescriptor(path, flagsOf[mode]), mode === "log" && canWriteSynchronously),
  list: (directory) => fsp.readdir(directory),
  makeDirectory: async (path) => {
    await fsp.mkdir(path, { recursive: true, mode: 0o700 });
  },
  rename: (from, to) => fsp.rename(from, to),
  remove: (path) => fsp.rm(path, { force: true }),
  link: async (from, to) => {
    try {
      await fsp.link(from, to);
    } catch (error) {
      if (codeOf(error) === "EEXIST") throw error;
      await fsp.copyFile(from, to, fs.constants.COPYFILE_EXCL | fs.constants.COPYFILE_FICLONE);
      const file = new NodeFile(await openDescriptor(to, flagsOf.edit));
      try {
        await file.datasync();
      } finally {
        await file.close();
      }
    }
  },
  syncDirectory: async (path) => {
    const fd = await openDescriptor(path, "r");
    const file = new NodeFile(fd);
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  },
};

/** The system's error code ("ENOSPC" …), or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** True when the disk or the quota is full: the one write error after which trying again later makes sense. */
export const isDiskFull = (error: unknown): boolean => {
  const code = codeOf(error);
  return code === "ENOSPC" || code === "EDQUOT";
};

/** Writes everything, however short the single writes are. Returns the position after the last byte. */
export function writeAll(file: DiskFile, buffers: readonly Uint8Array[], position: number): Promise<number> {
  return writeAtLeast(file, buffers, position, Number.POSITIVE_INFINITY);
}

/** The same, but content once `enough` bytes are written: what comes behind them is welcome, not needed. */
export async function writeAtLeast(file: DiskFile, buffers: readonly Uint8Array[], position: number, enough: number): Promise<number> {
  let left = buffers.filter((buffer) => buffer.length > 0);
  let at = position;
  while (left.length > 0 && at - position < enough) {
    const written = await file.writev(left, at);
    if (written <= 0) throw Object.assign(new Error("The file system accepted no bytes."), { code: "EIO" });
    at += written;
    left = skip(left, written);
  }
  return at;
}

function skip(buffers: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let left = bytes;
  for (const buffer of buffers) {
    if (left >= buffer.length) left -= buffer.length;
    else {
      rest.push(left > 0 ? buffer.subarray(left) : buffer);
      left = 0;
    }
  }
  return rest;
}
