import { parseJson, isJsonObject, type JsonObject } from "../../json.ts";
import { segment } from "../../collectors/collector.ts";
import { numberAt, objectsAt, textAt, valueAt } from "../json-path.ts";

/** A disk as `smartctl --scan-open` names it. */
export interface DiskName {
  readonly device: string;
  /** The `-d` of smartctl: `sat`, `nvme`, `megaraid,4`. Empty: smartctl finds out. */
  readonly type: string;
}

/** What a disk says about itself, whatever it is connected by. A measure that it does not have is absent. */
export interface DiskReport {
  readonly model: string;
  readonly serial: string;
  readonly protocol: string;
  /** The disk's own judgement: false means that it expects to fail. */
  readonly passed: boolean | undefined;
  /** The reason that comes with a failed judgement (SCSI's sense text). */
  readonly reason: string | undefined;
  /** Names of attributes below their threshold now. */
  readonly failingNow: readonly string[];
  /** NVMe's critical warning bits, 0 when all is well. */
  readonly criticalWarning: number | undefined;
  /** Percent of spare blocks below which the maker sees an end. */
  readonly spareThreshold: number | undefined;
  readonly measures: Readonly<Partial<Record<Measure, number>>>;
}

/**
 * °C, hours, % of the rated life used up, % of spare blocks left, sectors replaced, sectors waiting to be judged, sectors or reads lost,
 * errors on the cable, errors in the medium.
 */
export const measures = [
  "temperature",
  "power_on_hours",
  "wear",
  "spare",
  "reallocated",
  "pending",
  "uncorrectable",
  "crc_errors",
  "media_errors",
] as const;
export type Measure = (typeof measures)[number];

/** How a question to a disk ended. */
export type DiskAnswer =
  | { readonly kind: "report"; readonly report: DiskReport }
  /** It sleeps and was not woken. */
  | { readonly kind: "standby" }
  | { readonly kind: "denied"; readonly why: string }
  | { readonly kind: "failed"; readonly why: string };

const mostDisks = 128;

/** The disks in the output of `smartctl --scan-open --json`, each once. @returns undefined when it is not smartctl's JSON */
export function parseScan(text: string): readonly DiskName[] | undefined {
  const value = parseJson(text);
  if (!isJsonObject(value) || valueAt(value, "smartctl") === undefined) return undefined;
  const found = new Map<string, DiskName>();
  for (const entry of objectsAt(value, "devices")) {
    const device = textAt(entry, "name");
    const type = textAt(entry, "type") ?? "";
    if (device === undefined || found.size >= mostDisks) continue;
    found.set(`${device} ${type}`, { device, type });
  }
  return [...found.values()];
}

/** A disk's segment in metric and check names: `sda`, `nvme0`, `bus_0_megaraid_4`. */
export function diskSegment({ device, type }: DiskName): string {
  const isBehindController = type.includes(","); // several disks share one device file
  return segment(`${device.replace(/^\/dev\//u, "")}${isBehindController ? `_${type}` : ""}`).slice(0, 60);
}

/** Reads the output of `smartctl --json -a` (smartmontools 7 or later), also when smartctl ended with an error. */
export function parseDisk(text: string): DiskAnswer {
  const value = parseJson(text);
  if (!isJsonObject(value) || valueAt(value, "smartctl") === undefined)
    return { kind: "failed", why: "smartctl printed no JSON; version 7 or later is needed" };
  const told = objectsAt(value, "smartctl", "messages")
    .map((entry) => textAt(entry, "string") ?? "")
    .join(" ");
  if (/in (?:STANDBY|SLEEP|IDLE)\w* mode/u.test(told)) return { kind: "standby" };
  const exit = numberAt(value, "smartctl", "exit_status") ?? 0;
  // Bit 0: wrong arguments, bit 1: the device could not be opened or asked. The others tell about the disk's health.
  if ((exit & 3) !== 0) {
    const why = told.slice(0, 300) || "smartctl could not ask the disk";
    return { kind: /permission denied|operation not permitted|error=5\b/iu.test(told) ? "denied" : "failed", why };
  }
  return { kind: "report", report: readReport(value) };
}

function readReport(value: JsonObject): DiskReport {
  const passed = valueAt(value, "smart_status", "passed");
  const attributes = objectsAt(value, "ata_smart_attributes", "table");
  return {
    model: (textAt(value, "model_name") ?? textAt(value, "scsi_model_name") ?? textAt(value, "scsi_product") ?? "").slice(0, 100),
    serial: (textAt(value, "serial_number") ?? "").slice(0, 100),
    protocol: textAt(value, "device", "protocol") ?? "",
    passed: typeof passed === "boolean" ? passed : undefined,
    reason: textAt(value, "smart_status", "scsi", "ie_string"),
    failingNow: attributes
      .filter((entry) => /^(?:now|FAILING_NOW)$/u.test(textAt(entry, "when_failed") ?? ""))
      .map((entry) => textAt(entry, "name") ?? "attribute"),
    criticalWarning: numberAt(value, "nvme_smart_health_information_log", "critical_warning"),
    spareThreshold:
      numberAt(value, "nvme_smart_health_information_log", "available_spare_threshold") ??
      numberAt(value, "spare_available", "threshold_percent"),
    measures: readMeasures(value, attributes),
  };
}

function readMeasures(value: JsonObject, attributes: readonly JsonObject[]): DiskReport["measures"] {
  const nvme = valueAt(value, "nvme_smart_health_information_log");
  const raw = (...ids: readonly number[]): number | undefined => rawOf(attributes, ids);
  const scsi = scsiErrors(value);
  return present({
    temperature: believable(numberAt(value, "temperature", "current") ?? numberAt(nvme, "temperature")),
    power_on_hours: numberAt(value, "power_on_time", "hours") ?? numberAt(nvme, "power_on_hours"),
    wear: wearOf(value, attributes),
    spare: numberAt(nvme, "available_spare") ?? numberAt(value, "spare_available", "current_percent"),
    reallocated: raw(5) ?? numberAt(value, "scsi_grown_defect_list"),
    pending: raw(197) ?? numberAt(value, "scsi_pending_defects", "count"),
    uncorrectable: maximum(raw(187), raw(198), scsi),
    crc_errors: raw(199),
    media_errors: numberAt(nvme, "media_errors"),
  });
}

/** Bridges tell 0 or 255 °C for disks whose temperature they do not know. */
const believable = (celsius: number | undefined): number | undefined =>
  celsius !== undefined && celsius > 0 && celsius < 200 ? celsius : undefined;

const sectorNames = /sector|uncorrect|crc|block_count/iu;

/**
 * The raw number of the first attribute that the disk has. The text is read rather than the 48-bit value, because makers put other
 * counts into the upper bits, which smartctl's database takes apart. Numbers that makers gave another meaning are told by their name.
 */
function rawOf(attributes: readonly JsonObject[], ids: readonly number[]): number | undefined {
  for (const id of ids) {
    const entry = attributes.find((candidate) => numberAt(candidate, "id") === id);
    if (!entry || !sectorNames.test(textAt(entry, "name") ?? "")) continue;
    const text = /^\d{1,15}/u.exec(textAt(entry, "raw", "string") ?? "")?.[0];
    return text === undefined ? numberAt(entry, "raw", "value") : Number(text);
  }
  return undefined;
}

/** Attributes whose normalised value counts down from 100 as flash wears out. */
const wearNames =
  /^(?:Wear_Leveling_Count|Media_Wearout_Indicator|SSD_Life_Left|Percent_Lifetime_Remain|Remaining_Lifetime_Perc|Percent_Life_Remaining|Drive_Life_Remaining_Perc)$/u;

function wearOf(value: JsonObject, attributes: readonly JsonObject[]): number | undefined {
  const told =
    numberAt(value, "endurance_used", "current_percent") ??
    numberAt(value, "nvme_smart_health_information_log", "percentage_used") ??
    numberAt(value, "scsi_percentage_used_endurance_indicator");
  if (told !== undefined) return told;
  const entry = attributes.find((candidate) => wearNames.test(textAt(candidate, "name") ?? ""));
  const left = entry && numberAt(entry, "value");
  return left === undefined || left > 100 ? undefined : 100 - left;
}

function scsiErrors(value: JsonObject): number | undefined {
  const kinds = ["read", "write", "verify"].map((kind) => numberAt(value, "scsi_error_counter_log", kind, "total_uncorrected_errors"));
  const known = kinds.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
}

function maximum(...values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function present(values: Readonly<Record<Measure, number | undefined>>): DiskReport["measures"] {
  const found: Partial<Record<Measure, number>> = {};
  for (const measure of measures) {
    const value = values[measure];
    if (value !== undefined && value >= 0) found[measure] = value;
  }
  return found;
}
