import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { millis, seconds } from "#base/duration";
import { AddressRules } from "#base/ip-networks";
import type { OutgoingRequest } from "#ports/outgoing-http/port";
import { NodeOutgoingHttp, usualRules } from "./node.ts";

let server: http.Server;
let base = "";
const seen: { url: string; method: string; body: string; headers: http.IncomingHttpHeaders }[] = [];
const bomb = gzipSync(Buffer.alloc(100_000_000));

const answers: Readonly<Record<string, (request: http.IncomingMessage, response: http.ServerResponse) => void>> = {
  "/ok": (_request, response) => response.writeHead(200, { "x-a": "b" }).end("fine"),
  "/bomb": (_request, response) => response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
  "/long": (_request, response) => response.writeHead(200).end("x".repeat(5000)),
  "/drip": (_request, response) => {
    response.writeHead(200);
    response.write("x");
  },
  "/hang": () => undefined,
  "/cut": (request) => request.socket.destroy(),
  "/same": (_request, response) => response.writeHead(307, { location: "/ok" }).end(),
  "/see": (_request, response) => response.writeHead(303, { location: "/ok" }).end(),
  "/loop": (_request, response) => response.writeHead(307, { location: "/loop" }).end(),
  "/metadata": (_request, response) => response.writeHead(307, { location: "http://169.254.169.254/latest/" }).end(),
  "/elsewhere": (_request, response) => response.writeHead(307, { location: "https://evil.example/" }).end(),
};

beforeAll(async () => {
  server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      seen.push({ url: request.url ?? "", method: request.method ?? "", body: Buffer.concat(chunks).toString(), headers: request.headers });
      (answers[request.url ?? ""] ?? answers["/ok"])?.(request, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
});

const clock = new SystemClock();
const open = new NodeOutgoingHttp(clock, new AddressRules({ denied: [] }));
const usual = new NodeOutgoingHttp(clock);

const ask = (url: string, more: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  method: "POST",
  url,
  headers: { "content-type": "text/plain" },
  body: "本文",
  timeout: seconds(5),
  mostBytes: 1000,
  ...more,
});

test("a request arrives as it was made, and its answer comes back", async () => {
  const answer = await open.send(ask(`${base}/ok`));
  expect(answer).toMatchObject({ status: 200, text: "fine", headers: { "x-a": "b" } });
  expect(seen.at(-1)).toMatchObject({ method: "POST", body: "本文", headers: { "content-length": "6", connection: "close" } });
});

test.each([
  ["an answer that is too long", "/long", "too-large"],
  ["a small answer that unfolds to a huge one", "/bomb", "too-large"],
  ["an answer that never ends", "/drip", "timeout"],
  ["no answer", "/hang", "timeout"],
  ["a connection that breaks", "/cut", "unavailable"],
])("%s is an error, and the request may have arrived", async (_what, path, code) => {
  await expect(open.send(ask(base + path, { timeout: millis(300) }))).rejects.toMatchObject({ code, facts: { sent: "after" } });
});

test("where nobody listens, nothing was sent", async () => {
  await expect(open.send(ask("http://127.0.0.1:1/"))).rejects.toMatchObject({ code: "unavailable", facts: { sent: "before" } });
  await expect(open.send(ask("http://name.invalid/"))).rejects.toMatchObject({ code: "unavailable", facts: { sent: "before" } });
});

test("a redirect is followed within the same house, by requests that can be repeated as they are", async () => {
  expect((await open.send(ask(`${base}/same`))).text).toBe("fine");
  expect(seen.at(-1)).toMatchObject({ method: "POST", body: "本文" });
  expect((await open.send({ ...ask(`${base}/see`), method: "GET" })).text).toBe("fine");
  await expect(open.send(ask(`${base}/see`))).rejects.toMatchObject({ code: "invalid-input", message: expect.stringContaining("/ok") });
  await expect(open.send(ask(`${base}/loop`))).rejects.toMatchObject({ code: "invalid-input" });
  for (const path of ["/elsewhere", "/metadata"]) {
    await expect(open.send(ask(base + path))).rejects.toMatchObject({
      code: "invalid-input",
      message: expect.stringContaining("redirects to"),
    });
  }
});

test.each([
  "http://127.0.0.1:80/",
  "http://localhost:80/",
  "http://[::1]/",
  "http://127.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://017700000001/",
  "http://[::ffff:127.0.0.1]/",
  "http://169.254.169.254/latest/meta-data/",
  "http://[fe80::1]/",
  "http://0.0.0.0/",
  "http://100.100.100.200/",
  "http://[fd00:ec2::254]/",
])("%s is refused before anything is sent", async (url) => {
  await expect(usual.send(ask(url))).rejects.toMatchObject({
    code: "invalid-input",
    message: expect.stringContaining("not allowed"),
    facts: { sent: "before" },
  });
});

test.each(["ftp://example.jp/", "example.jp", "http://", "https://user:secret@example.jp/", "javascript:alert(1)"])(
  "%s is no address for a request",
  async (url) => {
    await expect(usual.send(ask(url))).rejects.toMatchObject({ code: "invalid-input" });
  },
);

test("private networks are allowed unless the operator denies them, and what the operator allows is allowed", async () => {
  const rules = usualRules({ denied: ["10.0.0.0/8"], allowed: ["127.0.0.1/32"] });
  expect(usualRules().allows("10.1.2.3")).toBe(true);
  expect(rules.allows("10.1.2.3")).toBe(false);
  expect(await new NodeOutgoingHttp(clock, rules).send(ask(`${base}/ok`))).toMatchObject({ status: 200 });
});

test("a name is judged by the address that the connection is made to, each time anew", async () => {
  // `localhost` is allowed as a name and leads to an address that is not: whatever a name led to before decides nothing.
  const before = seen.length;
  const { port } = new URL(base);
  await expect(usual.send(ask(`http://localhost:${port}/ok`))).rejects.toMatchObject({ code: "invalid-input" });
  expect(seen.length).toBe(before);
  expect(await open.send(ask(`http://localhost:${port}/ok`))).toMatchObject({ status: 200 });
});
