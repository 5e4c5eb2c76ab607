import { chmodSync, chownSync, lstatSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Account, Launcher } from "./account.ts";
import { ownedDirectory } from "./initialise.ts";

/** The port is only part of the socket's name: nothing listens on the network. */
export const socketPort = 5432;

const longestSocketPath = 103; // macOS has the smallest sun_path: 104 bytes with the closing zero; Linux allows 107

/** A private directory for the socket. */
export interface SocketDirectory {
  readonly path: string;
  /** Removes it if it lies outside the home. */
  remove(): void;
}

/**
 * The directory for the socket: `<home>/run`, or a private one below the system's temporary directory when the path would be too long.
 * The latter is noted in the home, so that a start after a crash uses it again instead of leaving one more behind.
 */
export function socketDirectory(home: string, launcher: Launcher, temporary = tmpdir()): SocketDirectory {
  const usual = join(home, "run");
  if (fits(usual)) {
    ownedDirectory(usual, launcher);
    return { path: usual, remove: () => undefined };
  }
  const note = join(home, "socket-directory");
  const path = usable(note, launcher.account) ?? makeShort(temporary, note, launcher.account);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      rmSync(note, { force: true });
    },
  };
}

const fits = (directory: string): boolean => Buffer.byteLength(join(directory, `.s.PGSQL.${socketPort}`)) <= longestSocketPath;

function usable(note: string, account: Account | undefined): string | undefined {
  let path: string;
  try {
    path = readFileSync(note, "utf8").trim();
  } catch {
    return undefined;
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  const uid = account?.uid ?? process.getuid?.();
  // Others may write to the temporary directory: believe nothing that is not ours and private.
  return found?.isDirectory() && found.uid === uid && (found.mode & 0o777) === 0o700 ? path : undefined;
}

function makeShort(temporary: string, note: string, account: Account | undefined): string {
  const base = fits(join(temporary, "hinoban-XXXXXX")) ? temporary : "/tmp";
  const path = mkdtempSync(join(base, "hinoban-"));
  chmodSync(path, 0o700);
  if (account) chownSync(path, account.uid, account.gid);
  writeFileSync(`${note}.new`, path, { mode: 0o600 });
  renameSync(`${note}.new`, note);
  return path;
}
