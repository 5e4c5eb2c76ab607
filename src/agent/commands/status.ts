import { loadConfig, type Flags } from "../config.ts";
import type { AgentIo } from "../io.ts";
import { StateFolder } from "../state.ts";

/** `hinoban-agent status`: what the running agent last wrote about itself. 0 when it runs without trouble, 1 otherwise. */
export async function status(flags: Flags, io: AgentIo): Promise<number> {
  const config = loadConfig(flags);
  const state = new StateFolder(config.stateDir);
  const holder = state.holder();
  const report = (await state.readReport()) ?? {};
  const trouble = typeof report["trouble"] === "string" ? report["trouble"] : undefined;
  const told = (key: string): string | undefined => {
    const value = report[key];
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  };
  const facts: Readonly<Record<string, string | undefined>> = {
    running: holder === undefined ? "no" : `yes, process ${holder}`,
    server: config.server?.origin ?? told("server"),
    host: await state.readId(),
    configuration: config.file,
    state: config.stateDir,
    "last sample": told("lastSampleAt"),
    "last delivery": told("lastDeliveryAt"),
    "minutes waiting": told("waiting"),
    "minutes dropped": told("dropped"),
    "results waiting": told("reportsWaiting"),
    trouble,
  };
  if (flags["json"] === true) io.out(`${JSON.stringify({ ...report, isRunning: holder !== undefined }, undefined, 2)}\n`);
  else for (const [name, value] of Object.entries(facts)) io.out(`${`${name}:`.padEnd(17)} ${value ?? "-"}\n`);
  return holder !== undefined && trouble === undefined ? 0 : 1;
}
