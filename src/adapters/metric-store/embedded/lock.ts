import { randomUUID } from "node:crypto";
import * as fs from "node:fs/promises";
import { join } from "node:path";
import { HinobanError } from "#base/errors";
import { codeOf } from "./disk.ts";

/** The exclusive right to a directory, held by a file that names the owning process. */
export interface DirectoryLock {
  release(): Promise<void>;
}

const attempts = 5;

/**
 * When a process began, in a form that no later process with the same number shares: boot id and start tick (Linux).
 * Elsewhere an empty text: then only the process number decides.
 */
async function birthOf(pid: number): Promise<string> {
  try {
    const [stat, boot] = await Promise.all([
      fs.readFile(`/proc/${pid}/stat`, "utf8"),
      fs.readFile("/proc/sys/kernel/random/boot_id", "utf8"),
    ]);
    // The second field is the command in parentheses and may hold spaces: count from the last one. Field 22 is the start tick.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "zombie" : `${boot.trim()}:${fields[19] ?? ""}`;
  } catch {
    return "";
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

async function ownerLives(text: string): Promise<boolean> {
  const [pidText = "", birth = ""] = text.trim().split(" ");
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || !isRunning(pid)) return false;
  const now = await birthOf(pid);
  return now === "" || birth === "" || now === birth;
}

const readText = (path: string): Promise<string | undefined> => fs.readFile(path, "utf8").catch(() => undefined);

/**
 * Takes the lock of `directory`, also from an owner that died without giving it back.
 * @throws HinobanError "locked" while another living process (or this one) holds it.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, "lock");
  const mine = join(directory, `lock.${randomUUID()}`);
  const text = `${process.pid} ${await birthOf(process.pid)} ${randomUUID()}\n`;
  await fs.writeFile(mine, text, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (await take(mine, path)) return { release: () => giveBack(path, text) };
      const held = await readText(path);
      if (held === undefined) continue;
      if (await ownerLives(held)) {
        throw new HinobanError("locked", `The metric store in ${directory} is open in process ${held.split(" ")[0] ?? "?"}.`, {
          directory,
        });
      }
      await discard(path, held);
    }
  } finally {
    await fs.rm(mine, { force: true });
  }
  throw new HinobanError("locked", `The lock of ${directory} keeps changing hands.`, { directory });
}

async function take(mine: string, path: string): Promise<boolean> {
  try {
    await fs.link(mine, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Moves a dead owner's file away, and back again should somebody have taken the lock in between. */
async function discard(path: string, held: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await fs.rename(path, aside);
  } catch {
    return;
  }
  if ((await readText(aside)) !== held) await fs.link(aside, path).catch(() => undefined);
  await fs.rm(aside, { force: true });
}

async function giveBack(path: string, text: string): Promise<void> {
  if ((await readText(path)) === text) await fs.rm(path, { force: true });
}
