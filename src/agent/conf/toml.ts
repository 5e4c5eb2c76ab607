import { parse, TomlError } from "smol-toml";
import { invalidInput } from "#base/errors";
import { isJsonObject, type JsonObject } from "../json.ts";
import { locate, type TomlLines } from "./toml-lines.ts";

/** A configuration file that was read. */
export interface TomlFile {
  readonly file: string;
  readonly table: JsonObject;
  readonly lines: TomlLines;
}

/** Inline tables and lists inside each other: a configuration has three or four. */
const deepest = 32;

/**
 * Reads the whole grammar of TOML 1.0. Integers beyond 2^53 become bigint.
 * @throws HinobanError "invalid-input" naming file and line; it never repeats what stands there, because that may be a key
 */
export function readToml(text: string, file: string): TomlFile {
  try {
    const table: unknown = parse(text, { integersAsBigInt: "asNeeded", maxDepth: deepest, unsafeKeyBehaviour: "throw" });
    return { file, table: isJsonObject(table) ? table : {}, lines: locate(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [sentence = ""] = error.message.replace("Invalid TOML document: ", "").split("\n");
    throw invalidInput([{ field: `${file} line ${error.line}`, problem: `this is not TOML (${sentence})${hint(text, error.line)}` }]);
  }
}

/** What people get wrong most: a text without quotes. The name of the setting is no secret. */
function hint(text: string, line: number): string {
  const written = text.split("\n")[line - 1] ?? "";
  const [, key] = /^\s*([A-Za-z0-9_-]+)\s*=\s*[^\s"'[{#]/u.exec(written) ?? [];
  if (key !== undefined) return `; texts stand in quotes, like ${key} = "text"`;
  return /^\s*[A-Za-z0-9_-]+\s*(?:[^=\s]|$)/u.test(written) ? "; write `key = value`" : "";
}
