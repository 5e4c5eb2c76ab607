import { closeSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import type { Clock } from "#base/clock";
import { millis, seconds } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { newId } from "#base/ids";
import { isCode } from "./system-error.ts";
import { identityOf } from "./processes.ts";

/** What the lock file says about the supervisor that holds it. */
interface Holder {
  readonly pid: number;
  /** {@link identityOf} the process, so that a later process with the same id is not taken for it. */
  readonly identity: string;
  readonly host: string;
  /** Unique to this taking of the lock. */
  readonly token: string;
}

export interface SupervisorLock {
  release(): void;
}

const dyingFor = millis(1_500); // a holder that was just killed or told to stop is gone by then
const beatEvery = seconds(5);
const goneAfter = seconds(20); // four missed beats: only asked of a holder on another host (a container), whose process we cannot see

/**
 * Makes this process the only supervisor of `home`. A lock whose process is gone is taken over.
 * @throws HinobanError "conflict" naming the process that holds it.
 */
export async function takeLock(home: string, clock: Clock): Promise<SupervisorLock> {
  const file = join(home, "supervisor.lock");
  const mine: Holder = { pid: process.pid, identity: identityOf(process.pid) ?? "unknown", host: hostname(), token: newId() };
  const deadline = clock.mono() + dyingFor;
  let isTakeover = false;
  while (!create(file, mine) || (isTakeover && !(await stays(file, mine, clock)))) {
    const holder = read(file);
    if (holder && (await lives(holder, file, clock))) {
      if (clock.mono() >= deadline) throw alreadyRunning(home, holder);
      await clock.sleep("embedded.lock", millis(50));
    } else if (holder || !isFresh(file, clock)) {
      isTakeover = true;
      removeStale(file, holder);
    } else await clock.sleep("embedded.lock", millis(20)); // somebody is writing it at this moment
  }
  const beat = clock.every("embedded.lock", beatEvery, () => touch(file, clock));
  touch(file, clock);
  return {
    release: () => {
      beat.cancel();
      if (read(file)?.token === mine.token) rmSync(file, { force: true });
    },
  };
}

/** Others may be judging the same stale lock at this moment: ours counts once it has stood for longer than they need. */
async function stays(file: string, mine: Holder, clock: Clock): Promise<boolean> {
  await clock.sleep("embedded.lock", millis(50));
  return read(file)?.token === mine.token;
}

const alreadyRunning = (home: string, holder: Holder): HinobanError =>
  new HinobanError(
    "conflict",
    `Another Hinoban (process ${holder.pid}${holder.host === hostname() ? "" : ` on ${holder.host}`}) already uses ${home}. Stop it first (kill ${holder.pid}), or start with another data directory.`,
    { pid: holder.pid, host: holder.host, directory: home },
  );

function create(file: string, holder: Holder): boolean {
  let handle: number;
  try {
    handle = openSync(file, "wx", 0o600);
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw new HinobanError(
      "unavailable",
      `The data directory ${dirname(file)} cannot be written: ${messageOf(error)}`,
      { directory: dirname(file) },
      { cause: error },
    );
  }
  writeSync(handle, `${JSON.stringify(holder)}\n`);
  closeSync(handle);
  return true;
}

function read(file: string): Holder | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { pid, identity, host, token } = parsed as Partial<Record<keyof Holder, unknown>>; // oxlint-disable-line typescript/no-unsafe-type-assertion -- every field is checked below
  if (typeof pid !== "number" || typeof identity !== "string" || typeof host !== "string" || typeof token !== "string") return undefined;
  return { pid, identity, host, token };
}

async function lives(holder: Holder, file: string, clock: Clock): Promise<boolean> {
  if (holder.host === hostname()) return identityOf(holder.pid) === holder.identity;
  // Another host, or a container that was replaced: alive if its beat moves on.
  const deadline = clock.mono() + goneAfter;
  const seen = modifiedAt(file);
  while (isFresh(file, clock) && clock.mono() < deadline) {
    if (modifiedAt(file) !== seen) return true;
    await clock.sleep("embedded.lock", millis(500));
  }
  return false;
}

const modifiedAt = (file: string): number | undefined => statSync(file, { throwIfNoEntry: false })?.mtimeMs;

function isFresh(file: string, clock: Clock): boolean {
  const at = modifiedAt(file);
  return at !== undefined && Math.abs(clock.now() - at) < goneAfter;
}

/** Two starters may both find the lock stale: whoever moves away a lock that it did not judge puts it back. */
function removeStale(file: string, judged: Holder | undefined): void {
  const aside = `${file}.${newId()}`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (isCode(error, "ENOENT")) return;
    throw error;
  }
  const moved = read(aside);
  if (moved?.token !== judged?.token) {
    try {
      linkSync(aside, file);
    } catch (error) {
      if (!isCode(error, "EEXIST")) throw error;
    }
  }
  rmSync(aside, { force: true });
}

function touch(file: string, clock: Clock): void {
  const at = clock.now() / 1000;
  try {
    utimesSync(file, at, at);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error; // somebody removed it by hand; nothing is lost by that
  }
}
