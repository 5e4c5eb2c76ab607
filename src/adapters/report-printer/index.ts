import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "#base/clock";
import { minutes, seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { ReportPrinter } from "#ports/report-printer/port";
import type { ReportDocument } from "#wire/reports";
import type { PrintAnswer, PrintFiles, PrintTask } from "./worker.ts";

export interface PrinterOptions extends PrintFiles {
  readonly clock: Clock;
  readonly workerUrl: URL;
}

const mostWaiting = 20;
const printWithin = seconds(60);
/** A thread that nobody needs goes, and with it its memory. */
const idleFor = minutes(1);

interface Waiting {
  readonly resolve: (pdf: Uint8Array) => void;
  readonly reject: (error: HinobanError) => void;
  readonly timer: Timer;
}

/** Prints with pdfkit in a thread of its own, so that a long report keeps no alert waiting; it starts with the first report. */
export class ThreadPrinter implements ReportPrinter {
  readonly #options: PrinterOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: PrinterOptions) {
    this.#options = options;
  }

  pdf(document: ReportDocument, publicUrl: string): Promise<Uint8Array> {
    if (this.#isClosed) return Promise.reject(new HinobanError("unavailable", "The server is stopping."));
    if (this.#waiting.size >= mostWaiting)
      return Promise.reject(
        new HinobanError("unavailable", "Too many reports are being printed. Try again in a moment.", { retryAfter: 10 }),
      );
    this.#idle?.cancel();
    this.#lastId += 1;
    const task: PrintTask = { id: this.#lastId, document, publicUrl };
    return new Promise((resolve, reject) => {
      const tooLate = new HinobanError("unavailable", "Printing took too long. Try again in a moment.", { retryAfter: 10 });
      const timer = this.#options.clock.after("report-printer.print", printWithin, () => void this.#drop(tooLate));
      this.#waiting.set(task.id, { resolve, reject, timer });
      this.#thread().postMessage(task);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#drop(new HinobanError("unavailable", "The server is stopping."));
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker;
    const { font, workerUrl } = this.#options;
    const worker = new Worker(workerUrl, { workerData: { font } satisfies PrintFiles });
    worker.unref();
    worker.on("message", (answer: PrintAnswer) => this.#take(answer));
    worker.on("error", (cause) => {
      if (worker === this.#worker) void this.#drop(failed(cause));
    });
    this.#worker = worker;
    return worker;
  }

  #take(answer: PrintAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    this.#waiting.delete(answer.id);
    waiting.timer.cancel();
    if ("pdf" in answer) waiting.resolve(answer.pdf);
    else waiting.reject(failed(new Error(answer.problem)));
    if (this.#waiting.size === 0) this.#idle = this.#options.clock.after("report-printer.idle", idleFor, () => void this.#drop());
  }

  /** Ends the thread, and with an error whatever waits for it; the next report starts another. */
  async #drop(error?: HinobanError): Promise<void> {
    if (!error && this.#waiting.size > 0) return;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#idle?.cancel();
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) {
      one.timer.cancel();
      if (error) one.reject(error);
    }
    await worker?.terminate();
  }
}

const failed = (cause: unknown): HinobanError => new HinobanError("internal", "The report could not be printed.", {}, { cause });
