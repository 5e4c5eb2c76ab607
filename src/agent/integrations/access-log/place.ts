import { createHash } from "node:crypto";
import { isJsonObject } from "../../json.ts";

/** How far a file was read. */
export interface Place {
  /** Device and inode, which a file keeps when it is renamed. */
  readonly id: string;
  /** Bytes that were counted. */
  readonly offset: number;
  /** Digest of the first `headLength` bytes: an inode may be given to another file, and a truncated file may have grown again. */
  readonly head: string;
  readonly headLength: number;
}

/** So many bytes tell a log from every other: the first line holds its time. */
export const longestHead = 256;

export const digest = (bytes: Uint8Array): string => createHash("sha1").update(bytes).digest("base64url");

/** Where all files of an integration were left, with the time of that. */
export interface SavedPlaces {
  /** Unix milliseconds. */
  readonly at: number;
  readonly files: ReadonlyMap<string, Place>;
}

export function formatPlaces({ at, files }: SavedPlaces): string {
  return `${JSON.stringify({ at, files: Object.fromEntries(files) }, undefined, 1)}\n`;
}

/** What {@link formatPlaces} wrote; undefined when it is damaged, which costs one minute of lines. */
export function parsePlaces(value: unknown): SavedPlaces | undefined {
  if (!isJsonObject(value) || typeof value["at"] !== "number" || !isJsonObject(value["files"])) return undefined;
  const files = new Map<string, Place>();
  for (const [path, place] of Object.entries(value["files"])) {
    if (!isJsonObject(place)) continue;
    const { id, offset, head, headLength } = place;
    if (typeof id !== "string" || typeof head !== "string" || !isCount(offset) || !isCount(headLength)) continue;
    files.set(path, { id, offset, head, headLength: Math.min(headLength, longestHead) });
  }
  return { at: value["at"], files };
}

const isCount = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
