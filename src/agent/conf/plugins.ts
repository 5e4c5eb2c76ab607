import { createHash } from "node:crypto";
import { hours, minutes, seconds, type Millis } from "#base/duration";
import type { FieldProblem } from "#base/errors";
import { isJsonObject } from "../json.ts";
import { goMinutes, goPattern } from "./go-syntax.ts";
import { Options } from "./options.ts";
import { namedTables, sectionAt, type NamedTable } from "./sections.ts";
import type { TomlFile } from "./toml.ts";

/** A program to run. Its text may hold passwords: it is never logged. */
export interface CommandSpec {
  /** A text runs in the shell (`sh -c`, on Windows `cmd /c`); a list runs as it is. */
  readonly command: string | readonly string[];
  /** The account to run it as; ours when absent. */
  readonly user: string | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly timeout: Millis;
}

interface PluginConfig {
  readonly name: string;
  readonly run: CommandSpec;
  /** Changes whenever anything of the section does. */
  readonly signature: string;
}

/** `[plugin.metrics.NAME]` */
export interface MetricPluginConfig extends PluginConfig {
  /** Only metrics whose name (without `custom.`) matches. */
  readonly include: RegExp | undefined;
  readonly exclude: RegExp | undefined;
  /** The host that the values belong to, when it is not this one. */
  readonly customIdentifier: string | undefined;
  readonly usesOwnTime: boolean;
}

/** `[plugin.checks.NAME]` */
export interface CheckPluginConfig extends PluginConfig {
  /** 1-60 min. */
  readonly interval: Millis;
  readonly maxCheckAttempts: number | undefined;
  readonly notificationInterval: number | undefined;
  /** OK is never sent: a person closes the alert. */
  readonly preventAutoClose: boolean;
  /** Runs after each look. */
  readonly action: CommandSpec | undefined;
  readonly customIdentifier: string | undefined;
  readonly memo: string | undefined;
  /** Performance data becomes metrics. */
  readonly perfdata: boolean;
}

/** `[plugin.metadata.NAME]`; the name is the namespace. */
export interface MetadataPluginConfig extends PluginConfig {
  /** 10 min or more. */
  readonly interval: Millis;
}

export interface PluginSettings {
  readonly metrics: readonly MetricPluginConfig[];
  readonly checks: readonly CheckPluginConfig[];
  readonly metadata: readonly MetadataPluginConfig[];
}

const defaultTimeout = 30;
const longestMemo = 250;
const kinds = ["metrics", "checks", "metadata"] as const;

/** Reads all `[plugin.KIND.NAME]` sections. What is wrong goes to `problems`, what is unknown to `warn`. */
export function readPlugins(files: readonly TomlFile[], warn: (sentence: string) => void, problems: FieldProblem[]): PluginSettings {
  const wrong = (field: string, problem: string): void => void problems.push({ field, problem });
  const read = <T>(kind: (typeof kinds)[number], build: (options: Options, name: string, signature: string) => T): readonly T[] =>
    namedTables(files, ["plugin", kind], warn, wrong).map((named) => {
      const options = new Options(sectionAt(named.file, ["plugin", kind, named.name], named.table), warn);
      const built = build(options, named.name, signatureOf(named));
      problems.push(...options.end());
      return built;
    });
  for (const { file, name } of namedTables(files, ["plugin"], () => undefined, wrong)) {
    if (!kinds.some((kind) => kind === name))
      warn(
        `${file.file} line ${file.lines.lineOf(["plugin", name])}: [plugin.${name}] is not known and was left out; there are ${kinds.join(", ")}.`,
      );
  }
  return { metrics: read("metrics", metricPlugin), checks: read("checks", checkPlugin), metadata: read("metadata", metadataPlugin) };
}

/** A digest, because the text may hold passwords. */
const signatureOf = ({ table }: NamedTable): string =>
  createHash("sha256")
    .update(JSON.stringify(table, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value)))
    .digest("hex");

function metricPlugin(options: Options, name: string, signature: string): MetricPluginConfig {
  return {
    name,
    signature,
    run: command(options),
    include: pattern(options, "include_pattern") ?? pattern(options, "metric_name_pattern"),
    exclude: pattern(options, "exclude_pattern"),
    customIdentifier: options.optionalText("custom_identifier"),
    usesOwnTime: options.flag("use_plugin_timestamp", false),
  };
}

function checkPlugin(options: Options, name: string, signature: string): CheckPluginConfig {
  const preventAutoClose = options.flag("prevent_alert_auto_close", false);
  const attempts = options.has("max_check_attempts") ? options.integer("max_check_attempts", 1, { least: 0, most: 1000 }) : undefined;
  if (preventAutoClose && attempts !== undefined && attempts > 1)
    options.warn("max_check_attempts", "counts as 1 together with prevent_alert_auto_close");
  const again = options.has("notification_interval") ? interval(options, "notification_interval", minutes(0), minutes(0)) : undefined;
  return {
    name,
    signature,
    run: command(options),
    interval: interval(options, "check_interval", minutes(1), minutes(1), hours(1)),
    maxCheckAttempts: attempts === undefined ? undefined : preventAutoClose ? 1 : Math.min(Math.max(attempts, 1), 10),
    notificationInterval: again === undefined ? undefined : Math.max(Math.round(again / minutes(1)), 10),
    preventAutoClose,
    action: action(options),
    customIdentifier: options.optionalText("custom_identifier"),
    memo: memo(options),
    perfdata: options.flag("perfdata", false),
  };
}

function metadataPlugin(options: Options, name: string, signature: string): MetadataPluginConfig {
  if (!/^[-A-Za-z0-9_]+$/u.test(name) || /^mackerel$/iu.test(name))
    options.problem("", "the name becomes the namespace: letters, digits, - and _, but not mackerel");
  return { name, signature, run: command(options), interval: interval(options, "execution_interval", minutes(10), minutes(10)) };
}

function command(options: Options): CommandSpec {
  return {
    command: commandText(options),
    user: options.optionalText("user"),
    env: environment(options),
    timeout: timeout(options),
  };
}

function commandText(options: Options): string | readonly string[] {
  const value = options.raw("command");
  if (typeof value === "string" && value.trim() !== "" && !value.includes("\0")) return value;
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value[0] !== "" &&
    value.every((word) => typeof word === "string" && !word.includes("\0"))
  )
    return value.map(String);
  options.problem("command", 'must be a text like "check_load -w 5" or a list like ["check_load", "-w", "5"]');
  return [];
}

/** `timeout_seconds`, or `timeout`: whole seconds, or a text like `1m30s`. */
function timeout(options: Options): Millis {
  const key = options.has("timeout_seconds") || !options.has("timeout") ? "timeout_seconds" : "timeout";
  options.raw("timeout");
  const value = options.raw(key);
  if (value === undefined) return seconds(defaultTimeout);
  const found =
    typeof value === "number" && Number.isInteger(value) ? seconds(value) : typeof value === "string" ? goMinutes(value) : undefined;
  if (found !== undefined && found >= 1000 && found <= hours(1)) return found;
  options.problem(key, "must be whole seconds from 1 to 3600");
  return seconds(defaultTimeout);
}

/** Texts, and numbers as they are written. */
function environment(options: Options): Readonly<Record<string, string>> {
  const value = options.raw("env");
  const found: Record<string, string> = {};
  if (value === undefined) return found;
  if (!isJsonObject(value)) options.problem("env", 'must be a table like { NAME = "value" }');
  for (const [name, text] of isJsonObject(value) ? Object.entries(value) : []) {
    const isPlain = typeof text === "string" || typeof text === "number" || typeof text === "boolean" || typeof text === "bigint";
    if (isPlain && /^[^=\0]+$/u.test(name) && !String(text).includes("\0")) found[name] = String(text);
    else options.problem(`env.${name}`, 'must be a text in quotes, like "text"');
  }
  return found;
}

function action(options: Options): CommandSpec | undefined {
  const value = options.raw("action");
  if (value === undefined) return undefined;
  if (isJsonObject(value)) return options.within("action", value, command);
  options.problem("action", 'must be a table like { command = "…" }');
  return undefined;
}

function memo(options: Options): string | undefined {
  const text = options.optionalText("memo");
  const characters = text === undefined ? [] : [...text];
  if (characters.length <= longestMemo) return text;
  options.warn("memo", `is cut at ${longestMemo} characters`);
  return characters.slice(0, longestMemo).join("");
}

/** Minutes, or a text like `1h30m`, kept within its bounds with a warning as mackerel-agent does. */
function interval(options: Options, key: string, otherwise: Millis, least: Millis, most?: Millis): Millis {
  const value = options.raw(key);
  if (value === undefined) return otherwise;
  const found = goMinutes(value);
  if (found === undefined) {
    options.problem(key, 'must be whole minutes, or a text like "1h30m"');
    return otherwise;
  }
  const kept = Math.min(Math.max(found, least), most ?? found + least) as Millis; // between two lengths of time lies another
  const allowed = most === undefined ? `at least ${least / 60_000}` : `from ${least / 60_000} to ${most / 60_000}`;
  if (kept !== found) options.warn(key, `must be ${allowed} minutes; ${kept / 60_000} is used`);
  return kept;
}

/** A regular expression of Go. */
export function pattern(options: Options, key: string): RegExp | undefined {
  const text = options.optionalText(key);
  if (text === undefined) return undefined;
  const found = goPattern(text);
  if (!found) options.warn(key, "is no regular expression that this agent understands and was left out");
  return found;
}
