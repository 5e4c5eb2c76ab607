import { parentPort, workerData } from "node:worker_threads";
import { messageOf } from "#base/errors";
import { loadDrawing, type DrawingFiles } from "./draw.ts";

/** What the thread is asked. */
export interface DrawTask {
  readonly id: number;
  readonly svg: string;
}

/** What it answers; broken means that nothing more can be drawn with this thread. */
export type DrawAnswer = { readonly id: number } & (
  | { readonly png: Uint8Array }
  | { readonly problem: string; readonly isBroken: boolean }
);

const port = parentPort;
if (port) {
  const drawing = loadDrawing(workerData as DrawingFiles); // given by the one who started the thread
  const failed = (id: number, error: unknown): DrawAnswer => ({
    id,
    problem: messageOf(error),
    // What traps in WebAssembly leaves its memory as it was half way.
    isBroken: error instanceof Error && error.name === "RuntimeError",
  });
  port.on("message", ({ id, svg }: DrawTask) => {
    void drawing
      .then((draw) => ({ id, png: draw(svg) }))
      .catch((error: unknown) => failed(id, error))
      .then((answer: DrawAnswer) => port.postMessage(answer));
  });
}
