import { createHash, createHmac } from "node:crypto";

/** A request as a server of AWS sees it. Header names in lower case. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** The parts of an `Authorization: AWS4-HMAC-SHA256 …` header. */
export interface Authorization {
  readonly keyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

export function parseAuthorization(header: string): Authorization | undefined {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([\da-f]{64})$/u.exec(
      header,
    );
  if (!match) return undefined;
  const [, keyId = "", date = "", region = "", service = "", names = "", signature = ""] = match;
  return { keyId, date, region, service, signedHeaders: names.split(";"), signature };
}

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text, "utf8").digest();

/** RFC 3986: everything but unreserved characters, upper case hexadecimal. */
const encode = (text: string): string =>
  [...Buffer.from(text, "utf8")]
    .map((byte) =>
      /[\w.~-]/u.test(String.fromCharCode(byte)) && byte < 128
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * The canonical request of Signature Version 4, as AWS's documentation describes it ("Create a signed AWS API request", step 1). Written from
 * that page, so that what is signed with a library is judged by something else than that library.
 */
export function canonicalRequest(request: SeenRequest, signedHeaders: readonly string[]): string {
  const [path = "/", query = ""] = request.path.split(/\?(.*)/su);
  const segments: string[] = [];
  for (const segment of path.split("/").filter((part) => part !== "" && part !== ".")) {
    if (segment === "..") segments.pop();
    else segments.push(segment);
  }
  const ending = segments.length > 0 && /\/\.{0,2}$/u.test(path) ? "/" : "";
  const canonicalPath = `/${segments.map(encode).join("/")}${ending}`;
  const canonicalQuery = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", value = ""] = pair.split(/=(.*)/su);
      return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))] as const;
    })
    .sort(([nameA, valueA], [nameB, valueB]) => byCode(nameA, nameB) || byCode(valueA, valueB))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const headers = [...signedHeaders]
    .sort(byCode)
    .map((name) => `${name}:${(request.headers.get(name) ?? "").trim().replace(/ +/gu, " ")}\n`)
    .join("");
  return [request.method, canonicalPath, canonicalQuery, headers, [...signedHeaders].sort(byCode).join(";"), sha256(request.body)].join(
    "\n",
  );
}

/** The signature that `request` must carry (steps 2 to 4 of the same page). */
export function expectedSignature(request: SeenRequest, authorization: Omit<Authorization, "signature" | "keyId">, secret: string): string {
  const { date, region, service, signedHeaders } = authorization;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", request.headers.get("x-amz-date") ?? "", scope, sha256(canonicalRequest(request, signedHeaders))].join(
    "\n",
  );
  const key = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request");
  return hmac(key, text).toString("hex");
}
