import { millis } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { OutgoingResponse } from "#ports/outgoing-http/port";
import type { CallEnd, Dial, LineHealth, Turn } from "#ports/phone/port";
import { jsonOf, listOf, memberOf, textOf, withQuery } from "../answers.ts";
import type { Asked, CarrierApi, Created, Looked } from "../carrier-api.ts";
import { created, type CreatedAs } from "../created.ts";
import { problemOf, type VonageAccount } from "./account.ts";
import { nccoSaid } from "./ncco.ts";
import { lookedOf } from "./outcome.ts";

const clockSlack = 60_000;

/** Vonage takes numbers without their plus. */
const digitsOf = (number: string): string => number.replace(/^\+/u, "");

/** Calls by Vonage's Voice API (https://developer.vonage.com/en/api/voice). */
export class VonageCalls implements CarrierApi {
  readonly #account: VonageAccount;
  readonly #urlOf: (ref: string) => string | undefined;

  constructor(account: VonageAccount, urlOf: (ref: string) => string | undefined) {
    this.#account = account;
    this.#urlOf = urlOf;
  }

  get way(): "callbacks" | "polling" {
    return this.#urlOf("x") === undefined ? "polling" : "callbacks";
  }

  async create(asked: Asked, dial: Dial, first: Turn | undefined): Promise<Created> {
    const url = this.#urlOf(asked.ref);
    if (url === undefined && !first)
      return { kind: "refused", end: { cause: "line-failed", talked: millis(0), problem: "There is nothing to be said." } };
    const words =
      url === undefined
        ? { ncco: first ? nccoSaid(first, dial.language) : [] }
        : { answer_url: [url], answer_method: "POST", event_url: [withQuery(url, { about: "state" })], event_method: "POST" };
    const body = {
      to: [{ type: "phone", number: digitsOf(asked.to) }],
      from: { type: "phone", number: digitsOf(asked.from) },
      ...words,
      ringing_timer: Math.min(120, Math.max(1, Math.ceil(dial.ringFor / 1000))),
      length_timer: Math.min(7200, Math.max(15, Math.ceil(dial.longest / 1000))),
    };
    return created(() => this.#account.ask("POST", "/v1/calls", body), asVonage);
  }

  /** Vonage keeps nothing of ours with a call: it is recognised by its numbers and its time. */
  async find({ to, from, at }: Asked): Promise<string | undefined> {
    const since = new Date(at - clockSlack).toISOString();
    const path = withQuery("/v1/calls", { date_start: since, order: "desc", page_size: 100 });
    const body = this.#body(await this.#account.ask("GET", path));
    const found = listOf(memberOf(body, "_embedded"), "calls").filter(
      (call) =>
        numberIn(call, "to") === digitsOf(to) && numberIn(call, "from") === digitsOf(from) && textOf(call, "direction") === "outbound",
    );
    return found[0] && textOf(found[0], "uuid");
  }

  async look(id: string): Promise<Looked> {
    const body = this.#body(await this.#account.ask("GET", `/v1/calls/${encodeURIComponent(id)}`));
    return lookedOf(textOf(body, "status"), textOf(body, "duration"));
  }

  async end(id: string): Promise<void> {
    const answer = await this.#account.ask("PUT", `/v1/calls/${encodeURIComponent(id)}`, { action: "hangup" });
    // A call that is over already cannot be ended, which is as good.
    if (answer.status !== 404 && answer.status !== 400) this.#body(answer);
  }

  account(): Promise<LineHealth> {
    return this.#account.health();
  }

  #body(answer: OutgoingResponse): Readonly<Record<string, unknown>> {
    if (answer.status >= 200 && answer.status < 300) return jsonOf(answer.text);
    throw new HinobanError("unavailable", problemOf(answer), { status: answer.status });
  }
}

/** A number as Vonage lists it: an object, or a list of one. */
function numberIn(call: Readonly<Record<string, unknown>>, side: "to" | "from"): string {
  const one = listOf(call, side)[0] ?? memberOf(call, side);
  return digitsOf(textOf(one, "number"));
}

function refusalOf(answer: OutgoingResponse): CallEnd {
  const wrong = listOf(jsonOf(answer.text), "invalid_parameters").map((one) => textOf(one, "name"));
  const isNumber = wrong.length > 0 && wrong.every((name) => /^to\b/u.test(name));
  return { cause: isNumber ? "wrong-number" : "line-failed", talked: millis(0), problem: problemOf(answer) };
}

const asVonage: CreatedAs = { id: "uuid", problemOf, refusalOf };
