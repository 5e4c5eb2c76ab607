import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import http from "node:http";
import tls from "node:tls";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { freePort } from "#test/daemons";
import { TestAuthority } from "#test/test-authority";

import type { ProbeSpec } from "#wire/probe-specs";
import { NodeProber } from "#adapters/prober/prober";
import type { Verdict } from "#wire/probe-words";

let folder: string;
let authority: TestAuthority;
let prober: NodeProber;
const servers: Server[] = [];
const sockets = new Set<Socket>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hinoban-probe-"));
  authority = new TestAuthority(folder);
  prober = new NodeProber({ clock: new SystemClock(), allowedNetworks: ["127.0.0.0/8", "::1"], authorities: [authority.root] });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const raw = (onConnect: (socket: Socket) => void): Promise<number> => listen(createServer({ allowHalfOpen: true }, onConnect));
const secured = (options: tls.TlsOptions, onConnect: (socket: tls.TLSSocket) => void = () => undefined): Promise<number> => {
  const server = tls.createServer(options, (socket) => {
    socket.on("error", () => undefined);
    onConnect(socket);
  });
  server.on("tlsClientError", () => undefined);
  return listen(server);
};
const website = (answer: http.RequestListener): Promise<number> => listen(http.createServer(answer));
const pair = ({ cert, key }: { readonly cert: string; readonly key: string }) => ({ cert, key });
const good = () => pair(authority.issue({ name: "good" }));
const page = (socket: Socket): void => void socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));

const path = (port: number, more: object = {}): ProbeSpec => ({
  kind: "path",
  host: "localhost",
  family: "ipv4",
  port,
  timeoutSeconds: 4,
  ...more,
});

interface Case {
  readonly what: string;
  readonly serve: () => Promise<number>;
  readonly protocol?: string;
  readonly verdict: Verdict;
  readonly detail?: RegExp;
}

const cases: readonly Case[] = [
  { what: "a closed port", serve: freePort, verdict: "refused", detail: /ECONNREFUSED/u },
  {
    what: "a reset right after accepting, as from a firewall that lets the handshake pass",
    serve: () => raw((socket) => socket.resetAndDestroy()),
    verdict: "reset-on-accept",
    detail: /ECONNRESET/u,
  },
  {
    what: "a reset on the first TLS message",
    serve: () => raw((socket) => socket.once("data", () => socket.resetAndDestroy())),
    protocol: "https",
    verdict: "reset-after-hello",
  },
  {
    what: "a reset on the first request",
    serve: () => raw((socket) => socket.once("data", () => socket.resetAndDestroy())),
    protocol: "http",
    verdict: "reset-after-request",
  },
  {
    what: "a reset behind the first bytes",
    serve: () =>
      raw((socket) => socket.once("data", () => socket.write("HTTP/1.1 2", () => setTimeout(() => socket.resetAndDestroy(), 50)))),
    protocol: "http",
    verdict: "reset-after-bytes",
    detail: /10 bytes/u,
  },
  { what: "a close without a word", serve: () => raw((socket) => socket.end()), verdict: "closed-on-accept" },
  {
    what: "a close without a word on a TLS hello",
    serve: () => raw((socket) => socket.once("data", () => socket.end())),
    protocol: "tls",
    verdict: "closed-on-accept",
  },
  {
    what: "a close in the middle",
    serve: () => raw((socket) => socket.once("data", () => socket.end("HTTP/1."))),
    protocol: "http",
    verdict: "closed-early",
  },
  { what: "silence on a TLS hello", serve: () => raw(() => undefined), protocol: "tls", verdict: "silent" },
  { what: "a mail server that never greets", serve: () => raw(() => undefined), protocol: "smtp", verdict: "silent" },
  {
    what: "HTTP where TLS is asked for",
    serve: () => website((_in, out) => out.end("hello")),
    protocol: "https",
    verdict: "tls-not-spoken",
    detail: /HTTP, not TLS/u,
  },
  {
    what: "SSH where TLS is asked for",
    serve: () => raw((socket) => socket.write("SSH-2.0-Test\r\n")),
    protocol: "tls",
    verdict: "protocol-wrong",
    detail: /SSH, not TLS/u,
  },
  {
    what: "TLS 1.0 and nothing newer",
    serve: () => secured({ ...good(), minVersion: "TLSv1", maxVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0" }),
    protocol: "tls",
    verdict: "tls-version",
    detail: /old versions and ciphers allowed: TLSv1 /u,
  },
  {
    what: "a TLS alert",
    serve: () => raw((socket) => socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, 112])))),
    protocol: "tls",
    verdict: "tls-alert",
    detail: /unrecognized_name/u,
  },
  {
    what: "TLS records with nonsense in them",
    serve: () => raw((socket) => socket.once("data", () => socket.write(Buffer.from([22, 3, 3, 0, 4, 99, 0, 0, 0])))),
    protocol: "tls",
    verdict: "tls-broken",
  },
  {
    what: "an expired certificate",
    serve: () => secured(pair(authority.issue({ name: "old", from: -60, until: -2 }))),
    protocol: "tls",
    verdict: "certificate-expired",
  },
  {
    what: "a certificate of tomorrow",
    serve: () => secured(pair(authority.issue({ name: "new", from: 2, until: 40 }))),
    protocol: "tls",
    verdict: "certificate-not-yet-valid",
  },
  {
    what: "a certificate for another name",
    serve: () => secured(pair(authority.issue({ name: "other", names: ["DNS:www.example.com"] }))),
    protocol: "tls",
    verdict: "certificate-name",
    detail: /www\.example\.com.*localhost/u,
  },
  {
    what: "a self-signed certificate",
    serve: () => secured(pair(authority.selfSigned({ name: "self" }))),
    protocol: "tls",
    verdict: "certificate-self-signed",
  },
  {
    what: "a certificate whose intermediate is missing",
    serve: () => secured(pair(authority.issueAlone({ name: "alone" }))),
    protocol: "tls",
    verdict: "certificate-issuer",
  },
  {
    what: "an unknown authority",
    serve: () => secured(pair(new TestAuthority(join(folder, "strange")).issue({ name: "leaf" }))),
    protocol: "tls",
    verdict: "certificate-issuer",
  },
  { what: "a website over TLS", serve: () => secured(good(), page), protocol: "https", verdict: "ok", detail: /TLSv1\.3, HTTP 200/u },
  { what: "a website", serve: () => website((_in, out) => out.writeHead(503).end()), protocol: "http", verdict: "ok", detail: /HTTP 503/u },
  {
    what: "FTP where HTTP is asked for",
    serve: () => raw((socket) => socket.write("220 FTP server ready\r\n")),
    protocol: "http",
    verdict: "protocol-wrong",
    detail: /FTP/u,
  },
  { what: "any port that greets", serve: () => raw((socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n")), verdict: "ok", detail: /SSH/u },
  { what: "any port with TLS", serve: () => secured(good()), verdict: "ok", detail: /TLSv1\.3/u },
  { what: "any port with HTTP", serve: () => website((_in, out) => out.end()), verdict: "ok", detail: /HTTP/u },
  {
    what: "any port with something unknown",
    serve: () => raw((socket) => socket.once("data", () => socket.end("?!\n"))),
    verdict: "ok",
    detail: /unknown protocol/u,
  },
];

describe("path diagnosis tells", () => {
  test.concurrent.each(cases)("$what: $verdict", async ({ serve, protocol, verdict, detail }) => {
    const port = await serve();
    const outcome = await prober.probe(path(port, protocol === undefined ? {} : { protocol }));
    expect({ verdict: outcome.verdict, told: outcome.message }).toMatchObject({ verdict });
    if (detail) expect(outcome.message).toMatch(detail);
    expect(outcome.steps.length).toBeGreaterThan(0);
    expect(outcome.address).toBe(`127.0.0.1:${port}`);
  });

  test("something between that resets connections by their name", async () => {
    const port = await secured({
      ...good(),
      SNICallback: (_name, done) => {
        for (const socket of sockets) socket.resetAndDestroy();
        done(null);
      },
    });
    const outcome = await prober.probe(path(port, { protocol: "tls" }));
    expect(outcome).toMatchObject({ verdict: "reset-after-hello", message: expect.stringMatching(/without a server name it works/u) });
  });

  test("a name that does not exist, and an address that is not allowed", async () => {
    expect(await prober.probe(path(443, { host: "no-such-name.invalid" }))).toMatchObject({ verdict: expect.stringMatching(/^name-/u) });
    const closed = new NodeProber({ clock: new SystemClock() });
    for (const host of ["localhost", "127.0.0.1", "169.254.169.254", "::1", "[::1]"]) {
      expect(await closed.probe(path(443, { host, family: "auto" }))).toMatchObject({ verdict: "address-denied" });
    }
  });

  test("an address from where nothing comes", async () => {
    // A listener whose queue is full drops the first packet of a connection, as a firewall does that says nothing.
    const child = await fullListener();
    try {
      const outcome = await prober.probe(path(child.port, { timeoutSeconds: 2 }));
      expect(outcome).toMatchObject({ verdict: "connect-timed-out" });
    } finally {
      child.stop();
    }
  });

  test("each step with its time, in order, also while it goes", async () => {
    const port = await secured(good(), page);
    const seen: string[] = [];
    const outcome = await prober.probe(path(port, { protocol: "https" }), { onStep: (step) => seen.push(step.phase) });
    expect(seen).toEqual(["resolve", "connect", "listen", "tls", "answer"]);
    expect(outcome.steps.map(({ phase }) => phase)).toEqual(seen);
    const starts = outcome.steps.map(({ startMillis }) => startMillis);
    expect(starts.toSorted((a, b) => a - b)).toEqual(starts);
    expect(outcome.tls?.certificate).toMatchObject({
      problems: [],
      names: ["localhost"],
      key: expect.stringMatching(/^EC /u),
      signature: "ECDSA-SHA256",
      chainLength: 2,
    });
  });

  test("nothing more when it is cancelled", async () => {
    const port = await raw(() => undefined);
    const end = new AbortController();
    const running = prober.probe(path(port, { protocol: "tls" }), { signal: end.signal, onStep: () => end.abort() });
    expect((await running).verdict).toBe("cancelled");
  });
});

/** A listener in a process that accepts nothing, with a full queue. */
async function fullListener(): Promise<{ readonly port: number; stop(): void }> {
  const { spawn } = await import("node:child_process");
  const child = spawn("python3", [
    "-c",
    "import socket,time\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen(0)\nprint(s.getsockname()[1],flush=True)\ntime.sleep(60)",
  ]);
  const port = await new Promise<number>((resolve) => void child.stdout.once("data", (data: Buffer) => resolve(Number(data.toString()))));
  const { connect } = await import("node:net");
  const fill = Array.from({ length: 3 }, () => connect(port, "127.0.0.1").on("error", () => undefined));
  await new Promise((resolve) => void fill[0]?.once("connect", resolve));
  return {
    port,
    stop: () => {
      for (const socket of fill) socket.destroy();
      child.kill();
    },
  };
}
