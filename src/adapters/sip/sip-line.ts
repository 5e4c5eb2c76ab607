import { isIP } from "node:net";
import type { Clock, Timer } from "#base/clock";
import { millis, seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { IpNetworks, parseIp } from "#base/ip-networks";
import type { Secret } from "#base/secret";
import type {
  CallListener,
  Dial,
  LineHealth,
  LineListener,
  LiveCall,
  PhoneLine,
  Recovered,
  SpokenLanguage,
  Voice,
} from "#ports/phone/port";
import type { LineSettings } from "#wire/line-settings";
import { Agent, type Counters } from "./agent.ts";
import { address, token } from "./build.ts";
import type { LineCall, LineGround, Local, MediaPool, Patience } from "./context.ts";
import { byeWithin } from "./conversation.ts";
import { Dialog } from "./dialog.ts";
import { Digest } from "./digest.ts";
import { familyOf, Hops, type Some } from "./hops.ts";
import type { CallToUs } from "./incoming-call.ts";
import { inquire } from "./inquire.ts";
import { locator, usualPort, type Locate } from "./locate.ts";
import type { SipResponse } from "./message.ts";
import { openTransport, type OpenTransport } from "./open-transport.ts";
import { OutgoingCall } from "./outgoing-call.ts";
import { lookedByOptions, Presence } from "./presence.ts";
import { recoverCall } from "./recover.ts";
import { Registration } from "./registration.ts";
import { Desk } from "./requests.ts";
import { accountUri, contactOf, rulesOf, type SipRules } from "./rules.ts";
import { parseSaved } from "./saved.ts";
import { formatHost, parseUri } from "./syntax.ts";
import { plainAddress, type Hop } from "./transport.ts";

/** What a machine's network asks for; mostly nothing. */
export interface SipNetwork {
  /** Address that sockets are bound to; every one when absent. */
  readonly host?: string;
  /** Port of our own; any that is free when absent. TCP is listened on only where this is given. */
  readonly port?: number;
  /** The IP address that others reach us at, where a firewall translates and the trunk does not find out by itself. */
  readonly advertise?: string;
  /** Networks besides the server's addresses from which calls may come. */
  readonly peers?: readonly string[];
  /** Authorities of TLS beside the system's, PEM. */
  readonly authorities?: readonly string[];
  readonly patience?: Partial<Patience>;
  readonly locate?: Locate;
  /** Whether requests may go to an IP address; all when absent. */
  readonly allows?: (address: string) => boolean;
  readonly open?: OpenTransport;
}

export interface SipLineOptions {
  readonly clock: Clock;
  /** Of kind `sip`, checked. */
  readonly settings: LineSettings;
  readonly password?: Secret;
  readonly media: MediaPool;
  readonly voiceFor: (language: SpokenLanguage) => Voice;
  readonly network?: SipNetwork;
}

const usualPatience: Patience = { firstResponse: seconds(6), ringing: seconds(15), cancelled: seconds(2), inquiry: seconds(6) };
/** Shorter than the 30 s that home routers keep a hole open for. */
const keepAliveEvery = seconds(25);
/** Twice the longest way that a message has, and more. */
const pongWithin = seconds(10);
const stopWithin = seconds(2);

const closed = (): HinobanError => new HinobanError("unavailable", "The line is closed.");

/** A trunk of our own: registers where that is wanted, places and takes calls. */
export class SipLine implements PhoneLine {
  readonly #options: SipLineOptions;
  readonly #rules: SipRules;
  readonly #digest: Digest;
  readonly #hops: Hops;
  readonly #find: Locate;
  readonly #peers: IpNetworks;
  readonly #registration: Registration;
  readonly #presence: Presence;
  readonly #ground: LineGround;
  readonly #desk: Desk;
  readonly #calls = new Map<string, LineCall>();
  #health: LineHealth = { state: "off" };
  #listener: LineListener | undefined;
  #opening: Promise<Agent> | undefined;
  #agent: Agent | undefined;
  #keepAlive: Timer | undefined;
  #pong: Timer | undefined;
  #isStopped = false;

  constructor(options: SipLineOptions) {
    const { clock, settings, password, network = {} } = options;
    this.#options = options;
    this.#rules = rulesOf(settings);
    this.#digest = new Digest(password && { user: this.#rules.authUser, password });
    this.#find = network.locate ?? locator();
    this.#hops = new Hops(clock, () => this.#locate(this.#rules.server, this.#rules.port));
    this.#peers = new IpNetworks(network.peers ?? []);
    this.#ground = this.#groundOf(options);
    this.#registration = new Registration({ clock, rules: this.#rules, digest: this.#digest, within: this.#ground.patience.inquiry });
    this.#presence = new Presence({
      clock,
      agent: () => this.#open(),
      hops: () => this.#hops.list(),
      look: (agent, hop) => (this.#rules.registers ? this.#registration.look(agent, hop) : this.#ask(agent, hop)),
      failed: (hop) => this.#hops.failed(hop),
      worked: (hop) => this.#hops.worked(hop),
      changed: (health) => this.#changed(health),
    });
    this.#desk = new Desk({
      ground: this.#ground,
      agent: () => this.#agent,
      calls: this.#calls,
      incoming: (call) => this.#incoming(call),
    });
  }

  #groundOf({ clock, media, voiceFor, network = {} }: SipLineOptions): LineGround {
    const soundHost = (local: Local): string => network.advertise ?? this.#registration.seenAs(local).host;
    return {
      clock,
      rules: this.#rules,
      patience: { ...usualPatience, ...network.patience },
      digest: this.#digest,
      media,
      voiceFor,
      agent: () => this.#open(),
      hops: () => this.#hops.list(),
      hopFor: (uri, otherwise) =>
        this.#hopFor(uri).catch((error: unknown) => {
          if (otherwise) return otherwise;
          throw error;
        }),
      failed: (hop) => {
        this.#hops.failed(hop);
        this.#presence.soon();
      },
      worked: (hop) => this.#hops.worked(hop),
      contact: (local) => contactOf(this.#rules, { ...this.#registration.seenAs(local), host: soundHost(local) }),
      soundHost,
      send: async (agent, parts, hop) => {
        const inquired = await inquire({ clock, agent, digest: this.#digest, hop, parts, within: byeWithin });
        if (inquired.kind !== "answered") return "silent";
        const { status } = inquired.response;
        if (status < 300) return "done";
        return status === 404 || status === 410 || status === 481 ? "gone" : "silent";
      },
      forget: (call) => {
        this.#calls.delete(call.id);
        this.#desk.forget(call);
      },
    };
  }

  get health(): LineHealth {
    return this.#health;
  }

  /** What came and went, since the socket was opened. */
  get counters(): Readonly<Counters> | undefined {
    return this.#agent?.counters;
  }

  start(listener: LineListener): void {
    this.#listener = listener;
    this.#changed({ state: "connecting" });
    this.#presence.look();
    this.#keepAlive = this.#options.clock.every("sip.keep-alive", keepAliveEvery, () => void this.#keepHole());
  }

  look(): void {
    this.#presence.again();
  }

  #changed(health: LineHealth): void {
    this.#health = health;
    try {
      this.#listener?.health(health);
    } catch {
      // whoever listens has to look after itself
    }
  }

  #open(): Promise<Agent> {
    this.#opening ??= this.#openAgent(this.#options.network?.port).then(
      (agent) => (this.#agent = agent),
      (error: unknown) => {
        this.#opening = undefined;
        throw error;
      },
    );
    return this.#opening;
  }

  async #openAgent(port: number | undefined): Promise<Agent> {
    const { clock, network = {} } = this.#options;
    const [first] = await this.#hops.list();
    if (this.#isStopped) throw closed();
    const family = first ? familyOf(first) : 4;
    if (this.#rules.transport === "udp") this.#hops.keepTo(family);
    const trusts = (one: string): boolean => this.#trusts(one);
    const agent = await Agent.open({
      clock,
      trusts,
      open: (listener) =>
        (network.open ?? openTransport)(
          {
            clock,
            kind: this.#rules.transport,
            family,
            accepts: trusts,
            verifiesTls: this.#rules.verifiesTls,
            ...(network.host === undefined ? {} : { host: network.host }),
            ...(port === undefined ? {} : { port }),
            ...(network.authorities ? { authorities: network.authorities } : {}),
          },
          listener,
        ),
      knows: (asked) => this.#desk.knows(asked),
      onRequest: (transaction, from) => this.#desk.receive(transaction, from),
      onAck: (ack) => this.#desk.acknowledged(ack),
      onLate: (response, from) => void this.#dismiss(response, from),
      onLost: () => {
        // A registration over a connection ends with it: nobody can reach us any more.
        this.#presence.soon();
      },
    });
    if (!this.#isStopped) return agent;
    await agent.close();
    throw closed();
  }

  #trusts(from: string): boolean {
    const ip = parseIp(from);
    return this.#hops.has(from) || (ip !== undefined && this.#peers.has(ip));
  }

  async #ask(agent: Agent, hop: Hop): Promise<ReturnType<typeof lookedByOptions>> {
    const { clock } = this.#options;
    const account = accountUri(this.#rules);
    const uri = `sip:${formatHost(this.#rules.domain)}`;
    const parts = () => ({
      method: "OPTIONS",
      uri,
      from: address(account, token()),
      to: address(uri),
      callId: `${token()}@hinoban`,
      cseq: 1,
    });
    return lookedByOptions(await inquire({ clock, agent, digest: this.#digest, hop, parts, within: this.#ground.patience.inquiry }));
  }

  /**
   * An empty line pair: servers ignore it, routers keep the way back open (RFC 5626 4.4.1). Over a connection many answer it. Those that do
   * not are asked by OPTIONS, which lets go of a connection over which nothing comes any more: the registration would hide that for minutes.
   */
  async #keepHole(): Promise<void> {
    const agent = this.#agent;
    if (this.#health.state !== "ready" || !agent) return;
    const [hop] = await this.#hops.list();
    if (!hop) return;
    const { clock } = this.#options;
    const asked = clock.mono();
    await agent.transport.send(Buffer.from("\r\n\r\n"), hop).catch(() => undefined);
    if (!agent.transport.isReliable || this.#isStopped) return;
    this.#pong = clock.after("sip.pong", pongWithin, () => {
      if (agent.transport.isQuiet(hop, asked)) void this.#ask(agent, hop);
    });
  }

  async #hopFor(uri: string): Promise<Hop> {
    const parsed = parseUri(uri);
    const { transport } = this.#rules;
    const host = parsed?.params.get("maddr") ?? parsed?.host ?? "";
    const port = parsed?.port ?? (isIP(host) === 0 ? undefined : usualPort(transport));
    const hops = await this.#hops.list();
    // The server's own address: the certificate that it shows there is for the name that was typed.
    const known = hops.find((hop) => plainAddress(hop.address) === plainAddress(host) && hop.port === port);
    return known ?? this.#hops.reachable(await this.#locate(host, port));
  }

  /** At least one address, of those that requests may go to: a line is what people typed, and what others send as the way of a call. */
  async #locate(host: string, port: number | undefined): Promise<Some<Hop>> {
    const { allows = () => true } = this.#options.network ?? {};
    const found = await this.#find({ host, transport: this.#rules.transport, ...(port === undefined ? {} : { port }) });
    const [first, ...others] = found.filter(({ address: one }) => allows(one));
    if (first) return [first, ...others];
    const why = found[0] ? `is not allowed (${found[0].address}). The setting outgoingAllow names networks that are.` : "is not known.";
    throw new HinobanError("unavailable", `The address of ${host} ${why}`);
  }

  dial(dial: Dial, listener: CallListener): LiveCall {
    const call = new OutgoingCall(this.#ground, dial, listener);
    this.#calls.set(call.id, call);
    call.begin();
    return call;
  }

  #incoming(call: CallToUs): boolean {
    if (!this.#listener?.incoming || this.#isStopped) return false;
    this.#calls.set(call.id, call);
    try {
      this.#listener.incoming(call);
      return true;
    } catch {
      return false;
    }
  }

  async #dismiss(response: SipResponse, sender: Hop): Promise<void> {
    const agent = this.#agent;
    if (!agent) return;
    const { callId, from, cseq, via } = response;
    const dialog = Dialog.asCaller({ uri: response.to.uri, callId, from, cseq }, response);
    const hop = await this.#ground.hopFor(dialog.nextHop, sender);
    agent.acknowledge(dialog.acknowledge(cseq.number), hop, { host: via.host, port: via.port ?? 5060 });
    await this.#ground.send(agent, () => dialog.next("BYE"), hop);
  }

  async recover(state: string): Promise<Recovered> {
    const saved = parseSaved(state);
    if (!saved) return "unknown";
    try {
      const own = await this.#open();
      // The ended process's port, so that answers to what it sent come to us as well; the line's own where that is taken.
      const port = this.#rules.transport === "udp" ? saved.local.port : undefined;
      const agent = port === undefined ? own : await this.#openAgent(port).catch(() => own);
      const recovered = await recoverCall(this.#ground, agent, saved);
      if (agent !== own) await agent.close();
      return recovered;
    } catch {
      return "unknown";
    }
  }

  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#presence.stop();
    this.#keepAlive?.cancel();
    this.#pong?.cancel();
    for (const call of this.#calls.values()) call.end();
    const agent = this.#agent;
    if (agent) {
      await Promise.race([this.#signOff(agent), this.#options.clock.sleep("sip.stop", stopWithin)]);
      await agent.close();
    } else
      void this.#opening?.then(
        (late) => late.close(),
        () => undefined, // it never opened
      );
    this.#changed({ state: "off" });
  }

  async #signOff(agent: Agent): Promise<void> {
    await this.#registration.end(agent);
    // BYE and CANCEL are on their way; their answers are awaited only a moment.
    await this.#options.clock.sleep("sip.stop-calls", millis(this.#calls.size > 0 ? 1500 : 100));
  }
}
