import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";

/** First member of a backup: what it is, so that a restore on the wrong machine is refused before anything is unpacked. */
export interface Description {
  readonly product: "hinoban";
  /** Of the backup's layout; a higher one than {@link newestFormat} comes from a newer Hinoban. */
  readonly format: number;
  /** Version of Hinoban that made it. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Version of PostgreSQL, for example "18.4". */
  readonly postgres: string;
  /** Processor, as Node names it: PostgreSQL's files depend on it. */
  readonly arch: string;
}

export const newestFormat = 1;

export const describe = (version: string, postgres: string, now: UnixMs): Description => ({
  product: "hinoban",
  format: newestFormat,
  version,
  createdAt: new Date(now).toISOString(),
  postgres,
  arch: process.arch,
});

/** @throws HinobanError "storage-damaged" when the text is no description, "conflict" when it is of a newer format. */
export function parseDescription(text: string): Description {
  const parsed: unknown = JSON.parse(text);
  if (!isDescription(parsed)) throw new HinobanError("storage-damaged", "This file is not a backup of Hinoban.");
  if (parsed.format > newestFormat) {
    throw new HinobanError("conflict", `The backup was made by the newer Hinoban ${parsed.version}. Restore it with that version.`, {
      version: parsed.version,
    });
  }
  return parsed;
}

function isDescription(value: unknown): value is Description {
  if (typeof value !== "object" || value === null) return false;
  const found = new Map<string, unknown>(Object.entries(value));
  const areTexts = ["version", "createdAt", "postgres", "arch"].every((key) => typeof found.get(key) === "string");
  return found.get("product") === "hinoban" && Number.isSafeInteger(found.get("format")) && areTexts;
}
