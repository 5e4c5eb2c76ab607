import { randomBytes } from "node:crypto";
import { Headers, type HeaderLine, type SipRequest, type SipResponse } from "./message.ts";
import { formatAddress, formatHostPort, type Address, type Params, type Via } from "./syntax.ts";

/** Methods that we understand, for Allow (RFC 3261 20.5). */
export const allowed = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO, NOTIFY, PRACK";

/** Random text for tags, branches and Call-IDs: 96 bits, so that nobody guesses one. */
export const token = (): string => randomBytes(12).toString("hex");

/** RFC 3261 8.1.1.7: how a branch of this RFC begins. */
export const branchCookie = "z9hG4bK";
export const newBranch = (): string => `${branchCookie}${token()}`;

/** What a request is made of. Via is put on by whoever sends it. */
export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  readonly from: Address;
  readonly to: Address;
  readonly callId: string;
  readonly cseq: number;
  readonly routes?: readonly string[];
  readonly headers?: readonly HeaderLine[];
  readonly body?: string;
}

export const noParams: Params = new Map();
export const address = (uri: string, tag?: string, display = ""): Address => ({
  display,
  uri,
  params: tag === undefined ? noParams : new Map([["tag", tag]]),
});

/** @param sentBy where answers are to come to */
export function ourVia(transport: "udp" | "tcp" | "tls", sentBy: { readonly host: string; readonly port: number }, branch: string): Via {
  const params = new Map([
    ["branch", branch],
    ["rport", ""],
  ]);
  return { transport: transport.toUpperCase(), ...sentBy, params };
}

const formatVia = ({ transport, host, port, params }: Via): string => {
  const written = [...params].map(([name, value]) => (value === "" ? `;${name}` : `;${name}=${value}`)).join("");
  return `SIP/2.0/${transport} ${formatHostPort(host, port)}${written}`;
};

export function request({ method, uri, from, to, callId, cseq, routes = [], headers = [], body = "" }: RequestParts, via: Via): SipRequest {
  const lines: readonly HeaderLine[] = [
    ["Via", formatVia(via)],
    ["Max-Forwards", "70"],
    ...routes.map((route): HeaderLine => ["Route", route]),
    ["From", formatAddress(from)],
    ["To", formatAddress(to)],
    ["Call-ID", callId],
    ["CSeq", `${cseq} ${method}`],
    ...headers,
  ];
  return { kind: "request", method, uri, headers: new Headers(lines), body, via, from, to, callId, cseq: { number: cseq, method } };
}

/**
 * ACK to a response that is no 2xx, or CANCEL: same branch, Request-URI and routes as the INVITE that it is about (RFC 3261 9.1, 17.1.1.3).
 * @param to as the response has it for an ACK, as the INVITE has it for a CANCEL
 */
export function about(method: "ACK" | "CANCEL", invite: SipRequest, to: Address): SipRequest {
  const { uri, from, callId, cseq, via } = invite;
  return request({ method, uri, from, to, callId, cseq: cseq.number, routes: invite.headers.all("route") }, via);
}

const reasons: Readonly<Record<number, string>> = {
  100: "Trying",
  180: "Ringing",
  200: "OK",
  400: "Bad Request",
  405: "Method Not Allowed",
  420: "Bad Extension",
  480: "Temporarily Unavailable",
  481: "Call/Transaction Does Not Exist",
  482: "Loop Detected",
  486: "Busy Here",
  487: "Request Terminated",
  488: "Not Acceptable Here",
  491: "Request Pending",
  500: "Server Internal Error",
  503: "Service Unavailable",
  603: "Decline",
};

/** What more a response has besides the headers that it takes over. */
export interface ResponseParts {
  /** Put on To where it has none yet. */
  readonly tag?: string;
  readonly headers?: readonly HeaderLine[];
  readonly body?: string;
}

/** A response: Via, From, To, Call-ID and CSeq as in the request, Record-Route too (RFC 3261 8.2.6, 12.1.1). */
export function response(asked: SipRequest, status: number, { tag, headers = [], body = "" }: ResponseParts = {}): SipResponse {
  const { via, from, callId, cseq } = asked;
  const to =
    tag === undefined || asked.to.params.has("tag") ? asked.to : { ...asked.to, params: new Map([...asked.to.params, ["tag", tag]]) };
  const lines: readonly HeaderLine[] = [
    ...asked.headers.all("via").map((value): HeaderLine => ["Via", value]),
    ...asked.headers.all("record-route").map((value): HeaderLine => ["Record-Route", value]),
    ["From", asked.headers.first("from") ?? formatAddress(from)],
    ["To", formatAddress(to)],
    ["Call-ID", callId],
    ["CSeq", `${cseq.number} ${cseq.method}`],
    ...headers,
  ];
  return { kind: "response", status, reason: reasons[status] ?? "OK", headers: new Headers(lines), body, via, from, to, callId, cseq };
}
