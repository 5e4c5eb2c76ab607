import { HinobanError } from "#base/errors";
import type { MetricValues } from "../../collectors/collector.ts";
import { CounterRates } from "../../collectors/rates.ts";
import { ask, readHttpTarget } from "../common/ask.ts";
import { graphDefinitions, GraphValues } from "../common/graphs.ts";
import { readNaming } from "../common/names.ts";
import type { Integration, IntegrationConfig, IntegrationDeps, IntegrationMaker } from "../integration.ts";
import type { Options } from "../options.ts";
import { runProgram, type RunProgram } from "../program.ts";
import { collectorGraphs, jolokiaGraphs, jolokiaRequest, parseJolokia } from "./jolokia.ts";
import { jstatGraphs } from "./jstat-graphs.ts";
import { findProcess, parseJstat, spaceRates } from "./jstat.ts";

/** `[integrations.jvm]`: a Java program's memory and garbage collection, from Jolokia when `url` is set, else from jstat. */
export const jvm: IntegrationMaker = (options, deps, config) => makeJvm(options, deps, config, runProgram);

/** {@link jvm} with the way programs are run, for tests. */
export function makeJvm(options: Options, deps: IntegrationDeps, config: IntegrationConfig, run: RunProgram): Integration {
  return options.has("url") ? fromJolokia(options, deps, config) : fromJstat(options, deps, config, run);
}

function fromJolokia(options: Options, deps: IntegrationDeps, config: IntegrationConfig): Integration {
  const target = readHttpTarget(options, deps, "http://127.0.0.1:8778/jolokia/");
  const { prefix, label } = readNaming(options, config, "jmx.jolokia", "Jmx");
  options.done();
  const values = new GraphValues(prefix, jolokiaGraphs);
  const rates = new CounterRates();
  return {
    kind: "jvm",
    name: config.name,
    graphDefs: graphDefinitions(prefix, label, [...jolokiaGraphs, ...collectorGraphs]),
    collect: async () => {
      const { figures, collectors } = parseJolokia(await ask(target, deps, jolokiaRequest));
      const now = deps.clock.mono();
      const metrics: Record<string, number> = { ...values.take(now, figures) };
      for (const [name, rate] of Object.entries(rates.perSecond(now, collectors)))
        metrics[`custom.${prefix}.${name}`] = Math.round(rate * 6e4) / 1e3;
      return { metrics };
    },
  };
}

function fromJstat(options: Options, deps: IntegrationDeps, config: IntegrationConfig, run: RunProgram): Integration {
  const jstat = options.list("jstat", ["jstat"]);
  const jps = options.list("jps", ["jps"]);
  const pidFile = options.optionalText("pid_file");
  const mainClass = options.optionalText("main_class");
  if ((pidFile === undefined) === (mainClass === undefined))
    options.problem("main_class", "set one of url (Jolokia), pid_file and main_class");
  const { prefix, label } = readNaming(options, config, "jvm", "JVM");
  options.done();
  const values = new GraphValues(prefix.toLowerCase(), jstatGraphs);
  const java = new JavaProcess({ pidFile, mainClass, jps }, deps, run);
  return {
    kind: "jvm",
    name: config.name,
    graphDefs: graphDefinitions(prefix.toLowerCase(), label, jstatGraphs),
    collect: async (signal) => {
      const pid = await java.find(signal);
      const table = async (option: string): Promise<MetricValues> => {
        const { code, stdout, stderr } = await run([...jstat, option, pid], signal);
        if (code !== 0) throw java.lost(pid, stderr);
        return parseJstat(stdout);
      };
      const figures = { ...(await table("-gccapacity")), ...(await table("-gc")) };
      return { metrics: values.take(deps.clock.mono(), { ...figures, ...spaceRates(figures) }) };
    },
  };
}

interface Search {
  readonly pidFile: string | undefined;
  readonly mainClass: string | undefined;
  readonly jps: readonly string[];
}

/** The process id, looked for once and again when jstat lost it: jps starts a JVM of its own. */
class JavaProcess {
  readonly #search: Search;
  readonly #deps: IntegrationDeps;
  readonly #run: RunProgram;
  #known: string | undefined;

  constructor(search: Search, deps: IntegrationDeps, run: RunProgram) {
    this.#search = search;
    this.#deps = deps;
    this.#run = run;
  }

  /** @throws HinobanError "not-found" when no such program runs, or none that this user may see */
  async find(signal: AbortSignal): Promise<string> {
    const { pidFile, mainClass = "", jps } = this.#search;
    if (pidFile !== undefined) {
      const pid = (await this.#deps.reader.text(pidFile)).trim();
      if (!/^\d{1,10}$/u.test(pid)) throw new HinobanError("invalid-input", `${pidFile} holds no process id.`);
      return pid;
    }
    if (this.#known !== undefined) return this.#known;
    const { stdout } = await this.#run([...jps, "-l"], signal);
    const pid = findProcess(stdout, mainClass);
    if (pid === undefined)
      throw new HinobanError(
        "not-found",
        `No Java program ${mainClass} runs that this user may see; jps and jstat see those of their own user, or all as root.`,
      );
    this.#known = pid;
    return pid;
  }

  /** Forgets the process. @param why what jstat printed */
  lost(pid: string, why: string): HinobanError {
    this.#known = undefined;
    const [line = ""] = why.trim().split("\n");
    return new HinobanError("unavailable", `jstat cannot look into process ${pid}: ${line.slice(0, 200)}`);
  }
}
