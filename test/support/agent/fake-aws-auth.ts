import { expectedSignature, parseAuthorization, type Authorization, type SeenRequest } from "./sigv4.ts";

/** A key that the fake knows. */
export interface FakeKey {
  readonly secret: string;
  /** Only with this token, until this time (ms). */
  readonly token?: string;
  readonly until?: number;
  readonly account: string;
  /** Actions that it may not call. */
  readonly denied?: readonly string[];
}

/** AWS's no: HTTP status, code and sentence. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Requests may be this old or this far ahead. */
const skewAllowed = 5 * 60_000;

/** Lets a request in as AWS does. @throws Refusal */
export function authenticate(
  seen: SeenRequest,
  keys: ReadonlyMap<string, FakeKey>,
  now: number,
  regions: ReadonlySet<string>,
): { readonly region: string; readonly service: string; readonly key: FakeKey } {
  const authorization = parseAuthorization(seen.headers.get("authorization") ?? "");
  if (!authorization) throw new Refusal(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
  const key = keyOf(seen, authorization, keys, now);
  checkDate(seen, authorization, now);
  const { region, service, signature } = authorization;
  if (!regions.has(region)) throw new Refusal(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region.");
  if (expectedSignature(seen, authorization, key.secret) !== signature) {
    const why = "The request signature we calculated does not match the signature you provided.";
    throw new Refusal(403, "SignatureDoesNotMatch", why);
  }
  return { region, service, key };
}

function keyOf(seen: SeenRequest, { keyId, signedHeaders }: Authorization, keys: ReadonlyMap<string, FakeKey>, now: number): FakeKey {
  const key = keys.get(keyId);
  if (!key || seen.headers.get("x-amz-security-token") !== key.token)
    throw new Refusal(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
  if (key.until !== undefined && now > key.until)
    throw new Refusal(403, "ExpiredToken", "The security token included in the request is expired");
  for (const needed of ["host", "x-amz-date", ...(key.token === undefined ? [] : ["x-amz-security-token"])]) {
    if (!signedHeaders.includes(needed)) throw new Refusal(403, "SignatureDoesNotMatch", `'${needed}' must be a 'SignedHeader'`);
  }
  return key;
}

function checkDate(seen: SeenRequest, { date }: Authorization, now: number): void {
  const stamp = seen.headers.get("x-amz-date") ?? "";
  const at = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/u, "$1-$2-$3T$4:$5:$6Z"));
  if (Math.abs(now - at) <= skewAllowed && stamp.startsWith(date)) return;
  const why = `Signature ${at < now ? "expired" : "not yet current"}: ${stamp} is too far from ${new Date(now).toISOString()}`;
  throw new Refusal(403, "SignatureDoesNotMatch", why);
}
