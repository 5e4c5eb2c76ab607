import type { Agent } from "./agent.ts";
import { allowed } from "./build.ts";
import type { LineCall, LineGround } from "./context.ts";
import { CallToUs } from "./incoming-call.ts";
import type { SipRequest } from "./message.ts";
import type { ServerTransaction } from "./server-transactions.ts";
import type { Peer } from "./transport.ts";

export interface DeskOptions {
  readonly ground: LineGround;
  readonly agent: () => Agent | undefined;
  readonly calls: ReadonlyMap<string, LineCall>;
  /** Somebody calls. False when nobody can. */
  readonly incoming: (call: CallToUs) => boolean;
}

/** So many may call us at once; more are told that it is busy. */
const mostIncoming = 16;

/** What we can do when it is demanded (RFC 3261 8.2.2.3). `100rel` is met by not ringing at all. */
const supported = new Set(["timer", "100rel"]);

/** Takes the requests that come to a line and brings them to their call. */
export class Desk {
  readonly #options: DeskOptions;
  readonly #incoming = new Map<string, CallToUs>();

  constructor(options: DeskOptions) {
    this.#options = options;
  }

  /** Whether a request belongs to a call that we have: it knows its Call-ID and our tag. */
  knows(asked: SipRequest): boolean {
    return this.#callOf(asked) !== undefined;
  }

  #callOf({ callId, to }: SipRequest): LineCall | undefined {
    const call = this.#options.calls.get(callId);
    return call && call.tag === to.params.get("tag") ? call : undefined;
  }

  acknowledged(ack: SipRequest): void {
    this.#callOf(ack)?.acknowledged(ack);
  }

  receive(transaction: ServerTransaction, from: Peer): void {
    const { request } = transaction;
    if (request.method === "CANCEL") this.#cancel(transaction);
    else if (request.to.params.has("tag")) {
      const call = this.#callOf(request);
      if (call) call.receive(transaction);
      else transaction.respond(481);
    } else this.#outside(transaction, from);
  }

  #cancel(transaction: ServerTransaction): void {
    const agent = this.#options.agent();
    const invite = agent?.cancelled(transaction.request);
    if (!invite) {
      transaction.respond(481);
      return;
    }
    transaction.respond(200, { tag: invite.tag });
    const call = [...this.#incoming.values()].find((one) => one.tag === invite.tag);
    if (call) call.cancelled();
    else invite.respond(487);
  }

  #outside(transaction: ServerTransaction, from: Peer): void {
    const { request } = transaction;
    const unknown = request.headers.list("require").filter((option) => !supported.has(option.toLowerCase()));
    if (unknown.length > 0) {
      transaction.respond(420, { headers: [["Unsupported", unknown.slice(0, 10).join(", ")]] });
      return;
    }
    switch (request.method) {
      case "INVITE":
        this.#invited(transaction, from);
        return;
      case "OPTIONS":
        transaction.respond(200, {
          headers: [
            ["Allow", allowed],
            ["Accept", "application/sdp"],
          ],
        });
        return;
      case "NOTIFY": // some registrars send these unasked, and repeat them until they are answered
        transaction.respond(200);
        return;
      case "BYE":
      case "INFO":
      case "PRACK":
      case "UPDATE":
        transaction.respond(481);
        return;
      default:
        transaction.respond(405, { headers: [["Allow", allowed]] });
    }
  }

  #invited(transaction: ServerTransaction, from: Peer): void {
    const { request } = transaction;
    const agent = this.#options.agent();
    transaction.respond(100);
    if (!agent) transaction.respond(503);
    else if (this.#options.calls.has(request.callId)) {
      transaction.respond(482); // the same call by another way (RFC 3261 8.2.2.2)
    } else if (this.#incoming.size >= mostIncoming) transaction.respond(486);
    else void this.#receive(agent, transaction, from);
  }

  async #receive(agent: Agent, transaction: ServerTransaction, from: Peer): Promise<void> {
    const local = await agent.transport.localFor(from).catch(() => undefined);
    if (!local) transaction.respond(503);
    // It may have been cancelled meanwhile.
    else if (transaction.isOpen) this.#ring(new CallToUs(this.#options.ground, agent, from, local, transaction));
  }

  #ring(call: CallToUs): void {
    this.#incoming.set(call.id, call);
    if (!this.#options.incoming(call)) call.refuse(480);
  }

  /** A call is over. */
  forget(call: LineCall): void {
    this.#incoming.delete(call.id);
  }
}
