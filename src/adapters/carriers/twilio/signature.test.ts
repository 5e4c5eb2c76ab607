import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import twilio from "twilio";
import { isTwilioSigned, twilioSignature } from "./signature.ts";

const form = "application/x-www-form-urlencoded";
const url = "https://hinoban.example.jp/hooks/twilio/voice?call=abc";
const body = Buffer.from(
  "CallSid=CA1&Digits=1&To=%2B819012345678&From=%2B815012345678&CallStatus=in-progress&X=2&X=1&X=2&Say=%E5%AF%BE%E5%BF%9C+ok",
);
const signed = { url, signature: "WJEEedJYErtCYUuFzsstWXno8i0=", contentType: form, body };

test("the known signature of a form is right, with and without the port of https", () => {
  expect(twilioSignature("tok123", url, new URLSearchParams(body.toString()))).toBe(signed.signature);
  expect(isTwilioSigned(["tok123"], signed)).toBe(true);
  expect(isTwilioSigned(["tok123"], { ...signed, signature: "NS7LK9KH32V8JH7Z8S1Eey05aO0=" })).toBe(true);
  const withPort = url.replace("jp/", "jp:443/");
  expect(isTwilioSigned(["tok123"], { ...signed, url: withPort })).toBe(true);
});

test("the token before is taken while tokens change, another one never", () => {
  expect(isTwilioSigned(["new", "tok123"], signed)).toBe(true);
  expect(isTwilioSigned(["new"], signed)).toBe(false);
  expect(isTwilioSigned([], signed)).toBe(false);
  expect(isTwilioSigned(["tok123"], { ...signed, signature: "" })).toBe(false);
});

test("another address, another host, another parameter or another order of the query is not what was signed", () => {
  for (const other of [url.replace("abc", "abd"), url.replace("hinoban", "evil"), url.replace("https", "http"), `${url}&x=1`])
    expect(isTwilioSigned(["tok123"], { ...signed, url: other })).toBe(false);
  expect(isTwilioSigned(["tok123"], { ...signed, body: Buffer.from(`${body.toString()}&Digits=2`) })).toBe(false);
});

test("a body that is no form must be covered by its digest in the address", () => {
  const json = Buffer.from('{"a":1}');
  const withDigest = `${url}&bodySHA256=${createHash("sha256").update(json).digest("hex")}`;
  const request = { url: withDigest, signature: twilioSignature("tok123", withDigest, []), contentType: "application/json", body: json };
  expect(isTwilioSigned(["tok123"], request)).toBe(true);
  expect(isTwilioSigned(["tok123"], { ...request, body: Buffer.from('{"a":2}') })).toBe(false);
  const bare = { ...request, url, signature: twilioSignature("tok123", url, []) };
  expect(isTwilioSigned(["tok123"], bare)).toBe(false);
});

const names = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_.]{0,11}$/u).filter((name) => !(name in {}));
const values = fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.toWellFormed());
const pairs = fc.array(fc.tuple(names, values), { maxLength: 8 });
const addresses = fc
  .tuple(fc.constantFrom("https://h.example", "https://h.example:8443", "http://h.example"), names, values)
  .map(([origin, name, value]) => `${origin}/hooks/${name}?${new URLSearchParams({ [name]: value }).toString()}`);

/** Parameters as the library takes them: a list where a name comes more than once. */
function asObject(of: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const object: Record<string, string | string[]> = {};
  for (const [name, value] of of) {
    const before = object[name];
    object[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return object;
}

test("whatever we sign, Twilio's own library takes, and the other way round", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 40 }), addresses, pairs, (token, address, of) => {
      expect(twilio.validateRequest(token, twilioSignature(token, address, of), address, asObject(of))).toBe(true);
      const theirs = twilio.getExpectedTwilioSignature(token, address, asObject(of));
      const request = {
        url: address,
        signature: theirs,
        contentType: form,
        body: Buffer.from(new URLSearchParams(of.map(([a, b]): [string, string] => [a, b])).toString()),
      };
      expect(isTwilioSigned([token], request)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("one changed letter of a signature is never right", () => {
  fc.assert(
    fc.property(fc.nat({ max: 27 }), fc.constantFrom("A", "b", "9", "/", "="), (at, letter) => {
      fc.pre(signed.signature.charAt(at) !== letter);
      const changed = signed.signature.slice(0, at) + letter + signed.signature.slice(at + 1);
      return !isTwilioSigned(["tok123"], { ...signed, signature: changed });
    }),
  );
});
