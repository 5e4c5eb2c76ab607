import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, parse as parsePath, sep } from "node:path";
import type { FieldProblem } from "#base/errors";
import { HinobanError } from "#base/errors";
import { readToml, type TomlFile } from "./toml.ts";

/** The configuration file and what it includes, in the order in which they count: later ones win. */
export interface ConfigFiles {
  /** The path that was asked for; undefined when nothing was read. */
  readonly path: string | undefined;
  readonly files: readonly TomlFile[];
  readonly problems: readonly FieldProblem[];
  readonly warnings: readonly string[];
}

const longestFile = 4 * 1024 * 1024;
const mostFiles = 1000;

export const noFiles: ConfigFiles = { path: undefined, files: [], problems: [], warnings: [] };

/**
 * Reads `path` and the files of its `include` patterns.
 * @param isNamed somebody asked for this very file: then it must be there
 */
export function readConfigFiles(path: string, isNamed: boolean): ConfigFiles {
  const problems: FieldProblem[] = [];
  const warnings: string[] = [];
  let main: TomlFile | undefined;
  try {
    const text = readCapped(path);
    warnOpenFile(path, warnings);
    main = readToml(text, path);
  } catch (error) {
    if (error instanceof HinobanError) problems.push(...fieldsOf(error, path));
    else if (isNamed) problems.push({ field: path, problem: isMissing(error) ? "this file does not exist" : "this file cannot be read" });
    else if (!isMissing(error)) warnings.push(`${path} cannot be read by this user and was left out.`);
    return { path: problems.length > 0 ? path : undefined, files: [], problems, warnings };
  }
  const files = [main];
  for (const included of includedBy(main, problems).slice(0, mostFiles)) {
    try {
      const file = readToml(readCapped(included), included);
      if (file.table["include"] !== undefined) {
        warnings.push(`${included} line ${file.lines.lineOf(["include"])}: an included file cannot include others; this was left out.`);
      }
      files.push(file);
    } catch (error) {
      if (error instanceof HinobanError) problems.push(...fieldsOf(error, included));
      else problems.push({ field: included, problem: "this included file cannot be read" });
    }
  }
  return { path, files, problems, warnings };
}

const isMissing = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";

function readCapped(path: string): string {
  if (statSync(path).size > longestFile) throw new HinobanError("too-large", `${path}: must be at most 4 MiB`);
  return readFileSync(path, "utf8");
}

function fieldsOf(error: HinobanError, path: string): readonly FieldProblem[] {
  const { fields } = error.facts;
  return Array.isArray(fields) ? (fields as readonly FieldProblem[]) : [{ field: path, problem: error.message }]; // invalidInput() wrote them
}

function warnOpenFile(path: string, warnings: string[]): void {
  if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) {
    warnings.push(`Other users may read ${path}, which can hold the API key: chmod 600 ${path}`);
  }
}

function includedBy(main: TomlFile, problems: FieldProblem[]): readonly string[] {
  const value = main.table["include"];
  if (value === undefined) return [];
  const patterns: readonly unknown[] = Array.isArray(value) ? value : [value];
  const found = new Set<string>();
  for (const pattern of patterns) {
    if (typeof pattern === "string" && pattern !== "") {
      for (const path of glob(isAbsolute(pattern) ? pattern : join(dirname(main.file), pattern))) found.add(path);
    } else
      problems.push({
        field: `${main.file} line ${main.lines.lineOf(["include"])}, include`,
        problem: 'must be a pattern like "/etc/mackerel-agent/conf.d/*.conf"',
      });
  }
  return [...found];
}

/** The files that match a pattern with `*`, `?` and `[a-z]`, in the order of their names. A folder that cannot be read holds none. */
export function glob(pattern: string): readonly string[] {
  const { root } = parsePath(pattern);
  let paths = [root];
  for (const part of pattern.slice(root.length).split(sep === "\\" ? /[\\/]/u : sep)) {
    if (part === "") continue;
    paths = /[*?[]/u.test(part) ? paths.flatMap((path) => matching(path, part)) : paths.map((path) => join(path, part));
  }
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

function matching(folder: string, part: string): readonly string[] {
  const source = part
    .replace(/[.+^${}()|\\]/gu, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".")
    .replaceAll("[!", "[^");
  try {
    const pattern = new RegExp(`^${source}$`, "u");
    return readdirSync(folder)
      .filter((name) => pattern.test(name) && (!name.startsWith(".") || part.startsWith(".")))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
