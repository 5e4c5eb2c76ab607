import { accessSync, chownSync, constants, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { dirname, join, parse, resolve } from "node:path";
import { HinobanError } from "#base/errors";

/** An unprivileged user that PostgreSQL runs as, because it refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** How a program of PostgreSQL is started: the account to change to (none: ours) and the tools the machine has. */
export interface Launcher {
  readonly account: Account | undefined;
  /** Path of a util-linux `setpriv` that knows `--pdeathsig`; undefined on macOS, busybox and old systems. */
  readonly setpriv: string | undefined;
}

/** A command line for `child_process.spawn`, with the uid and gid it should set when setpriv does not. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly ids: { readonly uid?: number; readonly gid?: number };
}

const searchedForSetpriv = ["/usr/bin/setpriv", "/bin/setpriv", "/usr/sbin/setpriv", "/usr/local/bin/setpriv"];

/** The machine's setpriv, if it can do what we need. */
export function findSetpriv(candidates: readonly string[] = searchedForSetpriv): string | undefined {
  if (process.platform !== "linux") return undefined;
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
    } catch {
      return false;
    }
    const help = spawnSync(path, ["--help"], { encoding: "utf8", env: { LC_ALL: "C" } });
    return help.status === 0 && help.stdout.includes("--pdeathsig") && help.stdout.includes("--reuid");
  });
}

/**
 * The account PostgreSQL runs as when we are root: the owner of an existing cluster, else the account `hinoban` if somebody made one,
 * else `nobody`. It must have a name, since initdb asks for it. Undefined when we are not root.
 */
export function chooseAccount(clusterDir: string | undefined, passwd = "/etc/passwd"): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = clusterDir === undefined ? undefined : ownerOf(clusterDir);
  if (owner !== undefined && owner.uid !== 0) return owner;
  const accounts = readAccounts(passwd);
  const account = accounts.get("hinoban") ?? accounts.get("nobody");
  if (!account || account.uid === 0) {
    throw new HinobanError(
      "unavailable",
      "PostgreSQL refuses to run as root, and this machine has neither an account 'hinoban' nor 'nobody'. Create one (useradd --system hinoban) or start Hinoban as an ordinary user.",
    );
  }
  return account;
}

function ownerOf(path: string): Account | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && { uid: found.uid, gid: found.gid };
}

function readAccounts(passwd: string): Map<string, Account> {
  const accounts = new Map<string, Account>();
  let text: string;
  try {
    text = readFileSync(passwd, "utf8");
  } catch {
    return accounts;
  }
  for (const line of text.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (name && uid && gid) accounts.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return accounts;
}

/**
 * The command that runs `program` as the launcher's account. With setpriv, the kernel sends the child `onParentDeath` when we die, even by kill -9.
 * The signal belongs to the thread that forks: call this from the main thread only.
 */
export function launch(launcher: Launcher, program: string, args: readonly string[], onParentDeath: "INT" | "KILL"): Launch {
  const { account, setpriv } = launcher;
  const ids = account ? { uid: account.uid, gid: account.gid } : {};
  if (!setpriv) return { command: program, args, ids };
  const change = account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups"] : [];
  return { command: setpriv, args: [...change, "--no-new-privs", "--pdeathsig", onParentDeath, "--", program, ...args], ids: {} };
}

/**
 * The first directory on the way to `path` (itself included) that `account` may not enter, or undefined when it may enter all.
 * Directories that do not exist yet are taken as fine: we create them. Access lists are not looked at.
 */
export function blockedAt(path: string, account: Account): string | undefined {
  const full = resolve(path);
  const { root } = parse(full);
  const chain: string[] = [];
  for (let at = full; at !== root; at = dirname(at)) chain.unshift(at);
  return [root, ...chain].find((directory) => {
    const found = statSync(directory, { throwIfNoEntry: false });
    return found !== undefined && !mayEnter(found, account);
  });
}

function mayEnter(directory: { mode: number; uid: number; gid: number }, account: Account): boolean {
  if (directory.uid === account.uid) return (directory.mode & 0o100) !== 0;
  if (directory.gid === account.gid) return (directory.mode & 0o010) !== 0;
  return (directory.mode & 0o001) !== 0;
}

/** Gives `path` and everything below it to `account`; links are not followed. */
export function giveTo(path: string, account: Account): void {
  if (lstatSync(path).isSymbolicLink()) return;
  chownSync(path, account.uid, account.gid);
  if (!statSync(path).isDirectory()) return;
  for (const entry of readdirSync(path)) giveTo(join(path, entry), account);
}
