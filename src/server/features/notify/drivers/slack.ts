import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import { failed, type Driver, type Job, type Preview, type Result } from "../driver.ts";
import { asked, below, jsonHeaders, jsonOf, quote, refusedBy } from "./asking.ts";
import { slackMessage } from "./slack-message.ts";

const usualApi = "https://slack.com/api";

/** An incoming webhook: posts and forgets. */
export class SlackWebhookDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  send(job: Job): Promise<Result> {
    const url = job.channel?.secrets.url ?? "";
    const body = JSON.stringify(slackMessage(job, "link"));
    return asked(this.#http, { method: "POST", url, headers: jsonHeaders, body }, (answer) => {
      if (answer.status === 200) return { kind: "sent" };
      // These speak of what was posted; everything else of the webhook itself.
      const isOurs = /^(?:invalid_payload|invalid_blocks|no_text|msg_too_long|too_many_attachments)/u.test(answer.text);
      return refusedBy(answer, job.at, answer.text, isOurs ? "message" : "channel");
    });
  }

  async preview(job: Job): Promise<Preview> {
    return previewOf(job, "link");
  }
}

const previewOf = (job: Job, buttons: "act" | "link"): Preview => {
  const message = slackMessage(job, buttons);
  return { text: message.text, body: JSON.stringify(message, undefined, 2) };
};

/** Errors that say something of one message and nothing of the bot (docs.slack.dev/reference/methods/chat.postMessage). */
const ofTheMessage: ReadonlySet<string> = new Set([
  "no_text",
  "msg_too_long",
  "invalid_blocks",
  "invalid_blocks_format",
  "too_many_attachments",
  "invalid_attachments",
  "message_not_found",
  "cant_update_message",
  "edit_window_closed",
]);
const passing: ReadonlySet<string> = new Set([
  "ratelimited",
  "rate_limited",
  "internal_error",
  "fatal_error",
  "service_unavailable",
  "request_timeout",
]);

/** A bot: posts into threads, writes to people, and edits what it posted. */
export class SlackBotDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  send(job: Job): Promise<Result> {
    const place = placeOf(job.root);
    const channel = job.personId === undefined ? (job.channel?.settings.room ?? "") : (job.targets[0]?.address ?? "");
    const thread = place === undefined ? {} : { thread_ts: place.ts };
    const message = { channel, ...slackMessage(job, "act"), ...thread, unfurl_links: false, unfurl_media: false };
    return this.#call(job, "chat.postMessage", message);
  }

  async edit(job: Job, at: string): Promise<Result> {
    const place = placeOf(at);
    if (!place) return failed("It is not known where the post stands.", { isForGood: true, blame: "message" });
    return this.#call(job, "chat.update", { ...place, ...slackMessage(job, "act"), blocks: [] });
  }

  async preview(job: Job): Promise<Preview> {
    return previewOf(job, "act");
  }

  #call(job: Job, method: string, message: object): Promise<Result> {
    const { settings, secrets } = job.channel ?? { settings: {}, secrets: {} };
    const ask = {
      method: "POST",
      url: below(settings.serverUrl ?? usualApi, `/${method}`),
      headers: { ...jsonHeaders, authorization: `Bearer ${secrets.token ?? ""}` },
      body: JSON.stringify(message),
    } as const;
    return asked(this.#http, ask, (answer) => judged(job, answer));
  }
}

/** Slack answers 200 whatever it thinks of a request. */
function judged(job: Job, answer: OutgoingResponse): Result {
  const body = jsonOf(answer.text);
  if (answer.status === 200 && body["ok"] === true) {
    return { kind: "sent", place: JSON.stringify({ channel: body["channel"], ts: body["ts"] }) };
  }
  const error = typeof body["error"] === "string" ? body["error"] : "";
  if (answer.status !== 200) return refusedBy(answer, job.at, error);
  if (error === "") return failed(`Slack's answer cannot be read: ${quote(answer.text)}`, { isForGood: false, blame: "channel" });
  const isForGood = !passing.has(error);
  return failed(`Slack: ${quote(error)}`, { isForGood, blame: isForGood && ofTheMessage.has(error) ? "message" : "channel" });
}

function placeOf(text: string | undefined): { readonly channel: string; readonly ts: string } | undefined {
  if (text === undefined) return undefined;
  const { channel, ts } = jsonOf(text);
  return typeof channel === "string" && typeof ts === "string" ? { channel, ts } : undefined;
}
