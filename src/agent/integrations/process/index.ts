import type { CheckResult } from "../../checks/check.ts";
import { segment, type MetricValues } from "../../collectors/collector.ts";
import { HinobanError } from "#base/errors";
import type { JsonObject } from "../../json.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { Integration, IntegrationConfig, IntegrationDeps, IntegrationMaker } from "../integration.ts";
import { demandLinux } from "../linux-only.ts";
import type { Options } from "../options.ts";
import {
  fits,
  mayFit,
  parseCommandLine,
  parseStat,
  residentBytes,
  userId,
  userOf,
  type ProcessFilter,
  type ProcessStat,
} from "./processes.ts";

const graphDefs: readonly JsonObject[] = [
  graph("processes", "Watched processes", "integer", [["count", "%1"]]),
  graph("threads", "Threads of watched processes", "integer", [["count", "%1"]]),
  graph("cpu", "CPU of watched processes", "percentage", [["percentage", "%1"]]),
  graph("memory", "Memory of watched processes", "bytes", [["rss", "%1"]]),
  graph("files", "Open files of watched processes", "integer", [["count", "%1"]]),
];

function graph(name: string, displayName: string, unit: string, lines: readonly (readonly [string, string])[]): JsonObject {
  const metrics = lines.map(([line, title]) => ({ name: `custom.process.${name}.#.${line}`, displayName: title, isStacked: false }));
  return { name: `custom.process.${name}.#`, displayName, unit, metrics };
}

const ticksPerSecond = 100; // USER_HZ of every Linux that Node runs on
const mostWatched = 5000;

/** `[integrations.process.NAME]`: how many processes of a kind run, and what they take. */
export const processes: IntegrationMaker = (options, deps, config) => makeProcesses(options, deps, config);

type Deps = Pick<IntegrationDeps, "clock" | "reader" | "platform">;

function makeProcesses(options: Options, { clock, reader, platform }: Deps, config: Pick<IntegrationConfig, "kind" | "name">): Integration {
  const filter: ProcessFilter = { name: options.optionalText("name"), pattern: readPattern(options) };
  const user = options.optionalText("user");
  const least = options.integer("min", 1, { least: 0, most: 100_000 });
  const most = options.integer("max", 0, { least: 0, most: 100_000 });
  if (filter.name === undefined && filter.pattern === undefined)
    options.problem("name", "or `pattern` is missing: which processes are meant?");
  if (most > 0 && most < least) options.problem("max", `must be at least min (${least}), or 0 for no limit`);
  options.done();
  const instance = config.name.slice(config.kind.length + 1);
  const label = segment(instance === "" ? (filter.name ?? "pattern") : instance);
  const usage = new CpuUsage();

  const wantedUser = async (): Promise<number | undefined> => {
    if (user === undefined) return undefined;
    const id = /^\d+$/u.test(user) ? Number(user) : userId(await reader.text("/etc/passwd"), user);
    if (id === undefined) throw new HinobanError("not-found", `There is no user ${user} on this machine.`, { user });
    return id;
  };

  return {
    kind: "process",
    name: config.name,
    graphDefs,
    collect: async () => {
      demandLinux(platform, config.name);
      const found = await findProcesses(reader, filter, await wantedUser());
      const cpu = usage.percent(found, clock.mono());
      const metrics = metricsOf(label, found, cpu, await openFiles(reader, found));
      const what = filter.name ?? `/${filter.pattern?.source ?? ""}/`;
      return { metrics, checks: [judge(`process ${label}`, found.length, { least, most }, what)] };
    },
  };
}

function judge(name: string, count: number, { least, most }: { least: number; most: number }, what: string): CheckResult {
  const runs = `${count} ${count === 1 ? "process" : "processes"} of ${what.slice(0, 200)}`;
  const findings: Finding[] = [];
  if (count < least) findings.push({ status: "CRITICAL", text: `${runs}, at least ${least} shall run` });
  if (most > 0 && count > most) findings.push({ status: "WARNING", text: `${runs}, at most ${most} shall run` });
  return checkOf(name, findings, runs);
}

/** A process with what only the chosen ones are asked for. */
interface Watched extends ProcessStat {
  readonly resident: number;
}

/** The processes that fit. One that ends while it is read is left out; a zombie has ended already. */
async function findProcesses(reader: Deps["reader"], filter: ProcessFilter, user: number | undefined): Promise<readonly Watched[]> {
  const text = (pid: string, file: string): Promise<string> => reader.text(`/proc/${pid}/${file}`).catch(() => "");
  const found: Watched[] = [];
  for (const pid of await reader.names("/proc")) {
    if (!/^\d+$/u.test(pid) || found.length >= mostWatched) continue;
    const stat = parseStat(await text(pid, "stat"));
    if (!stat || stat.state === "Z" || stat.state === "X" || !mayFit(filter, stat.command)) continue;
    if (!fits(filter, stat.command, parseCommandLine(await text(pid, "cmdline")))) continue;
    const status = await text(pid, "status");
    if (user !== undefined && userOf(status) !== user) continue;
    found.push({ ...stat, resident: residentBytes(status) ?? 0 });
  }
  return found;
}

/** Open files of all; undefined when they may not be counted, which only root and the processes' own user may. */
async function openFiles(reader: Deps["reader"], found: readonly Watched[]): Promise<number | undefined> {
  let sum = 0;
  for (const { pid } of found) {
    const names = await reader.names(`/proc/${pid}/fd`).catch(() => undefined);
    if (names === undefined) return undefined;
    sum += names.length;
  }
  return sum;
}

function metricsOf(label: string, found: readonly Watched[], cpu: number | undefined, files: number | undefined): MetricValues {
  return {
    [`custom.process.processes.${label}.count`]: found.length,
    [`custom.process.threads.${label}.count`]: found.reduce((sum, { threads }) => sum + threads, 0),
    [`custom.process.memory.${label}.rss`]: found.reduce((sum, { resident }) => sum + resident, 0),
    ...(cpu === undefined ? {} : { [`custom.process.cpu.${label}.percentage`]: cpu }),
    ...(files === undefined ? {} : { [`custom.process.files.${label}.count`]: files }),
  };
}

/** CPU of a changing set of processes: each is compared with itself, so that one that came or went bends nothing. */
class CpuUsage {
  #previous: { readonly at: number; readonly ticks: ReadonlyMap<string, number> } | undefined;

  /** Percent of one core since the time before; undefined the first time. */
  percent(found: readonly ProcessStat[], at: number): number | undefined {
    const ticks = new Map(found.map((process) => [`${process.pid} ${process.startedAt}`, process.ticks]));
    const previous = this.#previous;
    this.#previous = { at, ticks };
    const seconds = previous ? (at - previous.at) / 1000 : 0;
    if (!previous || seconds < 0.5) return undefined;
    let used = 0;
    // Of one that is new all its time counts: it was spent since then.
    for (const [key, now] of ticks) used += Math.max(now - (previous.ticks.get(key) ?? 0), 0);
    return (used / ticksPerSecond / seconds) * 100;
  }
}

function readPattern(options: Options): RegExp | undefined {
  const source = options.optionalText("pattern");
  if (source === undefined) return undefined;
  try {
    return new RegExp(source, "u");
  } catch {
    options.problem("pattern", "is not a regular expression");
    return undefined;
  }
}
