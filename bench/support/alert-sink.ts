import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Takes webhooks and notes when each thing was first heard of. */
export interface AlertSink {
  readonly url: string;
  /** `performance.now()` of the first message about a thing; undefined while there was none. */
  heardAt(name: string): number | undefined;
  /** How many messages came about each thing. */
  readonly counts: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** @param namesIn the things that a body tells of */
export async function openAlertSink(namesIn: (body: unknown) => readonly string[]): Promise<AlertSink> {
  const first = new Map<string, number>();
  const counts = new Map<string, number>();
  const server: Server = createServer((request, response) => {
    const at = performance.now();
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.end("{}");
      for (const name of namesIn(JSON.parse(Buffer.concat(chunks).toString("utf8")))) {
        if (!first.has(name)) first.set(name, at);
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  return {
    url: `http://127.0.0.1:${port}/`,
    heardAt: (name) => first.get(name),
    counts,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
