import { expect, test } from "vitest";
import { Secret } from "#base/secret";
import { Digest, digestOf, newTries, parseChallenges, type Account } from "./digest.ts";
import { parseMessage, type SipResponse } from "./message.ts";

const account = (user: string, password: string): Account => ({ user, password: new Secret(password) });
const mufasa = account("Mufasa", "Circle of Life");
const rfc7616 =
  'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=ALGORITHM, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
const asked = {
  method: "GET",
  uri: "/dir/index.html",
  body: "",
  count: 1,
  cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};

function challenge(text: string) {
  const [found] = parseChallenges([text]);
  if (!found) throw new Error(`no challenge in ${text}`);
  return found;
}

test("the examples of RFC 7616 3.9.1 are met, with MD5 and SHA-256", () => {
  expect(digestOf(mufasa, challenge(rfc7616.replace("ALGORITHM", "MD5")), asked)).toBe("8ca523f5e9506fed4657c9700eebdbec");
  expect(digestOf(mufasa, challenge(rfc7616.replace("ALGORITHM", "SHA-256")), asked)).toBe(
    "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
  );
});

test("the example of RFC 2617 3.5 is met", () => {
  const text =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const of2617 = { ...asked, cnonce: "0a4f113b" };
  expect(digestOf(account("Mufasa", "Circle Of Life"), challenge(text), of2617)).toBe("6629fae49393a05397450978507c4ef1");
});

test("with and without a quality of protection, and with session keys, the answer is the one that was computed by hand", () => {
  const us = account("0901111", "himitsu");
  const register = { method: "REGISTER", uri: "sip:trunk.test", body: "", count: 1, cnonce: "cn1" };
  expect(digestOf(us, challenge('Digest realm="trunk.test",nonce="nonce1",qop="auth"'), register)).toBe("8863d351227f5d214859e114ee265007");
  expect(digestOf(us, challenge('Digest realm="trunk.test",nonce="nonce1"'), register)).toBe("e3ef2f746ac52380036c1ade753dced9");
  expect(digestOf(us, challenge('Digest realm="trunk.test",nonce="nonce1",qop="auth",algorithm=MD5-sess'), register)).toBe(
    "180bf42822198185a4a17f6ca8c526fe",
  );
  expect(digestOf(us, challenge('Digest realm="trunk.test",nonce="nonce1",qop="auth-int"'), { ...register, body: "v=0" })).toBe(
    "83605625b9f8484c6775c891d45a18d0",
  );
});

test("challenges are found in one header or several, those that cannot be answered are left out", () => {
  const found = parseChallenges([
    'Basic realm="a", Digest realm="b, c", nonce="n,1", algorithm=SHA-256, qop="auth", Digest realm="d",nonce="n2"',
    'Digest realm="e", nonce="n3", algorithm=AKAv1-MD5',
    'Digest realm="f", nonce="n4", qop="auth-conf"',
    "Digest nonce=x",
    "garbage, stale = true,,=",
  ]);
  expect(found.map(({ realm, nonce, hash }) => [realm, nonce, hash])).toEqual([
    ["b, c", "n,1", "sha256"],
    ["d", "n2", "md5"],
  ]);
});

function refusal(status: 401 | 407, ...challenges: readonly string[]): SipResponse {
  const name = status === 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
  const head = `SIP/2.0 ${status} No\r\nVia: SIP/2.0/UDP a;branch=b\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n`;
  const parsed = parseMessage(Buffer.from(`${head}${challenges.map((one) => `${name}: ${one}\r\n`).join("")}\r\n`));
  if (!parsed.ok || parsed.message.kind !== "response") throw new Error("no response");
  return parsed.message;
}

const register = { method: "REGISTER", uri: "sip:trunk.test", body: "" };

test("the strongest challenge is answered, and the second refusal is the last", () => {
  const digest = new Digest(account("u", "p"));
  const tries = newTries();
  expect(digest.headersFor(register)).toEqual([]);
  expect(digest.take(refusal(401, 'Digest realm="r",nonce="1"', 'Digest realm="r",nonce="2",algorithm=SHA-256,qop="auth"'), tries)).toBe(
    true,
  );
  const [header] = digest.headersFor(register);
  expect(header?.[0]).toBe("Authorization");
  expect(header?.[1]).toMatch(
    /^Digest username="u", realm="r", nonce="2", uri="sip:trunk.test", response="[\da-f]{64}", algorithm=SHA-256, qop=auth, nc=00000001, cnonce="[\da-f]{16}"$/u,
  );
  expect(digest.headersFor(register)[0]?.[1]).toContain("nc=00000002");
  expect(digest.take(refusal(401, 'Digest realm="r",nonce="3"'), tries)).toBe(false);
  expect(digest.headersFor(register)).toEqual([]);
});

test("a stale nonce is replaced once, and a proxy in between is answered as well", () => {
  const digest = new Digest(account("u", "p"));
  const tries = newTries();
  expect(digest.take(refusal(407, 'Digest realm="p",nonce="1"'), tries)).toBe(true);
  expect(digest.take(refusal(407, 'Digest realm="p",nonce="2",stale=TRUE'), tries)).toBe(true);
  expect(digest.take(refusal(401, 'Digest realm="r",nonce="3"'), tries)).toBe(true);
  expect(digest.headersFor(register).map(([name]) => name)).toEqual(["Proxy-Authorization", "Authorization"]);
  expect(digest.take(refusal(407, 'Digest realm="p",nonce="4",stale=true'), tries)).toBe(false);
});

test("what the registrar asked for does not travel with calls", () => {
  const digest = new Digest(account("u", "p"));
  digest.take(refusal(401, 'Digest realm="r",nonce="1"'), newTries());
  expect(digest.headersFor(register)).toHaveLength(1);
  expect(digest.headersFor({ method: "INVITE", uri: "sip:a@b", body: "" })).toEqual([]);
});

test("an account without a password answers nothing, and made-up realms do not add up", () => {
  expect(new Digest(undefined).take(refusal(401, 'Digest realm="r",nonce="1"'), newTries())).toBe(false);
  const digest = new Digest(account("u", "p"));
  for (let at = 0; at < 50; at += 1) digest.take(refusal(401, `Digest realm="r${at}",nonce="1"`), newTries());
  expect(digest.headersFor(register).length).toBeLessThanOrEqual(4);
});

test("what a challenge says cannot become a header of its own", () => {
  const digest = new Digest(account('u"\r\nX: y', "p"));
  digest.take(refusal(401, 'Digest realm="r\\"", nonce="n\\\\", opaque="o"'), newTries());
  const [header] = digest.headersFor(register);
  expect(header?.[1]).toContain('username="u\\"  X: y", realm="r\\"", nonce="n\\\\"');
  expect(header?.[1]).not.toMatch(/[\r\n]/u);
});
