import { Worker } from "node:worker_threads";
import { HinobanError, messageOf } from "#base/errors";
import type { MergeJob, MergeResult } from "./merge.ts";

/** What the worker answers to a job. */
export type MergeAnswer =
  | { readonly files: MergeResult }
  | { readonly code: "storage-damaged" | "unavailable"; readonly message: string; readonly systemCode?: string };

/** Runs merges one after the other in a thread of their own, which lives only while there are merges. */
export class MergeWorker {
  readonly #url: URL;
  #worker: Worker | undefined;
  #isClosed = false;

  constructor(url: URL) {
    this.#url = url;
  }

  /** @throws HinobanError "storage-damaged", "unavailable", or an error with the system's code (a full disk). */
  async run(job: MergeJob): Promise<MergeResult> {
    if (this.#isClosed) throw new HinobanError("unavailable", "The metric store is closed.");
    const worker = (this.#worker ??= new Worker(this.#url));
    worker.ref();
    try {
      const answer = await this.#ask(worker, job);
      if ("files" in answer) return answer.files;
      if (answer.systemCode !== undefined) throw Object.assign(new Error(answer.message), { code: answer.systemCode });
      throw new HinobanError(answer.code, answer.message);
    } finally {
      worker.unref();
    }
  }

  #ask(worker: Worker, job: MergeJob): Promise<MergeAnswer> {
    return new Promise((resolve, reject) => {
      const settle = (done: () => void): void => {
        worker.off("message", onMessage).off("error", onEnd).off("exit", onExit);
        done();
      };
      const onMessage = (answer: MergeAnswer): void => settle(() => resolve(answer));
      const onEnd = (error: unknown): void => {
        this.#worker = undefined;
        settle(() => reject(new HinobanError("unavailable", `The thread that merges metric blocks ended: ${messageOf(error)}`)));
      };
      const onExit = (code: number): void => onEnd(new Error(`exit code ${code}`));
      worker.on("message", onMessage).on("error", onEnd).on("exit", onExit);
      worker.postMessage(job);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
    this.#worker = undefined;
  }
}
