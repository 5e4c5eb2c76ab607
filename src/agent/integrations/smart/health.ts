import { verdict, type Finding, type Verdict } from "../findings.ts";
import { measures, type DiskReport, type Measure } from "./disk-report.ts";

/** From which value on a measure is a warning; absent: never. */
export type SmartLimits = Readonly<Partial<Record<Measure, number>>>;

/**
 * One lost sector is worth a look, because disks that have some get more. Spare blocks have the maker's own threshold, and cable errors
 * are counted for ever, so that they only show in the graph unless somebody sets a limit.
 */
export const defaultLimits: SmartLimits = { reallocated: 1, pending: 1, uncorrectable: 1, media_errors: 1, wear: 90 };

const sentences: Readonly<Record<Measure, (value: number) => string>> = {
  temperature: (value) => `temperature ${value} °C`,
  power_on_hours: (value) => `${value} hours on`,
  wear: (value) => `${value} % of the rated life used`,
  spare: (value) => `${value} % spare left`,
  reallocated: (value) => `${value} reallocated`,
  pending: (value) => `${value} pending`,
  uncorrectable: (value) => `${value} uncorrectable`,
  crc_errors: (value) => `${value} CRC errors on the cable`,
  media_errors: (value) => `${value} media errors`,
};

// NVM Express Base Specification, SMART / Health Information log, byte 0.
const criticalWarnings = [
  "spare blocks below the threshold",
  "temperature outside the limits",
  "reliability degraded",
  "read-only",
  "volatile memory backup failed",
  "persistent memory region unreliable",
] as const;

/**
 * CRITICAL when the disk itself says that it fails, WARNING for what announces it: replaced, pending and lost sectors, media errors,
 * wear, spare and NVMe's critical warnings.
 */
export function judgeDisk(report: DiskReport, limits: SmartLimits): Verdict {
  const findings: Finding[] = [];
  if (report.passed === false) {
    const why = report.reason ?? (report.failingNow.length > 0 ? report.failingNow.join(", ") : undefined);
    findings.push({ status: "CRITICAL", text: `SMART health FAILED${why === undefined ? "" : ` (${why.slice(0, 200)})`}` });
  } else if (report.failingNow.length > 0) {
    findings.push({ status: "CRITICAL", text: `below its threshold: ${report.failingNow.slice(0, 5).join(", ")}` });
  }
  findings.push(...signs(report, limits));
  const { status, message } = verdict(findings, fine(report));
  return { status, message: status === "OK" ? message : `${named(report)}: ${message}` };
}

/** What announces a failure. */
function signs(report: DiskReport, limits: SmartLimits): readonly Finding[] {
  const findings: Finding[] = [];
  const bits = report.criticalWarning ?? 0;
  for (const [bit, text] of criticalWarnings.entries()) if ((bits & (1 << bit)) !== 0) findings.push({ status: "WARNING", text });
  if (isBelowSpare(report) && (bits & 1) === 0)
    findings.push({ status: "WARNING", text: `${report.measures.spare} % spare left, threshold ${report.spareThreshold} %` });
  for (const measure of measures) {
    const value = report.measures[measure];
    const limit = limits[measure];
    if (value !== undefined && limit !== undefined && isBeyond(measure, value, limit))
      findings.push({ status: "WARNING", text: sentences[measure](value) });
  }
  return findings;
}

const isBelowSpare = ({ spareThreshold, measures: { spare } }: DiskReport): boolean =>
  spare !== undefined && spareThreshold !== undefined && spare < spareThreshold;

/** Spare counts down, everything else up. */
const isBeyond = (measure: Measure, value: number, limit: number): boolean => (measure === "spare" ? value <= limit : value >= limit);

const named = ({ model, serial }: DiskReport): string => [model || "disk", serial].filter((text) => text !== "").join(" ");

function fine(report: DiskReport): string {
  const { temperature, power_on_hours: powerOnHours, wear } = report.measures;
  const facts = [
    report.passed === true ? "SMART health PASSED" : "no SMART judgement, nothing found",
    temperature === undefined ? "" : sentences.temperature(temperature),
    powerOnHours === undefined ? "" : sentences.power_on_hours(powerOnHours),
    wear === undefined ? "" : sentences.wear(wear),
  ];
  return `${named(report)}: ${facts.filter((text) => text !== "").join(", ")}`;
}
