import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { HinobanError } from "#base/errors";

/** How to run a program as another account. */
export interface Account {
  /** Words in front of the program's own. */
  readonly prefix: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** For `spawn`, where no program of the system changes the account. */
  readonly ids?: { readonly uid: number; readonly gid: number };
}

const nameOfUser = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}\$?$/u;

/**
 * Root becomes the account itself, with its groups; anybody else must be allowed to by sudo.
 * @throws HinobanError "not-found" for an account that does not exist
 */
export function asUser(user: string): Account | undefined {
  if (!nameOfUser.test(user)) throw new HinobanError("invalid-input", `\`${user}\` is no name of an account.`);
  if (userInfo().username === user) return undefined;
  if (process.getuid?.() !== 0) return { prefix: ["sudo", "-n", "-u", user, "--"], env: {} };
  const account = passwd(user);
  if (account) {
    const { uid, gid, home } = account;
    const env = { HOME: home, USER: user, LOGNAME: user };
    const setpriv = program("setpriv");
    if (setpriv === undefined) return { prefix: [], env, ids: { uid, gid } };
    return { prefix: [setpriv, "--reuid", String(uid), "--regid", String(gid), "--init-groups", "--"], env };
  }
  const runuser = program("runuser"); // knows accounts of directories, too
  if (runuser !== undefined) return { prefix: [runuser, "-u", user, "--"], env: {} };
  throw new HinobanError("not-found", `There is no account ${user}.`);
}

const program = (name: string): string | undefined =>
  ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map((folder) => `${folder}/${name}`).find((path) => existsSync(path));

function passwd(user: string): { readonly uid: number; readonly gid: number; readonly home: string } | undefined {
  let text = "";
  try {
    text = readFileSync("/etc/passwd", "utf8");
  } catch {
    return undefined;
  }
  const line = text.split("\n").find((entry) => entry.startsWith(`${user}:`));
  const [, , uid, gid, , home] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid), home: home ?? "/" };
}
