import { millis } from "#base/duration";
import type { OutgoingResponse } from "#ports/outgoing-http/port";
import type { CallEnd, Dial, LineHealth, Turn } from "#ports/phone/port";
import { jsonOf, listOf, memberOf, textOf, withQuery } from "../answers.ts";
import type { Asked, CarrierApi, Created, Looked } from "../carrier-api.ts";
import { created, type CreatedAs } from "../created.ts";
import { bodyOf, problemOf, type HttpAccount } from "./account.ts";
import { endOf } from "./outcome.ts";
import { turnJson } from "./turn-json.ts";

/** Calls by a service that somebody wrote to our rules, which the guide's page about carriers tells. */
export class HttpCalls implements CarrierApi {
  readonly #account: HttpAccount;
  readonly #urlOf: (ref: string) => string | undefined;

  constructor(account: HttpAccount, urlOf: (ref: string) => string | undefined) {
    this.#account = account;
    this.#urlOf = urlOf;
  }

  get way(): "callbacks" | "polling" {
    return this.#urlOf("x") === undefined ? "polling" : "callbacks";
  }

  async create(asked: Asked, dial: Dial, first: Turn | undefined): Promise<Created> {
    const body = {
      version: 1,
      ref: asked.ref,
      to: asked.to,
      from: asked.from,
      language: dial.language,
      ringSeconds: Math.ceil(dial.ringFor / 1000),
      longestSeconds: Math.ceil(dial.longest / 1000),
      callbackUrl: this.#urlOf(asked.ref) ?? null,
      turn: first ? turnJson(first) : null,
    };
    return created(() => this.#account.ask("POST", "", body, `call-${asked.ref}`), asHttp);
  }

  async find({ ref }: Asked): Promise<string | undefined> {
    const body = bodyOf(await this.#account.ask("GET", withQuery("", { ref })));
    const found = listOf(body, "calls").find((call) => textOf(call, "ref") === ref);
    return found && textOf(found, "id");
  }

  async look(id: string): Promise<Looked> {
    const body = bodyOf(await this.#account.ask("GET", `/${encodeURIComponent(id)}`));
    const told = memberOf(body, "heard");
    const step = told["step"];
    const digits = textOf(told, "digits");
    const isHeard = typeof step === "number" && Number.isInteger(step) && /^[0-9*#]{0,20}$/u.test(digits);
    const heard = isHeard ? { heard: { step, digits } } : {};
    switch (textOf(body, "state")) {
      case "over":
        return { phase: "over", end: endOf(body), ...heard };
      case "talking":
        return { phase: "talking", ...heard };
      case "ringing":
        return { phase: "ringing" };
      default:
        return { phase: "queued" };
    }
  }

  async end(id: string): Promise<void> {
    const answer = await this.#account.ask("DELETE", `/${encodeURIComponent(id)}`);
    if (answer.status !== 404 && answer.status !== 410) bodyOf(answer);
  }

  async say(id: string, turn: Turn, step: number): Promise<void> {
    const body = { step, turn: turnJson(turn) };
    bodyOf(await this.#account.ask("POST", `/${encodeURIComponent(id)}/turns`, body, `turn-${id}-${step}`));
  }

  account(): Promise<LineHealth> {
    return this.#account.health();
  }
}

function refusalOf(answer: OutgoingResponse): CallEnd {
  const cause = textOf(jsonOf(answer.text), "field") === "to" ? "wrong-number" : "line-failed";
  return { cause, talked: millis(0), problem: problemOf(answer) };
}

const asHttp: CreatedAs = { id: "id", problemOf, refusalOf };
