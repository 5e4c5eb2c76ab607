import { sign } from "aws4";
import type { UnixMs } from "#base/duration";
import type { Secret } from "#base/secret";

/** What a request is signed with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Comes with temporary credentials. */
  readonly sessionToken?: Secret | undefined;
  /** When temporary credentials end. */
  readonly expiresAt?: UnixMs | undefined;
}

/** A request to sign: always a POST of a form. */
export interface FormRequest {
  readonly service: string;
  readonly region: string;
  /** With the port, unless it is the scheme's own. */
  readonly host: string;
  readonly body: string;
}

/** The time as AWS writes it: `20150830T123600Z`. */
export const amzDate = (at: UnixMs): string => `${new Date(at).toISOString().slice(0, 19).replace(/[-:]/gu, "")}Z`;

/** All headers of a signed request (Signature Version 4, docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html). */
export function signedHeaders(request: FormRequest, credentials: Credentials, at: UnixMs): Readonly<Record<string, string>> {
  const { service, region, host, body } = request;
  const headers = {
    host,
    "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    "x-amz-date": amzDate(at),
  };
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signed = sign(
    { service, region, method: "POST", path: "/", headers, body },
    {
      accessKeyId,
      secretAccessKey: secretAccessKey.reveal(),
      ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
    },
  );
  return Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
}
