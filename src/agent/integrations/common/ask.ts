import type { Clock } from "#base/clock";
import type { Millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { Secret } from "#base/secret";
import { openHttpClient, type HttpReply, type HttpRequest } from "../../http.ts";
import type { SystemReader } from "../../system.ts";
import { agentName } from "../../version.ts";
import type { IntegrationDeps } from "../integration.ts";
import type { Options } from "../options.ts";
import { readPassword, type FindPassword } from "./password.ts";

/** How a status page is reached. */
export interface HttpTarget {
  readonly url: URL;
  readonly within: Millis;
  readonly headers: Readonly<Record<string, string>>;
  readonly caFile: string | undefined;
  readonly user: string | undefined;
  readonly password: FindPassword;
}

/** The options `url`, `headers` (a table), `user`, `password…`, `ca_file` and `timeout` (seconds, 10). */
export function readHttpTarget(options: Options, deps: IntegrationDeps, otherwise: string): HttpTarget {
  const url = options.url("url", otherwise);
  if (url.username !== "" || url.password !== "")
    options.problem("url", "must not hold a user or password; they stand in `user` and `password_file`");
  return {
    url,
    within: options.seconds("timeout", 10, { least: 1, most: 40 }),
    headers: readHeaders(options),
    caFile: options.optionalText("ca_file"),
    user: options.optionalText("user"),
    password: readPassword(options, deps),
  };
}

/** Names in lower case: those of the options replace the agent's own. */
function readHeaders(options: Options): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.texts("headers"))) {
    if (/^[\w-]+$/u.test(name) && /^[\t\u0020-\u007e]*$/u.test(value)) headers[name.toLowerCase()] = value;
    else options.problem(`headers.${name}`, "must be the name of an HTTP header with a value of visible ASCII characters");
  }
  return headers;
}

/**
 * Asks once and closes the connection.
 * @param target.url its path and query are asked for
 * @throws HinobanError "forbidden" for 401 and 403, "not-found" for 404, "unavailable" for other answers than 200, "unavailable" or "timeout" when there is none
 */
export async function ask(target: HttpTarget, deps: { clock: Clock; reader: SystemReader }, body?: string): Promise<string> {
  const { url, within, user } = target;
  const ca = target.caFile === undefined ? undefined : await deps.reader.text(target.caFile);
  const client = await openHttpClient(url, deps.clock, ca);
  const headers: Record<string, string> = { "user-agent": agentName, connection: "close", ...target.headers };
  const password = await target.password();
  if (user !== undefined) headers["authorization"] = basic(user, password);
  const request: HttpRequest = { method: body === undefined ? "GET" : "POST", path: url.pathname + url.search, headers, within };
  try {
    const reply = await client.send(body === undefined ? request : { ...request, body });
    if (reply.status !== 200) throw refusal(url, reply);
    return reply.text;
  } finally {
    client.close();
  }
}

const basic = (user: string, password: Secret | undefined): string =>
  `Basic ${Buffer.from(`${user}:${password?.reveal() ?? ""}`).toString("base64")}`;

function refusal(url: URL, { status }: HttpReply): HinobanError {
  const place = `${url.origin}${url.pathname}`;
  if (status === 401 || status === 403) {
    const why = status === 401 ? "wants another user or password" : "may not be read from this address";
    return new HinobanError("forbidden", `${place} ${why} (HTTP ${status}).`, { status });
  }
  if (status === 404)
    return new HinobanError("not-found", `${place} does not exist (HTTP 404). Is the status page switched on?`, { status });
  return new HinobanError("unavailable", `${place} answered with HTTP ${status}.`, { status });
}

/** What a socket's error means for the person who reads it. @param place host and port, or the path of a socket */
export function connectTrouble(place: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ECONNREFUSED") return `Nothing listens at ${place}: is the server running?`;
  if (code === "ENOENT") return `There is no socket at ${place}: is the server running?`;
  if (code === "EACCES") return `This user may not open the socket at ${place}.`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `The name in ${place} is not known.`;
  if (code === "ETIMEDOUT" || code === "EHOSTUNREACH" || code === "ENETUNREACH") return `${place} cannot be reached.`;
  return `${place}: ${messageOf(error)}`;
}
