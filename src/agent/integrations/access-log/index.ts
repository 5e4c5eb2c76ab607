import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import { graphDefinitions, GraphValues } from "../common/graphs.ts";
import { readNaming } from "../common/names.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { Collected, Integration, IntegrationDeps, IntegrationMaker } from "../integration.ts";
import { LogFollowers } from "./followers.ts";
import { readerOf } from "./format.ts";
import { accessLogGraphs } from "./graphs.ts";
import { LineCounter } from "./lines.ts";
import { readLineSettings, type LineSettings } from "./settings.ts";
import { Tally } from "./tally.ts";

/** `[integrations.access-log]`: requests by class of status and latency, counted from the logs of web servers. */
export const accessLog: IntegrationMaker = (options, deps, config) => {
  const files = options.list("files");
  if (files.length === 0) options.problem("files", 'is missing; write `files = ["/var/log/nginx/access.log"]`');
  const { prefix, label } = readNaming(options, config, "accesslog", "Access log");
  const lines = readLineSettings(options);
  const resumeWithin = options.seconds("resume_within", 600, { least: 0, most: 86_400 });
  options.done();
  const graphs = accessLogGraphs(lines.statuses);
  const values = new GraphValues(prefix, graphs);
  const followers = new LogFollowers(files, resumeWithin, deps);
  const log = new AccessLog(followers, lines, deps);
  const integration: Integration = {
    kind: "access-log",
    name: config.name,
    graphDefs: graphDefinitions(prefix, label, graphs),
    collect: async (signal) => {
      const { figures, findings } = await log.round(signal);
      const check = checkOf(`${config.name} files`, findings, `${followers.size} files are read.`);
      return { metrics: values.take(deps.clock.mono(), figures), checks: [check] } satisfies Collected;
    },
    close: () => followers.close(),
  };
  return integration;
};

/** Fewer lines that cannot be read are somebody's broken request; more are a wrong format. */
const unreadAllowed = 10;

class AccessLog {
  readonly #followers: LogFollowers;
  readonly #lines: LineSettings;
  readonly #deps: IntegrationDeps;
  readonly #tally = new Tally();
  // A third of a megabyte: made when the first line is there.
  #counter: LineCounter | undefined;
  /** The minute whose lines the tally holds. */
  #minute: number | undefined;

  constructor(followers: LogFollowers, lines: LineSettings, deps: IntegrationDeps) {
    this.#followers = followers;
    this.#lines = lines;
    this.#deps = deps;
  }

  /** @throws HinobanError "unavailable" when none of the logs can be read */
  async round(signal: AbortSignal): Promise<{ figures: ReturnType<Tally["figures"]>; findings: readonly Finding[] }> {
    this.#counter ??= new LineCounter(this.#tally, readerOf(this.#lines.format, this.#lines.fields));
    // Values of one minute overwrite each other on the server: all lines that are found during a minute belong to its last value.
    const minute = Math.floor(this.#deps.clock.now() / minutes(1));
    if (minute !== this.#minute) this.#tally.reset();
    this.#minute = minute;
    const findings = await this.#followers.round(this.#counter, signal);
    if (findings.length > 0 && this.#followers.size === 0)
      throw new HinobanError("unavailable", findings.map(({ text }) => text).join(" "));
    return { figures: this.#tally.figures(this.#lines.statuses), findings: [...findings, ...this.#judge()] };
  }

  #judge(): readonly Finding[] {
    const { unread, total } = this.#tally;
    if (unread <= unreadAllowed || unread <= total) return [];
    const text = `${unread} of ${unread + total} lines are no requests in the format ${this.#lines.format}; see the options format and status_field.`;
    return [{ status: "WARNING", text }];
  }
}
