import type { FieldProblem } from "#base/errors";
import type { DeviceFilters } from "../collectors/devices.ts";
import type { LogLevel } from "../log.ts";
import { isSettingKey, nearest, settings } from "../settings.ts";
import { readIntegrations, type IntegrationSection } from "./integrations.ts";
import { isJsonObject } from "../json.ts";
import { Options } from "./options.ts";
import { pattern, readPlugins, type PluginSettings } from "./plugins.ts";
import { sectionAt, valueAt } from "./sections.ts";
import type { TomlFile } from "./toml.ts";

/** What stands in the file only: neither flags nor environment have it. */
export interface FileSections {
  readonly devices: DeviceFilters;
  readonly plugins: PluginSettings;
  readonly integrations: readonly IntegrationSection[];
  /** mackerel-agent's folder, whose host id is taken over when the server knows it. */
  readonly mackerelRoot: string | undefined;
  /** A fresh connection for each request. */
  readonly keepsAlive: boolean;
  /** What `verbose` or `silent` ask for. */
  readonly verbosity: LogLevel | undefined;
}

/** Keys of mackerel-agent's file that mean nothing here, each with a reason where one is needed. */
const withoutMeaning: Readonly<Record<string, string>> = {
  pidfile: "",
  conffile: "",
  diagnostic: "this agent's own state is told by `hinoban-agent status`",
  connection: "this agent paces its posts by how fast the server answers",
  cloud_platform: "this agent asks no cloud for metadata",
  auto_shutdown: "",
};

const sectionKeys = [
  "include",
  "root",
  "verbose",
  "silent",
  "disable_http_keep_alive",
  "host_status",
  "filesystems",
  "interfaces",
  "disks",
];
const known = new Set([...sectionKeys, ...Object.keys(withoutMeaning), "plugin", "integrations", "apibase", "apikey"]);

/** Reads everything of the files that is no setting, and warns about what nobody knows. */
export function readSections(files: readonly TomlFile[], warn: (sentence: string) => void, problems: FieldProblem[]): FileSections {
  const last = (path: readonly string[]): { readonly options: Options; readonly key: string } | undefined => {
    const file = files.findLast((each) => valueAt(each.table, path) !== undefined);
    const key = path.at(-1);
    if (!file || key === undefined) return undefined;
    const table = valueAt(file.table, path.slice(0, -1));
    return { key, options: new Options(sectionAt(file, path.slice(0, -1), isJsonObject(table) ? table : {}), warn) };
  };
  const take = <T>(path: readonly string[], read: (options: Options, key: string) => T): T | undefined => {
    const found = last(path);
    if (!found) return undefined;
    const value = read(found.options, found.key);
    problems.push(...found.options.problems);
    return value;
  };
  const flag = (...path: readonly string[]): boolean => take(path, (options, key) => options.flag(key, false)) ?? false;
  const regexp = (...path: readonly string[]): RegExp | undefined => take(path, pattern);
  warnUnknown(files, warn);
  return {
    devices: {
      filesystemsIgnored: regexp("filesystems", "ignore"),
      usesMountpoint: flag("filesystems", "use_mountpoint"),
      interfacesIgnored: regexp("interfaces", "ignore"),
      disksIgnored: regexp("disks", "ignore"),
    },
    plugins: readPlugins(files, warn, problems),
    integrations: readIntegrations(files, warn, problems),
    mackerelRoot: take(["root"], (options, key) => options.optionalText(key)) ?? defaultRoot(files),
    keepsAlive: !flag("disable_http_keep_alive"),
    verbosity: flag("silent") ? "error" : flag("verbose") ? "debug" : undefined,
  };
}

/** A file with `apibase` is mackerel-agent's: its folder is where its package has it unless it says otherwise. */
function defaultRoot(files: readonly TomlFile[]): string | undefined {
  if (process.platform === "win32" || files.every((file) => file.table["apibase"] === undefined)) return undefined;
  return "/var/lib/mackerel-agent";
}

const tables: Readonly<Record<string, readonly string[]>> = {
  host_status: ["on_start", "on_stop"],
  filesystems: ["ignore", "use_mountpoint"],
  interfaces: ["ignore"],
  disks: ["ignore"],
};

function warnUnknown(files: readonly TomlFile[], warn: (sentence: string) => void): void {
  const names = [...settings.map((setting) => setting.key), ...known];
  for (const { file, table, lines } of files) {
    const place = (...path: readonly string[]): string => `${file} line ${lines.lineOf(path)}`;
    for (const [key, value] of Object.entries(table)) {
      const reason = Object.hasOwn(withoutMeaning, key) ? withoutMeaning[key] : undefined;
      if (reason !== undefined && reason !== "") warn(`${place(key)}: \`${key}\` has no effect: ${reason}.`);
      if (!isSettingKey(key) && !known.has(key)) warn(`${place(key)}: ${unknownSentence(key, names)}`);
      if (Object.hasOwn(tables, key)) for (const [inner, sentence] of wrongInside(key, value)) warn(`${place(key, inner)}: ${sentence}`);
    }
  }
}

/** What is unknown inside a section of a few known keys: the key, and the sentence about it. */
function wrongInside(section: string, value: unknown): readonly (readonly [string, string])[] {
  if (!isJsonObject(value)) return [["", `\`${section}\` is a section, [${section}], and was left out as it stands.`]];
  const inside = (tables[section] ?? []).map((name) => `${section}.${name}`);
  return Object.keys(value)
    .filter((key) => !inside.includes(`${section}.${key}`))
    .map((key) => [key, unknownSentence(`${section}.${key}`, inside)]);
}

function unknownSentence(key: string, names: readonly string[]): string {
  const guess = nearest(key, names);
  return `\`${key}\` is not a setting and was left out${guess === undefined ? "" : `; did you mean \`${guess}\`?`}`;
}
