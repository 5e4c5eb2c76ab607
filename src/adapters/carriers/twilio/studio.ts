import { millis } from "#base/duration";
import type { Dial, LineHealth, SpokenLanguage, Turn } from "#ports/phone/port";
import { listOf, memberOf, textOf, withQuery } from "../answers.ts";
import type { Asked, CarrierApi, Created, Looked } from "../carrier-api.ts";
import { created } from "../created.ts";
import { bodyOf, problemOf, type Form, type TwilioAccount } from "./account.ts";
import { asTwilio } from "./errors.ts";
import { lookedOf } from "./outcome.ts";
import { voiceOf } from "./twiml.ts";

/** What Studio takes as parameters of one execution is not told; far below any limit of a request. */
const mostText = 3000;

/** Said after a key: what it did is not known yet when the flow goes on. */
const words: Readonly<Record<SpokenLanguage, { readonly received: string; readonly unheard: string }>> = {
  ja: {
    received: "キーを受け付けました。結果は画面またはチャットで確認してください。",
    unheard: "応答がないため、電話を切ります。",
  },
  en: {
    received: "Your key was received. Please see on the screen or in your chat what came of it.",
    unheard: "Nothing was pressed. Goodbye.",
  },
};

/** Of an execution, by the name that a flow without us would have. */
const refParameter = "hinoban_ref";

/**
 * Calls by a Studio flow (https://www.twilio.com/docs/studio/rest-api/v2/execution), for a server that nobody can reach: Twilio says the
 * text and takes one key by itself, and the key is read from the context of the execution.
 */
export class StudioCalls implements CarrierApi {
  readonly way = "polling";
  readonly #account: TwilioAccount;
  readonly #flow: string;

  constructor(account: TwilioAccount, flowSid: string) {
    this.#account = account;
    this.#flow = `/v2/Flows/${encodeURIComponent(flowSid)}`;
  }

  async create(asked: Asked, dial: Dial, first: Turn | undefined): Promise<Created> {
    if (!first) return { kind: "refused", end: { cause: "line-failed", talked: millis(0), problem: "There is nothing to be said." } };
    const form: Form = [
      ["To", asked.to],
      ["From", asked.from],
      ["Parameters", JSON.stringify(parametersOf(asked.ref, dial, first))],
    ];
    return created(() => this.#account.askStudio("POST", `${this.#flow}/Executions`, form), asTwilio);
  }

  /** An execution carries our reference, so there is no doubt. */
  async find({ ref, at }: Asked): Promise<string | undefined> {
    const since = new Date(at - 60_000).toISOString().replace(/\.\d+Z$/u, "Z");
    const path = withQuery(`${this.#flow}/Executions`, { DateCreatedFrom: since, PageSize: 20 });
    const body = bodyOf(await this.#account.askStudio("GET", path));
    for (const execution of listOf(body, "executions")) {
      const sid = textOf(execution, "sid");
      const context = await this.#context(sid);
      if (textOf(memberOf(memberOf(context, "flow"), "data"), refParameter) === ref) return sid;
    }
    return undefined;
  }

  async look(id: string): Promise<Looked> {
    const context = await this.#context(id);
    const widgets = memberOf(context, "widgets");
    const digits = textOf(memberOf(widgets, "ask"), "Digits");
    // The flow itself says the text once more for the keys that ask for it.
    const isKey = /^[0-9*#]{1,20}$/u.test(digits) && digits !== "3" && digits !== "4";
    const heard = isKey ? { heard: { step: 0, digits } } : {};
    const call = memberOf(widgets, "call");
    const looked = lookedOf({ status: textOf(call, "CallStatus"), duration: textOf(call, "CallDuration") });
    if (looked.phase === "over") return { ...looked, ...heard };
    const execution = bodyOf(await this.#account.askStudio("GET", this.#path(id)));
    // The flow may end before the widget tells of the call, and the other way round.
    if (textOf(execution, "status") !== "ended") return looked.phase === "talking" ? { ...looked, ...heard } : looked;
    return this.#over(textOf(call, "CallSid"), heard);
  }

  /** The call of an execution that is over: the call itself knows how. */
  async #over(callSid: string, heard: { readonly heard?: { readonly step: number; readonly digits: string } }): Promise<Looked> {
    const lost = { cause: "line-failed", talked: millis(0), problem: "The Studio flow ended without a call." } as const;
    if (callSid === "") return { phase: "over", end: lost };
    const call = bodyOf(await this.#account.ask("GET", `/Calls/${encodeURIComponent(callSid)}.json`));
    const looked = lookedOf({ status: textOf(call, "status"), duration: textOf(call, "duration") });
    return looked.phase === "over" || looked.phase === "talking" ? { ...looked, ...heard } : looked;
  }

  async end(id: string): Promise<void> {
    bodyOf(await this.#account.askStudio("POST", this.#path(id), [["Status", "ended"]]));
    // The end of the flow does not hang up by itself.
    const callSid = textOf(memberOf(memberOf(await this.#context(id), "widgets"), "call"), "CallSid");
    if (callSid !== "") await this.#account.hangUp(callSid);
  }

  async account(): Promise<LineHealth> {
    const health = await this.#account.health();
    if (health.state !== "ready") return health;
    try {
      const answer = await this.#account.askStudio("GET", this.#flow);
      if (answer.status === 404) return { state: "failed", problem: "Twilio does not know the Studio flow." };
      return answer.status === 200 ? health : { state: "failed", problem: problemOf(answer) };
    } catch (error) {
      return { state: "failed", problem: error instanceof Error ? error.message : String(error) };
    }
  }

  #path(id: string): string {
    return `${this.#flow}/Executions/${encodeURIComponent(id)}`;
  }

  async #context(id: string): Promise<Readonly<Record<string, unknown>>> {
    return memberOf(bodyOf(await this.#account.askStudio("GET", `${this.#path(id)}/Context`)), "context");
  }
}

function parametersOf(ref: string, dial: Dial, first: Turn): Readonly<Record<string, string | number>> {
  const { language, voice } = voiceOf(dial.language);
  const text = first.say
    .map((sentence) => sentence.text)
    .join(" ")
    .slice(0, mostText);
  const times = Math.max(1, Math.min(first.times, 5));
  return {
    [refParameter]: ref,
    text: Array.from({ length: times }, () => text)
      .join(" ")
      .slice(0, mostText),
    language,
    voice,
    ring: Math.max(5, Math.ceil(dial.ringFor / 1000)),
    digits: Math.max(1, first.digits),
    listen: Math.max(1, Math.ceil(first.listen / 1000)),
    ...words[dial.language],
  };
}
