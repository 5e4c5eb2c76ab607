import { Worker } from "node:worker_threads";
import type { Clock, Timer } from "#base/clock";
import { minutes, seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { Rasteriser } from "#ports/rasteriser/port";
import type { DrawingFiles } from "./draw.ts";
import type { DrawAnswer, DrawTask } from "./worker.ts";

export interface ResvgOptions extends DrawingFiles {
  readonly clock: Clock;
  readonly workerUrl: URL;
}

/** So many pictures may wait for the thread. */
const mostWaiting = 32;
/** A picture that takes longer is given up together with the thread. */
const drawWithin = seconds(15);
/** A thread that nobody needs goes, and with it its memory. */
const idleFor = minutes(5);

interface Waiting {
  readonly resolve: (png: Uint8Array) => void;
  readonly reject: (error: HinobanError) => void;
  readonly timer: Timer;
}

/** Draws with resvg in a thread of its own, which is started by the first picture and ends when none was asked for a while. */
export class ResvgRasteriser implements Rasteriser {
  readonly #options: ResvgOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  #lastId = 0;
  #isClosed = false;

  constructor(options: ResvgOptions) {
    this.#options = options;
  }

  png(svg: string): Promise<Uint8Array> {
    if (this.#isClosed) return Promise.reject(new HinobanError("unavailable", "The server is stopping."));
    if (this.#waiting.size >= mostWaiting) {
      return Promise.reject(
        new HinobanError("unavailable", "Too many pictures are being drawn. Try again in a moment.", { retryAfter: 5 }),
      );
    }
    this.#idle?.cancel();
    this.#lastId += 1;
    const task: DrawTask = { id: this.#lastId, svg };
    return new Promise((resolve, reject) => {
      const tooLate = new HinobanError("unavailable", "Drawing took too long. Try again in a moment.", { retryAfter: 5 });
      const timer = this.#options.clock.after("rasteriser.draw", drawWithin, () => void this.#drop(tooLate));
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
    const { wasm, font, workerUrl } = this.#options;
    const worker = new Worker(workerUrl, { workerData: { wasm, font } satisfies DrawingFiles });
    worker.unref();
    worker.on("message", (answer: DrawAnswer) => this.#take(answer));
    worker.on("error", (cause) => {
      if (worker === this.#worker) void this.#drop(new HinobanError("internal", "The picture could not be drawn.", {}, { cause }));
    });
    this.#worker = worker;
    return worker;
  }

  #take(answer: DrawAnswer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    this.#waiting.delete(answer.id);
    waiting.timer.cancel();
    if ("png" in answer) waiting.resolve(answer.png);
    else {
      const problem = new HinobanError("internal", "The picture could not be drawn.", {}, { cause: new Error(answer.problem) });
      waiting.reject(problem);
      if (answer.isBroken) void this.#drop(problem);
    }
    if (this.#waiting.size === 0) this.#idle = this.#options.clock.after("rasteriser.idle", idleFor, () => void this.#drop());
  }

  /** Ends the thread, and with an error whatever waits for it; the next picture starts another. */
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
