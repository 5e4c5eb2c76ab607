import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { Secret } from "#base/secret";
import { certificate, privateKey } from "#test/agent/localhost-certificate";
import { openHttpClient } from "./http.ts";

// A proxy as companies have it: whole addresses for http, CONNECT for https, and a password.

let plain: Server;
let secure: Server;
let proxy: Server;
const asked: string[] = [];
const credentials = `Basic ${Buffer.from("user:p@ss").toString("base64")}`;

const portOf = (server: Server): number => (server.address() as AddressInfo).port; // all listen on ports
const listening = (server: Server): Promise<void> => new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));

beforeAll(async () => {
  plain = createServer((request, response) => response.end(`"plain ${request.headers.host ?? ""}"`));
  secure = createTlsServer({ key: privateKey, cert: certificate }, (request, response) => response.end(`"secure ${request.url ?? ""}"`));
  proxy = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""} ${request.headers["x-api-key"] === undefined ? "" : "with key"}`.trim());
    if (request.headers["proxy-authorization"] !== credentials) response.writeHead(407).end();
    else response.end(`"by proxy ${request.headers.host ?? ""}"`);
  });
  proxy.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url ?? ""} ${request.headers["x-api-key"] === undefined ? "" : "with key"}`.trim());
    if (request.headers["proxy-authorization"] !== credentials) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const onward = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  await Promise.all([plain, secure, proxy].map(listening));
});
afterAll(() => {
  for (const server of [plain, secure, proxy]) {
    server.closeAllConnections();
    server.close();
  }
});
beforeEach(() => void asked.splice(0));

const through = (password: string): Secret => new Secret(`http://user:${password}@127.0.0.1:${portOf(proxy)}`);
const ask = { method: "GET", path: "/api/v0/hosts?", headers: { "x-api-key": "k" } } as const;

test("a plain server is asked for by its whole address", async () => {
  const client = await openHttpClient(new URL("http://hinoban.example"), new SystemClock(), undefined, { proxy: through("p%40ss") });
  expect((await client.send(ask)).text).toBe('"by proxy hinoban.example"');
  expect(asked).toEqual(["GET http://hinoban.example/api/v0/hosts? with key"]);
  client.close();
});

test.each(["localhost", "127.0.0.1"])("a server with TLS at %s is reached inside a tunnel, so that the proxy sees no key", async (host) => {
  const url = new URL(`https://${host}:${portOf(secure)}`);
  const client = await openHttpClient(url, new SystemClock(), certificate, { proxy: through("p%40ss") });
  expect((await client.send(ask)).text).toBe('"secure /api/v0/hosts?"');
  expect((await client.send(ask)).status).toBe(200);
  expect(asked).toEqual([`CONNECT ${host}:${portOf(secure)}`]); // one connection for both
  client.close();
  const distrustful = await openHttpClient(url, new SystemClock(), undefined, { proxy: through("p%40ss") });
  await expect(distrustful.send(ask)).rejects.toThrow(/self-signed/u);
  distrustful.close();
});

test("a proxy that refuses, or is not there, is an error that names it without its password", async () => {
  const url = new URL(`https://localhost:${portOf(secure)}`);
  const refused = await openHttpClient(url, new SystemClock(), certificate, { proxy: through("wrong") });
  await expect(refused.send(ask)).rejects.toThrow(/the proxy 127\.0\.0\.1:\d+ answered 407/u);
  refused.close();
  const nowhere = await openHttpClient(url, new SystemClock(), certificate, { proxy: new Secret("http://user:s3cret@127.0.0.1:9") });
  await expect(nowhere.send(ask)).rejects.toThrow(/ECONNREFUSED/u);
  await expect(nowhere.send(ask)).rejects.not.toThrow(/s3cret/u);
  nowhere.close();
});

test("without keeping connections each request has its own", async () => {
  const sockets = new Set<unknown>();
  plain.on("connection", (socket) => sockets.add(socket));
  const client = await openHttpClient(new URL(`http://127.0.0.1:${portOf(plain)}`), new SystemClock(), undefined, { keepsAlive: false });
  for (let count = 0; count < 3; count += 1) await client.send(ask);
  expect(sockets.size).toBe(3);
  client.close();
});
