import fc from "fast-check";
import { expect, it } from "vitest";
import { fuzz } from "#test/fuzz";
import type { Codec, Encryption } from "./media.ts";
import { Negotiation, type Agreement } from "./negotiation.ts";
import { parseSdp } from "./sdp.ts";

const place = { host: "192.0.2.1", port: 20_000 };
const ours = (encryption: Encryption = "off", codecs: readonly Codec[] = ["PCMU", "PCMA"]): Negotiation =>
  new Negotiation(place, { codecs, encryption });

const sdp = (...lines: readonly string[]): string =>
  ["v=0", "o=- 1 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0", ...lines, ""].join("\r\n");

const plainAnswer = sdp("m=audio 4000 RTP/AVP 8 0 96", "a=rtpmap:96 telephone-event/8000", "a=fmtp:96 0-15");

function taken(text: string, negotiation = ours()): Agreement {
  if (negotiation.local === "") negotiation.offer();
  const agreement = negotiation.accept(text);
  if (typeof agreement === "string") throw new Error(agreement);
  return agreement;
}

const key = (byte: number): string => Buffer.alloc(30, byte).toString("base64");

it("offers both kinds of G.711 and keys", () => {
  expect(
    ours()
      .offer()
      .split("\r\n")
      .filter((line) => !line.startsWith("o=")),
  ).toEqual([
    "v=0",
    "s=-",
    "c=IN IP4 192.0.2.1",
    "t=0 0",
    "m=audio 20000 RTP/AVP 0 8 101",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
    "a=ptime:20",
    "a=silenceSupp:off - - - -",
    "a=sendrecv",
    "",
  ]);
  const six = new Negotiation({ host: "2001:db8::1", port: 4 }, { codecs: ["PCMA"], encryption: "off" }).offer();
  expect(six).toMatch(/^o=hinoban \d+ 1 IN IP6 2001:db8::1\r$/mu);
  expect(six).toContain("\r\nc=IN IP6 2001:db8::1\r\n");
  expect(six).toContain("\r\nm=audio 4 RTP/AVP 8 101\r\n");
});

it("speaks the first codec of the answer, and takes the number of keys from it", () => {
  expect(taken(plainAnswer)).toMatchObject({ host: "192.0.2.9", port: 4000, codec: "PCMA", type: 8, eventType: 96, direction: "sendrecv" });
  expect(taken(sdp("m=audio 4000 RTP/AVP 0")).eventType).toBeUndefined();
  expect(taken(sdp("m=audio 4000 RTP/AVP 101 97", "a=rtpmap:97 pcmu/8000/1", "a=rtpmap:101 TELEPHONE-EVENT/8000"))).toMatchObject({
    codec: "PCMU",
    type: 97,
    eventType: 101,
  });
  expect(
    taken(sdp("m=audio 4000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/48000")).eventType,
    "events of another rate",
  ).toBeUndefined();
});

it("lets the address of the section win over the session's", () => {
  expect(taken(sdp("m=audio 4000 RTP/AVP 0", "c=IN IP4 198.51.100.7")).host).toBe("198.51.100.7");
  const six = new Negotiation({ host: "::1", port: 4 }, { codecs: ["PCMU"], encryption: "off" });
  expect(taken(sdp("m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::7"), six).host).toBe("2001:db8::7");
});

it.each([
  ["no SDP at all", "hello", "malformed"],
  ["nothing", "", "malformed"],
  ["no section", sdp(), "malformed"],
  ["refused audio", sdp("m=audio 0 RTP/AVP 0"), "no-audio"],
  ["something else than audio", sdp("m=video 4000 RTP/AVP 0"), "no-audio"],
  ["no codec of ours", sdp("m=audio 4000 RTP/AVP 18 101", "a=rtpmap:18 G729/8000", "a=rtpmap:101 telephone-event/8000"), "no-codec"],
  ["a number that means another codec", sdp("m=audio 4000 RTP/AVP 0", "a=rtpmap:0 G722/8000"), "no-codec"],
  ["an address of the other family", sdp("m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::7"), "malformed"],
  ["a name for an address", sdp("m=audio 4000 RTP/AVP 0", "c=IN IP4 phone.example"), "malformed"],
  ["a group for an address", sdp("m=audio 4000 RTP/AVP 0", "c=IN IP4 224.2.1.1/127"), "malformed"],
  ["everybody for an address", sdp("m=audio 4000 RTP/AVP 0", "c=IN IP4 255.255.255.255"), "malformed"],
  ["a port that there is none", sdp("m=audio 70000 RTP/AVP 0"), "malformed"],
  ["SRTP that nobody asked for", sdp("m=audio 4000 RTP/SAVP 0", `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key(1)}`), "encryption"],
  ["DTLS", sdp("m=audio 4000 UDP/TLS/RTP/SAVPF 0"), "encryption"],
])("does not take an answer with %s", (_what, text, problem) => {
  const negotiation = ours();
  negotiation.offer();
  expect(negotiation.accept(text)).toBe(problem);
});

it("sees a call on hold, in all ways in which phones say so", () => {
  for (const direction of ["sendonly", "inactive", "recvonly", "sendrecv"] as const) {
    expect(taken(sdp("m=audio 4000 RTP/AVP 0", `a=${direction}`)).direction).toBe(direction);
    expect(taken(sdp(`a=${direction}`, "m=audio 4000 RTP/AVP 0")).direction, "for the whole session").toBe(direction);
  }
  expect(taken(sdp("m=audio 4000 RTP/AVP 0", "c=IN IP4 0.0.0.0"))).toMatchObject({ direction: "sendonly", host: undefined });
  const answered = ours().answer(sdp("m=audio 4000 RTP/AVP 0", "a=sendonly"));
  expect(typeof answered === "string" ? answered : answered.sdp).toContain("\r\na=recvonly\r\n");
});

it("answers each section of an offer, and takes the first that it can", () => {
  const offer = sdp(
    "m=video 5000 RTP/AVP 31",
    "m=audio 6000 RTP/SAVP 0",
    "m=audio 4000 RTP/AVP 9 8 0 100",
    "a=rtpmap:100 telephone-event/8000",
  );
  const answered = ours().answer(offer);
  if (typeof answered === "string") throw new Error(answered);
  expect(answered.agreement).toMatchObject({ port: 4000, codec: "PCMA", eventType: 100 });
  const answer = parseSdp(answered.sdp);
  expect(answer?.sections.map(({ kind, port, formats }) => ({ kind, port, formats }))).toEqual([
    { kind: "video", port: 0, formats: ["31"] },
    { kind: "audio", port: 0, formats: ["0"] },
    { kind: "audio", port: 20_000, formats: ["8", "100"] },
  ]);
});

it("raises its version only when something changed", () => {
  const negotiation = ours();
  const versionOf = (text: string): string => / (\d+) IN IP4/u.exec(text)?.[1] ?? "";
  expect(versionOf(negotiation.offer())).toBe("1");
  expect(versionOf(negotiation.offer())).toBe("1");
  const hold = negotiation.answer(sdp("m=audio 4000 RTP/AVP 0", "a=inactive"));
  expect(typeof hold === "string" ? hold : versionOf(hold.sdp)).toBe("2");
  expect(versionOf(negotiation.offer({ codecs: ["PCMA", "PCMU"] }))).toBe("3");
});

it("agrees about keys of SRTP, either way round", () => {
  const negotiation = ours("sdes");
  const offer = negotiation.offer();
  expect(offer).toMatch(/m=audio 20000 RTP\/SAVP 0 8 101/u);
  const lines = offer.split("\r\n").filter((line) => line.startsWith("a=crypto"));
  expect(lines).toEqual([
    expect.stringMatching(/^a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:[A-Za-z0-9+/]{40}$/u),
    expect.stringMatching(/^a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:[A-Za-z0-9+/]{40}$/u),
  ]);
  const answer = (line: string): string => sdp("m=audio 4000 RTP/SAVP 0", line);
  const agreement = taken(answer(`a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:${key(3)}|2^31`), negotiation);
  expect(agreement.keys?.theirs).toMatchObject({ suite: "AES_CM_128_HMAC_SHA1_32", master: Buffer.alloc(30, 3) });
  expect(agreement.keys?.ours.master.toString("base64")).toBe(lines[1]?.split("inline:")[1]);
  const refused = [
    `a=crypto:1 AES_CM_128_HMAC_SHA1_32 inline:${key(3)}`, // the tag of the other suite
    `a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:${key(3)}`,
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key(3)}|1:4`, // with key identifiers in the packets
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key(3)} UNENCRYPTED_SRTP`,
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${Buffer.alloc(20).toString("base64")}`,
    "a=x",
  ];
  for (const line of refused) expect(negotiation.accept(answer(line)), line).toBe("encryption");
  expect(negotiation.accept(plainAnswer), "plain where we seal").toBe("encryption");

  const called = ours("sdes").answer(
    sdp(
      "m=audio 4000 RTP/SAVP 0",
      `a=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:${key(1)}`,
      `a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:${key(2)}`,
    ),
  );
  if (typeof called === "string") throw new Error(called);
  expect(called.agreement.keys?.theirs.master).toEqual(Buffer.alloc(30, 2));
  expect(called.sdp).toMatch(/\r\na=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:/u);
  expect(called.sdp).not.toContain("crypto:7");
});

it("agrees with itself, whichever of the two calls", () => {
  const codecs = fc.constantFrom<readonly Codec[]>(["PCMU"], ["PCMA"], ["PCMU", "PCMA"], ["PCMA", "PCMU"]);
  fc.assert(
    fc.property(codecs, codecs, fc.constantFrom<Encryption>("off", "sdes"), (first, second, encryption) => {
      const caller = ours(encryption, first);
      const called = new Negotiation({ host: "192.0.2.2", port: 30_000 }, { codecs: second, encryption });
      const answered = called.answer(caller.offer());
      const common = first.filter((codec) => second.includes(codec));
      if (typeof answered === "string") {
        expect([answered, common]).toEqual(["no-codec", []]);
        return;
      }
      const agreement = caller.accept(answered.sdp);
      if (typeof agreement === "string") throw new Error(agreement);
      expect(agreement).toMatchObject({ host: "192.0.2.2", port: 30_000, codec: common[0], type: answered.agreement.type, eventType: 101 });
      expect(agreement.keys?.ours.master).toEqual(answered.agreement.keys?.theirs.master);
      expect(agreement.keys?.theirs.master).toEqual(answered.agreement.keys?.ours.master);
    }),
  );
});

it("never trips over what comes from outside, and never repeats it", () => {
  const sealed = sdp(
    "m=audio 4000 RTP/SAVP 0 101",
    "a=rtpmap:101 telephone-event/8000",
    `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key(3)}`,
  );
  const offers = [plainAnswer, sealed, sdp("m=video 1 RTP/AVP 31", "m=audio 4000 RTP/AVP 0", "a=sendonly")];
  const { taken: read } = fuzz(
    offers,
    (input) => {
      const text = input.toString("utf8");
      ours().accept(text);
      ours("sdes").accept(text);
      const answered = ours().answer(text);
      if (typeof answered === "string") throw new Error("refused");
      if (!parseSdp(answered.sdp) || /[^\x20-\x7e\r\n]/u.test(answered.sdp)) throw new Error(`repeated: ${answered.sdp}`);
    },
    (error) => error instanceof Error && error.message === "refused",
    { runs: 20_000 },
  );
  expect(read).toBeGreaterThan(2000);
});
