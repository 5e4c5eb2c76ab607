import { execFile } from "node:child_process";
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { AgentIo } from "../io.ts";

/** Where `install` puts things, relative to the root of the file system. */
export const places = {
  script: "/usr/local/lib/hinoban-agent/hinoban-agent.mjs",
  wrapper: "/usr/local/bin/hinoban-agent",
  config: "/etc/hinoban-agent.conf",
  unit: "/etc/systemd/system/hinoban-agent.service",
} as const;

export const serviceUser = "hinoban-agent";

/** One thing to do: a sentence or command line to show, and the deed. */
export interface Step {
  readonly show: string;
  readonly act: () => Promise<void>;
}

/** @throws HinobanError "forbidden" unless the process may change the machine or works below another root */
export function demandRoot(verb: string, root: string): void {
  if (root === "/" && process.platform !== "win32" && process.getuid?.() !== 0) {
    throw new HinobanError("forbidden", `${verb} changes this machine and needs root: run it with sudo, or look at it with --dry-run.`);
  }
}

/** True when this machine's services are systemd's to start. */
export const hasSystemd = (): boolean => existsSync("/run/systemd/system") && findProgram("systemctl") !== undefined;

export function findProgram(name: string): string | undefined {
  return ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

/** The numbers of a local account, or undefined when there is none of that name. */
export function accountOf(name: string): { readonly uid: number; readonly gid: number } | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** Runs a program of the system; its error output becomes the error's text. */
export function command(name: string, args: readonly string[]): Step {
  return {
    show: [name, ...args].join(" "),
    act: () =>
      new Promise((resolve, reject) => {
        execFile(findProgram(name) ?? name, args, { timeout: seconds(60) }, (error, _, stderr) => {
          if (error) reject(new HinobanError("unavailable", `\`${name} ${args.join(" ")}\` failed: ${stderr.trim() || error.message}`));
          else resolve();
        });
      }),
  };
}

/** The bundled file that is to be installed: the running one, or the one beside the running command line. */
export function bundleFile(running: string | undefined): string {
  const script = running === undefined ? "" : realpathSync(running);
  if (/^hinoban-agent\.m?js$/u.test(basename(script))) return script;
  const beside = join(dirname(script), "hinoban-agent.js");
  if (existsSync(beside)) return beside;
  throw new HinobanError("not-found", `There is no hinoban-agent.js beside ${script || "this program"}: run the bundled file itself.`);
}

/** @throws HinobanError "forbidden" when the service's user could not start `node` where it lies (below /root, for example) */
export function demandReachable(node: string): void {
  for (let path = node; path !== dirname(path); path = dirname(path)) {
    if ((statSync(path).mode & 0o001) !== 0) continue;
    throw new HinobanError(
      "forbidden",
      `${node} cannot be run by the user ${serviceUser}, because ${path} is closed to others. Install Node.js for all users, for example from your distribution.`,
    );
  }
}

/** Takes the steps one after the other, or only shows them. */
export async function take(steps: readonly Step[], isDryRun: boolean, io: AgentIo): Promise<void> {
  for (const step of steps) {
    io.out(`${isDryRun ? "would " : ""}${step.show}\n`);
    if (!isDryRun) await step.act();
  }
}
