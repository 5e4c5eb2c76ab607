import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "#base/errors";
import type { ReportDocument } from "#wire/reports";
import { printReport } from "./draw.ts";

/** What the thread is asked. */
export interface PrintTask {
  readonly id: number;
  readonly document: ReportDocument;
  readonly publicUrl: string;
}

export type PrintAnswer = { readonly id: number } & ({ readonly pdf: Uint8Array } | { readonly problem: string });

/** What the thread is started with. */
export interface PrintFiles {
  /** Path of a TrueType font with the letters of both languages. */
  readonly font: string;
}

const port = parentPort;
if (port) {
  const { font } = workerData as PrintFiles; // given by the one who started the thread
  port.on("message", ({ id, document, publicUrl }: PrintTask) => {
    // What throws at once is a problem of this report too.
    void (async () => printReport(document, { font, publicUrl }))()
      .then((pdf): PrintAnswer => ({ id, pdf }))
      .catch((error: unknown): PrintAnswer => ({ id, problem: messageOf(error) }))
      .then((answer) => port.postMessage(answer));
  });
}
