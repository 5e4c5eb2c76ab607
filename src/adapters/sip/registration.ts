import { isIP } from "node:net";
import type { Clock } from "#base/clock";
import { millis, seconds, type Millis } from "#base/duration";
import type { Agent } from "./agent.ts";
import { address, allowed, token } from "./build.ts";
import { answered } from "./causes.ts";
import type { Local } from "./context.ts";
import type { Digest } from "./digest.ts";
import { inquire, type Inquired } from "./inquire.ts";
import { userAgent } from "./invite.ts";
import type { HeaderLine, SipResponse } from "./message.ts";
import { unavailable, type Looked } from "./presence.ts";
import { accountUri, contactOf, type SipRules } from "./rules.ts";
import { formatHost, parseAddress, parseHostPort, parseUri } from "./syntax.ts";
import { plainAddress, type Hop } from "./transport.ts";

interface RegistrationOptions {
  readonly clock: Clock;
  readonly rules: SipRules;
  readonly digest: Digest;
  readonly within: Millis;
}

/** Longest that a registrar may make us wait for the next registration; a typing error of theirs must not cost a day. */
const longestExpiry = seconds(86_400);
const unregisterWithin = millis(1000);

/** RFC 3261 10: tells the registrar where we are, as it sees us. */
export class Registration {
  readonly #options: RegistrationOptions;
  readonly #callId = `${token()}@hinoban`;
  readonly #tag = token();
  #cseq = 0;
  #expires: number;
  #public: Local | undefined;
  /** What the last request gave. */
  #given = "";
  #looking: Promise<unknown> = Promise.resolve();
  #isEnded = false;
  #registered: { readonly hop: Hop; readonly contact: string } | undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#expires = options.rules.registersFor / 1000;
  }

  /** Where others reach us: what the registrar saw, when that is another address than our own. */
  seenAs(local: Local): Local {
    return this.#public ?? local;
  }

  /** Registers at one address. Never rejects. */
  look(agent: Agent, hop: Hop): Promise<Looked> {
    const looking = this.#look(agent, hop);
    this.#looking = looking;
    return looking;
  }

  async #look(agent: Agent, hop: Hop): Promise<Looked> {
    let inquired = await this.#register(agent, hop);
    if (inquired.kind === "answered" && inquired.response.status === 423 && !this.#isEnded && this.#takeMinimum(inquired.response)) {
      inquired = await this.#register(agent, hop);
    }
    if (inquired.kind === "answered" && isGranted(inquired.response) && (await this.#hasMoved(agent, hop, inquired.response))) {
      this.#registered = { hop, contact: this.#given };
      if (!this.#isEnded) inquired = await this.#register(agent, hop);
    }
    return this.#judged(inquired, hop);
  }

  #judged(inquired: Inquired, hop: Hop): Looked {
    if (inquired.kind === "failed") return { kind: "failed", problem: `The registrar does not answer: ${inquired.problem}.` };
    const { response } = inquired;
    if (inquired.kind === "refused") return { kind: "refused", problem: "The registrar refuses user or password." };
    if (!isGranted(response)) {
      if (isTemporary(response.status)) return unavailable(response);
      return { kind: "refused", problem: `The registrar refuses the account: ${answered(response)}.` };
    }
    const granted = this.#granted(response);
    if (granted < 1) return { kind: "refused", problem: "The registrar took the registration, but keeps it for no time." };
    this.#registered = { hop, contact: this.#given };
    // Well before the end, and for short ones still early enough for one repetition.
    const again = seconds(Math.max(Math.min(granted * 0.9, granted - 10), granted / 2));
    return { kind: "ready", again, registeredUntil: this.#options.clock.now() + granted * 1000 };
  }

  #takeMinimum(response: SipResponse): boolean {
    const least = response.headers.number("min-expires");
    if (least === undefined || least <= this.#expires || least * 1000 > longestExpiry) return false;
    this.#expires = least;
    return true;
  }

  /** Seconds, by our own Contact in the answer, then by Expires, then what we asked for (RFC 3261 10.2.4). */
  #granted(response: SipResponse): number {
    const ours = parseUri(parseAddress(this.#given)?.uri ?? "");
    const contacts = response.headers.list("contact").flatMap((value) => parseAddress(value) ?? []);
    const own = contacts.find((contact) => {
      const uri = parseUri(contact.uri);
      return uri?.host === ours?.host && uri?.port === ours?.port;
    });
    const text = own?.params.get("expires");
    const granted = text !== undefined && /^\d{1,9}$/u.test(text) ? Number(text) : (response.headers.number("expires") ?? this.#expires);
    return Math.min(granted, longestExpiry / 1000);
  }

  /** Whether the registrar saw us at another address than the one that we gave (RFC 3581): behind NAT nobody would reach us there. */
  async #hasMoved(agent: Agent, hop: Hop, response: SipResponse): Promise<boolean> {
    const local = await agent.transport.localFor(hop).catch(() => undefined);
    const seen = local && seenBy(response, local);
    if (!seen) return false;
    const before = this.#public ?? local;
    this.#public = seen.host === local.host && seen.port === local.port ? undefined : seen;
    return before.host !== seen.host || before.port !== seen.port;
  }

  #register(agent: Agent, hop: Hop): Promise<Inquired> {
    const { clock, digest, within } = this.#options;
    return inquire({
      clock,
      agent,
      digest,
      hop,
      within,
      parts: (local) => {
        const contact = contactOf(this.#options.rules, this.seenAs(local));
        const before = this.#registered?.contact;
        this.#given = contact;
        // What we gave before leads nowhere any more.
        const gone: readonly HeaderLine[] = before === undefined || before === contact ? [] : [["Contact", `${before};expires=0`]];
        return this.#parts([["Contact", `${contact};expires=${this.#expires}`], ...gone, ["Expires", String(this.#expires)]]);
      },
    });
  }

  #parts(headers: readonly HeaderLine[]): ReturnType<Parameters<typeof inquire>[0]["parts"]> {
    const { rules } = this.#options;
    this.#cseq += 1;
    const account = accountUri(rules);
    return {
      method: "REGISTER",
      uri: `sip:${formatHost(rules.domain)}`,
      from: address(account, this.#tag),
      to: address(account),
      callId: this.#callId,
      cseq: this.#cseq,
      headers: [...headers, ["Allow", allowed], userAgent],
    };
  }

  /** Signs off, if we are registered or are about to be. Never rejects. */
  async end(agent: Agent): Promise<void> {
    this.#isEnded = true;
    await this.#looking;
    const registered = this.#registered;
    if (!registered) return;
    this.#registered = undefined;
    const { clock, digest } = this.#options;
    const parts = () =>
      this.#parts([
        ["Contact", `${registered.contact};expires=0`],
        ["Expires", "0"],
      ]);
    await inquire({ clock, agent, digest, hop: registered.hop, within: unregisterWithin, parts });
  }
}

/** Where the topmost Via says that the request came from; undefined when it does not say. */
function seenBy({ via }: SipResponse, local: Local): Local | undefined {
  const told = parseHostPort(via.params.get("received") ?? "");
  // An address: it is where sound is sent, too.
  const received = told && isIP(plainAddress(told.host)) !== 0 ? told : undefined;
  const text = via.params.get("rport") ?? "";
  const port = /^\d{1,5}$/u.test(text) && Number(text) >= 1 && Number(text) <= 65_535 ? Number(text) : undefined;
  if (!received && port === undefined) return undefined;
  return { host: received ? plainAddress(received.host) : local.host, port: port ?? local.port };
}

/** What says nothing about the account: a proxy that found no registrar in time, one that is asked too often, a fault of theirs. */
const isTemporary = (status: number): boolean => status === 408 || status === 429 || status === 480 || (status >= 500 && status < 600);

const isGranted = ({ status }: SipResponse): boolean => status >= 200 && status < 300;
