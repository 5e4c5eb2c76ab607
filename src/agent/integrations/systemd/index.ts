import type { Clock } from "#base/clock";
import { HinobanError } from "#base/errors";
import type { Millis } from "#base/duration";
import type { CheckResult } from "../../checks/check.ts";
import { segment } from "../../collectors/collector.ts";
import { CounterRates } from "../../collectors/rates.ts";
import type { JsonObject } from "../../json.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { Collected, Integration, IntegrationMaker } from "../integration.ts";
import type { Options } from "../options.ts";
import { runProgram, type RunProgram } from "../program.ts";
import { judgeUnit } from "./judge.ts";
import { parseListUnits, parseShow, shownProperties, type ListedUnit, type UnitState } from "./units.ts";

const graphDefs: readonly JsonObject[] = [
  {
    name: "custom.systemd.units",
    displayName: "systemd units",
    unit: "integer",
    metrics: ["active", "failed", "activating", "other"].map((name) => ({
      name: `custom.systemd.units.${name}`,
      displayName: name,
      isStacked: false,
    })),
  },
  perUnit("restarts", "Restarts by systemd", "integer", "count"),
  perUnit("memory", "Memory of units", "bytes", "bytes"),
  perUnit("cpu", "CPU of units", "percentage", "percentage"),
  perUnit("tasks", "Tasks of units", "integer", "count"),
];

function perUnit(graph: string, displayName: string, unit: string, metric: string): JsonObject {
  return {
    name: `custom.systemd.${graph}.#`,
    displayName,
    unit,
    metrics: [{ name: `custom.systemd.${graph}.#.${metric}`, displayName: "%1", isStacked: false }],
  };
}

const mostNamed = 200;

/** `[integrations.systemd]`: failed units, and the state of named ones. */
export const systemd: IntegrationMaker = (options, { clock }, config) => makeSystemd(options, config.name, clock, runProgram);

/** {@link systemd} with the way programs are run, for tests. */
export function makeSystemd(options: Options, name: string, clock: Clock, run: RunProgram): Integration {
  const wanted = readUnits("units", options);
  const ignored = readUnits("ignore", options).map(patternOf);
  const restartWarning = options.integer("restart_warning", 1, { least: 0, most: 1000 });
  const restartWindow = options.seconds("restart_window", 600, { least: 60, most: 86_400 });
  options.done();
  const counters = new CounterRates();
  const restarts = new Restarts(restartWindow);

  const ask = async (args: readonly string[], signal: AbortSignal): Promise<string> => {
    const { code, stdout, stderr } = await run(["systemctl", ...args], signal);
    if (code === 0 || (stdout.trim() !== "" && !/not been booted with systemd|failed to connect to bus/iu.test(stderr))) return stdout;
    const why = stderr.trim().split("\n")[0] ?? "";
    throw new HinobanError("unavailable", `systemctl does not answer: ${why.slice(0, 200) || `exit code ${String(code)}`}`);
  };

  const collectNamed = async (signal: AbortSignal): Promise<Collected> => {
    const args = ["show", `--property=${shownProperties.join(",")}`, "--", ...wanted];
    const shown = parseShow(await ask(args, signal));
    const metrics: Record<string, number> = {};
    const checks: CheckResult[] = [];
    const nanoseconds: Record<string, number> = {};
    for (const pattern of wanted) {
      const units = shown.filter((unit) => unit.names.some((alias) => patternOf(pattern).test(alias)));
      const findings: Finding[] = units.length === 0 ? [{ status: "CRITICAL", text: `no unit matches ${pattern}` }] : [];
      for (const unit of units) {
        const finding = judgeUnit(unit);
        if (finding) findings.push(finding);
        const recent = restarts.note(unit, clock.mono());
        if (restartWarning > 0 && recent >= restartWarning)
          findings.push({
            status: "WARNING",
            text: `${unit.id} was restarted ${recent} times in ${Math.round(restartWindow / 60_000)} min`,
          });
        Object.assign(metrics, metricsOf(unit));
        if (unit.cpu !== undefined) nanoseconds[`custom.systemd.cpu.${unitSegment(unit.id)}.percentage`] = unit.cpu;
      }
      checks.push(checkOf(`systemd ${pattern}`, findings, units.map((unit) => `${unit.id} is ${unit.active} (${unit.sub})`).join("; ")));
    }
    for (const [metric, rate] of Object.entries(counters.perSecond(clock.mono(), nanoseconds))) metrics[metric] = rate / 1e7; // ns/s to %
    return { metrics, checks };
  };

  return {
    kind: "systemd",
    name,
    graphDefs,
    collect: async (signal) => {
      const units = parseListUnits(await ask(["list-units", "--all", "--full", "--no-pager", "--no-legend", "--output=json"], signal));
      const failed = units.filter((unit) => unit.active === "failed" && !ignored.some((pattern) => pattern.test(unit.unit)));
      const findings = failed.map(({ unit }): Finding => ({ status: "WARNING", text: `${unit} failed` }));
      const own = checkOf("systemd failed units", findings, `none of ${units.length} units failed`);
      const named = wanted.length === 0 ? {} : await collectNamed(signal);
      return { metrics: { ...count(units), ...named.metrics }, checks: [own, ...(named.checks ?? [])] };
    },
  };
}

function count(units: readonly ListedUnit[]): Record<string, number> {
  const known = { active: 0, failed: 0, activating: 0, other: 0 };
  for (const { active } of units) {
    if (active === "active" || active === "failed" || active === "activating") known[active] += 1;
    else known.other += 1;
  }
  return Object.fromEntries(Object.entries(known).map(([state, number]) => [`custom.systemd.units.${state}`, number]));
}

const unitSegment = (id: string): string => segment(id.replace(/\.service$/u, "")).slice(0, 120);

function metricsOf(unit: UnitState): Record<string, number> {
  const name = unitSegment(unit.id);
  const metrics: Record<string, number> = {};
  if (unit.restarts !== undefined) metrics[`custom.systemd.restarts.${name}.count`] = unit.restarts;
  if (unit.memory !== undefined) metrics[`custom.systemd.memory.${name}.bytes`] = unit.memory;
  if (unit.tasks !== undefined) metrics[`custom.systemd.tasks.${name}.count`] = unit.tasks;
  return metrics;
}

/** Counts a unit's restarts within a window. systemd's own count falls to 0 when somebody starts the unit by hand. */
class Restarts {
  readonly #window: Millis;
  readonly #last = new Map<string, number>();
  readonly #recent = new Map<string, readonly Millis[]>();

  constructor(window: Millis) {
    this.#window = window;
  }

  note({ id, restarts }: UnitState, now: Millis): number {
    const before = this.#last.get(id);
    if (restarts !== undefined) this.#last.set(id, restarts);
    const added = restarts === undefined || before === undefined ? 0 : Math.min(Math.max(restarts - before, 0), 1000);
    const times = [...(this.#recent.get(id) ?? []), ...Array.from({ length: added }, () => now)];
    const recent = times.filter((at) => now - at < this.#window).slice(-1000);
    this.#recent.set(id, recent);
    return recent.length;
  }
}

/** Names and shell patterns of units. A name without a suffix is a service's, as for systemctl. */
function readUnits(key: string, options: Options): readonly string[] {
  const units = options.list(key);
  if (units.length > mostNamed) options.problem(key, `must have at most ${mostNamed} entries`);
  for (const unit of units) {
    if (!/^[\w@:.*?\\[\]][\w@:.*?\\[\]-]{0,254}$/u.test(unit))
      options.problem(key, `\`${unit.slice(0, 60)}\` must be a unit's name like "nginx.service", or a pattern like "postgresql@*.service"`);
  }
  return units.map((unit) =>
    /\.(?:service|socket|timer|mount|path|target|slice|scope|swap|automount|device)$/u.test(unit) ? unit : `${unit}.service`,
  );
}

/** A shell pattern as an expression: `*`, `?` and `[…]`. */
function patternOf(pattern: string): RegExp {
  const source = pattern.replace(/[*?]|\[(?:[^\\[\]]+)\]|[\\^$.()|{}[\]+]/gu, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    return part.length > 1 ? part : `\\${part}`;
  });
  try {
    return new RegExp(`^${source}$`, "u");
  } catch {
    return /^$/u; // a backward range like [z-a]: matches nothing, as in a shell
  }
}
