import fc from "fast-check";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { Value } from "typebox/value";
import { describe, expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { ProbeOutcome } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";
import { signatureOf } from "./certificate.ts";
import { CookieJar } from "./cookies.ts";
import { looksLike, shown, typedBytes } from "./known-greetings.ts";
import { pingFacts } from "./ping.ts";
import { NodeProber } from "./prober.ts";

const prober = new NodeProber({ clock: new SystemClock(), allowedNetworks: ["127.0.0.0/8"] });

/** A server that greets and answers with these bytes, one after the other, and then hangs up. */
async function listen([greeting, ...answers]: readonly Buffer[]): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (greeting) socket.write(greeting);
    let next = 0;
    socket.on("data", () => {
      const answer = answers[next];
      next += 1;
      if (answer) socket.write(answer);
      else socket.end();
    });
    if (answers.length === 0) socket.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const lines = fc.constantFrom(
  "220 mail ESMTP\r\n",
  "250-mail\r\n250 STARTTLS\r\n",
  "250 ok\r\n",
  "* OK IMAP\r\n",
  "a1 OK\r\n",
  "a2 NO\r\n",
  "+OK\r\n",
  "-ERR\r\n",
  "SSH-2.0-x\r\n",
  "SSH-1.5-x\n",
  "HTTP/1.1 200 OK\r\n\r\n",
  "HTTP/1.1 999 ?\r\ncontent-length: -1\r\n\r\n",
  "HTTP/1.1 302 x\r\nlocation: http://[\r\n\r\n",
  "\r\n",
  "220-",
  "\u0000",
);
const bytes = fc.oneof(
  lines.map((line) => Buffer.from(line, "latin1")),
  fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
  // The beginnings of TLS and LDAP messages, with anything behind.
  fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.concat([Buffer.from([22, 3, 3, 0, array.length]), array])),
  fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.concat([Buffer.from([0x30, array.length, 2, 1, 1]), array])),
  fc.constantFrom(Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Buffer.from([0x30, 0x80]), Buffer.from([21, 3, 1, 0, 2, 2, 40])),
);
const host = "127.0.0.1";
const specs = (at: number): readonly ProbeSpec[] => [
  { kind: "smtp", host, port: at, tls: "starttls" },
  { kind: "imap", host, port: at, tls: "starttls" },
  { kind: "pop3", host, port: at, tls: "starttls" },
  { kind: "ldap", host, port: at, tls: "starttls" },
  { kind: "ldap", host, port: at },
  { kind: "ssh", host, port: at },
  { kind: "tcp", host, port: at, expect: "never", tls: "implicit" },
  { kind: "http", url: `http://127.0.0.1:${at}/`, followRedirect: true },
  { kind: "http", url: `https://127.0.0.1:${at}/` },
];

const cases = fc.tuple(fc.array(bytes, { maxLength: 5 }), fc.nat(8));

test("whatever a server says, a probe ends in an outcome that keeps its shape", async () => {
  // At a time, for many wait in vain for more.
  const found = await Promise.all(
    fc.sample(cases, 200).map(async ([said, which]) => {
      const server = await listen(said);
      const { port } = server.address() as AddressInfo;
      const outcome = await prober.probe({ ...specs(port)[which], timeoutSeconds: 2 } as ProbeSpec);
      server.close();
      return { said, which, outcome };
    }),
  );
  for (const { said, which, outcome } of found) {
    expect(Value.Check(ProbeOutcome, outcome), JSON.stringify({ said: said.map(shown), which, outcome })).toBe(true);
  }
});

describe("what is read", () => {
  test("never throws, whatever the bytes", () => {
    const any = fc.uint8Array({ maxLength: 500 }).map((array) => Buffer.from(array));
    fc.assert(
      fc.property(any, fc.string(), (data, text) => {
        looksLike(data);
        signatureOf(data);
        pingFacts(text);
        expect(shown(data)).toMatch(/^[\u0020-\u007e]*$/u);
        new CookieJar().keep(new URL("http://a.example.jp/"), [text]);
      }),
    );
  });

  test("bytes that are shown can be typed again", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (array) => {
        expect(typedBytes(shown(Buffer.from(array)))).toEqual(Buffer.from(array));
      }),
    );
  });

  test.each([
    ["SSH-2.0-OpenSSH_9", "SSH"],
    ["HTTP/1.1 400 Bad", "HTTP"],
    ["220 mail ESMTP Postfix", "SMTP"],
    ["220 ProFTPD FTP", "FTP"],
    ["* OK IMAP4rev1", "IMAP"],
    ["+OK POP3", "POP3"],
    ["\u0016\u0003\u0003xx", "TLS"],
    ["J\0\0\0\n8.0.1", "MySQL"],
    ["hello", undefined],
    ["", undefined],
  ])("%j is recognised", (text, name) => {
    expect(looksLike(Buffer.from(text, "latin1"))).toBe(name);
  });

  test.each([
    [
      "3 packets transmitted, 3 received, 0% packet loss, time 403ms\nrtt min/avg/max/mdev = 0.026/0.035/0.045/0.007 ms",
      { sent: 3, received: 3, lossPercent: 0, averageMillis: 0.035 },
    ],
    [
      "3 packets transmitted, 2 packets received, 33% packet loss\nround-trip min/avg/max = 1.1/2.2/3.3 ms",
      { received: 2, lossPercent: 33.3, maxMillis: 3.3 },
    ],
    ["1 packets transmitted, 0 packets received, 100.0% packet loss", { received: 0, lossPercent: 100 }],
    ["2 packets transmitted, 4 received, +2 duplicates, 0% packet loss", { received: 2, lossPercent: 0 }],
    ["ping: socket: Operation not permitted", undefined],
  ])("ping's words are understood: %s", (output, expected) => {
    if (expected) expect(pingFacts(output)).toMatchObject(expected);
    else expect(pingFacts(output)).toBeUndefined();
  });

  test("cookies go where they belong", () => {
    const jar = new CookieJar();
    jar.keep(new URL("https://a.example.jp/"), [
      "own=1; Path=/",
      "all=2; Domain=.example.jp",
      "safe=3; Secure",
      "alien=4; Domain=other.jp",
      "wide=5; Domain=jp",
      "=6",
      "own=7",
    ]);
    expect(jar.headerFor(new URL("https://a.example.jp/x"))).toBe("all=2; safe=3; own=7");
    expect(jar.headerFor(new URL("http://a.example.jp/"))).toBe("all=2; own=7");
    expect(jar.headerFor(new URL("https://b.example.jp/"))).toBe("all=2");
    expect(jar.headerFor(new URL("https://other.jp/"))).toBeUndefined();
  });
});
