import { createRequire } from "node:module";
import { dirname } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hinoban API</title>
<link rel="stylesheet" href="/api/docs/files/swagger-ui.css">
</head>
<body>
<main id="docs"></main>
<script src="/api/docs/files/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;

const start = `SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#docs", deepLinking: true, validatorUrl: null });\n`;

/** Serves the description of the API at /api/openapi.json and a page to browse it at /api/docs. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  const files = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  await app.register(fastifyStatic, { root: files, prefix: "/api/docs/files/", index: false, decorateReply: false, maxAge: "1d" });
  const hidden = { schema: { hide: true } };
  app.get("/api/openapi.json", hidden, async (_request, reply) => reply.type("application/json").send(JSON.stringify(app.swagger())));
  app.get("/api/docs", hidden, async (_request, reply) => reply.type("text/html; charset=utf-8").send(page));
  app.get("/api/docs/start.js", hidden, async (_request, reply) => reply.type("text/javascript; charset=utf-8").send(start));
}
