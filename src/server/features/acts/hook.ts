import type { FastifyInstance } from "fastify";
import { messageOf } from "#base/errors";
import { asHinobanError } from "#http";
import { chatCommandsPath, mattermostActionsPath, slackActionsPath } from "#wire/notify";
import type { Acts } from "./acts.ts";
import type { HookAnswer, HookCall } from "./hook-call.ts";
import { receiveMattermostCommand, receiveMattermostPress } from "./mattermost.ts";
import { receiveSlack } from "./slack.ts";

/** A chat sends the message with the press; nobody's is longer than this. */
const mostBytes = 512 * 1024;

type Receive = (acts: Acts, call: HookCall) => Promise<HookAnswer>;

/** Serves what chats send when somebody presses a button or types a command. */
export async function registerHooks(app: FastifyInstance, acts: Acts): Promise<void> {
  await app.register(async (scoped) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: mostBytes }, (_request, body, done) => done(null, body));
    scoped.setErrorHandler((thrown, request, reply) => {
      const error = asHinobanError(thrown);
      if (error.status >= 500) request.log.error({ err: error.cause ?? error }, "a chat's request failed");
      void reply.code(error.status).type("text/plain; charset=utf-8").send(messageOf(error));
    });
    const serve = (url: string, receive: Receive): void => {
      scoped.route<{ Params: { channelId: string } }>({
        method: "POST",
        url,
        bodyLimit: mostBytes,
        schema: { hide: true },
        onRequest: async (request) => acts.presses.take(request.ip),
        handler: async (request, reply) => {
          const header = (name: string): string => {
            const value = request.headers[name];
            return Array.isArray(value) ? value.join(", ") : (value ?? "");
          };
          const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
          const answer = await receive(acts, { channelId: request.params.channelId, body, header, address: request.ip });
          return reply.code(answer.status).type(answer.type).send(answer.body);
        },
      });
    };
    serve(slackActionsPath(":channelId"), receiveSlack);
    serve(mattermostActionsPath(":channelId"), receiveMattermostPress);
    // Slack signs its requests; whatever has no signature is Mattermost's.
    serve(chatCommandsPath(":channelId"), (of, call) =>
      call.header("x-slack-signature") === "" ? receiveMattermostCommand(of, call) : receiveSlack(of, call),
    );
  });
}
