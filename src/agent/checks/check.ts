import type { UnixSeconds } from "#base/duration";

/** How a watched thing is. The order is the exit code's: 0 OK, 1 WARNING, 2 CRITICAL, everything else UNKNOWN. */
export const checkStatuses = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;
export type CheckStatus = (typeof checkStatuses)[number];

/** What one look at a thing found. */
export interface CheckResult {
  /** Any characters; together with the host it names the check on the server. */
  readonly name: string;
  readonly status: CheckStatus;
  /** Cut at 1,024 code points before it is sent. */
  readonly message: string;
  /** How many looks in a row must be bad before the server opens an alert, 1-10. Default: 1. */
  readonly maxCheckAttempts?: number;
  /** Minutes until an open alert is told again, 10 or more. Default: never again. */
  readonly notificationInterval?: number;
}

/** A result as it goes to the server: when it was found, and on which host. */
export interface CheckReport extends CheckResult {
  readonly occurredAt: UnixSeconds;
  /** The custom identifier of another host that the result belongs to. Absent: this host. */
  readonly customIdentifier?: string;
}
