import { millis, seconds } from "#base/duration";
import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import { failed, type Driver, type Job, type Preview, type Result } from "../driver.ts";
import { cut, texts } from "../texts.ts";
import { asked, below, jsonOf, quote, refusedBy } from "./asking.ts";
import { plainText } from "./plain-text.ts";

const usualApi = "https://api.chatwork.com/v2";
/** 40,000 characters passed and 80,000 did not; nobody reads as many. */
const longest = 20_000;

/** There is no escaping in Chatwork's notation: a bracket that begins a tag is written as its full-width twin. */
const clean = (text: string): string => text.replaceAll("[", "［").replaceAll("]", "］");

function bodyOf(job: Job): string {
  const { title, lines } = plainText(job, clean);
  const typed = job.notice.mention === undefined ? undefined : job.channel?.settings.mentions?.[job.notice.mention];
  const text = `[info][title]${title}[/title]${cut(lines, longest, texts[job.language].cut)}[/info]`;
  return typed === undefined || typed === "" ? text : `${typed}\n${text}`;
}

/** Chatwork's API v2: a message in a room. */
export class ChatworkDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  send(job: Job): Promise<Result> {
    const { settings, secrets } = job.channel ?? { settings: {}, secrets: {} };
    const ask = {
      method: "POST",
      url: below(settings.serverUrl ?? usualApi, `/rooms/${encodeURIComponent(settings.room ?? "")}/messages`),
      headers: { "content-type": "application/x-www-form-urlencoded", "x-chatworktoken": secrets.token ?? "" },
      body: new URLSearchParams({ body: bodyOf(job), self_unread: "1" }).toString(),
    } as const;
    return asked(this.#http, ask, (answer) => judged(job, answer));
  }

  async preview(job: Job): Promise<Preview> {
    return { text: bodyOf(job) };
  }
}

function judged(job: Job, answer: OutgoingResponse): Result {
  if (answer.status === 200) return { kind: "sent" };
  const { errors } = jsonOf(answer.text);
  const said = quote(Array.isArray(errors) ? errors.join(" ") : answer.text);
  // It names the moment of its next window in unix seconds instead of Retry-After.
  const reset = Number(answer.headers["x-ratelimit-reset"] ?? "");
  if (answer.status === 429 && reset > 0) {
    const wait = Math.max(seconds(1), reset * 1000 - job.at);
    return failed(`HTTP 429: ${said}`, { isForGood: false, blame: "channel", retryAfter: millis(wait) });
  }
  return refusedBy(answer, job.at, said, answer.status === 400 ? "message" : "channel");
}
