import { code } from "./bytes.ts";
import { combinedReader, type CombinedTime } from "./combined.ts";
import type { LineReader } from "./entry.ts";
import type { FieldNames } from "./fields.ts";
import { jsonReader } from "./json-lines.ts";
import { ltsvReader } from "./ltsv.ts";

export const formats = ["auto", "combined", "ltsv", "json"] as const;
export type Format = (typeof formats)[number];

/** How the lines of a section are read. */
export interface FormatSettings {
  readonly time: CombinedTime;
  readonly ltsv: FieldNames;
  readonly json: FieldNames;
}

/** The reader of a format. "auto" keeps to the format of the line before, and looks anew when a line is not of it. */
export function readerOf(format: Format, { time, ltsv, json }: FormatSettings): LineReader {
  const readers = { combined: combinedReader(time), ltsv: ltsvReader(ltsv), json: jsonReader(json) };
  if (format !== "auto") return readers[format];
  let current = readers.combined;
  return (chunk, from, to, entry) => {
    if (current(chunk, from, to, entry)) return true;
    current = readers[guess(chunk, from, to)];
    return current(chunk, from, to, entry);
  };
}

/** `{` begins JSON; a tab makes LTSV, since servers escape those of clients; everything else is combined. */
function guess(chunk: Uint8Array, from: number, to: number): Exclude<Format, "auto"> {
  if (chunk[from] === code.braceOpen) return "json";
  for (let at = from; at < to; at += 1) if (chunk[at] === code.tab) return "ltsv";
  return "combined";
}
