import { createHmac } from "node:crypto";
import { pause, type Deliver, type PhoneScript } from "./phone.ts";
import { readTwiml, type TwimlElement } from "./twiml-reader.ts";

/** How callbacks go wrong. */
export interface Mischief {
  /** Each comes twice. */
  doubles?: boolean;
  /** The one before the last comes behind the last. */
  reorders?: boolean;
  /** None comes. */
  swallows?: boolean;
}

export interface TwilioCallFacts {
  readonly sid: string;
  readonly accountSid: string;
  readonly token: string;
  readonly to: string;
  readonly from: string;
  readonly url: string;
  readonly twiml: string;
  readonly statusCallback: string;
  readonly events: readonly string[];
  readonly ringMs: number;
  /** Somebody else speaks in it: a Studio flow. */
  readonly isHeld: boolean;
}

type Status = "queued" | "initiated" | "ringing" | "in-progress" | "completed" | "busy" | "no-answer" | "failed" | "canceled";
const over: ReadonlySet<Status> = new Set(["completed", "busy", "no-answer", "failed", "canceled"]);
/** Twilio's names of events differ from those of states. */
const eventOf: Partial<Record<Status, string>> = { initiated: "initiated", ringing: "ringing", "in-progress": "answered" };
const mostSteps = 50;

/** The signature of a request, as Twilio's documentation makes it, step by step. */
export function signedAsTwilio(token: string, url: string, pairs: readonly (readonly [string, string])[]): string {
  const seen = new Set<string>();
  const rows = pairs
    .map(([name, value]) => [name, value, `${name}${value}`] as const)
    .toSorted(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .filter(([name, value]) => !seen.has(`${name}\0${value}`) && seen.add(`${name}\0${value}`));
  return createHmac("sha1", token)
    .update(url + rows.map(([, , row]) => row).join(""))
    .digest("base64");
}

/** One call at the fake Twilio: walks the states, fetches our TwiML and does what it says. */
export class FakeTwilioCall {
  status: Status = "queued";
  readonly createdAt = new Date();
  readonly facts: TwilioCallFacts;
  /** What the person heard. */
  readonly said: string[] = [];
  readonly problems: string[] = [];
  seconds = 0;
  #sequence = 0;
  #asked = 0;
  readonly #deliver: Deliver;
  readonly #mischief: Mischief;
  #held: (() => Promise<void>)[] = [];

  constructor(facts: TwilioCallFacts, deliver: Deliver, mischief: Mischief) {
    this.facts = facts;
    this.#deliver = deliver;
    this.#mischief = mischief;
  }

  get isOver(): boolean {
    return over.has(this.status);
  }

  /** As the resource shows it. */
  get resource(): object {
    const { sid, to, from, accountSid } = this.facts;
    const date = this.createdAt.toUTCString().replace("GMT", "+0000");
    const duration = this.isOver ? String(this.seconds) : null;
    return { sid, account_sid: accountSid, to, from, status: this.status, direction: "outbound-api", date_created: date, duration };
  }

  async run(script: PhoneScript): Promise<void> {
    await this.#become("initiated");
    await this.#become("ringing");
    switch (script.kind) {
      case "busy":
      case "no-answer":
        await pause(script.kind === "busy" ? 5 : this.facts.ringMs);
        return this.#become(script.kind);
      case "fails":
        return this.#become("failed", { SipResponseCode: String(script.sipCode) });
      case "rings":
        return;
      case "answers":
        await pause(script.afterMs ?? 5);
        if (this.isOver) return;
        await this.#become("in-progress");
        if (this.facts.isHeld) return;
        await this.#talk(script);
        await this.finish("completed");
    }
  }

  /** Ends it from outside. @returns false when a call in this state cannot be ended so */
  async finish(status: "completed" | "canceled"): Promise<boolean> {
    if (this.isOver) return status === "completed";
    const isAnswered = this.status === "in-progress";
    if (isAnswered !== (status === "completed")) return false;
    if (isAnswered) this.seconds = 7;
    await this.#become(status);
    return true;
  }

  async #become(status: Status, more: Readonly<Record<string, string>> = {}): Promise<void> {
    if (this.isOver) return;
    this.status = status;
    const { statusCallback, events } = this.facts;
    const isWanted = this.isOver ? events.includes("completed") : events.includes(eventOf[status] ?? "");
    if (statusCallback === "" || !isWanted || this.#mischief.swallows) return;
    const duration = this.isOver ? { CallDuration: String(this.seconds), Duration: "1" } : {};
    const form = {
      ...this.#common(status),
      SequenceNumber: String(this.#sequence++),
      CallbackSource: "call-progress-events",
      ...duration,
      ...more,
    };
    const send = async (): Promise<void> => {
      await this.post(statusCallback, form);
      if (this.#mischief.doubles) await this.post(statusCallback, form);
    };
    if (this.#mischief.reorders && !this.isOver) {
      this.#held.push(send);
      return;
    }
    await send();
    for (const late of this.#held.splice(0).reverse()) await late();
  }

  #common(status: string): Record<string, string> {
    const { sid, accountSid, to, from } = this.facts;
    return {
      CallSid: sid,
      AccountSid: accountSid,
      To: to,
      From: from,
      CallStatus: status,
      Direction: "outbound-api",
      ApiVersion: "2010-04-01",
    };
  }

  /** A signed request to us. */
  async post(url: string, form: Readonly<Record<string, string>>, token = this.facts.token) {
    const pairs = Object.entries(form);
    const headers = {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      "x-twilio-signature": signedAsTwilio(token, url, pairs),
      "user-agent": "TwilioProxy/1.1",
    };
    const answer = await this.#deliver({ url, headers, body: new URLSearchParams(pairs).toString() });
    if (answer.status >= 400) this.problems.push(`${answer.status} ${answer.body}`);
    if (answer.body === "" && answer.type === "") this.problems.push("502: an empty answer without a content type");
    return answer;
  }

  async #talk(script: Extract<PhoneScript, { kind: "answers" }>): Promise<void> {
    let document = this.facts.twiml === "" ? await this.#fetch(this.facts.url, {}) : this.facts.twiml;
    for (let step = 0; step < mostSteps && !this.isOver && document !== undefined; step += 1) document = await this.#play(document, script);
  }

  async #fetch(url: string, more: Readonly<Record<string, string>>): Promise<string | undefined> {
    const answer = await this.post(url, { ...this.#common("in-progress"), ...more });
    if (answer.status >= 300) return undefined;
    if (!/^(?:text|application)\/xml/u.test(answer.type)) this.problems.push(`12300: content type ${answer.type}`);
    return answer.body;
  }

  /** @returns the next document; undefined: the call ends */
  async #play(document: string, script: Extract<PhoneScript, { kind: "answers" }>): Promise<string | undefined> {
    let elements: readonly TwimlElement[];
    try {
      elements = readTwiml(document);
    } catch (error) {
      this.problems.push(String(error));
      return undefined;
    }
    for (const element of elements) {
      if (element.name === "Hangup") return undefined;
      if (element.name === "Redirect") return this.#fetch(element.text, {});
      this.#hear(element.name === "Gather" ? element.children : [element]);
      if (element.name !== "Gather") continue;
      const digits = await this.#gather(element, script);
      if (digits === "gone") return undefined;
      if (digits !== undefined) return this.#fetch(element.attributes["action"] ?? "", { Digits: digits });
    }
    return undefined;
  }

  async #gather({ attributes }: TwimlElement, script: Extract<PhoneScript, { kind: "answers" }>): Promise<string | undefined> {
    this.#asked += 1;
    if (script.hangsUpAfter !== undefined && this.#asked > script.hangsUpAfter) return "gone";
    const digits = await script.keys(this.said.at(-1) ?? "", this.#asked);
    await pause(1);
    return this.isOver ? "gone" : digits?.slice(0, Number(attributes["numDigits"] ?? "0"));
  }

  #hear(elements: readonly TwimlElement[]): void {
    for (const { name, text, attributes } of elements) {
      if (name !== "Say") continue;
      if (!/^[a-z]{2}-[A-Z]{2}$/u.test(attributes["language"] ?? "")) this.problems.push("13512: a language that is none");
      if (text.length > 4096) this.problems.push("13520: too long to be said");
      this.said.push(text);
    }
  }
}
