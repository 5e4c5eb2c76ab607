import { invalidInput, type FieldProblem } from "#base/errors";
import { fromSeconds, unixSeconds, type UnixMs } from "#base/duration";
import { isObject, objectOf } from "#http";
import type { CheckStatus } from "#wire/inventory";
import type { CheckReportInput } from "./report-checks.ts";
import { clean } from "./v0-input.ts";

const mostReports = 100;
const longestMessage = 1024;
const longestName = 255;
const statuses: readonly CheckStatus[] = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];

/** An item of a batch that was left out, and why. */
export interface RejectedItem extends FieldProblem {
  readonly index: number;
}

export interface ReadReports {
  readonly reports: readonly CheckReportInput[];
  readonly rejected: readonly RejectedItem[];
}

/**
 * The body of a check report. An agent drops a whole batch at any 4xx, so a bad report is left out and named, and the others are taken.
 * @throws "bad-request" | "invalid-input" when there is no list at all, or nothing usable in it
 */
export function reportsOf(body: Buffer, now: UnixMs): ReadReports {
  const items = objectOf(body)["reports"] ?? []; // Go's empty list is null
  if (!Array.isArray(items)) throw invalidInput([{ field: "reports", problem: "must be a list" }]);
  if (items.length > mostReports) throw invalidInput([{ field: "reports", problem: `may have ${mostReports} entries` }]);
  const reports: CheckReportInput[] = [];
  const rejected: RejectedItem[] = [];
  for (const [index, item] of items.entries()) {
    const read = reportOf(item, now);
    if ("problem" in read) rejected.push({ index, ...read });
    else reports.push(read);
  }
  const [first] = rejected;
  if (first && reports.length === 0)
    throw invalidInput(rejected.slice(0, 10).map((one) => ({ field: `reports.${one.index}.${one.field}`, problem: one.problem })));
  return { reports, rejected };
}

function reportOf(item: unknown, now: UnixMs): CheckReportInput | FieldProblem {
  if (!isObject(item)) return { field: "report", problem: "must be an object" };
  const hostId = hostIdOf(item["source"]);
  const status = statuses.find((known) => known === item["status"]);
  const { name, message, occurredAt } = item;
  if (hostId === undefined) return { field: "source", problem: 'must be {"type":"host","hostId":"…"}' };
  if (!isName(name)) return { field: "name", problem: `must be a text of 1 to ${longestName} characters` };
  if (!status) return { field: "status", problem: `must be one of ${statuses.join(", ")}` };
  if (!isMessage(message)) return { field: "message", problem: "must be a text" };
  if (!isRecentTime(occurredAt, now))
    return { field: "occurredAt", problem: "must be whole seconds since 1970, not more than a day ahead" };
  return {
    hostId,
    name: clean(name),
    status,
    message: cut(clean(message ?? "")),
    occurredAt: fromSeconds(unixSeconds(occurredAt)),
    notificationInterval: minutesOf(item["notificationInterval"]),
    maxCheckAttempts: attemptsOf(item["maxCheckAttempts"]),
  };
}

function hostIdOf(source: unknown): string | undefined {
  if (!isObject(source) || source["type"] !== "host") return undefined;
  return typeof source["hostId"] === "string" ? source["hostId"] : undefined;
}

const isName = (value: unknown): value is string => typeof value === "string" && value !== "" && value.length <= longestName;

const isMessage = (value: unknown): value is string | null | undefined =>
  value === undefined || value === null || typeof value === "string";

const day = 86_400;

const isRecentTime = (value: unknown, now: UnixMs): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= now / 1000 + day;

/** At most 1,024 characters, counted as people and agents count them. */
function cut(message: string): string {
  if (message.length <= longestMessage) return message;
  return [...message].slice(0, longestMessage).join("");
}

/** Less than ten minutes counts as ten; none means never again. */
const minutesOf = (value: unknown): number | null =>
  typeof value === "number" && value > 0 && value < 1e6 ? Math.max(10, Math.floor(value)) : null;

const attemptsOf = (value: unknown): number => (typeof value === "number" && value >= 1 ? Math.min(10, Math.floor(value)) : 1);
