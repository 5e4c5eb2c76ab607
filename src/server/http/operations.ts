import type { FastifyInstance } from "fastify";
import { exposition, type Figure } from "./exposition.ts";

/** One thing that must work before requests are welcome: undefined when it does, else a sentence. */
export interface Readiness {
  readonly name: string;
  readonly check: () => Promise<string | undefined>;
}

/** Serves /healthz (the process answers), /readyz (it can work) and /metrics (figures for Prometheus). */
export function serveOperations(app: FastifyInstance, readiness: readonly Readiness[], figures: readonly Figure[]): void {
  const hidden = { schema: { hide: true } };
  app.get("/healthz", hidden, async () => ({ status: "ok" }));
  app.get("/readyz", hidden, async (_request, reply) => {
    const results = await Promise.all(readiness.map(async ({ name, check }) => ({ name, problem: await check().catch(String) })));
    const isReady = results.every((result) => result.problem === undefined);
    const checks = Object.fromEntries(results.map(({ name, problem }) => [name, problem ?? "ok"]));
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? "ready" : "not ready", checks });
  });
  app.get("/metrics", hidden, async (_request, reply) => reply.type("text/plain; version=0.0.4; charset=utf-8").send(exposition(figures)));
}
