import { rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Flags } from "../config.ts";
import type { AgentIo } from "../io.ts";
import { accountOf, command, demandRoot, hasSystemd, places, serviceUser, take, type Step } from "./service.ts";
import { defaultServiceState } from "./unit.ts";

/** `hinoban-agent uninstall`: stops the service and removes what `install` made. The host id, unsent metrics and configuration stay unless `--force`. */
export async function uninstall(flags: Flags, io: AgentIo): Promise<number> {
  const root = typeof flags["root"] === "string" ? flags["root"] : "/";
  const isDryRun = flags["dry-run"] === true;
  if (!isDryRun) demandRoot("uninstall", root);
  const isLive = root === "/" && hasSystemd();
  const isInstalled = existsSync(join(root, places.unit));
  const gone = (path: string): Step => ({
    show: `remove ${join(root, path)}`,
    act: () => rm(join(root, path), { recursive: true, force: true }),
  });
  const steps = [
    ...(isLive && isInstalled ? [command("systemctl", ["disable", "--now", "hinoban-agent.service"])] : []),
    gone(places.unit),
    ...(isLive ? [command("systemctl", ["daemon-reload"])] : []),
    gone(places.wrapper),
    gone(dirname(places.script)),
    ...(flags["force"] === true ? [gone(places.config), gone(defaultServiceState)] : []),
    ...(flags["force"] === true && root === "/" && accountOf(serviceUser) ? [command("userdel", [serviceUser])] : []),
  ];
  await take(steps, isDryRun, io);
  if (flags["force"] !== true)
    io.out(
      `Kept: ${join(root, places.config)} and ${join(root, defaultServiceState)}. The server still shows the host; \`retire\` ends that.\n`,
    );
  return 0;
}
