import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";

/** Serves one request whose body has been read; never throws. */
export type LaneHandler = (request: LaneRequest) => Promise<LaneAnswer>;

export interface LaneRequest {
  readonly headers: IncomingMessage["headers"];
  readonly address: string;
  /** What stands behind the question mark; often nothing. */
  readonly search: string;
  readonly body: Buffer;
}

export interface LaneAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Lets the posts that come from every host once a minute go around the router, which costs about as much as the rest of such a request.
 * Only requests as agents send them take the lane; all others, and whatever may be wrong with a request, go the usual way, which does the same.
 * @param routes by path, POST only.
 */
export function openLane(app: FastifyInstance, routes: ReadonlyMap<string, LaneHandler>, mostBytes: number): void {
  const usual = app.server.listeners("request") as RequestListener[]; // that is what a server calls for this event
  app.server.removeAllListeners("request");
  app.server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const handler = laneOf(request, routes, mostBytes);
    if (handler) void serve(request, response, handler);
    else for (const listener of usual) listener.call(app.server, request, response);
  });
}

/** A proxy's request needs the router's knowledge of whom to believe; a body of unknown length needs its limits. */
function laneOf(
  { method, url = "", headers }: IncomingMessage,
  routes: ReadonlyMap<string, LaneHandler>,
  mostBytes: number,
): LaneHandler | undefined {
  if (method !== "POST" || headers["x-forwarded-for"] !== undefined || headers["transfer-encoding"] !== undefined) return undefined;
  const length = Number(headers["content-length"]);
  if (!(length > 0 && length <= mostBytes)) return undefined;
  const mark = url.indexOf("?");
  return routes.get(mark < 0 ? url : url.slice(0, mark));
}

async function serve(request: IncomingMessage, response: ServerResponse, handler: LaneHandler): Promise<void> {
  const body = await bodyOf(request);
  if (!body) return;
  const mark = request.url?.indexOf("?") ?? -1;
  const { status, text, headers } = await handler({
    headers: request.headers,
    address: request.socket.remoteAddress ?? "",
    search: mark < 0 ? "" : (request.url?.slice(mark + 1) ?? ""),
    body,
  });
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...headers,
  });
  response.end(text);
}

/** The whole body; undefined when the caller went away. Usually it comes in one piece and is not copied. */
function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    request.on("error", () => resolve(undefined));
    request.on("close", () => resolve(undefined)); // after "end" it changes nothing
  });
}
