import type { IncomingHttpHeaders } from "node:http";
import { parse as parseQuery } from "node:querystring";
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from "fastify";
import { HinobanError, invalidInput } from "#base/errors";
import type { Method } from "#wire/contract";
import type { Permission } from "#wire/permissions";
import type { Actor } from "./actor.ts";
import { asHinobanError } from "./problem.ts";
import { JsonText } from "./raw-json.ts";
import { guarded, namedObject, type Gate, type Served } from "./serve.ts";
import { openLane, type LaneAnswer, type LaneHandler } from "./v0-lane.ts";

/** Where Mackerel's interface lives: at the root of the host, for its clients overwrite the whole path. */
export const v0Prefix = "/api/v0";

/** Largest body on /api/v0, in bytes. */
export const mostV0Bytes = 1024 * 1024;

/** A request on /api/v0, with its body still unparsed: some handlers need the bytes, some the exact spelling. */
export interface V0Call {
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: V0Query;
  /** Empty when the request had none. */
  readonly body: Buffer;
  /** Sets a header of the answer. */
  readonly header: (name: string, value: string) => void;
}

/** What a handler answers: an object, or a JSON text that must go out as it is. Never nothing: an empty body is a failure to Mackerel's clients. */
export type V0Answer = object | JsonText;

export interface V0Route {
  readonly method: Method;
  /** Below /api/v0, with `:name` for parameters. */
  readonly path: string;
  /** Without this permission the operation is refused before its handler runs. */
  readonly needs: Permission;
  /** For a POST that comes from every host once a minute: usual requests go around the router. */
  readonly isHot?: boolean;
}

/** The part of the application that speaks Mackerel's interface. */
export interface V0 {
  route(route: V0Route, handler: (call: V0Call) => Promise<V0Answer>): void;
}

/** Opens /api/v0 and lets features add their routes to it. */
export async function serveV0(served: Served, features: readonly ((v0: V0) => void)[]): Promise<void> {
  await served.app.register(
    async (app) => {
      takeAnyBody(app);
      answerInMackerelsShape(app);
      const lanes = new Map<string, LaneHandler>();
      const v0: V0 = {
        route: (route, handler) => {
          addRoute(app, served.gate, route, handler);
          if (route.isHot) lanes.set(v0Prefix + route.path, laneHandler(app, served.gate, route, handler));
        },
      };
      for (const feature of features) feature(v0);
      openLane(app, lanes, mostV0Bytes);
    },
    { prefix: v0Prefix },
  );
}

/** Bodies stay bytes, whatever their type says: a DELETE without a body still claims to be JSON, and `null` and nothing are both usual. */
function takeAnyBody(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: mostV0Bytes }, (_request, body, done) => done(null, body));
}

function answerInMackerelsShape(app: FastifyInstance): void {
  app.setErrorHandler((thrown, request, reply) => {
    const { status, text, headers } = failure(thrown, request.log, request.url);
    void reply.code(status).headers(headers).type("application/json").send(text);
  });
  app.setNotFoundHandler((request, reply) => {
    void reply
      .code(404)
      .type("application/json")
      .send(errorBody(`There is nothing at ${request.method} ${request.url.split("?")[0] ?? ""}.`));
  });
}

/** The answer to whatever was thrown; what is our own fault is logged. */
function failure(thrown: unknown, log: FastifyBaseLogger, url: string): Required<LaneAnswer> {
  const error = asHinobanError(thrown);
  const status = statusOf(error);
  if (status >= 500) log.error({ err: error.cause ?? error, url: url.split("?")[0] }, error.message);
  const retryAfter = error.facts["retryAfter"];
  return {
    status,
    text: errorBody(sentenceOf(error)),
    headers: typeof retryAfter === "number" ? { "retry-after": String(retryAfter) } : {},
  };
}

const errorBody = (message: string): string => JSON.stringify({ error: { message } });

/** Mackerel answers an act on something retired with 400, and a session is nothing that its clients know. */
function statusOf(error: HinobanError): number {
  if (error.code === "gone") return 400;
  return error.status;
}

function sentenceOf(error: HinobanError): string {
  const isBodyLimit = error.code === "too-large" && error.facts["limit"] === undefined;
  return isBodyLimit ? `${error.message} The limit is ${mostV0Bytes} bytes.` : error.message;
}

type V0Handler = (call: V0Call) => Promise<V0Answer>;

function addRoute(app: FastifyInstance, gate: Gate, route: V0Route, handler: V0Handler): void {
  const actors = new WeakMap<FastifyRequest, Actor>();
  app.route({
    method: route.method,
    url: route.path,
    bodyLimit: mostV0Bytes,
    schema: { hide: true },
    // Before the body is read: a stranger's megabyte is not worth reading.
    onRequest: async (request) => {
      const actor = await keyHolder(gate, request.headers, request.ip);
      actors.set(request, actor);
      await guarded(gate, actor, async () => gate.demand(actor, route.needs, namedObject(route.path, request.params, actor)));
    },
    handler: async (request, reply) => {
      const actor = actors.get(request);
      if (!actor) throw new HinobanError("unauthenticated", missingKey);
      const answer = await guarded(gate, actor, () =>
        handler({
          actor,
          params: request.params as Record<string, string>, // the router fills it with the texts of the path
          query: new V0Query(request.query),
          body: Buffer.isBuffer(request.body) ? request.body : noBody,
          header: (name, value) => void reply.header(name, value),
        }),
      );
      void reply.type("application/json");
      return textOfAnswer(answer);
    },
  });
}

const textOfAnswer = (answer: V0Answer): string => (answer instanceof JsonText ? answer.text : JSON.stringify(answer));

/** The same as the route, for requests that go around the router. */
function laneHandler(app: FastifyInstance, gate: Gate, route: V0Route, handler: V0Handler): LaneHandler {
  return async ({ headers, address, search, body }) => {
    try {
      const actor = await keyHolder(gate, headers, address);
      const set: Record<string, string> = {};
      const answer = await guarded(gate, actor, () => {
        gate.demand(actor, route.needs, `organisation:${actor.organisationId}`);
        const query = new V0Query(search === "" ? undefined : parseQuery(search));
        return handler({ actor, params: {}, query, body, header: (name, value) => (set[name] = value) });
      });
      return { status: 200, text: textOfAnswer(answer), headers: set };
    } catch (error) {
      return failure(error, app.log, v0Prefix + route.path);
    }
  };
}

const noBody = Buffer.alloc(0);
const missingKey = "Send an API key in the header X-Api-Key.";

/** Only API keys come in here: a browser's cookie never works, so no other site can make a browser act. */
async function keyHolder(gate: Gate, headers: IncomingHttpHeaders, address: string): Promise<Actor> {
  const apiKey = keyOf(headers);
  if (apiKey === undefined) throw new HinobanError("unauthenticated", missingKey);
  const principal = await gate.authenticate({ cookie: undefined, apiKey, address });
  if (principal?.kind !== "key") throw new HinobanError("unauthenticated", "The API key is unknown.");
  return gate.enter(principal, principal.organisationName, address);
}

function keyOf(headers: IncomingHttpHeaders): string | undefined {
  const header = headers["x-api-key"];
  if (typeof header === "string" && header !== "") return header;
  return /^Bearer\s+(\S+)$/iu.exec(headers.authorization ?? "")?.[1];
}

/** The query string, in which a key may be repeated. */
export class V0Query {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(query: unknown) {
    this.#values = typeof query === "object" && query !== null ? { ...query } : {};
  }

  /** Every value of a key, in order; empty texts left out. */
  all(key: string): string[] {
    const value = this.#values[key];
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.filter((item): item is string => typeof item === "string" && item !== "");
  }

  /** The last value of a key. */
  one(key: string): string | undefined {
    return this.all(key).at(-1);
  }

  /** A whole number. @throws "bad-request" when it is missing or not one. */
  integer(key: string): number {
    const text = this.one(key);
    if (text === undefined || !/^-?\d{1,15}$/u.test(text)) throw new HinobanError("bad-request", `${key}: must be a whole number.`);
    return Number(text);
  }
}

const mostOnPage = 100;

/** The page of a list that is read on with `nextId`: `limit` is 100 when absent. @throws "invalid-input" for a limit outside 1 to 100 */
export function pageOfQuery(query: V0Query): { readonly limit: number; readonly nextId?: string } {
  const limit = query.one("limit") === undefined ? mostOnPage : query.integer("limit");
  if (limit < 1 || limit > mostOnPage) throw invalidInput([{ field: "limit", problem: `must be 1 to ${mostOnPage}` }]);
  const nextId = query.one("nextId");
  return { limit, ...(nextId === undefined ? {} : { nextId }) };
}

/** The body as JSON; undefined when it is empty. @throws "bad-request" */
export function jsonOf(body: Buffer): unknown {
  return body.length === 0 ? undefined : parseJson(textOf(body));
}

/** The body as an object of unknown members; `null` and nothing count as `{}` only when `mayBeEmpty`. @throws "bad-request" */
export function objectOf(body: Buffer, mayBeEmpty = false): Record<string, unknown> {
  const value = jsonOf(body);
  if (mayBeEmpty && (value === undefined || value === null)) return {};
  if (!isObject(value)) throw new HinobanError("bad-request", "The body must be a JSON object.");
  return value;
}

/** The text of a body, without the byte order mark that some tools write. */
export function textOf(body: Buffer): string {
  const text = body.toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** @throws "bad-request" that says where the JSON is wrong. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new HinobanError(
      "bad-request",
      `The body is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}.`,
      {},
      { cause: error },
    );
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
