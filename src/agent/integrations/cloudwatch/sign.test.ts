import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { Secret } from "#base/secret";
import { canonicalRequest, expectedSignature, parseAuthorization, type SeenRequest } from "#test/agent/sigv4";
import { amzDate, signedHeaders } from "./sign.ts";

const require = createRequire(import.meta.url);
const library: { sign(request: object, credentials: object): { headers: Readonly<Record<string, string>> } } = require("aws4");

// The example key, date and scope of AWS's Signature Version 4 test suite (aws-sig-v4-test-suite, published with the documentation).
const suite = {
  key: "AKIDEXAMPLE",
  secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  date: "20150830T123600Z",
  host: "example.amazonaws.com",
  token:
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
};

interface Vector {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signature: string;
}

const form = "application/x-www-form-urlencoded";
const vectors: readonly Vector[] = [
  {
    name: "get-vanilla",
    method: "GET",
    path: "/",
    signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  },
  {
    name: "get-vanilla-query-order-key-case",
    method: "GET",
    path: "/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  {
    name: "get-header-value-trim",
    method: "GET",
    path: "/",
    headers: { "my-header1": " value1", "my-header2": ' "a   b   c"' },
    signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  },
  {
    name: "post-vanilla-query",
    method: "POST",
    path: "/?Param1=value1",
    signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
  },
  {
    name: "post-x-www-form-urlencoded",
    method: "POST",
    path: "/",
    headers: { "content-type": form },
    body: "Param1=value1",
    signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  },
  {
    name: "post-x-www-form-urlencoded-parameters",
    method: "POST",
    path: "/",
    headers: { "content-type": `${form}; charset=utf8` },
    body: "Param1=value1",
    signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
  },
  {
    name: "post-sts-header-before",
    method: "POST",
    path: "/",
    headers: { "x-amz-security-token": suite.token },
    signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
  },
];

const headersOf = ({ headers = {} }: Vector): Readonly<Record<string, string>> => ({
  host: suite.host,
  "x-amz-date": suite.date,
  ...headers,
});

describe.each(vectors)("AWS's vector $name", (vector) => {
  const { method, path, body = "", signature } = vector;

  test("is what our own signer of the tests computes", () => {
    const headers = headersOf(vector);
    const seen: SeenRequest = { method, path, headers: new Map(Object.entries(headers)), body };
    const authorization = { date: "20150830", region: "us-east-1", service: "service", signedHeaders: Object.keys(headers).sort() };
    expect(expectedSignature(seen, authorization, suite.secret)).toBe(signature);
  });

  test("is what the library computes", () => {
    const extraHeadersToIgnore = { "content-length": true }; // the suite's requests have none
    const request = { service: "service", region: "us-east-1", method, path, headers: headersOf(vector), body, extraHeadersToIgnore };
    const { headers } = library.sign(request, { accessKeyId: suite.key, secretAccessKey: suite.secret });
    expect(parseAuthorization(headers["Authorization"] ?? "")?.signature).toBe(signature);
  });
});

test("the canonical request of a form is the one that AWS prints", () => {
  const headers = new Map([
    ["content-type", form],
    ["host", suite.host],
    ["x-amz-date", suite.date],
  ]);
  expect(canonicalRequest({ method: "POST", path: "/", headers, body: "Param1=value1" }, [...headers.keys()])).toBe(
    `POST\n/\n\ncontent-type:${form}\nhost:${suite.host}\nx-amz-date:${suite.date}\n\ncontent-type;host;x-amz-date\n9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e`,
  );
});

test("a signed request carries the given time, its token, and a signature over both", () => {
  const at = unixMs(Date.UTC(2026, 10, 22, 5, 4, 3, 999));
  expect(amzDate(at)).toBe("20261122T050403Z");
  const request = {
    service: "monitoring",
    region: "ap-northeast-1",
    host: "monitoring.ap-northeast-1.amazonaws.com",
    body: "Action=X&Name=a%2Bb",
  };
  const secret = "S/+=ecret";
  const headers = signedHeaders(
    request,
    { accessKeyId: "ASIAEXAMPLE", secretAccessKey: new Secret(secret), sessionToken: new Secret("t/+=") },
    at,
  );
  expect(headers).toMatchObject({ "x-amz-date": "20261122T050403Z", "x-amz-security-token": "t/+=", host: request.host });
  const authorization = parseAuthorization(headers["authorization"] ?? "");
  expect(authorization).toMatchObject({ keyId: "ASIAEXAMPLE", date: "20261122", region: "ap-northeast-1", service: "monitoring" });
  expect(authorization?.signedHeaders).toEqual(expect.arrayContaining(["host", "x-amz-date", "x-amz-security-token"]));
  const seen: SeenRequest = { method: "POST", path: "/", headers: new Map(Object.entries(headers)), body: request.body };
  if (authorization) expect(expectedSignature(seen, authorization, secret)).toBe(authorization.signature);
});

test("the library is the version whose code was read", () => {
  const { version }: { version: string } = require("aws4/package.json");
  expect(version).toBe("1.13.2");
});
