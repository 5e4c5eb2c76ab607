import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { FastifyRequest } from "fastify";
import { HinobanError } from "#base/errors";
import { installScript } from "#wire/install-script";
import { principalOf, type Served } from "./serve.ts";

export interface AgentDownload {
  /** The bundled agent. */
  readonly file: string;
  /** The configured address of the server, or empty to use the one that was asked. */
  readonly publicUrl: string;
}

/** What stands in the script where a key belongs, when it was fetched without one. */
const noKey = "";

/**
 * Serves the agent at /agent/hinoban-agent.js and the script that installs it at /install.sh:
 * `curl -fsSL -H 'X-Api-Key: …' https://hinoban.example/install.sh | sudo sh`. The key that fetched the script is the one it
 * installs, so each organisation has its own line and no key ever stands in an address.
 */
export async function serveAgentDownload(served: Served, { file, publicUrl }: AgentDownload): Promise<void> {
  if (!existsSync(file)) return;
  const agent = readFileSync(file);
  const sha256 = createHash("sha256").update(agent).digest("hex");
  const hidden = { schema: { hide: true } };
  served.app.get("/agent/hinoban-agent.js", hidden, async (_request, reply) =>
    reply.type("text/javascript; charset=utf-8").header("etag", `"${sha256}"`).header("cache-control", "no-cache").send(agent),
  );
  served.app.get("/install.sh", hidden, async (request, reply) => {
    const principal = await principalOf(served, request);
    if (principal !== undefined && principal.kind !== "key")
      throw new HinobanError("bad-request", "Fetch this with an API key in the header X-Api-Key.");
    const key = principal === undefined ? noKey : String(request.headers["x-api-key"] ?? "");
    const serverUrl = publicUrl.replace(/\/$/u, "") || askedAddress(request);
    const script = installScript({ serverUrl, keyPlaceholderOrKey: key, agentUrl: `${serverUrl}/agent/hinoban-agent.js`, sha256 });
    return reply.type("text/x-shellscript; charset=utf-8").send(script);
  });
}

/** The address that the caller used, of which the host may be anything: only letters, digits and what addresses are made of get into the script. */
function askedAddress(request: FastifyRequest): string {
  const host = request.host;
  if (!/^[A-Za-z0-9.:[\]-]+$/u.test(host)) throw new HinobanError("bad-request", "The request's Host header is not an address.");
  return `${request.protocol}://${host}`;
}
