import { isJsonObject, type JsonObject } from "../json.ts";
import type { OptionSection } from "./options.ts";
import type { TomlFile } from "./toml.ts";

/** A table of the file at `path`, ready to be read option by option. */
export function sectionAt(file: TomlFile, path: readonly string[], options: JsonObject): OptionSection {
  return {
    label: path.join("."),
    file: file.file,
    options,
    lineOf: (option) => file.lines.lineOf([...path, ...(option === "" ? [] : option.split("."))]),
  };
}

/** The value at `path`, if every step before it is a table. */
export function valueAt(table: JsonObject, path: readonly string[]): unknown {
  let value: unknown = table;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

/** A named table of several files: the last one counts. */
export interface NamedTable {
  readonly file: TomlFile;
  readonly name: string;
  readonly table: JsonObject;
}

/**
 * The tables `[path.NAME]` of all files by name; one that a later file writes anew replaces the earlier whole, and `warn` is told.
 * Something else than a table at such a place is told to `wrong`.
 */
export function namedTables(
  files: readonly TomlFile[],
  path: readonly string[],
  warn: (sentence: string) => void,
  wrong: (field: string, problem: string) => void,
): readonly NamedTable[] {
  const found = new Map<string, NamedTable>();
  for (const file of files) {
    const value = valueAt(file.table, path);
    if (value === undefined) continue;
    const place = (name: readonly string[]): string => `${file.file} line ${file.lines.lineOf([...path, ...name])}`;
    if (!isJsonObject(value)) wrong(`${place([])}, ${path.join(".")}`, `must be sections like [${path.join(".")}.NAME]`);
    for (const [name, table] of isJsonObject(value) ? Object.entries(value) : []) {
      const label = [...path, name].join(".");
      if (!isJsonObject(table)) wrong(`${place([name])}, ${label}`, `must be a section like [${label}]`);
      else {
        const earlier = found.get(name);
        if (earlier) warn(`${place([name])}: [${label}] replaces the one in ${earlier.file.file}.`);
        found.set(name, { file, name, table });
      }
    }
  }
  return [...found.values()];
}
