import { createHash } from "node:crypto";
import type { FieldProblem } from "#base/errors";
import type { IntegrationConfig } from "../integrations/integration.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { namedTables, sectionAt } from "./sections.ts";
import type { TomlFile } from "./toml.ts";

/** A section with what tells whether it changed. */
export interface IntegrationSection {
  readonly config: IntegrationConfig;
  readonly signature: string;
}

/**
 * Reads `[integrations.KIND]` and `[integrations.KIND.INSTANCE]`. A table inside a kind is an instance when a section header names it or
 * something below it, else an option; a kind with only instances is no integration of its own.
 */
export function readIntegrations(
  files: readonly TomlFile[],
  warn: (sentence: string) => void,
  problems: FieldProblem[],
): readonly IntegrationSection[] {
  const wrong = (field: string, problem: string): void => void problems.push({ field, problem });
  const found: IntegrationSection[] = [];
  for (const { file, name: kind, table } of namedTables(files, ["integrations"], warn, wrong)) {
    const own: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(table)) {
      const path = ["integrations", kind, key];
      if (isJsonObject(value) && file.lines.hasHeaderBelow(path)) found.push(section(file, path, value));
      else Object.defineProperty(own, key, { value, enumerable: true });
    }
    const path = ["integrations", kind];
    if (Object.keys(own).length > 0 || file.lines.hasHeader(path)) found.push(section(file, path, own));
  }
  return found;
}

function section(file: TomlFile, path: readonly string[], options: JsonObject): IntegrationSection {
  const [, kind = "", ...instance] = path;
  const { lineOf } = sectionAt(file, path, options);
  const name = [kind, ...instance].join(".");
  const text = JSON.stringify(options, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  const signature = createHash("sha256").update(text).digest("hex");
  return { config: { kind, name, options, file: file.file, line: lineOf(""), lineOf }, signature };
}
