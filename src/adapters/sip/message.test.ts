import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzz } from "#test/fuzz";
import { address, newBranch, ourVia, request, response } from "./build.ts";
import { parseChallenges } from "./digest.ts";
import { Framer } from "./framing.ts";
import { infoKey } from "./info.ts";
import { limits, parseMessage, serialise, type SipMessage } from "./message.ts";
import { parseSaved } from "./saved.ts";
import { formatAddress, parseAddress, parseUri, parseVia, quoted, splitOutside, unquoted } from "./syntax.ts";

const lines = (text: string): Buffer => Buffer.from(text.replaceAll("\n", "\r\n"));

function message(bytes: Buffer): SipMessage {
  const parsed = parseMessage(bytes);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.message;
}

const why = (bytes: Buffer): string => {
  const parsed = parseMessage(bytes);
  return parsed.ok ? "ok" : parsed.why;
};

const invite = `INVITE sip:bob@example.jp;transport=tcp SIP/2.0
v: SIP/2.0/UDP [2001:db8::9:1]:5062;branch=z9hG4bK776;rport, SIP / 2.0 / TCP first.example.jp;branch=z9hG4bKx
Via: SIP/2.0/UDP 192.0.2.4 ;ttl=1;branch=z9hG4bKy
Max-Forwards: 70
t: "Bob, \\"the\\" <b>" <sip:bob@example.jp;lr>;x=1
f: sip:alice@example.jp;tag=88sja8x
i: 987asjd97y7atg
CSeq:   10 INVITE
m: <sip:a@192.0.2.4>;expires=5, "B, C" <sip:b@192.0.2.5>
Subject: folded
  twice
\tover
l: 4
c: application/sdp

v=0
rubbish behind`;

test("a message in compact form, folded, with commas in names, is read as a long one is", () => {
  const found = message(lines(invite));
  expect(found).toMatchObject({
    kind: "request",
    method: "INVITE",
    uri: "sip:bob@example.jp;transport=tcp",
    callId: "987asjd97y7atg",
    cseq: { number: 10, method: "INVITE" },
    body: "v=0\r",
    via: { transport: "UDP", host: "2001:db8::9:1", port: 5062 },
    from: { display: "", uri: "sip:alice@example.jp" },
    to: { display: 'Bob, "the" <b>', uri: "sip:bob@example.jp;lr" },
  });
  expect(found.from.params.get("tag")).toBe("88sja8x");
  expect(found.to.params.get("x")).toBe("1");
  expect(found.via.params.get("rport")).toBe("");
  expect(found.headers.list("via")).toHaveLength(3);
  expect(found.headers.list("contact")).toEqual(["<sip:a@192.0.2.4>;expires=5", '"B, C" <sip:b@192.0.2.5>']);
  expect(found.headers.first("subject")).toBe("folded twice over");
});

test("what is no message is named, never thrown", () => {
  const good = "SIP/2.0 200 OK\nVia: SIP/2.0/UDP a;branch=b\nFrom: <sip:a@b>\nTo: <sip:c@d>\nCall-ID: x\nCSeq: 1 BYE\n";
  expect(why(lines(`${good}\n`))).toBe("ok");
  expect(why(Buffer.from(`${good}\n`))).toBe("ok"); // bare line feeds
  expect(why(Buffer.from("\r\n\r\n"))).toBe("empty");
  expect(why(Buffer.alloc(0))).toBe("empty");
  expect(why(lines(good))).toBe("no-end-of-headers");
  expect(why(lines(`${good}Content-Length: 5\n\nabc`))).toBe("content-length");
  expect(why(lines(`${good}Content-Length: -1\n\nabc`))).toBe("content-length");
  expect(why(lines(`${good}Content-Length: 1\nl: 2\n\nabc`))).toBe("content-length");
  expect(why(lines(`${good.replace("Call-ID: x\n", "")}\n`))).toBe("missing-header");
  expect(why(lines(`${good.replace("1 BYE", "4294967296 BYE")}\n`))).toBe("cseq");
  expect(why(lines(`${good.replace("SIP/2.0 200 OK", "BYE sip:a@b SIP/2.0").replace("1 BYE", "1 INVITE")}\n`))).toBe("cseq");
  expect(why(lines(`${good.replace("SIP/2.0 200 OK", "HTTP/1.1 200 OK")}\n`))).toBe("start-line");
  expect(why(lines(`${good.replace("SIP/2.0 200", "SIP/2.0 700")}\n`))).toBe("start-line");
  expect(why(lines(`${good}No colon\n\n`))).toBe("header-line");
  expect(why(lines(`${good}X: a\u0000b\n\n`))).toBe("header-line");
  expect(why(Buffer.from(`${good}X: a\rVia: b\n\n`))).toBe("header-line");
  expect(why(lines(`${good}X: ${"y".repeat(limits.line + 1)}\n\n`))).toBe("too-large");
  expect(why(lines(`${good}${"X: y\n".repeat(limits.headers)}\n`))).toBe("too-many-headers");
  expect(why(Buffer.alloc(limits.message + 1, 65))).toBe("too-large");
});

test("what we write is read as it was meant, whatever the body is", () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ maxLength: 30 }), fc.integer({ min: 1, max: 0xff_ff_ff_ff }), (body, display, cseq) => {
      const parts = {
        method: "INVITE",
        uri: "sip:+81@a.example",
        from: address("sip:u@b.example", "t1", display),
        to: address("sip:c@d"),
        callId: "i",
      };
      const sent = request({ ...parts, cseq, body }, ourVia("tls", { host: "2001:db8::1", port: 5061 }, newBranch()));
      const read = message(serialise(sent));
      expect(read).toMatchObject({
        method: "INVITE",
        body: Buffer.from(body).toString(),
        cseq: { number: cseq },
        via: { host: "2001:db8::1", port: 5061 },
      });
      expect(read.from.params.get("tag")).toBe("t1");
      if (read.kind !== "request") throw new Error("it became a response");
      const answer = message(serialise(response(read, 180, { tag: "t2" })));
      expect(answer).toMatchObject({ kind: "response", status: 180, callId: "i", via: sent.via });
      expect(answer.to.params.get("tag")).toBe("t2");
    }),
  );
});

test("a message that would not fit into one datagram is written with short names", () => {
  const parts = { method: "INVITE", uri: "sip:a@b", from: address("sip:u@b"), to: address("sip:c@d"), callId: "i", cseq: 1 };
  const sent = request({ ...parts, body: "v=0\r\n".repeat(250) }, ourVia("udp", { host: "192.0.2.1", port: 5060 }, newBranch()));
  const bytes = serialise(sent);
  expect(bytes.toString()).toContain("\r\nf: <sip:u@b>\r\n");
  expect(message(bytes)).toMatchObject({ method: "INVITE", callId: "i" });
});

test("names, addresses and quotes survive being written and read", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => {
      const clean = text.replaceAll(/[\u0000-\u001f\u007f]/gu, " ");
      expect(unquoted(quoted(text))).toBe(clean);
      const one = formatAddress({ display: text, uri: "sip:a@b", params: new Map([["tag", "x"]]) });
      expect(splitOutside(`${one}, ${one}`, ",")).toEqual([one, one]);
      expect(parseAddress(one)).toEqual({ display: text === "" ? "" : clean, uri: "sip:a@b", params: new Map([["tag", "x"]]) });
    }),
  );
});

test.each([
  ["sip:+8190;phone-context=x@h:5070;transport=TCP", { user: "+8190;phone-context=x", host: "h", port: 5070 }],
  ["SIPS:u:secret@[2001:db8::1]", { scheme: "sips", user: "u", host: "2001:db8::1" }],
  ["sip:host.example?subject=x", { user: "", host: "host.example" }],
  ["tel:+81-90;ext=1", { scheme: "tel", user: "+81-90" }],
  ["sip:u@h:0", undefined],
  ["sip:u@h:65536", undefined],
  ["sip:u@h h", undefined],
  ["sip:", undefined],
  ["http://h", undefined],
])("the URI %s", (text, expected) => {
  if (expected) expect(parseUri(text)).toMatchObject(expected);
  else expect(parseUri(text)).toBeUndefined();
});

const samples = [
  invite,
  'SIP/2.0 401 No\nVia: SIP/2.0/UDP a;branch=b;received=1.2.3.4;rport=5\nFrom: "a" <sip:a@b>;tag=1\nTo: <sip:c@d>;tag=2\nCall-ID: x\nCSeq: 1 BYE\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth,auth-int", stale=true, algorithm=MD5-sess\nRecord-Route: <sip:p;lr>, <sip:q>\nContent-Length: 0\n\n',
  "INFO sip:a@b SIP/2.0\nVia: SIP/2.0/TLS [::1]:1;branch=z9hG4bKb\nFrom: <sip:a@b>\nTo: sip:c@d;tag=2\nCall-ID: x\nCSeq: 1 INFO\nContent-Type: application/dtmf-relay\nContent-Length: 9\n\nSignal=11",
].map(lines);

test("the parser never throws, and never hangs, whatever comes", () => {
  const outcome = fuzz(
    samples,
    (bytes) => {
      const parsed = parseMessage(bytes);
      if (!parsed.ok) throw new RangeError(parsed.why);
      const { message: found } = parsed;
      for (const name of ["via", "contact", "record-route", "require", "from"]) {
        for (const value of found.headers.list(name)) {
          parseAddress(value);
          parseVia(value);
          parseUri(value);
        }
      }
      parseChallenges(found.headers.all("www-authenticate"));
      infoKey(found);
      // What is read once is read again as the same.
      const again = parseMessage(serialise(found));
      if (!again.ok || again.message.callId !== found.callId) throw new TypeError(again.ok ? "another message" : again.why);
    },
    (error) => error instanceof RangeError,
    { runs: 15_000 },
  );
  expect(outcome.taken).toBeGreaterThan(1000);
});

test("a stream is cut into the same messages however it comes", () => {
  const stream = Buffer.concat([
    samples[1] ?? Buffer.alloc(0),
    Buffer.from("\r\n\r\n"),
    samples[2] ?? Buffer.alloc(0),
    samples[1] ?? Buffer.alloc(0),
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 40 }), (sizes) => {
      const frames: string[] = [];
      let pings = 0;
      const framer = new Framer(
        (frame) => frames.push(message(frame).cseq.method),
        () => (pings += 1),
      );
      let at = 0;
      for (let index = 0; at < stream.length; index += 1) {
        const size = sizes[index % sizes.length] ?? 1;
        expect(framer.take(stream.subarray(at, at + size))).toBe(true);
        at += size;
      }
      expect(frames).toEqual(["BYE", "INFO", "BYE"]);
      expect(pings).toBeLessThanOrEqual(1);
    }),
  );
});

test("a stream that cannot be cut, or never ends a message, is given up", () => {
  for (const bytes of [lines("A\nContent-Length: x\n\n"), lines("A\nContent-Length: 9999999\n\n"), Buffer.alloc(limits.message + 10, 65)]) {
    const framer = new Framer(() => undefined);
    expect(framer.take(bytes)).toBe(false);
    expect(framer.take(samples[1] ?? bytes)).toBe(false);
  }
  fuzz(
    samples,
    (bytes) => new Framer((frame) => void parseMessage(frame)).take(bytes),
    () => false,
    { runs: 6000 },
  );
});

test.each([
  ["application/dtmf-relay", "Signal=5\r\nDuration=160", "5"],
  ["Application/DTMF-Relay; x=1", "Duration=9\r\nsignal = *\r\n", "*"],
  ["application/dtmf-relay", "Signal=10", "*"],
  ["application/dtmf", " 1 \r\n", "1"],
  ["application/dtmf", "11", "#"],
  ["application/dtmf", "12345", undefined],
  ["application/dtmf-relay", "Signal=E", undefined],
  ["text/plain", "1", undefined],
])("INFO of %s with %j is the key %s", (type, body, key) => {
  const sent = lines(
    `INFO sip:a@b SIP/2.0\nVia: SIP/2.0/UDP a\nFrom: <sip:a@b>\nTo: <sip:a@b>\nCall-ID: x\nCSeq: 1 INFO\nContent-Type: ${type}\n\n`,
  );
  expect(infoKey(message(Buffer.concat([sent, Buffer.from(body)])))).toBe(key);
});

test("a saved state is read only when it is whole", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseSaved(text) === undefined));
  const whole = { kind: "sip", callId: "c", local: { host: "h", port: 1 }, invites: [] };
  expect(parseSaved(JSON.stringify(whole))).toEqual(whole);
  expect(parseSaved(JSON.stringify({ ...whole, invites: [{}] }))).toBeUndefined();
  expect(parseSaved(JSON.stringify({ ...whole, dialog: { cseq: 1, routes: [1] } }))).toBeUndefined();
});
