import swagger from "@fastify/swagger";
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { asHinobanError, problemOf } from "./problem.ts";

export interface AppOptions {
  readonly logger: Logger;
  readonly version: string;
  /** Addresses of reverse proxies whose X-Forwarded-* headers are believed. */
  readonly trustProxy: readonly string[];
}

const defaultBodyLimit = 256 * 1024;

/**
 * The HTTP application without any route: limits, error answers, security headers and OpenAPI.
 * Keep-alive is longer than the minute in which agents post, or every post would open a new connection.
 */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const logger: FastifyBaseLogger = options.logger; // its own generics must not colour the application's type
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: defaultBodyLimit,
    keepAliveTimeout: 95_000,
    requestTimeout: 60_000,
    trustProxy: options.trustProxy.length > 0 ? [...options.trustProxy] : false,
    genReqId: requestIds(),
    routerOptions: { maxParamLength: 512 },
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Hinoban API", version: options.version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: "hinoban_session" },
          apiKey: { type: "apiKey", in: "header", name: "X-Api-Key" },
          bearer: { type: "http", scheme: "bearer" },
        },
      },
    },
  });
  app.setErrorHandler((error, request, reply) => {
    const known = asHinobanError(error);
    // Not the address itself: tokens of links stand in some.
    if (known.status >= 500) request.log.error({ err: known.cause ?? known, route: request.routeOptions.url }, known.message);
    if (typeof known.facts["retryAfter"] === "number") void reply.header("retry-after", String(known.facts["retryAfter"]));
    void reply
      .code(known.status)
      .type("application/problem+json")
      .send(JSON.stringify(problemOf(known, request.id)));
  });
  app.setNotFoundHandler((request, reply) => {
    const problem = problemOf(
      new HinobanError("not-found", `There is nothing at ${request.method} ${request.url.split("?")[0]}.`),
      request.id,
    );
    void reply.code(404).type("application/problem+json").send(JSON.stringify(problem));
  });
  app.addHook("onSend", async (_request, reply) => {
    void reply.header("x-content-type-options", "nosniff").header("referrer-policy", "same-origin");
    if (!reply.hasHeader("cache-control")) void reply.header("cache-control", "no-store");
  });
  return app;
}

/** Ids of requests: one random part for the process and a number, which is enough to find a request in the log and costs nothing. */
function requestIds(): () => string {
  const process = newId();
  let count = 0;
  return () => `${process}-${(count += 1).toString(36)}`;
}
