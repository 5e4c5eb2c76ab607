import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { newId } from "#base/ids";
import { isJsonObject, parseJson, type JsonObject } from "../../../src/agent/json.ts";

export interface ReceivedPoint {
  readonly hostId: string;
  readonly name: string;
  readonly time: number;
  readonly value: number;
}

export interface ReceivedReport {
  readonly hostId: string;
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly occurredAt: number;
  readonly maxCheckAttempts?: unknown;
  readonly notificationInterval?: unknown;
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

/** What the server does with a request instead of answering properly. */
export type Fault = "hang-up" | "hang" | "empty" | "page" | number | undefined;

/**
 * A server that keeps the agent's part of Mackerel's API as strictly as the real one: keys, names, times, shapes. It listens on a free
 * port of the loopback interface.
 */
export class FakeServer {
  readonly key = "test-key-0123456789";
  readonly hosts = new Map<string, Record<string, unknown>>();
  readonly points: ReceivedPoint[] = [];
  /** The times of each accepted post, in order of arrival. */
  readonly posts: (readonly number[])[] = [];
  readonly requests: ReceivedRequest[] = [];
  readonly graphDefinitions: unknown[] = [];
  /** Results of checks in order of arrival. */
  readonly reports: ReceivedReport[] = [];
  /** The newest metadata as `host/namespace`. */
  readonly metadata = new Map<string, unknown>();
  /** Points of services as `service`, in order of arrival. */
  readonly servicePoints = new Map<string, Omit<ReceivedPoint, "hostId">[]>();
  /** Complaints about requests that a strict server refuses. */
  readonly complaints: string[] = [];
  /** Decides per request; undefined answers properly. */
  fault: (request: ReceivedRequest) => Fault = () => undefined;
  /** After the request took effect: the answer is lost on the way. */
  losesAnswer: (request: ReceivedRequest) => boolean = () => false;
  /** Requests that were left without an answer and still wait. */
  hanging = 0;
  #server: Server | undefined;
  #port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens; after a {@link stop}, on the same port as before. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.keepAliveTimeout = 75_000;
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    const address = server.address();
    if (isAddress(address)) this.#port = address.port;
  }

  /** Goes away: connections end, the port refuses. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  of(method: string, path: RegExp): readonly ReceivedRequest[] {
    return this.requests.filter((request) => request.method === method && path.test(request.path));
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
    const url = new URL(incoming.url ?? "/", "http://fake");
    const text = Buffer.concat(chunks).toString("utf8");
    const request = {
      method: incoming.method ?? "",
      path: url.pathname,
      query: url.search,
      headers: incoming.headers,
      body: parseJson(text),
    };
    this.requests.push(request);
    const fault = this.fault(request);
    if (fault === "hang") {
      this.hanging += 1;
      response.once("close", () => (this.hanging -= 1));
      return;
    }
    if (fault === "hang-up") incoming.socket.destroy();
    else if (fault === "empty") response.writeHead(200).end();
    else if (fault === "page") response.writeHead(200, { "content-type": "text/html" }).end("<html>portal</html>");
    else if (fault !== undefined) reply(response, fault, { error: { message: `told to answer ${fault}` } });
    else if (request.headers["x-api-key"] !== this.key) reply(response, 401, { error: { message: "unknown key" } });
    else {
      const [status, body] = this.#handle(request);
      if (this.losesAnswer(request)) incoming.socket.destroy();
      else reply(response, status, body);
    }
  }

  #handle(request: ReceivedRequest): readonly [number, unknown] {
    const { method, path, body } = request;
    switch (`${method} ${path}`) {
      case "POST /api/v0/tsdb":
        return this.#tsdb(body);
      case "POST /api/v0/graph-defs/create":
        return this.#define(body);
      case "POST /api/v0/monitoring/checks/report":
        return this.#report(body);
      case "POST /api/v0/hosts":
        return this.#create(body);
      case "GET /api/v0/hosts":
        return [200, { hosts: this.#find(new URLSearchParams(request.query)) }];
      default:
        return this.#host(request);
    }
  }

  #report(body: unknown): readonly [number, unknown] {
    const reports = isJsonObject(body) ? body["reports"] : undefined;
    if (!Array.isArray(reports) || reports.length === 0 || reports.length > 20) return this.#complain("reports");
    for (const item of reports) {
      const hostId = isJsonObject(item) && isJsonObject(item["source"]) ? item["source"]["hostId"] : undefined;
      if (!isReport(item) || typeof hostId !== "string" || !this.hosts.has(hostId))
        return this.#complain(`no report: ${JSON.stringify(item)}`);
      this.reports.push({ ...item, hostId });
    }
    return [200, { success: true }];
  }

  #service(service: string, body: unknown): readonly [number, unknown] {
    if (!Array.isArray(body)) return this.#complain("service points are no array");
    this.servicePoints.set(service, [...(this.servicePoints.get(service) ?? []), ...body]);
    return [200, { success: true }];
  }

  /** Metrics of services and metadata of hosts. */
  #otherThanHost(method: string, path: string, body: unknown): readonly [number, unknown] | undefined {
    const [, service] = /^\/api\/v0\/services\/([^/]+)\/tsdb$/u.exec(path) ?? [];
    if (service !== undefined && method === "POST") return this.#service(service, body);
    const [, owner = "", namespace] = /^\/api\/v0\/hosts\/([^/]+)\/metadata\/([^/]+)$/u.exec(path) ?? [];
    if (namespace !== undefined && method === "PUT" && this.hosts.has(owner)) {
      this.metadata.set(`${owner}/${namespace}`, body);
      return [200, { success: true }];
    }
    return undefined;
  }

  #host({ method, path, body }: ReceivedRequest): readonly [number, unknown] {
    const other = this.#otherThanHost(method, path, body);
    if (other) return other;
    const [, id = "", verb = ""] = /^\/api\/v0\/hosts\/([^/]+)(?:\/(status|retire))?$/u.exec(path) ?? [];
    const host = this.hosts.get(id);
    if (!host) return [404, { error: { message: "not found" } }];
    switch (`${method} ${verb}`) {
      case "GET ":
        return [200, { host }];
      case "PUT ":
        Object.assign(host, body);
        return [200, { id }];
      case "POST status":
        host["status"] = isJsonObject(body) ? body["status"] : undefined;
        return [200, { success: true }];
      case "POST retire":
        if (body !== null) return this.#complain("retire with a body");
        host["isRetired"] = true;
        return [200, { success: true }];
      default:
        return [404, { error: { message: "no such call" } }];
    }
  }

  #create(body: unknown): readonly [number, unknown] {
    if (!isJsonObject(body) || typeof body["name"] !== "string" || !isJsonObject(body["meta"]))
      return this.#complain("host without name or meta");
    const id = newId();
    this.hosts.set(id, { ...body, id, status: "working", isRetired: false });
    return [200, { id }];
  }

  #find(query: URLSearchParams): readonly JsonObject[] {
    return [...this.hosts.values()].filter(
      (host) =>
        host["isRetired"] === false &&
        (query.get("name") ?? host["name"]) === host["name"] &&
        (query.get("customIdentifier") ?? host["customIdentifier"]) === host["customIdentifier"],
    );
  }

  #define(body: unknown): readonly [number, unknown] {
    if (!Array.isArray(body) || !body.every((item) => isJsonObject(item) && String(item["name"]).startsWith("custom.")))
      return this.#complain("graph definitions");
    this.graphDefinitions.push(...body);
    return [200, { success: true }];
  }

  #tsdb(body: unknown): readonly [number, unknown] {
    if (!Array.isArray(body)) return this.#complain("points are no array");
    const points: ReceivedPoint[] = [];
    for (const item of body) {
      if (!isPoint(item)) return this.#complain(`not a point: ${JSON.stringify(item)}`);
      if (!this.hosts.has(item.hostId)) return this.#complain(`point of unknown host ${item.hostId}`);
      points.push(item);
    }
    if (points.length > 10_000 || JSON.stringify(body).length > 1_000_000) return this.#complain("too much in one post");
    this.points.push(...points);
    this.posts.push(
      points.map((point) => point.time).filter((time, at, all) => time !== all[at - 1] || points[at]?.name === points[0]?.name),
    );
    return [200, { success: true }];
  }

  #complain(message: string): readonly [number, unknown] {
    this.complaints.push(message);
    return [400, { error: { message } }];
  }
}

const isAddress = (address: AddressInfo | string | null | undefined): address is AddressInfo =>
  typeof address === "object" && address !== null;

const isPoint = (item: unknown): item is ReceivedPoint =>
  isJsonObject(item) &&
  typeof item["hostId"] === "string" &&
  typeof item["name"] === "string" &&
  /^[a-zA-Z0-9_-]+(?:\.[a-zA-Z0-9_-]+)*$/u.test(item["name"]) &&
  Number.isInteger(item["time"]) &&
  typeof item["value"] === "number" &&
  Number.isFinite(item["value"]);

const isReport = (item: unknown): item is Omit<ReceivedReport, "hostId"> =>
  isJsonObject(item) &&
  typeof item["name"] === "string" &&
  ["OK", "WARNING", "CRITICAL", "UNKNOWN"].includes(String(item["status"])) &&
  typeof item["message"] === "string" &&
  [...item["message"]].length <= 1024 &&
  Number.isInteger(item["occurredAt"]);

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
