import { createHmac, createPrivateKey, sign, type KeyObject } from "node:crypto";
import { HinobanError, messageOf } from "#base/errors";
import { isSame } from "./signed-body.ts";

type Claims = Readonly<Record<string, unknown>>;

const encoded = (value: object): string => Buffer.from(JSON.stringify(value), "utf8").toString("base64url");

/** A PEM as people paste it. @throws HinobanError "invalid-input" when it is no RSA key */
export function rsaKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "rsa") return key;
  } catch (error) {
    throw new HinobanError("invalid-input", `The private key cannot be read: ${messageOf(error)}`, {}, { cause: error });
  }
  throw new HinobanError("invalid-input", "The private key is no RSA key.");
}

/** A JSON Web Token signed with RSASSA-PKCS1-v1_5 and SHA-256 (RFC 7515, RFC 7518 3.3). */
export function jwtRs256(key: KeyObject, claims: Claims): string {
  const signed = `${encoded({ alg: "RS256", typ: "JWT" })}.${encoded(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed, "utf8"), key).toString("base64url")}`;
}

/**
 * The claims of a token that is signed with HMAC-SHA-256 under `secret` (RFC 7518 3.2). No other algorithm is taken, whatever its header says.
 * @throws HinobanError "unauthenticated"
 */
export function claimsOfHs256(token: string, secret: string): Claims {
  const [head = "", body = "", proof = "", ...more] = token.split(".");
  const header = objectOf(head);
  if (more.length > 0 || header?.["alg"] !== "HS256") throw new HinobanError("unauthenticated", "The request carries no HS256 token.");
  const right = createHmac("sha256", secret).update(`${head}.${body}`, "utf8").digest("base64url");
  if (!isSame(proof, right)) throw new HinobanError("unauthenticated", "The signature is wrong.");
  const claims = objectOf(body);
  if (!claims) throw new HinobanError("unauthenticated", "The token holds no claims.");
  return claims;
}

function objectOf(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Claims) : undefined; // an object's members may be looked at
  } catch {
    return undefined;
  }
}
