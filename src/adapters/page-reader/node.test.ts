import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { seconds } from "#base/duration";
import { AddressRules, deniedNetworks, loopbackNetworks } from "#base/ip-networks";
import { pageReaderContract, type Rig } from "#ports/page-reader/contract";
import type { Page, PageRequest } from "#ports/page-reader/port";
import { NodePageReader } from "./node.ts";

async function listen(answer: http.RequestListener): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = http.createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function start(): Promise<Rig> {
  const pages = new Map<string, Page>();
  let isSilent = false;
  const server = await listen((incoming, outgoing) => {
    const page = pages.get(incoming.url ?? "");
    if (isSilent || !page) return;
    outgoing.writeHead(page.status, { "content-type": page.contentType }).end(page.text);
  });
  const gone = await listen(() => undefined);
  await gone.close();
  return {
    reader: new NodePageReader(new SystemClock()),
    serve: async (path, page) => {
      pages.set(path, page);
      return server.url + path;
    },
    nowhere: async () => gone.url,
    fallSilent: () => void (isSilent = true),
    close: () => server.close(),
  };
}

pageReaderContract(
  {
    test,
    equal: (actual, expected) => expect(actual).toEqual(expected),
    rejects: async (promise, code) => expect(promise).rejects.toMatchObject({ code }),
  },
  start,
);

const ask = (url: string): PageRequest => ({ url, headers: { "x-a": "b" }, timeout: seconds(5), mostBytes: 10_000, verifiesTls: true });
const reader = new NodePageReader(new SystemClock());
const usual = new AddressRules({ denied: deniedNetworks });

test("a redirect is an answer like others and leads nowhere", async () => {
  let hits = 0;
  const server = await listen((_incoming, outgoing) => {
    hits += 1;
    outgoing.writeHead(302, { location: "http://169.254.169.254/" }).end();
  });
  expect(await reader.read(ask(server.url))).toMatchObject({ status: 302, text: "" });
  expect(hits).toBe(1);
  await server.close();
});

test("a compressed page is inflated, and a bomb is not", async () => {
  const bomb = gzipSync(Buffer.alloc(200_000_000));
  const server = await listen((incoming, outgoing) => {
    outgoing
      .writeHead(200, { "content-encoding": "gzip" })
      .end(incoming.url === "/bomb" ? bomb : gzipSync(`up 1 ${String(incoming.headers["x-a"])}`));
  });
  expect(await reader.read(ask(server.url))).toMatchObject({ text: "up 1 b" });
  const before = process.memoryUsage().rss;
  await expect(reader.read(ask(`${server.url}/bomb`))).rejects.toMatchObject({ code: "too-large" });
  expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
  await server.close();
});

test("an answer that is cut off or is no answer is an error, not half a page", async () => {
  const server = await listen((incoming, outgoing) => {
    if (incoming.url === "/cut") {
      outgoing.writeHead(200, { "content-length": "100" });
      outgoing.write("half");
      outgoing.socket?.destroySoon();
    } else outgoing.socket?.end("SSH-2.0-OpenSSH_9.2\r\n");
  });
  await expect(reader.read(ask(`${server.url}/cut`))).rejects.toMatchObject({ code: "unavailable" });
  await expect(reader.read(ask(server.url))).rejects.toMatchObject({ code: "unavailable" });
  await server.close();
});

test.each([
  "169.254.169.254",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "64:ff9b::a9fe:a9fe",
  "2002:a9fe:a9fe::1",
  "fe80::1%eth0",
  "fd00:ec2::254",
  "0.0.0.0",
  "::",
  "100.100.100.200",
  "ff02::1",
])("the address %s is denied", (address) => {
  expect(usual.allows(address)).toBe(false);
});

test.each(["127.0.0.1", "::1", "10.0.0.5", "192.168.1.1", "2001:db8::1", "fd12:3456::1", "::ffff:10.0.0.1"])(
  "the address %s is allowed",
  (address) => {
    expect(usual.allows(address)).toBe(true);
  },
);

test("a name is judged by the address that it leads to", async () => {
  const strict = new NodePageReader(new SystemClock(), new AddressRules({ denied: loopbackNetworks }));
  await expect(strict.read(ask("http://localhost:1/"))).rejects.toMatchObject({ code: "invalid-input" });
  // Other spellings of an address in digits are put in order before they are judged.
  for (const spelling of ["http://2852039166/", "http://0xa9fea9fe/", "http://0251.0376.0251.0376/", "http://[::ffff:169.254.169.254]/"]) {
    await expect(reader.read(ask(spelling)), spelling).rejects.toMatchObject({ code: "invalid-input" });
  }
});
