import { HinobanError } from "#base/errors";
import { asHinobanError, type Served } from "#http";
import { alertPicturePath, type AlertPictures } from "./alert-pictures.ts";
import { formatOf } from "./model.ts";
import { sendProblem } from "./send-problem.ts";
import type { Sharing } from "./sharing.ts";

/** Serves the pictures of alerts to whoever has their address: chats fetch them, and strangers to whom somebody passed a message on. */
export function registerAlertPictures({ app }: Served, sharing: Sharing, pictures: AlertPictures): void {
  // Its token is longer than a named step of a path may be.
  app.get<{ Params: { "*": string } }>(`${alertPicturePath}*`, { schema: { hide: true } }, async (request, reply) => {
    try {
      sharing.strangers.take(request.ip);
      const { name, format } = formatOf(request.params["*"]);
      if (format !== "png") throw new HinobanError("not-found", "There is no such picture.");
      const { organisationId, picture } = pictures.open(name);
      const { body, etag } = await pictures.png(picture, await pictures.readerOf(organisationId));
      void reply
        .header("cache-control", `public, max-age=${pictures.isSettled(picture) ? 86_400 : 60}`)
        .header("etag", etag)
        .header("cross-origin-resource-policy", "cross-origin")
        .header("x-robots-tag", "noindex")
        .header("content-security-policy", "default-src 'none'; sandbox; frame-ancestors *")
        .type("image/png");
      if (request.headers["if-none-match"] === etag) return await reply.code(304).send();
      return await reply.send(body);
    } catch (thrown) {
      const error = asHinobanError(thrown);
      if (error.status >= 500) request.log.error({ err: error.cause ?? error }, "the picture of an alert could not be drawn");
      return sendProblem(sharing, reply, error, "png", "light");
    }
  });
}
