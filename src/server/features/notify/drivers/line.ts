import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import { failed, type Driver, type Job, type Preview, type Result } from "../driver.ts";
import { cut, texts } from "../texts.ts";
import { asked, below, jsonHeaders, jsonOf, quote, refusedBy } from "./asking.ts";
import { plainText } from "./plain-text.ts";
import { idempotencyKey } from "./webhook.ts";

const usualApi = "https://api.line.me";
/** In UTF-16 units (developers.line.biz/en/reference/messaging-api/#text-message). */
const longest = 5000;

function textOf(job: Job): string {
  const { title, lines } = plainText(job, (text) => text);
  return cut(lines === "" ? title : `${title}\n\n${lines}`, longest, texts[job.language].cut);
}

/** LINE's Messaging API: a push message to a person, a group or a room. */
export class LineDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  send(job: Job): Promise<Result> {
    const { settings, secrets } = job.channel ?? { settings: {}, secrets: {} };
    const ask = {
      method: "POST",
      url: below(settings.serverUrl ?? usualApi, "/v2/bot/message/push"),
      headers: {
        ...jsonHeaders,
        authorization: `Bearer ${secrets.token ?? ""}`,
        // A repeat of what was taken is answered with 409 and reaches nobody twice.
        "x-line-retry-key": idempotencyKey(job.deliveryId),
      },
      body: JSON.stringify({ to: settings.room ?? "", messages: [{ type: "text", text: textOf(job) }] }),
    } as const;
    return asked(this.#http, ask, (answer) => judged(job, answer));
  }

  async preview(job: Job): Promise<Preview> {
    return { text: textOf(job) };
  }
}

function judged(job: Job, answer: OutgoingResponse): Result {
  if (answer.status === 200) return { kind: "sent" };
  const body = jsonOf(answer.text);
  const isAccepted = answer.headers["x-line-accepted-request-id"] !== undefined;
  if (answer.status === 409 && isAccepted) return { kind: "sent" };
  const message = typeof body["message"] === "string" ? body["message"] : answer.text;
  const problem = detailed(message, body["details"]);
  // The other 429 speaks of too many requests; this one lasts until the month is over.
  if (answer.status === 429 && /monthly limit/iu.test(message)) {
    return failed(`LINE: ${quote(problem)} The account may send no more messages this month.`, { isForGood: true, blame: "channel" });
  }
  const isOurs = answer.status === 400 && /messages\[/u.test(problem);
  return refusedBy(answer, job.at, problem, isOurs ? "message" : "channel");
}

function detailed(message: string, details: unknown): string {
  if (!Array.isArray(details)) return message;
  const said = details.flatMap((one: unknown) => {
    if (typeof one !== "object" || one === null) return [];
    const { property, message: what } = one as { readonly property?: unknown; readonly message?: unknown }; // an object's members may be looked at
    return [[property, what].filter((text) => typeof text === "string").join(": ")];
  });
  return [message, ...said].join(" ");
}
