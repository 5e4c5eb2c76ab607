import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { seconds, type Millis } from "#base/duration";
import { HinobanError, invalidInput, type FieldProblem } from "#base/errors";
import { Secret } from "#base/secret";
import { noFiles, readConfigFiles, type ConfigFiles } from "./conf/files.ts";
import { readSections, type FileSections } from "./conf/file-sections.ts";
import { valueAt } from "./conf/sections.ts";
import type { TomlFile } from "./conf/toml.ts";
import type { SettingValue } from "./config-file.ts";
import type { LogLevel } from "./log.ts";
import { checkSetting, environmentOf, flagOf, isHostStatus, isLogLevel, settings, type HostStatus, type SettingKey } from "./settings.ts";

/** The agent's settings, checked. */
export interface AgentConfig extends FileSections {
  /** The file that was read, if there was one. */
  readonly file: string | undefined;
  readonly server: URL | undefined;
  readonly key: Secret | undefined;
  readonly stateDir: string;
  readonly hostName: string | undefined;
  readonly displayName: string | undefined;
  readonly memo: string | undefined;
  readonly customIdentifier: string | undefined;
  readonly roles: readonly string[];
  readonly onStart: HostStatus | undefined;
  readonly onStop: HostStatus | undefined;
  /** PEM text. */
  readonly ca: string | undefined;
  /** The proxy's address, which may hold a password. */
  readonly httpProxy: Secret | undefined;
  /** Whether this host probes for the server. */
  readonly probes: boolean;
  /** Networks that probes may reach although they are refused by default. */
  readonly probeAllow: readonly string[];
  readonly logLevel: LogLevel;
  readonly firstInterval: Millis;
  /** What flags and environment said, as it was typed: for writing it into a file. */
  readonly given: ReadonlyMap<SettingKey, SettingValue>;
  /** Things that work but should be changed. */
  readonly warnings: readonly string[];
}

/** Flags as they were typed, by setting; `config` names the file. */
export type Flags = Readonly<Record<string, string | readonly string[] | boolean | undefined>>;

function asWritten(kind: "text" | "list" | "seconds", values: readonly string[]): SettingValue {
  const [first = ""] = values;
  return kind === "list" ? values : kind === "seconds" ? Number(first) : first;
}

export type Environment = Readonly<Record<string, string | undefined>>;

interface Found {
  readonly values: readonly string[];
  /** Where it stands, for error messages. */
  readonly source: string;
  readonly rank: "flag" | "environment" | "file";
}

/** `--config none` reads no file: for an agent whose starter says everything. */
const noFile = "none";

/**
 * Flags over environment over file over defaults.
 * @param environment the process's own unless a test hands in another
 * @throws HinobanError "invalid-input" naming every wrong value, where it stands, and what would be right
 */
export function loadConfig(flags: Flags, environment: Environment = process.env): AgentConfig {
  const read = readFiles(flags, environment);
  const problems: FieldProblem[] = [...read.problems];
  const warnings: string[] = [...read.warnings];
  const found = new Map<SettingKey, Found>();
  for (const setting of settings) {
    const value = fromFlag(setting.key, flags) ?? fromEnvironment(setting, environment) ?? fromFile(setting, read.files, problems);
    if (!value) continue;
    problems.push(...checkSetting(setting, value.values, value.source));
    found.set(setting.key, value);
  }
  const sections = readSections(read.files, (sentence) => void warnings.push(sentence), problems);
  if (problems.length > 0) throw invalidInput(problems);
  return build(found, { file: read.path, sections, environment, warnings });
}

function fromFlag(key: string, flags: Flags): Found | undefined {
  const value = flags[flagOf(key)];
  if (value === undefined || typeof value === "boolean") return undefined;
  return { values: typeof value === "string" ? [value] : value, source: `flag --${flagOf(key)}`, rank: "flag" };
}

function fromEnvironment({ key, kind }: (typeof settings)[number], environment: Environment): Found | undefined {
  const value = environment[environmentOf(key)];
  if (value === undefined || value === "") return undefined; // service managers pass empty variables for unset ones
  const values = kind === "list" ? value.split(",").map((item) => item.trim()) : [value];
  return { values, source: environmentOf(key), rank: "environment" };
}

/** What a file says about a setting: the last file wins, and in a file our own name over mackerel-agent's. */
function fromFile(
  { key, kind, ...setting }: (typeof settings)[number],
  files: readonly TomlFile[],
  problems: FieldProblem[],
): Found | undefined {
  const paths = [[key], ...("mackerel" in setting ? [setting.mackerel] : [])];
  for (const { file, table, lines } of [...files].reverse()) {
    const path = paths.find((each) => valueAt(table, each) !== undefined);
    if (!path) continue;
    const value = valueAt(table, path);
    const source = `${file} line ${lines.lineOf(path)}`;
    const texts = typed(kind, value);
    // mackerel-agent writes empty texts for what is not set
    if (texts?.length === 1 && texts[0] === "" && (path[0] !== key || table["apibase"] !== undefined)) continue;
    if (texts) return { values: texts, source, rank: "file" };
    const right = { list: 'a list like ["a", "b"]', text: 'a text in quotes, like "text"', seconds: "a whole number without quotes" }[kind];
    problems.push({ field: `${source}, ${path.join(".")}`, problem: `must be ${right}` });
  }
  return undefined;
}

/** The texts of a value of the right kind. */
function typed(kind: "text" | "list" | "seconds", value: unknown): readonly string[] | undefined {
  if (kind === "list") return Array.isArray(value) && value.every((item) => typeof item === "string") ? value.map(String) : undefined;
  if (kind === "text") return typeof value === "string" ? [value] : undefined;
  return typeof value === "number" && Number.isInteger(value) ? [String(value)] : undefined;
}

/** Where the file stands unless `--config` or HINOBAN_AGENT_CONFIG says otherwise. */
export function defaultConfigPath(environment: Environment = process.env): string {
  return process.platform === "win32"
    ? join(environment["ProgramData"] ?? "C:\\ProgramData", "hinoban-agent", "hinoban-agent.conf")
    : "/etc/hinoban-agent.conf";
}

function readFiles(flags: Flags, environment: Environment): ConfigFiles {
  const flag = flags["config"];
  const named = typeof flag === "string" ? flag : environment["HINOBAN_AGENT_CONFIG"];
  const isNamed = named !== undefined && named !== "";
  const path = isNamed ? named : defaultConfigPath(environment);
  return path === noFile ? noFiles : readConfigFiles(path, isNamed);
}

interface Rest {
  readonly file: string | undefined;
  readonly sections: FileSections;
  readonly environment: Environment;
  readonly warnings: string[];
}

function build(found: ReadonlyMap<SettingKey, Found>, { file, sections, environment, warnings }: Rest): AgentConfig {
  const text = (key: SettingKey): string | undefined => found.get(key)?.values[0];
  const list = (key: SettingKey): readonly string[] => found.get(key)?.values ?? [];
  const status = (key: SettingKey): HostStatus | undefined => {
    const value = text(key);
    return value !== undefined && isHostStatus(value) ? value : undefined;
  };
  const server = text("server");
  const level = text("log_level");
  return {
    file,
    server: server === undefined ? undefined : new URL(server),
    key: readKey(found, warnings),
    stateDir: text("state_dir") ?? defaultStateDir(environment),
    hostName: text("host_name"),
    displayName: text("display_name"),
    memo: text("memo"),
    customIdentifier: text("custom_identifier"),
    roles: list("roles"),
    onStart: status("on_start"),
    onStop: status("on_stop"),
    ca: readNamedFile(found.get("ca_file"), "ca_file"),
    httpProxy: text("http_proxy") === undefined ? undefined : new Secret(text("http_proxy") ?? ""),
    probes: text("probes") !== "off",
    probeAllow: list("probe_allow"),
    logLevel: level !== undefined && isLogLevel(level) ? level : (sections.verbosity ?? "info"),
    firstInterval: seconds(Number(text("first_interval") ?? 3)),
    ...sections,
    given: givenIn(found),
    warnings,
  };
}

function givenIn(found: ReadonlyMap<SettingKey, Found>): ReadonlyMap<SettingKey, SettingValue> {
  const given = new Map<SettingKey, SettingValue>();
  for (const { key, kind } of settings) {
    const value = found.get(key);
    if (value && value.rank !== "file") given.set(key, asWritten(kind, value.values));
  }
  return given;
}

const ranks = { flag: 0, environment: 1, file: 2 } as const;

/** The key, or what stands in the file that `key_file` names. With both, the one nearer to the command line counts. */
function readKey(found: ReadonlyMap<SettingKey, Found>, warnings: string[]): Secret | undefined {
  const direct = found.get("key");
  const named = found.get("key_file");
  if (direct && named && direct.rank === named.rank)
    warnings.push(`Both key and key_file are set (${direct.source}, ${named.source}); key is used.`);
  if (named && (!direct || ranks[named.rank] < ranks[direct.rank])) return readKeyFile(named);
  return direct?.values[0] === undefined ? undefined : new Secret(direct.values[0]);
}

function readKeyFile(named: Found): Secret {
  const key = (readNamedFile(named, "key_file") ?? "").trim();
  const setting = settings.find(({ key: name }) => name === "key");
  const problems = setting ? checkSetting(setting, [key], `${named.values[0] ?? ""} (key_file)`) : [];
  if (problems.length > 0) throw invalidInput(problems);
  return new Secret(key);
}

function readNamedFile(named: Found | undefined, key: string): string | undefined {
  const path = named?.values[0];
  if (named === undefined || path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw invalidInput([
      { field: `${named.source}, ${key}`, problem: `${path} cannot be read; check that it exists and that this user may read it` },
    ]);
  }
}

function defaultStateDir(environment: Environment): string {
  if (process.platform === "win32") return join(environment["ProgramData"] ?? "C:\\ProgramData", "hinoban-agent");
  if (process.getuid?.() === 0) return "/var/lib/hinoban-agent";
  return join(environment["XDG_STATE_HOME"] ?? join(homedir(), ".local", "state"), "hinoban-agent");
}

const laterKeys = [
  "server",
  "key",
  "stateDir",
  "ca",
  "httpProxy",
  "keepsAlive",
  "probes",
  "probeAllow",
  "logLevel",
  "firstInterval",
] as const;
const nowKeys = ["hostName", "displayName", "memo", "customIdentifier", "roles", "onStop", "devices"] as const;

/** Names of settings that differ: those that count at once, and those that count after a restart. */
export function changedSettings(
  before: AgentConfig,
  after: AgentConfig,
): { readonly now: readonly string[]; readonly later: readonly string[] } {
  const differs = (key: keyof AgentConfig): boolean => textOf(before[key]) !== textOf(after[key]);
  const name = (key: string): string => key.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
  return { now: nowKeys.filter(differs).map(name), later: laterKeys.filter(differs).map(name) };
}

/** For comparing only: secrets are in it. */
const textOf = (value: unknown): string | undefined =>
  JSON.stringify(value instanceof Secret ? value.reveal() : value, (_, inner: unknown) =>
    inner instanceof RegExp ? String(inner) : inner,
  );

/** The variables that programs of plugins and checks inherit: all but our own, which may hold the key. */
export function programEnvironment(environment: Environment = process.env): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("HINOBAN_")));
}

/** Server and key, which everything but `once` and `status` needs. @throws HinobanError "invalid-input" saying how to give them. */
export function demandServer(config: AgentConfig): { readonly server: URL; readonly key: Secret } {
  const { server, key } = config;
  if (server && key) return { server, key };
  const missing = [...(server ? [] : ["server"]), ...(key ? [] : ["key"])];
  const ways = missing.map((name) => `\`${name} = "…"\` in ${config.file ?? defaultConfigPath()} or ${environmentOf(name)}`).join(", and ");
  throw new HinobanError("invalid-input", `Not set: ${missing.join(" and ")}. Give ${ways}.`);
}
