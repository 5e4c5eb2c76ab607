import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { HinobanError, invalidInput, messageOf, type FieldProblem } from "#base/errors";
import { parseValue, Wrong } from "./parse-value.ts";
import { settings, type Setting, type SettingName, type Settings } from "./settings.ts";

/** Where settings come from, strongest first: command line, environment, file, defaults. */
export interface Sources {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

/** Settings, and the words of the command line that were no settings. */
export interface Loaded {
  readonly settings: Settings;
  readonly rest: readonly string[];
  /** The file that was read, if any. */
  readonly file: string | undefined;
}

type Raw = Partial<Record<SettingName, { value: unknown; from: string }>>;

/** Reads all settings. @throws HinobanError "invalid-input" that names each wrong setting, where it stands and what would be right. */
export function loadSettings(sources: Sources): Loaded {
  const { raw: flags, rest, problems } = fromFlags(sources.args);
  const env = fromEnvironment(sources.env);
  const named = pick(flags, env, {}, "config");
  const dataDir = pick(flags, env, {}, "dataDir") ?? settings.dataDir.default;
  const file = configFile(sources.cwd, named, dataDir);
  const fromFile = file === undefined ? {} : readConfigFile(file, problems);
  const values: Record<string, unknown> = {};
  for (const name of settingNames) {
    const given = flags[name] ?? env[name] ?? fromFile[name];
    values[name] = given === undefined ? settings[name].default : valueOf(settings[name], given, problems);
  }
  if (problems.length > 0) throw invalidInput(problems);
  const loaded = values as Settings; // every key was parsed by its own setting above
  return { settings: { ...loaded, dataDir: resolve(sources.cwd, loaded.dataDir) }, rest, file };
}

function pick(flags: Raw, env: Raw, file: Raw, name: SettingName): string | undefined {
  const value = (flags[name] ?? env[name] ?? file[name])?.value;
  return typeof value === "string" && value !== "" ? value : undefined;
}

function configFile(cwd: string, named: string | undefined, dataDir: string): string | undefined {
  if (named !== undefined) {
    const path = resolve(cwd, named);
    if (!existsSync(path)) throw new HinobanError("invalid-input", `The configuration file ${path} does not exist.`, { path });
    return path;
  }
  return [join(cwd, "hinoban.yaml"), join(resolve(cwd, dataDir), "hinoban.yaml")].find((path) => existsSync(path));
}

function readConfigFile(path: string, problems: FieldProblem[]): Raw {
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    throw new HinobanError("invalid-input", `${path} is not valid YAML: ${messageOf(error)}`, { path }, { cause: error });
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new HinobanError("invalid-input", `${path} must hold one setting per line, such as \`port: 8600\`.`, { path });
  }
  const raw: Raw = {};
  for (const [key, value] of Object.entries(content)) {
    if (isSettingName(key) && key !== "config") raw[key] = { value, from: path };
    else problems.push({ field: `${path}: ${key}`, problem: `there is no such setting; known are ${Object.keys(settings).join(", ")}` });
  }
  return raw;
}

const settingNames = Object.keys(settings).filter(isSettingName);

function isSettingName(key: string): key is SettingName {
  return Object.hasOwn(settings, key);
}

function fromEnvironment(env: Sources["env"]): Raw {
  const raw: Raw = {};
  for (const name of settingNames) {
    const value = env[settings[name].env];
    if (value !== undefined && value !== "") raw[name] = { value, from: settings[name].env };
  }
  const url = env["DATABASE_URL"]; // the name that platforms use
  if (raw.databaseUrl === undefined && url) raw.databaseUrl = { value: url, from: "DATABASE_URL" };
  return raw;
}

function fromFlags(args: readonly string[]): { raw: Raw; rest: string[]; problems: FieldProblem[] } {
  const byFlag = new Map(settingNames.map((name) => [settings[name].flag, name]));
  const raw: Raw = {};
  const rest: string[] = [];
  const problems: FieldProblem[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const [flag = "", inline] = arg.split(/=(.*)/su);
    const negated = byFlag.get(flag.replace(/^--no-/u, "--"));
    const name = byFlag.get(flag);
    if (name !== undefined) {
      const isBoolean = settings[name].value === "boolean";
      const value = inline ?? (isBoolean ? "true" : args[++i]);
      if (value === undefined) problems.push({ field: flag, problem: "a value must follow" });
      else raw[name] = { value, from: flag };
    } else if (flag.startsWith("--no-") && negated !== undefined && settings[negated].value === "boolean") {
      raw[negated] = { value: "false", from: flag };
    } else rest.push(arg);
  }
  return { raw, rest, problems };
}

/** The value of one setting; a wrong one is added to the problems, under the name by which it was given. */
function valueOf(setting: Setting<unknown>, given: { value: unknown; from: string }, problems: FieldProblem[]): unknown {
  const parsed = parseValue(setting, given.value);
  if (!(parsed instanceof Wrong)) return parsed;
  const isByName = given.from === setting.flag || given.from === setting.env;
  problems.push({ field: isByName ? given.from : `${given.from}: ${setting.key}`, problem: parsed.problem });
  return setting.default;
}
