import type { Options } from "../options.ts";
import type { CombinedTime } from "./combined.ts";
import { timeUnitNames, type TimeField, type TimeUnit } from "./entry.ts";
import type { FieldNames } from "./fields.ts";
import { formats, type Format, type FormatSettings } from "./format.ts";
import { jsonNames } from "./json-lines.ts";
import { ltsvNames } from "./ltsv.ts";

/** What a section says about the lines of its logs. */
export interface LineSettings {
  readonly format: Format;
  readonly fields: FormatSettings;
  readonly statuses: readonly number[];
}

/**
 * `format`; `time_field`, `status_field`, `bytes_field` (names in LTSV and JSON lines); `time_unit`; `statuses`. For combined lines `time_field` is
 * "last" or the name before `=`; without it the last field counts if `time_unit` is given, since a plain combined line ends with the browser's name.
 */
export function readLineSettings(options: Options): LineSettings {
  const format = options.word("format", formats, "auto");
  const timeField = options.optionalText("time_field");
  const unit = options.word<TimeUnit | "default">("time_unit", [...timeUnitNames, "default"], "default");
  const status = options.optionalText("status_field");
  const bytes = options.optionalText("bytes_field");
  const named = (names: FieldNames): FieldNames => ({
    status: status === undefined ? names.status : [status],
    bytes: bytes === undefined ? names.bytes : [bytes],
    time: timeField === undefined ? names.time.map((field) => withUnit(field, unit)) : [timeOf(timeField, names, unit)],
  });
  return {
    format,
    fields: { time: combinedTime(timeField, unit), ltsv: named(ltsvNames), json: named(jsonNames) },
    statuses: readStatuses(options),
  };
}

const withUnit = (field: TimeField, unit: TimeUnit | "default"): TimeField => (unit === "default" ? field : { ...field, unit });

function timeOf(name: string, names: FieldNames, unit: TimeUnit | "default"): TimeField {
  const known = names.time.find((field) => field.name === name);
  return { name, unit: unit === "default" ? (known?.unit ?? "s") : unit };
}

function combinedTime(name: string | undefined, unit: TimeUnit | "default"): CombinedTime {
  const inUnit = unit === "default" ? "s" : unit;
  if (name === undefined && unit === "default") return { place: "none", unit: "s" };
  return { place: name === undefined || name === "last" ? "last" : { behind: name }, unit: inUnit };
}

function readStatuses(options: Options): readonly number[] {
  const value = options.raw("statuses");
  const items: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  const statuses = items.map(Number).filter((status) => Number.isInteger(status) && status >= 100 && status <= 599);
  if (statuses.length !== items.length || statuses.length > 50)
    options.problem("statuses", "must be a list of at most 50 codes from 100 to 599, like [404, 499, 503]");
  return [...new Set(statuses)];
}
