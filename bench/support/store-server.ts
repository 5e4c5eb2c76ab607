import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SystemClock } from "#adapters/clock/system";
import { openEmbeddedMetricStore } from "#adapters/metric-store/embedded/index";
import type { EmbeddedMetricStore } from "#adapters/metric-store/embedded/store";
import { unixSeconds } from "#base/duration";
import { messageOf } from "#base/errors";
import type { GroupQuery } from "#ports/metric-store/port";
import { PostScanner } from "../../src/server/features/metrics/scan-post.ts";

// The metric store behind the least of HTTP: what it costs alone, without accounts, keys and a database.

export interface StoreServerOptions {
  readonly directory: string;
  readonly port: number;
  readonly workerUrl?: string;
}

/** A question, as the body of a POST. */
export interface StoreQuery {
  readonly name: string;
  readonly sources: readonly string[];
  readonly from: number;
  readonly to: number;
  /** 0 = the points themselves. */
  readonly buckets: number;
  /** "sum": one line; "rows": one per source. Of a single source always the averages. */
  readonly shape: "rows" | "sum";
}

/** Serves until SIGTERM. */
export async function serveStore(options: StoreServerOptions): Promise<void> {
  const store = await openEmbeddedMetricStore({
    directory: options.directory,
    clock: new SystemClock(),
    ...(options.workerUrl === undefined ? {} : { workerUrl: new URL(options.workerUrl) }),
  });
  const scanner = new PostScanner(store);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      void handle(store, scanner, request, body).then(
        (text) => send(response, 200, text),
        (error: unknown) => send(response, 500, messageOf(error)),
      );
    });
  });
  await new Promise<void>((resolve) => void server.listen(options.port, "127.0.0.1", resolve));
  console.log(`listening ${(server.address() as AddressInfo).port}`); // a TCP server has this kind of address
  process.once("SIGTERM", () => {
    server.closeAllConnections();
    server.close();
    void store.close().then(() => process.exit(0));
  });
}

const accepted = '{"success":true}';

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

async function handle(store: EmbeddedMetricStore, scanner: PostScanner, request: IncomingMessage, body: Buffer): Promise<string> {
  switch (request.url ?? "") {
    case "/api/v0/tsdb": {
      const { columns, problems } = scanner.scan(body, (hostId) => hostId);
      if (problems.length > 0) throw new Error(JSON.stringify(problems[0]));
      await store.append(columns);
      return accepted;
    }
    case "/query":
      return answer(store, JSON.parse(body.toString("utf8")) as StoreQuery); // written by the benchmark
    case "/settle":
      await store.maintain(true);
      return accepted;
    default:
      return JSON.stringify({ ...store.status(), memory: process.memoryUsage() });
  }
}

async function answer(store: EmbeddedMetricStore, query: StoreQuery): Promise<string> {
  const { name, sources, buckets, shape } = query;
  const wanted = { from: unixSeconds(query.from), to: unixSeconds(query.to) };
  const [only = ""] = sources;
  if (buckets === 0) {
    const columns = await store.read(only, name, wanted);
    return `{"metrics":[${Array.from(columns?.times ?? [], (time, i) => `{"time":${time},"value":${columns?.values[i] ?? "null"}}`).join(",")}]}`;
  }
  if (sources.length === 1) {
    const columns = await store.buckets(only, name, wanted, buckets);
    if (!columns) return "null";
    const { from, step, avg, min, max } = columns;
    return JSON.stringify({ from, step, avg: Array.from(avg), min: Array.from(min), max: Array.from(max) });
  }
  const group: GroupQuery = { ...wanted, name, buckets, members: sources.map((source) => ({ source })) };
  if (shape === "sum") {
    const { from, step, sum, min, max } = await store.groupSummary(group);
    return JSON.stringify({ from, step, sum: Array.from(sum), min: Array.from(min), max: Array.from(max) });
  }
  const { from, step, width, sources: rows, values } = await store.group(group);
  const texts = rows.map(
    (source, i) => `{"source":"${source}","values":[${Array.from(values.subarray(i * width, (i + 1) * width), numberText).join(",")}]}`,
  );
  return `{"from":${from},"step":${step},"rows":[${texts.join(",")}]}`;
}

const numberText = (value: number): string => (Number.isNaN(value) ? "null" : String(value));
