import { parseJson } from "../../json.ts";
import { textAt } from "../json-path.ts";

/** A unit as `systemctl list-units` lists it. */
export interface ListedUnit {
  readonly unit: string;
  readonly load: string;
  readonly active: string;
  readonly sub: string;
}

/** What `systemctl show` tells about one unit; numbers that systemd has not set are absent. */
export interface UnitState {
  readonly id: string;
  /** All its names, aliases included. */
  readonly names: readonly string[];
  readonly type: string;
  readonly load: string;
  readonly active: string;
  readonly sub: string;
  readonly result: string;
  /** Exit status of the main process, when it has ended. */
  readonly exitStatus: number | undefined;
  /** Automatic restarts since the unit was loaded. */
  readonly restarts: number | undefined;
  /** Bytes, with MemoryAccounting. */
  readonly memory: number | undefined;
  /** CPU time used, in nanoseconds, with CPUAccounting. */
  readonly cpu: number | undefined;
  readonly tasks: number | undefined;
}

/** The properties that {@link parseShow} reads. */
export const shownProperties = [
  "Id",
  "Names",
  "Type",
  "LoadState",
  "ActiveState",
  "SubState",
  "Result",
  "ExecMainStatus",
  "NRestarts",
  "MemoryCurrent",
  "CPUUsageNSec",
  "TasksCurrent",
] as const;

const mostUnits = 10_000;

/** Reads `systemctl list-units --output=json`; systemd before 246 ignores the option and prints columns, which are read as well. */
export function parseListUnits(text: string): readonly ListedUnit[] {
  const value = parseJson(text);
  if (Array.isArray(value)) return value.slice(0, mostUnits).flatMap(listed);
  const found: ListedUnit[] = [];
  for (const line of text.split("\n")) {
    const [unit, load, active, sub] = line.replace(/^[\s●*○×↻]+/u, "").split(/\s+/u);
    if (unit === undefined || load === undefined || active === undefined || sub === undefined) continue;
    if (/\.[a-z]+$/u.test(unit) && found.length < mostUnits) found.push({ unit, load, active, sub });
  }
  return found;
}

function listed(entry: unknown): readonly ListedUnit[] {
  const unit = textAt(entry, "unit");
  if (unit === undefined || unit === "") return [];
  return [{ unit, load: textAt(entry, "load") ?? "", active: textAt(entry, "active") ?? "", sub: textAt(entry, "sub") ?? "" }];
}

/** Reads `systemctl show --property=…` of any number of units: blocks of `Key=value` lines with an empty line between them. */
export function parseShow(text: string): readonly UnitState[] {
  const units: UnitState[] = [];
  for (const block of text.split(/\n\s*\n/u)) {
    const properties = new Map<string, string>();
    for (const line of block.split("\n")) {
      const at = line.indexOf("=");
      if (at > 0) properties.set(line.slice(0, at), line.slice(at + 1).trim());
    }
    const id = properties.get("Id");
    if (id === undefined || id === "" || units.length >= mostUnits) continue;
    units.push(stateOf(id, properties));
  }
  return units;
}

function stateOf(id: string, properties: ReadonlyMap<string, string>): UnitState {
  const text = (name: (typeof shownProperties)[number]): string => properties.get(name) ?? "";
  // An unset number is `[not set]`, or 2^64-1.
  const number = (name: (typeof shownProperties)[number]): number | undefined => {
    const value = /^\d{1,19}$/u.test(text(name)) ? Number(text(name)) : undefined;
    return value === undefined || value > Number.MAX_SAFE_INTEGER ? undefined : value;
  };
  return {
    id,
    names: [
      id,
      ...text("Names")
        .split(" ")
        .filter((name) => name !== ""),
    ],
    type: text("Type"),
    load: text("LoadState"),
    active: text("ActiveState"),
    sub: text("SubState"),
    result: text("Result"),
    exitStatus: number("ExecMainStatus"),
    restarts: number("NRestarts"),
    memory: number("MemoryCurrent"),
    cpu: number("CPUUsageNSec"),
    tasks: number("TasksCurrent"),
  };
}
