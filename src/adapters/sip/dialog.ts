import { address, type RequestParts } from "./build.ts";
import type { HeaderLine, SipRequest, SipResponse } from "./message.ts";
import { formatAddress, parseAddress, parseUri, type Address } from "./syntax.ts";

/** A dialog as it is kept, so that another process can end it. */
export interface SavedDialog {
  readonly local: string;
  readonly remote: string;
  readonly target: string;
  readonly routes: readonly string[];
  readonly cseq: number;
}

/** RFC 3261 12: two ends, the way between them, and the numbers of what was asked. */
export class Dialog {
  readonly callId: string;
  readonly local: Address;
  readonly remote: Address;
  #target: string;
  readonly #routes: readonly string[];
  #cseq: number;
  #remoteCseq: number | undefined;

  private constructor(callId: string, saved: SavedDialog, local: Address, remote: Address, remoteCseq?: number) {
    this.callId = callId;
    this.local = local;
    this.remote = remote;
    this.#target = saved.target;
    this.#routes = saved.routes;
    this.#cseq = saved.cseq;
    this.#remoteCseq = remoteCseq;
  }

  /**
   * By a response to our INVITE: its Record-Route is read backwards (12.1.2).
   * @param used the last number that was used, where something was asked before the answer (PRACK)
   */
  static asCaller(invite: Pick<SipRequest, "uri" | "from" | "callId" | "cseq">, response: SipResponse, used = invite.cseq.number): Dialog {
    const target = parseAddress(response.headers.list("contact")[0] ?? "")?.uri ?? invite.uri;
    const routes = response.headers.list("record-route").toReversed();
    const saved = { local: "", remote: "", target, routes, cseq: used };
    return new Dialog(invite.callId, saved, invite.from, response.to);
  }

  /** By an INVITE that came. @param tag ours */
  static asCalled(invite: SipRequest, tag: string): Dialog {
    const target = parseAddress(invite.headers.list("contact")[0] ?? "")?.uri ?? invite.from.uri;
    const saved = { local: "", remote: "", target, routes: invite.headers.list("record-route"), cseq: 1 };
    return new Dialog(invite.callId, saved, address(invite.to.uri, tag), invite.from, invite.cseq.number);
  }

  /** By what another process kept; its numbers go on well above those that it may still have used. */
  static restored(callId: string, saved: SavedDialog): Dialog | undefined {
    const local = parseAddress(saved.local);
    const remote = parseAddress(saved.remote);
    return local && remote && parseUri(saved.target) ? new Dialog(callId, { ...saved, cseq: saved.cseq + 20 }, local, remote) : undefined;
  }

  get saved(): SavedDialog {
    const { local, remote } = this;
    return { local: formatAddress(local), remote: formatAddress(remote), target: this.#target, routes: this.#routes, cseq: this.#cseq };
  }

  /** Where requests are sent: to the first proxy of the route, otherwise to the other end. */
  get nextHop(): string {
    return (this.#routes[0] !== undefined && parseAddress(this.#routes[0])?.uri) || this.#target;
  }

  /** A new Contact in a re-INVITE or UPDATE, or in the answer to ours (target refresh, 12.2). */
  retarget(contact: string | undefined): void {
    const uri = parseAddress(contact ?? "")?.uri;
    if (uri !== undefined && parseUri(uri)) this.#target = uri;
  }

  /** Whether a request has a number above all before it (12.2.2). */
  follows(asked: SipRequest): boolean {
    if (this.#remoteCseq !== undefined && asked.cseq.number <= this.#remoteCseq) return false;
    this.#remoteCseq = asked.cseq.number;
    return true;
  }

  /** The next request of ours. */
  next(method: string, headers: readonly HeaderLine[] = [], body = ""): RequestParts {
    this.#cseq += 1;
    return this.#request(method, this.#cseq, headers, body);
  }

  /** The ACK of a 2xx: the number of the INVITE that it is about (13.2.2.4). */
  acknowledge(cseq: number, headers: readonly HeaderLine[] = []): RequestParts {
    return this.#request("ACK", cseq, headers, "");
  }

  #request(method: string, cseq: number, headers: readonly HeaderLine[], body: string): RequestParts {
    const { callId, local: from, remote: to } = this;
    const first = parseAddress(this.#routes[0] ?? "");
    const isLoose = first === undefined || (parseUri(first.uri)?.params.has("lr") ?? true);
    const target = this.#target;
    // A strict router wants itself as Request-URI and the other end as the last route (12.2.1.1).
    const [uri, routes] = isLoose ? [target, this.#routes] : [first.uri, [...this.#routes.slice(1), `<${target}>`]];
    return { method, uri, from, to, callId, cseq, routes, headers, body };
  }
}
