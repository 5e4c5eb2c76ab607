import { millis } from "#base/duration";
import type { Dial, LineHealth, Turn } from "#ports/phone/port";
import { listOf, textOf, withQuery } from "../answers.ts";
import type { Asked, CarrierApi, Created, Looked } from "../carrier-api.ts";
import { created } from "../created.ts";
import { bodyOf, type Form, type TwilioAccount } from "./account.ts";
import { asTwilio } from "./errors.ts";
import { lookedOf } from "./outcome.ts";
import { announcement } from "./twiml.ts";

/** How far Twilio's clock may be behind ours when a call is recognised by its time. */
const clockSlack = millis(5000);

/** Calls by Twilio's resource of that name (https://www.twilio.com/docs/voice/api/call-resource). */
export class TwilioCalls implements CarrierApi {
  readonly #account: TwilioAccount;
  readonly #urlOf: (ref: string) => string | undefined;

  /** @param urlOf undefined addresses: the words travel with the request, and we ask what becomes of it */
  constructor(account: TwilioAccount, urlOf: (ref: string) => string | undefined) {
    this.#account = account;
    this.#urlOf = urlOf;
  }

  get way(): "callbacks" | "polling" {
    return this.#urlOf("x") === undefined ? "polling" : "callbacks";
  }

  async create(asked: Asked, dial: Dial, first: Turn | undefined): Promise<Created> {
    const words = this.#words(asked.ref, dial, first);
    if (!words) return { kind: "refused", end: { cause: "line-failed", talked: millis(0), problem: "There is nothing to be said." } };
    const form: Form = [
      ["To", asked.to],
      ["From", asked.from],
      ["Timeout", String(Math.min(600, Math.max(5, Math.ceil(dial.ringFor / 1000))))],
      ["TimeLimit", String(Math.max(15, Math.ceil(dial.longest / 1000)))],
      ...words,
    ];
    return created(() => this.#account.ask("POST", "/Calls.json", form), asTwilio);
  }

  #words(ref: string, dial: Dial, first: Turn | undefined): Form | undefined {
    const url = this.#urlOf(ref);
    if (url === undefined) return first && [["Twiml", announcement(first, dial.language)]];
    const events = ["initiated", "ringing", "answered", "completed"];
    return [
      ["Url", url],
      ["Method", "POST"],
      // The same again: one lost request is no lost call.
      ["FallbackUrl", url],
      ["FallbackMethod", "POST"],
      ["StatusCallback", withQuery(url, { about: "state" })],
      ["StatusCallbackMethod", "POST"],
      ...events.map((event): readonly [string, string] => ["StatusCallbackEvent", event]),
    ];
  }

  /**
   * Twilio keeps nothing of ours with a call, so it is recognised by both numbers and its time: one person is never called twice at once.
   * Its own filter by time leaves out calls that still wait, so we filter.
   */
  async find({ to, from, at }: Asked): Promise<string | undefined> {
    const body = bodyOf(await this.#account.ask("GET", withQuery("/Calls.json", { To: to, From: from, PageSize: 20 })));
    const found = listOf(body, "calls").filter((call) => {
      const madeAt = Date.parse(textOf(call, "date_created"));
      const isOurs = textOf(call, "to") === to && textOf(call, "from") === from && textOf(call, "direction") === "outbound-api";
      return isOurs && Number.isFinite(madeAt) && madeAt >= at - clockSlack;
    });
    // The newest comes first.
    return found[0] && textOf(found[0], "sid");
  }

  async look(id: string): Promise<Looked> {
    const body = bodyOf(await this.#account.ask("GET", `/Calls/${encodeURIComponent(id)}.json`));
    return lookedOf({ status: textOf(body, "status"), duration: textOf(body, "duration") });
  }

  end(id: string): Promise<void> {
    return this.#account.hangUp(id);
  }

  account(): Promise<LineHealth> {
    return this.#account.health();
  }
}
