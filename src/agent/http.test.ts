import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { millis } from "#base/duration";
import { certificate, privateKey } from "#test/agent/localhost-certificate";
import { openHttpClient, type HttpClient } from "./http.ts";

const clock = new SystemClock();
const servers: Server[] = [];
const clients: HttpClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const isAddress = (address: AddressInfo | string | null): address is AddressInfo => typeof address === "object" && address !== null;

async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  return isAddress(address) ? address.port : 0;
}

async function open(url: string, ca?: string): Promise<HttpClient> {
  const client = await openHttpClient(new URL(url), clock, ca);
  clients.push(client);
  return client;
}

const answering: RequestListener = (request, response) => {
  request.resume();
  request.on("end", () => response.end(JSON.stringify({ host: request.headers.host })));
};
const post = { method: "POST", path: "/api/v0/tsdb", headers: {}, body: "[]" } as const;

test("a server behind a company's own authority is trusted with its certificate, and not without", async () => {
  const port = await listen(createTlsServer({ cert: certificate, key: privateKey }, answering));
  const trusting = await open(`https://localhost:${port}`, certificate);
  expect(await trusting.send(post)).toMatchObject({ status: 200, text: `{"host":"localhost:${port}"}` });
  const wary = await open(`https://localhost:${port}`);
  await expect(wary.send(post)).rejects.toMatchObject({ code: "unavailable", message: expect.stringContaining("self-signed") });
});

test("one connection is kept for all calls", async () => {
  const server = createServer(answering);
  let connections = 0;
  server.on("connection", () => (connections += 1));
  const client = await open(`http://127.0.0.1:${await listen(server)}`);
  for (let call = 0; call < 5; call += 1) await client.send(post);
  expect(connections).toBe(1);
});

test("a kept connection that the server closed in between costs no call, unless repeating it could do more than once", async () => {
  let calls = 0;
  const server = createServer((request, response) => {
    calls += 1;
    if (calls === 2 || calls === 5) request.socket.destroy();
    else answering(request, response);
  });
  const client = await open(`http://127.0.0.1:${await listen(server)}`);
  await client.send(post);
  expect(await client.send(post)).toMatchObject({ status: 200 }); // the second call was repeated as the third
  await client.send(post);
  await expect(client.send({ ...post, isRepeatable: false })).rejects.toMatchObject({ code: "unavailable" });
});

test("an answer that breaks off, is too long or never comes is an error", async () => {
  const server = createServer((request, response) => {
    if (request.url === "/cut") {
      response.writeHead(200, { "content-length": "100" }).write("{");
      response.socket?.end();
    } else if (request.url === "/long") {
      response.write("x".repeat(1_200_000));
      response.end();
    }
  });
  const client = await open(`http://127.0.0.1:${await listen(server)}`);
  await expect(client.send({ ...post, path: "/cut" })).rejects.toMatchObject({ code: "unavailable" });
  await expect(client.send({ ...post, path: "/long" })).rejects.toMatchObject({ code: "too-large" });
  await expect(client.send({ ...post, path: "/never", within: millis(50) })).rejects.toMatchObject({ code: "timeout" });
  expect(clock.timers).toEqual([]);
});

test("a port where nobody listens is said with its address", async () => {
  const server = createServer(answering);
  const port = await listen(server);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  const client = await open(`http://127.0.0.1:${port}`);
  await expect(client.send(post)).rejects.toThrow(`Cannot reach http://127.0.0.1:${port}`);
});
