import { version } from "#base/version";
import { address, allowed, type RequestParts } from "./build.ts";
import type { LineGround, Local } from "./context.ts";
import type { HeaderLine } from "./message.ts";
import { identityOf } from "./rules.ts";

/** What a trunk made us ask for. */
export interface InviteWishes {
  /** Seconds, after a 422 (RFC 4028 7.3). */
  readonly sessionExpires?: number;
}

interface Invite {
  readonly uri: string;
  readonly tag: string;
  readonly callId: string;
  readonly cseq: number;
  readonly from: string | undefined;
  readonly local: Local;
  readonly sdp: string;
  readonly wishes: InviteWishes;
}

export const userAgent: HeaderLine = ["User-Agent", `Hinoban/${version}`];

/** Nothing of an alert, a host or a person stands in an INVITE: only numbers and our own address. */
export function inviteParts({ rules, contact }: LineGround, { uri, tag, callId, cseq, from, local, sdp, wishes }: Invite): RequestParts {
  const identity = identityOf(rules, from, tag);
  const { sessionExpires } = wishes;
  const timer: readonly HeaderLine[] =
    sessionExpires === undefined
      ? []
      : [
          ["Supported", "timer"],
          ["Session-Expires", `${sessionExpires};refresher=uas`],
          ["Min-SE", String(sessionExpires)],
        ];
  return {
    method: "INVITE",
    uri,
    from: identity.from,
    to: address(uri),
    callId,
    cseq,
    headers: [
      ["Contact", contact(local)],
      ["Allow", allowed],
      userAgent,
      ...identity.headers,
      ...timer,
      ["Content-Type", "application/sdp"],
    ],
    body: sdp,
  };
}
