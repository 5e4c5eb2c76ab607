import type { Clock } from "#base/clock";
import { millis, type Millis } from "#base/duration";
import { messageOf } from "#base/errors";
import { newBranch, ourVia, request, type RequestParts } from "./build.ts";
import { Headers, parseMessage, serialise, type HeaderLine, type SipMessage, type SipRequest, type SipResponse } from "./message.ts";
import { ServerTransaction } from "./server-transactions.ts";
import { formatHostPort, formatParams, parseVia, type Via } from "./syntax.ts";
import { giveUpAfter, InviteClient, OtherClient, type ClientEvents, type ClientGround, type ClientTransaction } from "./transactions.ts";
import { plainAddress, type Hop, type Peer, type Transport, type TransportListener } from "./transport.ts";

/** What came and went, for whoever looks why a line does not work. */
export interface Counters {
  received: number;
  sent: number;
  /** Dropped: not SIP, or too large. */
  broken: number;
  /** Dropped: from an address that is not the line's. */
  strangers: number;
  /** Dropped: answers to nothing that we asked. */
  unasked: number;
  /** Dropped: a fault of our own came to light. One message must not cost the calls of others. */
  faults: number;
  /** Dropped: more at once than a line ever has. */
  excess: number;
}

export interface AgentOptions {
  readonly clock: Clock;
  /** Opens the socket, with this as its listener. */
  readonly open: (listener: TransportListener) => Promise<Transport>;
  /** Whether an address is one of the line's. */
  readonly trusts: (address: string) => boolean;
  /** Whether a request belongs to a call that we have: it may come straight from the phone then (a proxy that does not stay on the way). */
  readonly knows: (asked: SipRequest) => boolean;
  readonly onRequest: (transaction: ServerTransaction, from: Peer) => void;
  /** ACK of a 2xx, which belongs to no transaction. */
  readonly onAck?: (ack: SipRequest) => void;
  /** A 2xx to an INVITE that nobody waits for any more. */
  readonly onLate?: (response: SipResponse, from: Peer) => void;
  readonly onLost?: (peer: Peer, problem: string) => void;
}

/** A line carries a few dozen calls; a flood ends here. */
const mostTransactions = 2000;

interface Asking {
  readonly transaction: ClientTransaction;
  readonly hop: Hop;
}

/** The part of a user agent below calls and registrations: messages in and out, and the table of transactions (RFC 3261 17). */
export class Agent {
  readonly counters: Counters = { received: 0, sent: 0, broken: 0, strangers: 0, unasked: 0, faults: 0, excess: 0 };
  readonly #options: AgentOptions;
  readonly #transport: Transport;
  readonly #asking = new Map<string, Asking>();
  readonly #asked = new Map<string, ServerTransaction>();
  #isClosed = false;

  private constructor(options: AgentOptions, transport: Transport) {
    this.#options = options;
    this.#transport = transport;
  }

  /** @throws HinobanError "unavailable" when the socket cannot be opened */
  static async open(options: AgentOptions): Promise<Agent> {
    let agent: Agent | undefined;
    const transport = await options.open({
      message: (bytes, from) => agent?.receive(bytes, from),
      lost: (peer, problem) => agent?.lost(peer, problem),
    });
    agent = new Agent(options, transport);
    return agent;
  }

  get transport(): Transport {
    return this.#transport;
  }

  /**
   * Sends a request and follows it to its end.
   * @param sentBy what Via says instead of our own address: for a CANCEL of what an ended process sent
   * @returns undefined when it could not leave; `events.failed` was called then
   */
  async ask(
    parts: RequestParts | ((local: { readonly host: string; readonly port: number }) => RequestParts),
    hop: Hop,
    events: ClientEvents,
    via: { readonly branch?: string; readonly sentBy?: { readonly host: string; readonly port: number } } = {},
  ): Promise<ClientTransaction | undefined> {
    try {
      const local = await this.#transport.localFor(hop);
      const whole = typeof parts === "function" ? parts(local) : parts;
      const asked = request(whole, ourVia(this.#transport.kind, via.sentBy ?? local, via.branch ?? newBranch()));
      return this.follow(asked, hop, events);
    } catch (error) {
      events.failed({ why: "transport", problem: messageOf(error) });
      return undefined;
    }
  }

  /** Sends a request that has its Via. A CANCEL has that of its INVITE, and is a transaction of its own (RFC 3261 9.1). */
  follow(asked: SipRequest, hop: Hop, listener: ClientEvents): ClientTransaction | undefined {
    const events: ClientEvents = {
      response: (response) => listener.response(response),
      failed: (failed) => {
        if (failed.why === "timeout") this.unanswered(hop, giveUpAfter);
        listener.failed(failed);
      },
    };
    const key = clientKey(asked.via, asked.method);
    if (this.#asking.size >= mostTransactions || this.#isClosed) {
      this.counters.excess += 1;
      events.failed({ why: "transport", problem: this.#isClosed ? "the line is closed" : "too much is under way on this line" });
      return undefined;
    }
    const ground: ClientGround = {
      clock: this.#options.clock,
      isReliable: this.#transport.isReliable,
      send: (message) => this.send(message, hop, (problem) => this.#asking.get(key)?.transaction.broken(problem)),
      over: () => void this.#asking.delete(key),
      wonder: () => void this.#wonder(key, hop),
    };
    const transaction = asked.method === "INVITE" ? new InviteClient(ground, asked, events) : new OtherClient(ground, asked, events);
    this.#asking.set(key, { transaction, hop });
    return transaction;
  }

  /**
   * Nothing was answered for so long. A connection over which nothing else came meanwhile is dead, whatever the system thinks: it goes on
   * repeating for a quarter of an hour. So it is let go, and the next request opens another.
   */
  unanswered(hop: Hop, within: Millis): void {
    const since = millis(this.#options.clock.mono() - within);
    if (this.#transport.isQuiet(hop, since)) this.#transport.reset(hop, `nothing came for ${within / 1000} s`);
  }

  /** Listens for what is answered to a request that an ended process sent. */
  adopt(transaction: ClientTransaction, hop: Hop): void {
    this.#asking.set(clientKey(transaction.request.via, transaction.request.method), { transaction, hop });
  }

  disown({ request: { via, method } }: ClientTransaction): void {
    this.#asking.delete(clientKey(via, method));
  }

  async #wonder(key: string, hop: Hop): Promise<void> {
    if (await this.#transport.isRefused(hop)) {
      this.#asking.get(key)?.transaction.broken(`nobody listens at ${formatHostPort(hop.address, hop.port)}`);
    }
  }

  /** Sends what nobody answers: ACK, responses. */
  send(message: SipMessage, to: Hop, failed: (problem: string) => void = () => undefined): void {
    this.counters.sent += 1;
    this.#transport.send(serialise(message), to).catch((error: unknown) => failed(messageOf(error)));
  }

  /** Sends an ACK with a branch of its own, as the 2xx of a call wants it. */
  acknowledge(parts: RequestParts, hop: Hop, local: { readonly host: string; readonly port: number }): void {
    this.send(request(parts, ourVia(this.#transport.kind, local, newBranch())), hop);
  }

  receive(bytes: Buffer, from: Peer): void {
    const parsed = parseMessage(bytes);
    if (!parsed.ok) {
      if (parsed.why !== "empty") this.counters.broken += 1;
      return;
    }
    this.counters.received += 1;
    try {
      if (parsed.message.kind === "response") this.#take(parsed.message, from);
      else this.#serve(stamped(parsed.message, from), from);
    } catch {
      this.counters.faults += 1;
    }
  }

  #take(answer: SipResponse, from: Peer): void {
    const asking = this.#asking.get(clientKey(answer.via, answer.cseq.method));
    // The branch is a secret of ours and the other side's; the address is looked at all the same. A reliable connection is who it is.
    if (asking && (this.#transport.isReliable || this.#isFrom(asking.hop, from))) asking.transaction.receive(answer);
    else if (!asking && isAcceptance(answer) && this.#options.trusts(from.address)) this.#options.onLate?.(answer, from);
    else this.counters.unasked += 1;
  }

  #isFrom(hop: Hop, from: Peer): boolean {
    return plainAddress(hop.address) === from.address || this.#options.trusts(from.address);
  }

  #serve(asked: SipRequest, from: Peer): void {
    const key = serverKey(asked);
    const there = this.#asked.get(key);
    if (there) {
      this.#serveAgain(there, asked, from);
      return;
    }
    if (!this.#isWelcome(asked, from)) {
      this.counters.strangers += 1;
      return;
    }
    if (asked.method === "ACK") {
      this.#options.onAck?.(asked);
      return;
    }
    if (this.#asked.size >= mostTransactions || this.#isClosed) {
      this.counters.excess += 1;
      return;
    }
    const back = this.#wayBack(asked, from);
    const transaction = new ServerTransaction(
      {
        clock: this.#options.clock,
        isReliable: this.#transport.isReliable,
        send: (response) => this.send(response, back),
        over: () => void this.#asked.delete(key),
      },
      asked,
    );
    this.#asked.set(key, transaction);
    this.#options.onRequest(transaction, from);
  }

  #isWelcome(asked: SipRequest, from: Peer): boolean {
    return this.#options.trusts(from.address) || this.#options.knows(asked);
  }

  /** The ACK of a 2xx ought to have a branch of its own (RFC 3261 13.2.2.4); some send the one of the INVITE. */
  #serveAgain(there: ServerTransaction, asked: SipRequest, from: Peer): void {
    if (asked.method !== "ACK") there.repeated();
    else if (!there.isAccepted) there.acknowledged();
    else if (this.#isWelcome(asked, from)) {
      there.acknowledged();
      this.#options.onAck?.(asked);
    }
  }

  /** The INVITE that a CANCEL is about. */
  cancelled(cancel: SipRequest): ServerTransaction | undefined {
    return this.#asked.get(serverKey({ ...cancel, method: "INVITE" }));
  }

  /** RFC 3261 18.2.2, RFC 3581 4: to where it came from, at the port that Via names unless it wants the one that it came from. */
  #wayBack(asked: SipRequest, from: Peer): Hop {
    if (this.#transport.isReliable || asked.via.params.has("rport")) return from;
    return { address: from.address, port: asked.via.port ?? 5060 };
  }

  lost(peer: Peer, problem: string): void {
    for (const { transaction, hop } of Array.from(this.#asking.values())) {
      if (plainAddress(hop.address) === peer.address && hop.port === peer.port) transaction.broken(problem);
    }
    this.#options.onLost?.(peer, problem);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { transaction } of this.#asking.values()) transaction.drop();
    for (const transaction of this.#asked.values()) transaction.drop();
    await this.#transport.close();
  }
}

const clientKey = (via: Via, method: string): string => `${via.params.get("branch") ?? ""} ${method}`;

/** RFC 3261 17.2.3. Elements older than that RFC send branches without its cookie: then all that makes a request one is compared. */
function serverKey({ via, method, callId, from, cseq }: SipRequest): string {
  const kind = method === "ACK" ? "INVITE" : method;
  const branch = via.params.get("branch") ?? "";
  const sender = `${via.host.toLowerCase()}:${via.port ?? 5060}`;
  if (branch.startsWith("z9hG4bK")) return `${branch} ${sender} ${kind}`;
  return `${branch} ${sender} ${kind} ${callId} ${from.params.get("tag") ?? ""} ${cseq.number}`;
}

/** The request with where it came from in its topmost Via (RFC 3261 18.2.1, RFC 3581 4), which its responses take over. */
function stamped(asked: SipRequest, from: Peer): SipRequest {
  const [top = "", ...others] = asked.headers.list("via");
  const via = parseVia(top) ?? asked.via;
  const params = new Map([...via.params, ["received", from.address]]);
  if (params.has("rport")) params.set("rport", String(from.port));
  const written = `SIP/2.0/${via.transport} ${formatHostPort(via.host, via.port)}${formatParams(params)}`;
  const vias: readonly HeaderLine[] = [written, ...others].map((value) => ["Via", value]);
  const rest = asked.headers.lines.filter(([name]) => !/^(?:via|v)$/iu.test(name));
  return { ...asked, headers: new Headers([...vias, ...rest]) };
}

const isAcceptance = ({ cseq, status }: SipResponse): boolean => cseq.method === "INVITE" && status >= 200 && status < 300;
