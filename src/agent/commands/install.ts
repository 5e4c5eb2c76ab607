import { chown, mkdir, readFile } from "node:fs/promises";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HinobanError } from "#base/errors";
import { setInFile, type SettingValue } from "../config-file.ts";
import { demandServer, loadConfig, type AgentConfig, type Flags } from "../config.ts";
import { writeDurably } from "../durable-file.ts";
import type { AgentIo } from "../io.ts";
import {
  accountOf,
  bundleFile,
  command,
  demandReachable,
  demandRoot,
  findProgram,
  hasSystemd,
  places,
  serviceUser,
  take,
  type Step,
} from "./service.ts";
import { defaultServiceState, unitFile } from "./unit.ts";

/**
 * `hinoban-agent install`: program, configuration (0600), user and systemd unit; then starts the service. Repeating it is an update.
 * `--dry-run` shows every step and changes nothing; `--root DIR` prepares an image below DIR without touching the running machine.
 */
export async function install(flags: Flags, io: AgentIo): Promise<number> {
  const root = typeof flags["root"] === "string" ? flags["root"] : "/";
  const isDryRun = flags["dry-run"] === true;
  if (!isDryRun) demandRoot("install", root);
  if (process.platform !== "linux") throw new HinobanError("bad-request", elsewhere);
  const wanted = await configToWrite(flags, root);
  const isHere = root === "/";
  if (isHere && !isDryRun) demandReachable(process.execPath);
  process.umask(0o022); // program folders are for everybody; files with secrets say so themselves
  await take([...fileSteps(root, wanted, isHere), ...(isHere && hasSystemd() ? serviceSteps() : [])], isDryRun, io);
  io.out(isDryRun ? `\n${places.unit}:\n${wanted.unit}` : whatNow(wanted, isHere));
  return 0;
}

const elsewhere =
  "install knows Linux only. Here, let your service manager (launchd, Task Scheduler) start: node hinoban-agent.js run --config FILE --state-dir FOLDER";

/** What is left to do by hand, if anything. */
function whatNow({ stateDir }: Wanted, isHere: boolean): string {
  if (isHere && hasSystemd()) return "\nThe agent runs. Look at it with: hinoban-agent status, journalctl -u hinoban-agent\n";
  const start = `${process.execPath} ${places.script} run --config ${places.config} --state-dir ${stateDir}`;
  const more = isHere
    ? "There is no running systemd here; the unit was written for later."
    : `The user ${serviceUser} must own ${places.config}: \`hinoban-agent install\` inside the machine does it.`;
  return `\nStart it with your service manager: ${start}\n${more}\n`;
}

interface Wanted {
  readonly config: string;
  readonly unit: string;
  readonly stateDir: string;
}

/** The configuration file as it shall be: what is there, with the settings of this command line and environment put in. */
async function configToWrite(flags: Flags, root: string): Promise<Wanted> {
  const path = join(root, places.config);
  const hasFile = flags["config"] === undefined && existsSync(path);
  // Below another root, the configuration of the running machine has no say.
  const config = loadConfig(flags["config"] === undefined ? { ...flags, config: hasFile ? path : "none" } : flags);
  const { server, key } = demandServer(config);
  const text = hasFile ? await readFile(path, "utf8") : "# Settings of hinoban-agent; `hinoban-agent --help` lists them.\n";
  const settings = new Map<string, SettingValue>([["server", server.origin], ["key", key.reveal()], ...others(config)]);
  const stateDir = typeof flags["state-dir"] === "string" ? flags["state-dir"] : defaultServiceState;
  const unit = unitFile({ node: process.execPath, script: places.script, config: places.config, stateDir, user: serviceUser });
  return { config: setInFile(text, settings), unit, stateDir };
}

/** What else was said, except where the key and the state are: the service has its own places for these. */
function others({ given }: AgentConfig): readonly [string, SettingValue][] {
  const own = new Set<string>(["server", "key", "key_file", "state_dir"]);
  return [...given].filter(([key]) => !own.has(key));
}

function fileSteps(root: string, wanted: Wanted, isHere: boolean): readonly Step[] {
  const file = (place: string, text: () => string, mode: number): Step => ({
    show: `write ${join(root, place)} (${mode.toString(8).padStart(4, "0")})`,
    act: async () => {
      await mkdir(dirname(join(root, place)), { recursive: true, mode: 0o755 });
      await writeDurably(join(root, place), text(), mode);
    },
  });
  const steps = [
    file(places.script, () => readFileSync(bundleFile(process.argv[1]), "utf8"), 0o644),
    file(places.wrapper, wrapper, 0o755),
    file(places.config, () => wanted.config, 0o600),
    file(places.unit, () => wanted.unit, 0o644),
  ];
  return isHere ? [...userSteps(), ...steps, ownConfig(wanted.stateDir)] : steps;
}

const wrapper = (): string => `#!/bin/sh
exec '${process.execPath.replaceAll("'", String.raw`'\''`)}' '${places.script}' "$@"
`;

function userSteps(): readonly Step[] {
  if (accountOf(serviceUser) !== undefined) return [];
  if (findProgram("useradd") === undefined && !hasSystemd()) return [];
  if (findProgram("useradd") === undefined)
    throw new HinobanError("not-found", `There is no useradd here: make a system user named ${serviceUser} and run install again.`);
  return [
    command("useradd", [
      "--system",
      "--user-group",
      "--no-create-home",
      "--home-dir",
      "/nonexistent",
      "--shell",
      "/usr/sbin/nologin",
      serviceUser,
    ]),
  ];
}

/** The service reads the key as its own user; a state folder outside systemd's place is made for it. */
function ownConfig(stateDir: string): Step {
  return {
    show: `give ${places.config} to ${serviceUser}`,
    act: async () => {
      const account = accountOf(serviceUser);
      if (!account) return; // no useradd, no systemd: whoever starts the agent here owns the file already
      await chown(places.config, account.uid, account.gid);
      if (stateDir === defaultServiceState) return;
      await mkdir(stateDir, { recursive: true, mode: 0o700 });
      await chown(stateDir, account.uid, account.gid);
    },
  };
}

const serviceSteps = (): readonly Step[] => [
  command("systemctl", ["daemon-reload"]),
  command("systemctl", ["enable", "hinoban-agent.service"]),
  command("systemctl", ["restart", "hinoban-agent.service"]),
];
