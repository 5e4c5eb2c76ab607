import { request, type ClientRequest, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { HinobanError } from "#base/errors";
import type { HttpSpec } from "#wire/probe-specs";
import { bodyText, readBody } from "./body.ts";
import { CookieJar } from "./cookies.ts";
import { codeOf, failure, tlsFailure } from "./failure.ts";
import type { Answered, Findings, Ground } from "./ground.ts";
import { looksLike } from "./known-greetings.ts";
import { reach, secure } from "./reach.ts";
import type { Trace } from "./trace.ts";
import type { Wire } from "./wire.ts";

/** The third redirect is an error, as with Mackerel. */
const mostRedirects = 2;
const mostHeaderBytes = 64 * 1024;
const redirects = new Set([301, 302, 303, 307, 308]);

interface Question {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

interface Reply {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: Buffer;
  readonly text: string;
  readonly isCut: boolean;
}

/** Mackerel's external monitoring: one request, at most two redirects more, one judgement. */
export async function probeHttp(ground: Ground, trace: Trace, findings: Findings, spec: HttpSpec): Promise<Answered> {
  const jar = new CookieJar();
  let question = firstQuestion(spec, ground.userAgent);
  for (let count = 0; ; count += 1) {
    const reply = await ask(ground, trace, findings, { spec, question, jar });
    findings.http = { status: reply.status, url: withoutUser(question.url), redirects: count, bodyBytes: reply.body.length };
    const next = spec.followRedirect === true ? redirected(question, reply) : undefined;
    if (!next) return judge(spec, reply);
    if (count >= mostRedirects) throw failure("answer-wrong", `more than ${mostRedirects} redirects`);
    question = next;
  }
}

/** @throws HinobanError "invalid-input" for a URL that is none */
function firstQuestion(spec: HttpSpec, userAgent: string): Question {
  const url = webUrl(spec.url);
  if (!url) throw new HinobanError("invalid-input", "url: must be an address that begins with http:// or https://.");
  const given = new Map(
    (spec.headers ?? [{ name: "Cache-Control", value: "no-cache" }]).map(({ name, value }) => [name.toLowerCase(), value]),
  );
  if (!given.has("user-agent")) given.set("user-agent", userAgent);
  if (!given.has("accept")) given.set("accept", "*/*");
  if (url.username !== "" && !given.has("authorization")) given.set("authorization", basic(url));
  const body = spec.requestBody === undefined || spec.requestBody === "" ? undefined : spec.requestBody;
  return { url, method: spec.method ?? "GET", headers: Object.fromEntries(given), body };
}

function webUrl(text: string, base?: string): URL | undefined {
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  return url && (url.protocol === "http:" || url.protocol === "https:") && url.hostname !== "" ? url : undefined;
}

function basic({ username, password }: URL): string {
  const plain = (text: string): string => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // a percent sign that stands for itself
    }
  };
  return `Basic ${Buffer.from(`${plain(username)}:${plain(password)}`, "utf8").toString("base64")}`;
}

function withoutUser(url: URL): string {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare.href.slice(0, 2000);
}

interface Asked {
  readonly spec: HttpSpec;
  readonly question: Question;
  readonly jar: CookieJar;
}

async function ask(ground: Ground, trace: Trace, findings: Findings, { spec, question, jar }: Asked): Promise<Reply> {
  const { url } = question;
  const isSecure = url.protocol === "https:";
  const host = url.hostname.replace(/^\[|\]$/gu, "");
  const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
  const wire = await reach(ground, trace, findings, { host, port, family: spec.family, usual: "ipv4" });
  const before = findings.tls;
  const verifies = spec.skipCertificateVerification !== true;
  const stream = isSecure
    ? (await secure(ground, trace, findings, wire, { serverName: host, verifies, alpn: ["http/1.1"] })).stream
    : wire.socket;
  if (before) findings.tls = before; // the first address is the one that is watched, wherever it leads to
  const late = (): "silent" | "answer-timed-out" => (wire.received === 0 ? "silent" : "answer-timed-out");
  const plan = { late, address: wire.address };
  const sent = send(question, jar.headerFor(url), { stream, wire });
  trace.onEnd(() => sent.request.destroy());
  await trace.step("request", plan, async () => {
    await sent.isWritten;
    return { value: undefined, detail: `${question.method} ${url.pathname}`.slice(0, 300) };
  });
  const response = await trace.step("wait", plan, async () => {
    const incoming = await sent.response;
    return { value: incoming, detail: `HTTP ${incoming.statusCode ?? 0}` };
  });
  jar.keep(url, response.headers["set-cookie"] ?? []);
  return trace.step("answer", plan, async () => {
    const { body, isCut } = await readBody(response).catch((error: unknown) => {
      throw brokenBy(error, wire);
    });
    const text = bodyText(body, response.headers["content-type"]);
    const reply = { status: response.statusCode ?? 0, location: response.headers.location, body, text, isCut };
    return { value: reply, detail: `${body.length} bytes${isCut ? ", cut" : ""}` };
  });
}

interface Sent {
  readonly request: ClientRequest;
  readonly isWritten: Promise<void>;
  readonly response: Promise<IncomingMessage>;
}

function send(
  { url, method, headers, body }: Question,
  cookie: string | undefined,
  { stream, wire }: { stream: Duplex; wire: Wire },
): Sent {
  const all = {
    host: url.host,
    ...headers,
    ...(cookie === undefined ? {} : { cookie: headers["cookie"] === undefined ? cookie : `${headers["cookie"]}; ${cookie}` }),
    ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
    connection: "close",
  };
  const outgoing = request({
    createConnection: () => stream,
    host: url.hostname,
    method,
    path: `${url.pathname}${url.search}`,
    headers: all,
    setHost: false,
    maxHeaderSize: mostHeaderBytes,
    insecureHTTPParser: true, // whatever odd servers say is only read
  });
  const isOver = new Promise<never>((_resolve, reject) => {
    outgoing.on("error", (error) => reject(brokenBy(error, wire)));
    stream.on("error", (error) => reject(brokenBy(error, wire)));
  });
  isOver.catch(() => undefined); // whoever waits is told
  const isWritten = new Promise<void>((resolve) => void outgoing.once("finish", resolve));
  const response = new Promise<IncomingMessage>((resolve) => void outgoing.once("response", resolve));
  if (stream === wire.socket) wire.say("request");
  if (body === undefined) outgoing.end();
  else outgoing.end(body);
  return { request: outgoing, isWritten: Promise.race([isWritten, isOver]), response: Promise.race([response, isOver]) };
}

function brokenBy(error: unknown, wire: Wire): HinobanError {
  if (error instanceof HinobanError) return error;
  if (codeOf(error).startsWith("HPE_")) {
    if (isParseError(error)) wire.hear(error.rawPacket);
    const known = looksLike(wire.head);
    return failure(
      "protocol-wrong",
      known === undefined || known === "HTTP" ? `no HTTP: ${codeOf(error)}` : `the answer is ${known}, not HTTP`,
    );
  }
  return tlsFailure(error) ?? wire.broken(error);
}

/** What cannot be read as HTTP comes along with Node's error. */
const isParseError = (error: unknown): error is { readonly rawPacket: Buffer } =>
  typeof error === "object" && error !== null && "rawPacket" in error && Buffer.isBuffer(error.rawPacket);

/** The question that a redirect leads to, as browsers and Go do it: 303 and a POST that moved become a GET. */
function redirected(question: Question, { status, location }: Reply): Question | undefined {
  if (!redirects.has(status) || location === undefined) return undefined;
  const url = webUrl(location, question.url.href);
  if (!url) throw failure("answer-wrong", `a redirect to ${location.slice(0, 200)}, which is no address of the web`);
  const becomesGet = status === 303 || ((status === 301 || status === 302) && question.method !== "GET");
  const kept = { ...question.headers };
  delete kept["host"];
  if (url.host !== question.url.host) {
    delete kept["authorization"]; // it was typed for the other server
    delete kept["cookie"];
  }
  return { url, method: becomesGet ? "GET" : question.method, headers: kept, body: becomesGet ? undefined : question.body };
}

function judge({ expectedStatusCode, containsString }: HttpSpec, { status, text, isCut }: Reply): Answered {
  const isExpected = expectedStatusCode === undefined ? status >= 200 && status < 400 : status === expectedStatusCode;
  if (!isExpected) throw failure("answer-wrong", String(status));
  if (containsString !== undefined && containsString !== "" && !text.includes(containsString)) {
    const where = isCut ? "the first MiB of the answer" : "the answer";
    throw failure("answer-wrong", `${status}, but ${where} does not contain "${containsString.slice(0, 200)}"`);
  }
  return { message: String(status) };
}
