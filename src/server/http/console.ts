import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";

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
  for (const [file, type] of lasting) serveFresh(app, directory, file, type);
  const paths = ["/", "/login", "/setup", "/account", "/kit", "/invitation", "/o/*"];
  const send = (reply: FastifyReply, html: string) =>
    reply.type("text/html; charset=utf-8").header("content-security-policy", policy).header("cache-control", "no-cache").send(html);
  for (const path of paths) app.get(path, { schema: { hide: true } }, async (_request, reply) => send(reply, page));
  // Behind a link of a mail there is a plain page as well, for browsers that run no scripts.
  app.get<{ Params: { token: string } }>("/act/:token", { schema: { hide: true } }, async ({ params }, reply) =>
    send(reply, withPlainPage(page, params.token)),
  );
}

/** Files that keep their names: browsers look whether they have changed. */
const lasting = [
  ["sw.js", "text/javascript; charset=utf-8"],
  ["manifest.webmanifest", "application/manifest+json"],
  ["icon-192.png", "image/png"],
  ["icon-512.png", "image/png"],
] as const;

function serveFresh(app: FastifyInstance, directory: string, name: string, type: string): void {
  const file = join(directory, name);
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  app.get(`/${name}`, { schema: { hide: true } }, async (_request, reply) =>
    reply.type(type).header("cache-control", "no-cache").send(bytes),
  );
}

/** Leads browsers without JavaScript on to the plain page; a text that is no token leads nowhere. */
function withPlainPage(page: string, token: string): string {
  if (!/^[\w.-]{1,1000}$/u.test(token)) return page;
  return page.replace("</head>", `<noscript><meta http-equiv="refresh" content="0; url=/act/${token}/plain"></noscript></head>`);
}
