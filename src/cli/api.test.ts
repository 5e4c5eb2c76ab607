import http from "node:http";
import https from "node:https";
import { connect, type AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificate, privateKey } from "#test/agent/localhost-certificate";
import { withCli } from "#test/cli";
import { FakeClock } from "#test/fake-clock";
import { until } from "#test/until";
import { minutes } from "#base/duration";
import { proxyFor } from "./proxy.ts";

const cli = withCli();
const closers: (() => void)[] = [];
afterAll(() => {
  for (const close of closers) close();
});

async function listen(server: http.Server | https.Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port; // it listens on a port
}

const organisation: http.RequestListener = (request, response) => {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ name: "house", key: request.headers["x-api-key"] }));
};

let secure = 0;
let proxy = 0;
const proxied: string[] = [];

beforeAll(async () => {
  secure = await listen(https.createServer({ cert: certificate, key: privateKey }, organisation));
  writeFileSync(join(cli.folder, "ca.pem"), certificate);
  const gateway = http.createServer((request, response) => {
    proxied.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? ""}`);
    organisation(request, response);
  });
  gateway.on("connect", (request, socket) => {
    proxied.push(`CONNECT ${request.url} ${request.headers["proxy-authorization"] ?? ""}`);
    if (request.url?.startsWith("forbidden")) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    const onward = connect(secure, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  proxy = await listen(gateway);
});

const org = (env: Readonly<Record<string, string>>): ReturnType<typeof cli.call> =>
  cli.call(["org"], { env: { HINOBAN_APIKEY: "k", ...env } });

describe("https", () => {
  test("needs an authority of the house's own to be told, and takes it then", async () => {
    const base = `https://localhost:${secure}`;
    const unknown = await org({ HINOBAN_APIBASE: base });
    expect([unknown.code, unknown.err]).toEqual([4, expect.stringMatching(/certificate/u)]);
    expect((await org({ HINOBAN_APIBASE: base, HINOBAN_CA_FILE: join(cli.folder, "ca.pem") })).json).toEqual({ name: "house", key: "k" });
    const conf = join(cli.folder, "agent.conf");
    writeFileSync(conf, `server = "${base}"\nkey = "from the file"\nca_file = "ca.pem"\n`.replace("from the file", "fromfile"));
    expect((await cli.call(["org", "--conf", conf])).json).toEqual({ name: "house", key: "fromfile" });
  });
});

describe("a proxy", () => {
  test("is asked for a tunnel, with its own password, and never sees the key", async () => {
    const env = { HTTPS_PROXY: `http://me:pass%20word@127.0.0.1:${proxy}`, HINOBAN_CA_FILE: join(cli.folder, "ca.pem") };
    proxied.length = 0;
    // The dot makes it a name that is not reached directly; the certificate is that of localhost all the same.
    expect((await org({ ...env, HINOBAN_APIBASE: "https://localhost.:1" })).json).toEqual({ name: "house", key: "k" });
    expect(proxied).toEqual([`CONNECT localhost.:1 Basic ${Buffer.from("me:pass word").toString("base64")}`]);
    const other = await org({ ...env, HINOBAN_APIBASE: "https://other.example" });
    expect([other.code, other.err]).toEqual([4, expect.stringContaining("does not match certificate's altnames")]);
  });

  test("that refuses is told", async () => {
    const { code, err } = await org({ HINOBAN_APIBASE: "https://forbidden.example", https_proxy: `127.0.0.1:${proxy}` });
    expect([code, err]).toEqual([4, expect.stringContaining(`the proxy 127.0.0.1:${proxy} answered 403`)]);
  });

  test("is given whole addresses for http", async () => {
    proxied.length = 0;
    expect((await org({ HINOBAN_APIBASE: "http://inside.example", http_proxy: `http://127.0.0.1:${proxy}` })).json).toMatchObject({
      name: "house",
    });
    expect(proxied).toEqual(["GET http://inside.example/api/v0/org "]);
  });

  test.each([
    ["https://a.example", { https: "http://p:1" }, "http://p:1/"],
    ["https://a.example", { https: "p:1", none: "b.example" }, "http://p:1/"],
    ["https://a.example", { https: "p:1", none: "x, .example" }, undefined],
    ["https://a.example", { https: "p:1", none: "*" }, undefined],
    ["https://a.example", { https: "p:1", none: "*.example" }, undefined],
    ["https://a.example:8443", { https: "p:1", none: "a.example:8444" }, "http://p:1/"],
    ["https://badexample", { https: "p:1", none: "example" }, "http://p:1/"],
    ["http://a.example", { https: "p:1" }, undefined],
    ["http://127.0.0.1:8600", { http: "p:1" }, undefined],
    ["http://a.example", { http: "::::" }, undefined],
  ])("for %s with %j is %s", (address, proxies, expected) => {
    expect(proxyFor(new URL(address), { http: undefined, https: undefined, none: undefined, ...proxies })?.href).toBe(expected);
  });
});

describe("a server", () => {
  test("that never answers is given up after a minute", async () => {
    const port = await listen(http.createServer(() => undefined));
    const clock = new FakeClock();
    const running = cli.call(["org"], { clock, env: { HINOBAN_APIKEY: "k", HINOBAN_APIBASE: `http://127.0.0.1:${port}` } });
    await until("it waits", 10_000, () => clock.timers.includes("cli.call"));
    await clock.advance(minutes(1));
    const { code, err } = await running;
    expect([code, err]).toEqual([4, expect.stringContaining("no answer within 60 s")]);
  });

  test.each([
    [200, "<html>", 4, "not JSON"],
    [500, "oops", 4, "HTTP 500 (500, GET /api/v0/org)"],
    [404, '{"error":"text"}', 1, "text (404"],
    [400, '{"title":"t","detail":"d"}', 1, "d (400"],
    [403, '{"error":{"message":"not allowed"}}', 3, "not allowed (403"],
    [302, "", 1, "sends on to nowhere"],
  ])("that answers %i %s ends with %i", async (status, body, exit, sentence) => {
    const port = await listen(http.createServer((_request, response) => void response.writeHead(status).end(body)));
    const { code, err } = await org({ HINOBAN_APIBASE: `http://127.0.0.1:${port}` });
    expect([code, err]).toEqual([exit, expect.stringContaining(sentence)]);
  });

  test("that breaks off in the middle of its answer is told", async () => {
    const port = await listen(
      http.createServer(
        (_request, response) => void response.writeHead(200, { "content-length": 100 }).write("{", () => response.destroy()),
      ),
    );
    expect((await org({ HINOBAN_APIBASE: `http://127.0.0.1:${port}` })).code).toBe(4);
  });
});
