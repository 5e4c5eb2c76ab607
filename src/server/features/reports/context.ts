import type { Clock } from "#base/clock";
import type { Duty } from "#features/duty";
import type { Notify } from "#features/notify";
import type { Mailer } from "#ports/mailer/port";
import type { ReportPrinter } from "#ports/report-printer/port";
import type { Db, Deps } from "#store";

export interface ReportsDeps extends Deps {
  readonly notify: Notify;
  readonly duty: Duty;
  readonly mailer: Mailer;
  readonly printer: ReportPrinter;
  /** Where the console is, for links in files; empty: there are none. */
  readonly publicUrl: string;
  readonly onError: (error: unknown) => void;
}

/** What the acts of this feature work with. */
export interface ReportsContext extends ReportsDeps {
  readonly db: Db;
  readonly clock: Clock;
  /** Something may be due now. */
  wake(): void;
}

/** Announces that reports, their recipients or their settings changed. */
export const reportsTopic = "reports";
