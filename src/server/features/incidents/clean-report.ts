import { invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import type { UnixMs } from "#base/duration";
import type { AlertRow } from "./alert-rows.ts";
import { severityOf, type AlertReport, type AlertTrigger } from "./model.ts";

const mostOfMessage = 1024;
const mostOfName = 255;
const mostOfKey = 255;
const mostOfDetail = 32_768;

/** What PostgreSQL can keep: without NUL and lone halves of characters, at most so many characters. */
function kept(text: string, most: number): string {
  const whole = text.replaceAll("\0", "").toWellFormed();
  return whole.length <= most ? whole : [...whole].slice(0, most).join("");
}

function keptDetail(detail: Readonly<Record<string, unknown>> | undefined): string {
  // jsonb knows neither NUL nor lone halves, even escaped; a reader of this text might be one.
  const text = JSON.stringify(detail ?? {}, (_key, value: unknown) => (typeof value === "string" ? kept(value, mostOfDetail) : value));
  return text.length <= mostOfDetail ? text : JSON.stringify({ truncated: true });
}

/**
 * A report as it is compared and kept: texts cut to what is kept, severity and meaning filled in.
 * @throws "invalid-input" for an origin or key that is empty or too long: such a report could not be found again
 */
export function cleanReport(report: AlertReport): AlertReport & Required<Pick<AlertReport, "severity" | "isMuted" | "meansDown">> {
  const { origin, key } = report;
  if (origin.id === "" || origin.id.length > mostOfKey)
    throw invalidInput([{ field: "origin.id", problem: "must be 1 to 255 characters" }]);
  if (key.length > mostOfKey) throw invalidInput([{ field: "key", problem: "must be at most 255 characters" }]);
  return {
    ...report,
    origin: { kind: origin.kind, id: kept(origin.id, mostOfKey) },
    key: kept(key, mostOfKey),
    name: kept(report.name, mostOfName),
    message: kept(report.message, mostOfMessage),
    severity: report.severity ?? severityOf(report.status),
    isMuted: report.isMuted ?? false,
    meansDown: report.meansDown ?? (report.type === "connectivity" || report.type === "ping"),
  };
}

export type CleanReport = ReturnType<typeof cleanReport>;

const valueOf = ({ value }: CleanReport): number | null => (value === undefined || !Number.isFinite(value) ? null : value);

/** The alert that a report opens. Its place in the order is given by the database. */
export function openedBy(report: CleanReport, at: UnixMs, trigger: AlertTrigger): AlertRow {
  return {
    id: newId(),
    organisation_id: "",
    seq: 0,
    origin_kind: report.origin.kind,
    origin_id: report.origin.id,
    key: report.key,
    status: report.status,
    severity: report.severity,
    type: report.type,
    name: report.name,
    message: report.message,
    value: valueOf(report),
    host_id: report.hostId ?? null,
    service_id: report.serviceId ?? null,
    group_key: report.group === undefined ? null : kept(report.group, mostOfMessage),
    means_down: report.meansDown,
    inhibited_by: null,
    detail: keptDetail(report.detail),
    is_muted: report.isMuted,
    was_critical: report.status === "CRITICAL",
    memo: "",
    reason: null,
    trigger,
    opened_at: at,
    changed_at: at,
    closed_at: null,
  };
}

/** What the newest report says about an open alert; the same text when nothing differs. */
export function newestOf(alert: AlertRow, report: CleanReport): Pick<AlertRow, "message" | "value" | "detail"> {
  const detail = report.detail === undefined ? alert.detail : keptDetail(report.detail);
  return { message: report.message, value: valueOf(report), detail };
}
