import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { minutes, unixMs, type Millis, type UnixMs } from "#base/duration";
import type { CheckResult } from "../../checks/check.ts";
import { segment, type MetricValues } from "../../collectors/collector.ts";
import { writeDurably } from "../../durable-file.ts";
import { parseJson, type JsonObject } from "../../json.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { Integration, IntegrationConfig, IntegrationDeps, IntegrationMaker } from "../integration.ts";
import { numberAt, objectsAt, textAt } from "../json-path.ts";
import { demandLinux } from "../linux-only.ts";
import type { Options } from "../options.ts";
import { tryPort, type Connected, type Target } from "./connect.ts";
import { isIn, nameOf, parsePortRange, parseSocketTable, type ListeningPort, type PortRange } from "./listening.ts";

const graphDefs: readonly JsonObject[] = [
  {
    name: "custom.port.latency.#",
    displayName: "Time to connect",
    unit: "milliseconds",
    metrics: [
      { name: "custom.port.latency.#.tcp", displayName: "%1 TCP", isStacked: false },
      { name: "custom.port.latency.#.tls", displayName: "%1 TLS", isStacked: false },
    ],
  },
  {
    name: "custom.port.open.#",
    displayName: "Port answers (1) or not (0)",
    unit: "integer",
    metrics: [{ name: "custom.port.open.#.state", displayName: "%1", isStacked: false }],
  },
  {
    name: "custom.port.listening",
    displayName: "Listening ports",
    unit: "integer",
    metrics: ["tcp", "udp"].map((protocol) => ({ name: `custom.port.listening.${protocol}`, displayName: protocol, isStacked: true })),
  },
];

/**
 * `[integrations.port.NAME]` with `port`: whether something answers there. `[integrations.port]` with `listening = true`: which ports this machine
 * itself listens on.
 */
export const port: IntegrationMaker = (options, deps, config) => {
  const isOwn = options.flag("listening", false);
  if (isOwn && options.has("port")) options.problem("port", "and `listening` are two questions; write two sections");
  return isOwn ? watchListening(options, deps, config) : watchPort(options, deps, config);
};

type Deps = Pick<IntegrationDeps, "clock" | "reader" | "stateFolder" | "platform">;
type Names = Pick<IntegrationConfig, "kind" | "name">;

function labelOf({ kind, name }: Names, otherwise: string): string {
  const instance = name.slice(kind.length + 1);
  return segment(instance === "" ? otherwise : instance);
}

function watchPort(options: Options, { clock, reader, platform }: Deps, config: Names): Integration {
  const protocol = options.word("protocol", ["tcp", "tls", "udp"], "tcp");
  const host = options.text("host", "127.0.0.1");
  const number = options.integer("port", 0, { least: 1, most: 65_535 });
  if (!options.has("port"))
    options.problem("port", "is missing; write `port = 443`, or `listening = true` to watch this machine's own ports");
  const target: Target = {
    host,
    port: number,
    usesTls: protocol === "tls",
    serverName: options.optionalText("server_name"),
    verifies: options.flag("verify", true),
    within: options.seconds("timeout", 5, { least: 1, most: 30 }),
  };
  const warning = options.integer("warning_ms", 0, { least: 0, most: 60_000 });
  const critical = options.integer("critical_ms", 0, { least: 0, most: 60_000 });
  if (protocol === "udp" && options.has("host"))
    options.problem("host", "has no meaning for udp: only this machine's own table of sockets is read");
  options.done();
  const label = labelOf(config, `${host}_${number}`);
  const check = `port ${label}`;

  const udp = async (): Promise<{ metrics: MetricValues; checks: readonly CheckResult[] }> => {
    demandLinux(platform, config.name);
    const isOpen = (await readListening(reader)).some((found) => found.protocol === "udp" && found.port === number);
    const findings: Finding[] = isOpen ? [] : [{ status: "CRITICAL", text: `nothing listens on udp/${number} of this machine` }];
    return {
      metrics: { [`custom.port.open.${label}.state`]: isOpen ? 1 : 0 },
      checks: [checkOf(check, findings, `udp/${number} is open`)],
    };
  };

  return {
    kind: "port",
    name: config.name,
    graphDefs,
    collect: async (signal) => {
      if (protocol === "udp") return udp();
      const outcome = await tryPort(target, clock, signal);
      return { metrics: latencies(label, outcome), checks: [judge(check, target, outcome, { warning, critical })] };
    },
  };
}

function latencies(label: string, outcome: Connected): MetricValues {
  if (outcome.kind === "refused") return { [`custom.port.open.${label}.state`]: 0 };
  return {
    [`custom.port.open.${label}.state`]: 1,
    [`custom.port.latency.${label}.tcp`]: outcome.tcp,
    ...(outcome.tls === undefined ? {} : { [`custom.port.latency.${label}.tls`]: outcome.tls }),
  };
}

function judge(
  name: string,
  { host, port: number }: Target,
  outcome: Connected,
  limits: { warning: number; critical: number },
): CheckResult {
  const place = `${host.includes(":") ? `[${host}]` : host}:${number}`;
  if (outcome.kind === "refused") return { name, status: "CRITICAL", message: `${place}: ${outcome.why}` };
  const took = outcome.tls ?? outcome.tcp;
  const text = `${place} answered in ${took} ms${outcome.protocol === undefined ? "" : ` (${outcome.protocol})`}`;
  if (limits.critical > 0 && took >= limits.critical) return { name, status: "CRITICAL", message: text };
  return { name, status: limits.warning > 0 && took >= limits.warning ? "WARNING" : "OK", message: text };
}

async function readListening(reader: Deps["reader"]): Promise<readonly ListeningPort[]> {
  const tables = await Promise.all(
    (["tcp", "udp"] as const).flatMap((protocol) =>
      ["", "6"].map(async (version) => parseSocketTable(await reader.text(`/proc/net/${protocol}${version}`).catch(() => ""), protocol)),
    ),
  );
  return tables.flat();
}

/** What is remembered about a port: since when it is as it is, and what it was before. */
interface Change {
  readonly port: string;
  readonly what: "appeared" | "disappeared";
  readonly at: UnixMs;
}

function watchListening(options: Options, { clock, reader, stateFolder, platform }: Deps, config: Names): Integration {
  const expected = readRanges("expected", options, []);
  // UDP ports that programs get by chance for their own questions are no services.
  const ignored = readRanges("ignore", options, ["udp/32768-60999"]);
  const window = minutes(options.integer("remember_minutes", 60, { least: 1, most: 43_200 }));
  options.done();
  const isStrict = expected.length > 0;
  const memory = new PortMemory(stateFolder, window);

  return {
    kind: "port",
    name: config.name,
    graphDefs,
    collect: async () => {
      demandLinux(platform, config.name);
      const found = (await readListening(reader)).filter((one) => !isIn(ignored, one));
      const names = new Set(found.map(nameOf));
      const count = (protocol: string): number => [...names].filter((name) => name.startsWith(protocol)).length;
      const findings = isStrict ? strict(expected, found) : await memory.changes(names, clock.now());
      const fine = `${names.size} ports: ${[...names].sort().join(", ")}`;
      const metrics = { "custom.port.listening.tcp": count("tcp"), "custom.port.listening.udp": count("udp") };
      return { metrics, checks: [checkOf(`${config.name} listening`, findings, fine)] };
    },
  };
}

/** Against a list: what is missing is CRITICAL, what is too much a WARNING. A range of the list may be empty. */
function strict(expected: readonly PortRange[], found: readonly ListeningPort[]): readonly Finding[] {
  const missing = expected
    .filter(({ protocol, from, to }) => from === to && !found.some((one) => one.protocol === protocol && one.port === from))
    .map(({ protocol, from }): Finding => ({ status: "CRITICAL", text: `nothing listens on ${protocol}/${from}` }));
  const surplus = new Map(found.filter((one) => !isIn(expected, one)).map((one) => [nameOf(one), one.address]));
  return [
    ...missing,
    ...[...surplus].map(([name, address]): Finding => ({ status: "WARNING", text: `${name} listens (${address}) and is not expected` })),
  ];
}

function readRanges(key: string, options: Options, otherwise: readonly string[]): readonly PortRange[] {
  return options.list(key, otherwise).flatMap((text) => {
    const range = parsePortRange(text);
    if (!range) options.problem(key, `\`${text.slice(0, 40)}\` must look like "tcp/443", "tcp/8000-8099" or "udp/*"`);
    return range ? [range] : [];
  });
}

const mostRemembered = 1000;

/** Compares with what listened before, over restarts of the agent too; the first look is the measure. */
class PortMemory {
  readonly #stateFolder: () => Promise<string>;
  readonly #window: Millis;
  #known: ReadonlySet<string> | undefined;
  #changes: readonly Change[] = [];
  #isLoaded = false;

  constructor(stateFolder: () => Promise<string>, window: Millis) {
    this.#stateFolder = stateFolder;
    this.#window = window;
  }

  async changes(names: ReadonlySet<string>, now: UnixMs): Promise<readonly Finding[]> {
    const folder = await this.#stateFolder().catch(() => undefined); // without one, a restart forgets
    if (!this.#isLoaded && folder !== undefined) await this.#load(folder);
    this.#isLoaded = true;
    const known = this.#known ?? names;
    const fresh: Change[] = [
      ...[...names].filter((name) => !known.has(name)).map((name) => ({ port: name, what: "appeared" as const, at: now })),
      ...[...known].filter((name) => !names.has(name)).map((name) => ({ port: name, what: "disappeared" as const, at: now })),
    ];
    const again = new Set(fresh.map((change) => change.port));
    const kept = this.#changes.filter((change) => now - change.at < this.#window && !again.has(change.port));
    // What came and went within the window, or went and came, is as it was.
    const undone = new Set(this.#changes.filter((change) => now - change.at < this.#window).map((change) => change.port));
    this.#changes = [...kept, ...fresh.filter((change) => !undone.has(change.port))].slice(-mostRemembered);
    if (this.#known === undefined || fresh.length > 0) {
      this.#known = names;
      if (folder !== undefined) await this.#save(folder).catch(() => undefined);
    }
    return this.#changes.map(({ port: name, what, at }) => ({
      status: "WARNING",
      text: `${name} ${what} at ${new Date(at).toISOString().replace(/\.\d+Z$/u, "Z")}`,
    }));
  }

  async #load(folder: string): Promise<void> {
    const value = parseJson(await readFile(join(folder, "listening.json"), "utf8").catch(() => ""));
    const known = objectsAt(value, "known").flatMap((entry) => textAt(entry, "port") ?? []);
    if (known.length > 0) this.#known = new Set(known);
    this.#changes = objectsAt(value, "changes").flatMap((entry) => {
      const name = textAt(entry, "port");
      const at = numberAt(entry, "at");
      const what = textAt(entry, "what") === "appeared" ? "appeared" : "disappeared";
      return name === undefined || at === undefined ? [] : [{ port: name, what, at: unixMs(at) } as const];
    });
  }

  async #save(folder: string): Promise<void> {
    const known = [...(this.#known ?? [])].map((name) => ({ port: name }));
    await writeDurably(join(folder, "listening.json"), `${JSON.stringify({ known, changes: this.#changes })}\n`);
  }
}
