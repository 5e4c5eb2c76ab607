import type { FastifyRequest } from "fastify";
import { HinobanError } from "#base/errors";
import type { Permission } from "#wire/permissions";
import type { Actor } from "./actor.ts";
import { asHinobanError } from "./problem.ts";
import { guarded, type Gate, type Served } from "./serve.ts";

/** A request of another product's agent, its body still as it came. */
export interface ReceiverCall {
  readonly actor: Actor;
  /** Empty when the request had none. Still compressed, when its header says so. */
  readonly body: Buffer;
  /** A header of the request in one text; empty when it was not sent. */
  readonly header: (name: string) => string;
}

/** What goes back: each protocol has its own idea of success and failure. */
export interface ReceiverAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface ReceiverRoute {
  /** From the root of the host, for example `/v1/metrics`. */
  readonly path: string;
  readonly needs: Permission;
  /** Largest body in bytes, as it travels. */
  readonly bodyLimit: number;
  /** The protocol's form of an error; also for those that come before the handler: no key, no right, too large. */
  readonly failure: (error: HinobanError, header: ReceiverCall["header"]) => ReceiverAnswer;
}

/**
 * Serves a POST that carries another protocol than our own interfaces. The key may come as `X-Api-Key`, as a bearer token, or as the
 * password of basic authentication (whatever the user name): each of these protocols' clients knows at least one of them.
 */
export async function serveReceiver(
  { app, gate }: Served,
  route: ReceiverRoute,
  handler: (call: ReceiverCall) => Promise<ReceiverAnswer>,
): Promise<void> {
  await app.register(async (scoped) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: route.bodyLimit }, (_request, body, done) => done(null, body));
    const actors = new WeakMap<FastifyRequest, Actor>();
    scoped.setErrorHandler((thrown, request, reply) => {
      const error = asHinobanError(thrown);
      if (error.status >= 500) request.log.error({ err: error.cause ?? error, url: route.path }, error.message);
      const { status, headers = {}, body = "" } = route.failure(error, headerOf(request));
      void reply.code(status).headers(headers).send(body);
    });
    scoped.route({
      method: "POST",
      url: route.path,
      bodyLimit: route.bodyLimit,
      schema: { hide: true },
      // Before the body is read: a stranger's megabytes are not worth reading.
      onRequest: async (request) => {
        const actor = await keyHolder(gate, request);
        actors.set(request, actor);
        await guarded(gate, actor, async () => gate.demand(actor, route.needs, `organisation:${actor.organisationId}`));
      },
      handler: async (request, reply) => {
        const actor = actors.get(request);
        if (!actor) throw new HinobanError("unauthenticated", missingKey);
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const answer = await guarded(gate, actor, () => handler({ actor, body, header: headerOf(request) }));
        return reply
          .code(answer.status)
          .headers(answer.headers ?? {})
          .send(answer.body ?? "");
      },
    });
  });
}

const missingKey = "Send an API key: in the header X-Api-Key, as a bearer token, or as the password of basic authentication.";

const headerOf =
  (request: FastifyRequest) =>
  (name: string): string => {
    const value = request.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(", ") : (value ?? "");
  };

/** Only API keys come in here, as on /api/v0: a browser's cookie never works. */
async function keyHolder(gate: Gate, request: FastifyRequest): Promise<Actor> {
  const apiKey = keyOf(headerOf(request));
  if (apiKey === undefined) throw new HinobanError("unauthenticated", missingKey);
  const principal = await gate.authenticate({ cookie: undefined, apiKey, address: request.ip });
  if (principal?.kind !== "key") throw new HinobanError("unauthenticated", "The API key is unknown.");
  return gate.enter(principal, principal.organisationName, request.ip);
}

function keyOf(header: ReceiverCall["header"]): string | undefined {
  const own = header("x-api-key");
  if (own !== "") return own;
  const [, scheme = "", value = ""] = /^(Bearer|Basic)\s+(\S+)$/iu.exec(header("authorization")) ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme.toLowerCase() !== "basic") return undefined;
  const pair = Buffer.from(value, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon < 0 ? undefined : pair.slice(colon + 1);
}
