import type { Clock } from "#base/clock";
import { toSeconds, type UnixSeconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { MetricPluginConfig } from "../conf/plugins.ts";
import type { ExtraPoint } from "../extra-points.ts";
import type { JsonObject } from "../json.ts";
import type { Log } from "../log.ts";
import type { Found, Source } from "../sources.ts";
import type { CommandRunner, RunResult } from "./command.ts";
import { parseGraphMeta } from "./metric-meta.ts";
import { parseMetricOutput } from "./metric-output.ts";

const outputCap = 1024 * 1024;

/** The variable that asks a plugin for its graphs; it is empty when values are asked for. */
const metaVariable = "MACKEREL_AGENT_PLUGIN_META";

export interface PluginDeps {
  readonly runner: CommandRunner;
  readonly clock: Clock;
  readonly log: Log;
}

/** A metric plugin of `[plugin.metrics.NAME]`. */
export class MetricPlugin implements Source {
  readonly name: string;
  readonly everyMinutes = 1;
  readonly #config: MetricPluginConfig;
  readonly #deps: PluginDeps;
  #definitions: readonly JsonObject[] = [];
  #isDefined = false;
  #dropped = 0;

  constructor(config: MetricPluginConfig, deps: PluginDeps) {
    this.name = `plugin.metrics.${config.name}`;
    this.#config = config;
    this.#deps = deps;
  }

  /** Its graphs as the server takes them, once the plugin has told them. */
  get definitions(): readonly JsonObject[] {
    return this.#definitions;
  }

  /** Asks the plugin for its graphs unless it told them already. @returns true when there are new ones */
  async define(signal: AbortSignal): Promise<boolean> {
    if (this.#isDefined) return false;
    const { runner, log } = this.#deps;
    const result = await runner.run(this.#config.run, { cap: outputCap, signal, env: { [metaVariable]: "1" } });
    if (result.kind !== "exited") return false; // its values will say what is wrong; the next hour asks again
    this.#isDefined = true;
    const meta = parseGraphMeta(result.stdout);
    for (const problem of meta?.problems.slice(0, 5) ?? []) log.warn(`${this.name} describes a graph wrongly: ${problem}.`);
    this.#definitions = meta?.definitions ?? [];
    return this.#definitions.length > 0;
  }

  async round(minute: UnixSeconds, signal: AbortSignal): Promise<Found> {
    const { runner, clock, log } = this.#deps;
    const { run, customIdentifier: host, usesOwnTime } = this.#config;
    const time = toSeconds(clock.now());
    const result = await runner.run(run, { cap: outputCap, signal, env: { [metaVariable]: "" } });
    if (result.kind !== "exited") throw new HinobanError("unavailable", whyOf(result, run.timeout));
    const { values, dropped } = parseMetricOutput(result.stdout, time, this.#config);
    if (dropped > 0 && this.#dropped === 0) log.warn(`${this.name} printed lines that are no values.`, { lines: dropped });
    this.#dropped = dropped;
    if (values.length === 0 && result.code !== 0)
      throw new HinobanError("unavailable", `it ended with ${result.code}${firstLine(result.stderr)}`);
    if (host === undefined && !usesOwnTime)
      return { values: Object.fromEntries(values.map(({ name, value }) => [name, value])), extra: [] };
    const extra = values.map(({ name, value, time: own }): ExtraPoint => ({
      name,
      value,
      time: usesOwnTime ? own : minute,
      ...(host === undefined ? {} : { host }),
    }));
    return { values: {}, extra };
  }
}

/** Why a program gave nothing, for the operator. Its command line is not repeated: it may hold a password. */
export function whyOf(result: Exclude<RunResult, { kind: "exited" }>, timeout: number): string {
  switch (result.kind) {
    case "timeout":
      return `it took longer than ${timeout / 1000} s and was ended`;
    case "killed":
      return `it was ended by ${result.signal}${firstLine(result.stderr)}`;
    case "failed":
      return result.why;
  }
}

const firstLine = (text: string): string => {
  const line = text.trim().split("\n")[0] ?? "";
  return line === "" ? "" : `: ${line.slice(0, 200)}`;
};
