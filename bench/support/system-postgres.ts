import { existsSync, readdirSync } from "node:fs";
import { ensureProgram } from "./processes.ts";

/** The folder with the programs of Debian's own PostgreSQL, installed when it is absent. */
export function systemPostgres(): string {
  const found = folderOf();
  if (found !== undefined) return found;
  ensureProgram("/usr/bin/pg_lsclusters", "postgresql");
  const installed = folderOf();
  if (installed === undefined) throw new Error("The package postgresql has no initdb.");
  return installed;
}

function folderOf(): string | undefined {
  const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql").map(Number) : [];
  return versions
    .toSorted((a, b) => a - b)
    .map((version) => `/usr/lib/postgresql/${version}/bin`)
    .find((folder) => existsSync(`${folder}/initdb`));
}
