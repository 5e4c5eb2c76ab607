import type { FastifyInstance } from "fastify";
import { messageOf } from "#base/errors";
import { asHinobanError, RateLimit } from "#http";
import type { HookAnswer, HookRequest } from "#ports/phone/hooks";
import { smsPaths, voicePaths, type CarrierKind } from "./addresses.ts";
import type { CarriersContext } from "./context.ts";
import { receiveCall } from "./receive-call.ts";
import { receiveSms } from "./receive-sms.ts";

/** A provider tells of a key or a state; nobody's request is longer than this. */
const mostBytes = 64 * 1024;
/** Of one address within a minute: ten times what a busy account sends. */
const mostRequests = 3000;

type Receive = (carriers: CarriersContext, name: string, request: HookRequest) => Promise<HookAnswer>;

/** Serves what providers of calls and short messages ask and tell. */
export async function registerHooks(app: FastifyInstance, carriers: CarriersContext): Promise<void> {
  const requests = new RateLimit(carriers.clock, mostRequests);
  await app.register(async (scoped) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: mostBytes }, (_request, body, done) => done(null, body));
    scoped.setErrorHandler((thrown, request, reply) => {
      const error = asHinobanError(thrown);
      if (error.status >= 500) request.log.error({ err: error.cause ?? error }, "a provider's request failed");
      else carriers.refused(carriers.clock.now(), { address: request.ip, code: error.code, problem: messageOf(error) });
      void reply.code(error.status).type("text/plain; charset=utf-8").send(messageOf(error));
    });
    const serve = (path: string, receive: Receive): void => {
      scoped.route<{ Params: { name: string } }>({
        method: "POST",
        url: `${path}/:name`,
        bodyLimit: mostBytes,
        schema: { hide: true },
        onRequest: async (request) => requests.take(request.ip),
        handler: async (request, reply) => {
          const answer = await receive(carriers, request.params.name, {
            // The public address and what stood in the request line, untouched: that is what was signed.
            url: `${carriers.publicUrl}${request.raw.url ?? ""}`,
            header: (header) => {
              const value = request.headers[header];
              return Array.isArray(value) ? value.join(", ") : (value ?? "");
            },
            body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
            at: carriers.clock.now(),
          });
          return reply.code(answer.status).type(answer.type).send(answer.body);
        },
      });
    };
    const kinds: readonly CarrierKind[] = ["twilio", "vonage", "http"];
    for (const kind of kinds) serve(voicePaths[kind], (of, name, request) => receiveCall(of, kind, name, request));
    serve(smsPaths.twilio, (of, name, request) => receiveSms(of, "twilio", name, request));
    serve(smsPaths.http, (of, name, request) => receiveSms(of, "http", name, request));
  });
}
