import { readdir } from "node:fs/promises";
import { basename, dirname, isAbsolute, join } from "node:path";

const compressed = /\.(?:gz|bz2|xz|zst|lz4|lzma|Z|zip)$/u;
const rotated = /[.-]\d+$/u;

/** Files of one pattern; a folder with more has a pattern that says too little. */
export const mostFiles = 256;

const isPattern = (text: string): boolean => /[*?]/u.test(text);

/**
 * The files that `pattern` names: `*` and `?` stand for anything within one part of the path. Rotated (`.1`, `-20261122`) and compressed files
 * belong to a pattern only by their full name.
 */
export async function findFiles(pattern: string): Promise<readonly string[]> {
  if (!isPattern(pattern)) return [pattern];
  const parts = pattern.split("/");
  let found: readonly string[] = [isAbsolute(pattern) ? "/" : "."];
  for (const [index, part] of parts.entries()) {
    if (part === "") continue;
    const isName = index === parts.length - 1;
    found = isPattern(part) ? await within(found, part, isName) : found.map((folder) => join(folder, part));
  }
  return found.slice(0, mostFiles);
}

async function within(folders: readonly string[], part: string, isName: boolean): Promise<readonly string[]> {
  const expression = new RegExp(
    `^${part
      .replace(/[.+^${}()|[\]\\]/gu, String.raw`\$&`)
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "u",
  );
  const found: string[] = [];
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []); // not there, or closed to us: the others still count
    for (const name of names.toSorted((a, b) => (a < b ? -1 : 1))) {
      if (!expression.test(name) || (name.startsWith(".") && !part.startsWith("."))) continue;
      if (!isName || !(compressed.test(name) || rotated.test(name))) found.push(join(folder, name));
    }
  }
  return found;
}

/** Files beside `path` that may be what it was before a rotation: `access.log.1`, `access.log-20261122`, `access-20261122.log`. Never compressed ones. */
export async function findRotated(path: string): Promise<readonly string[]> {
  const name = basename(path);
  const stem = name.replace(/\.[^.]*$/u, "");
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((other) => other !== name && other.startsWith(stem) && !compressed.test(other))
    .map((other) => join(dirname(path), other));
}
