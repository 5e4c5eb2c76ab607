import { parentPort } from "node:worker_threads";
import { HinobanError, messageOf } from "#base/errors";
import { codeOf, nodeDisk } from "./disk.ts";
import type { MergeAnswer } from "./worker-client.ts";
import { runMerge, type MergeJob } from "./merge.ts";
import { unhurried } from "./pace.ts";

/** The entry of the thread that merges blocks: one job per message, one answer per job. */
parentPort?.on("message", (job: MergeJob) => {
  void runMerge(nodeDisk, job, unhurried).then(
    (files) => answer({ files }),
    (error: unknown) => answer(failure(error)),
  );
});

function answer(message: MergeAnswer): void {
  parentPort?.postMessage(message);
}

function failure(error: unknown): MergeAnswer {
  const message = messageOf(error);
  if (error instanceof HinobanError) return { code: error.code === "storage-damaged" ? "storage-damaged" : "unavailable", message };
  const systemCode = codeOf(error);
  return systemCode === undefined ? { code: "unavailable", message } : { code: "unavailable", message, systemCode };
}
