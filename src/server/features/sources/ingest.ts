import { sql } from "kysely";
import type { FastifyReply, FastifyRequest } from "fastify";
import { HinobanError } from "#base/errors";
import { asHinobanError, type Served } from "#http";
import { installationScope } from "#store";
import type { SourceKind } from "#wire/sources";
import { isToken, tokenDigest } from "./addresses.ts";
import type { SourcesContext } from "./context.ts";
import { answerAlike, clientPaths, messageOf } from "./speak-alike.ts";
import { takeBeat } from "./take-beat.ts";
import { takeOversized, takeSignal } from "./take-signal.ts";

/** Ten thousand alerts of Alertmanager fit. */
const mostBytes = 16 * 1024 * 1024;

interface Found {
  readonly id: string;
  readonly organisation_id: string;
  readonly kind: SourceKind;
}

/**
 * Serves the addresses that other products post to: `/in/<token>`, or `/in` with the token as a bearer. "2xx" means that the message is
 * kept; a body that is not understood is kept too and answered with 202, since senders throw away what they get a 4xx for.
 */
export async function serveIngest({ app }: Served, sources: SourcesContext): Promise<void> {
  await app.register(async (scoped) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: mostBytes }, (_request, body, done) => done(null, body));
    const found = new WeakMap<FastifyRequest, Found>();
    scoped.setErrorHandler(async (thrown, request, reply) => {
      const error = asHinobanError(thrown);
      const source = found.get(request);
      if (error.code === "too-large" && source) await takeOversized(sources, source.organisation_id, source.id, mostBytes);
      if (error.status >= 500) request.log.error({ err: error.cause ?? error }, "a message of another product was not taken");
      return reply.code(error.status).send({ error: error.message });
    });
    // Before the body is read: a stranger's megabytes are not worth reading.
    scoped.addHook("onRequest", async (request) => void found.set(request, await sourceOf(sources, request)));
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const source = found.get(request);
      if (!source) throw new HinobanError("not-found", unknown);
      return source.kind === "heartbeat" ? beat(sources, source, request, reply) : message(sources, source, request, reply);
    };
    const urls = ["/in", "/in/:token", ...clientPaths.map((path) => `/in/:token${path}`)];
    for (const url of urls) scoped.route({ method: ["GET", "POST", "PUT"], url, bodyLimit: mostBytes, schema: { hide: true }, handler });
    const deleted = { method: "DELETE", bodyLimit: mostBytes, schema: { hide: true }, handler } as const;
    scoped.route({ ...deleted, url: "/in/:token/v2/alerts/:identifier" });
  });
}

const unknown = "There is no such address. Copy it anew from the source's page.";

async function sourceOf(sources: SourcesContext, request: FastifyRequest): Promise<Found> {
  const { token: step } = request.params as { readonly token?: string }; // the path has no other step
  const token = step ?? /^Bearer\s+(\S+)$/iu.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const row = isToken(token)
    ? await sources.db.tx(
        installationScope,
        async (tx) => (await sql<Found>`select * from hinoban_find_source(${tokenDigest(token)})`.execute(tx)).rows[0],
      )
    : undefined;
  if (row) return row;
  sources.strangers.take(request.ip);
  throw new HinobanError("not-found", unknown);
}

const bodyOf = (request: FastifyRequest): string => (Buffer.isBuffer(request.body) ? request.body.toString("utf8") : "");

async function message(sources: SourcesContext, source: Found, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (request.method === "GET")
    return reply
      .code(405)
      .header("allow", "POST, PUT")
      .send({ error: `This is the address of a source of the kind ${source.kind}: send its messages with POST.` });
  const { identifier, act } = request.params as { readonly identifier?: string; readonly act?: string }; // the steps of clientPaths
  const text = messageOf(source.kind, bodyOf(request), { method: request.method, identifier, act });
  const taken = await takeSignal(sources, source.organisation_id, source.id, text);
  const alike = answerAlike(source.kind, reply, taken, text);
  if (alike) return alike;
  const { effect, opened, closed, problem } = taken;
  return reply.code(effect === "unread" ? 202 : 200).send({ effect, opened, closed, ...(problem === undefined ? {} : { problem }) });
}

const failing = new Set(["fail", "failed", "failure", "1"]);

/** `?state=fail` says that the job failed; what is posted along, or `message`, is shown. */
async function beat(sources: SourcesContext, source: Found, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const query = request.query as Readonly<Record<string, unknown>>; // texts, or lists of texts
  const { state, message: said } = query;
  const hasFailed = typeof state === "string" && failing.has(state);
  await takeBeat(sources, source.organisation_id, source.id, {
    hasFailed,
    message: typeof said === "string" ? said : bodyOf(request).trim(),
  });
  return reply.code(200).send({ effect: hasFailed ? "failed" : "ok" });
}
