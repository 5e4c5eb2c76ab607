import { sql } from "kysely";
import type { Clock } from "#base/clock";
import type { Duty } from "#features/duty";
import type { Notify } from "#features/notify";
import type { Mailer } from "#ports/mailer/port";
import type { ReportPrinter } from "#ports/report-printer/port";
import { DueWork, publish, type Change, type Db } from "#store";
import { reportsTopic, type ReportsContext, type ReportsDeps } from "./context.ts";
import { Sender } from "./sender.ts";

/** Reports of all organisations: made on demand and by schedule, kept, sent. */
export class Reports implements ReportsContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly notify: Notify;
  readonly duty: Duty;
  readonly mailer: Mailer;
  readonly printer: ReportPrinter;
  readonly publicUrl: string;
  readonly onError: (error: unknown) => void;
  readonly #due: DueWork;

  constructor({ db, clock, notify, duty, mailer, printer, publicUrl, onError }: ReportsDeps) {
    this.db = db;
    this.clock = clock;
    this.notify = notify;
    this.duty = duty;
    this.mailer = mailer;
    this.printer = printer;
    this.publicUrl = publicUrl;
    this.onError = onError;
    const sender = new Sender(this);
    this.#due = new DueWork({ name: "reports.due", clock, look: () => sender.look(), onError });
    notify.listen({
      delivered: async (tx, at, { about, id, state, problem }) => {
        if (!about.startsWith("report:")) return;
        const isSent = state === "sent";
        if (!isSent && state !== "failed" && state !== "cancelled" && state !== "unknown") return;
        await sql`update reports_sending set state = ${isSent ? "sent" : "failed"}, problem = ${isSent ? null : (problem ?? state)}, ended_at = ${at}
          where delivery_id = ${id}`.execute(tx);
        await publish(tx, reportsTopic);
      },
    });
  }

  wake(): void {
    this.#due.wake();
  }

  settled(): Promise<void> {
    return this.#due.settled();
  }

  /** To be told of every change that any process announced; undefined when some may have been missed. */
  onChange(change: Change | undefined): void {
    if (!change || change.topic === reportsTopic) this.wake();
  }

  /** Begins to make and send what is due; the result ends it. */
  start(): () => Promise<void> {
    this.#due.start();
    return () => this.#due.stop();
  }
}

export const openReports = (deps: ReportsDeps): Reports => new Reports(deps);
