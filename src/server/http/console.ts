import { readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

// Mantine sets style attributes; everything else comes from files of our own.
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/**
 * Serves the console: files with a hash in their name for a year, and index.html for every other path that a browser opens,
 * so that an address such as /o/main/hosts can be sent to somebody.
 * @param directory the built console, with an `assets` folder.
 */
export async function serveConsole(app: FastifyInstance, directory: string): Promise<void> {
  const page = readFileSync(join(directory, "index.html"), "utf8");
  await app.register(fastifyStatic, {
    root: directory,
    serve: true,
    wildcard: true,
    index: false,
    maxAge: "365d",
    immutable: true,
    decorateReply: false,
  });
  const paths = ["/", "/login", "/setup", "/account", "/kit", "/invitation", "/act/*", "/o/*"];
  for (const path of paths) {
    app.get(path, { schema: { hide: true } }, async (_request, reply) =>
      reply.type("text/html; charset=utf-8").header("content-security-policy", policy).header("cache-control", "no-cache").send(page),
    );
  }
}
