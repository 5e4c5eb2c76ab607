import { lstat, readdir } from "node:fs/promises";

const mostFiles = 500;
const mostFolders = 2000;

/** A segment of a path as an expression: `*`, `?` and `[…]`, as a shell reads them; hidden names only when the pattern begins with a dot. */
export function segmentPattern(segment: string): RegExp {
  const source = segment.replace(/[*?]|\[!?[^\]/]+\]|[\\^$.()|{}[\]+]/gu, (part) => {
    if (part === "*") return "[^/]*";
    if (part === "?") return "[^/]";
    if (part.length > 1)
      return `[${part
        .slice(1, -1)
        .replace(/^!/u, "^")
        .replace(/[\\[\]]/gu, String.raw`\$&`)}]`;
    return `\\${part}`;
  });
  try {
    return new RegExp(`^${segment.startsWith(".") ? "" : String.raw`(?!\.)`}${source}$`, "u");
  } catch {
    return /^(?!)/u; // a backward range like [z-a] matches nothing, as in a shell
  }
}

/** What a pattern found: files, and folders that could not be listed. */
export interface Globbed {
  readonly files: readonly string[];
  readonly unreadable: readonly string[];
  /** There were more than 500. */
  readonly isCut: boolean;
}

/** The paths that fit an absolute pattern, sorted. A path without `*`, `?` or `[` is itself, whether it exists or not. */
export async function glob(pattern: string): Promise<Globbed> {
  const unreadable: string[] = [];
  let paths = [""];
  for (const segment of pattern.split("/").slice(1)) {
    if (!/[*?[]/u.test(segment)) {
      paths = paths.map((path) => `${path}/${segment}`);
      continue;
    }
    const wanted = segmentPattern(segment);
    const next: string[] = [];
    for (const path of paths.slice(0, mostFolders)) {
      const names = await readdir(path === "" ? "/" : path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT" && error.code !== "ENOTDIR") unreadable.push(path);
        return [];
      });
      next.push(...names.filter((name) => wanted.test(name)).map((name) => `${path}/${name}`));
    }
    paths = next;
  }
  const isPattern = /[*?[]/u.test(pattern);
  const found = isPattern ? await existing(paths.slice(0, mostFolders)) : paths;
  return { files: found.slice(0, mostFiles).sort(), unreadable, isCut: found.length > mostFiles };
}

/** A folder that a pattern found need not hold the name that follows (certbot puts a README beside its folders). */
async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    paths.map(async (path) =>
      lstat(path).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
      ),
    ),
  );
  return paths.filter((_, index) => found[index] === true);
}
