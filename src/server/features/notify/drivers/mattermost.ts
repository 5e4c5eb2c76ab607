import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import { failed, type Driver, type Job, type Preview, type Result } from "../driver.ts";
import { asked, below, jsonHeaders, jsonOf, quote, refusedBy, type Ask } from "./asking.ts";
import { mattermostMessage } from "./mattermost-message.ts";

/** An incoming webhook: no id comes back, so its posts stay as they are. */
export class MattermostWebhookDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;
  readonly #publicUrl: string;

  constructor(http: OutgoingHttp, publicUrl: string) {
    this.#http = http;
    this.#publicUrl = publicUrl;
  }

  send(job: Job): Promise<Result> {
    const { message, attachments } = mattermostMessage(job, this.#publicUrl);
    const { room, verifiesTls } = job.channel?.settings ?? {};
    const ask: Ask = {
      method: "POST",
      url: job.channel?.secrets.url ?? "",
      headers: jsonHeaders,
      body: JSON.stringify({ text: message, attachments, ...(room === undefined || room === "" ? {} : { channel: room }) }),
      ...(verifiesTls === undefined ? {} : { verifiesTls }),
    };
    return asked(this.#http, ask, (answer) => (isOk(answer) ? { kind: "sent" } : refused(job, answer)));
  }

  async preview(job: Job): Promise<Preview> {
    return previewOf(job, this.#publicUrl);
  }
}

function previewOf(job: Job, publicUrl: string): Preview {
  const { message, attachments } = mattermostMessage(job, publicUrl);
  return { text: message, body: JSON.stringify({ message, props: { attachments } }, undefined, 2) };
}

const isOk = ({ status }: OutgoingResponse): boolean => status >= 200 && status < 300;

/** Faults of one message: its length, its attachments, the thread that it answers to, the post that is gone. */
const ofTheMessage = /model[.]post[.]is_valid|root_id|post[.]get/u;

function refused(job: Job, answer: OutgoingResponse): Result {
  const { id, message } = jsonOf(answer.text);
  const isOurs = typeof id === "string" && ofTheMessage.test(id);
  return refusedBy(answer, job.at, typeof message === "string" ? message : answer.text, isOurs ? "message" : "channel");
}

/** A bot account: posts into threads, writes to people, and edits what it posted. */
export class MattermostBotDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;
  readonly #publicUrl: string;

  constructor(http: OutgoingHttp, publicUrl: string) {
    this.#http = http;
    this.#publicUrl = publicUrl;
  }

  async send(job: Job): Promise<Result> {
    const { message, attachments } = mattermostMessage(job, this.#publicUrl);
    let channelId = job.channel?.settings.room ?? "";
    if (job.personId !== undefined) {
      const direct = await this.#directChannel(job, job.targets[0]?.address ?? "");
      if (typeof direct !== "string") return direct;
      channelId = direct;
    }
    const root = placeOf(job.root);
    const post = { channel_id: channelId, message, props: { attachments } };
    return this.#call(job, "POST", "/posts", { ...post, ...(root === undefined ? {} : { root_id: root }) }, (answer) => {
      const { id } = jsonOf(answer.text);
      return typeof id === "string" ? { kind: "sent", place: JSON.stringify({ post: id }) } : { kind: "sent" };
    });
  }

  async edit(job: Job, at: string): Promise<Result> {
    const id = placeOf(at);
    if (id === undefined) return failed("It is not known where the post stands.", { isForGood: true, blame: "message" });
    const { message, attachments } = mattermostMessage(job, this.#publicUrl);
    const sent = (): Result => ({ kind: "sent" });
    return this.#call(job, "PUT", `/posts/${encodeURIComponent(id)}/patch`, { message, props: { attachments } }, sent);
  }

  async preview(job: Job): Promise<Preview> {
    return previewOf(job, this.#publicUrl);
  }

  /** The channel of the bot and one person; it is made when there is none yet. */
  async #directChannel(job: Job, userId: string): Promise<string | Result> {
    let found = "";
    const me = await this.#call(job, "GET", "/users/me", undefined, (answer) => {
      found = idOf(jsonOf(answer.text));
      return { kind: "sent" };
    });
    if (me.kind === "failed") return me;
    const direct = await this.#call(job, "POST", "/channels/direct", [found, userId], (answer) => {
      found = idOf(jsonOf(answer.text));
      return { kind: "sent" };
    });
    if (direct.kind === "failed") return direct;
    return found === "" ? failed("Mattermost named no channel to this person.", { isForGood: false, blame: "channel" }) : found;
  }

  #call(
    job: Job,
    method: Ask["method"],
    path: string,
    body: object | undefined,
    sent: (answer: OutgoingResponse) => Result,
  ): Promise<Result> {
    const { settings, secrets } = job.channel ?? { settings: {}, secrets: {} };
    const { verifiesTls } = settings;
    const ask: Ask = {
      method,
      url: below(settings.serverUrl ?? "", `/api/v4${path}`),
      headers: { ...jsonHeaders, authorization: `Bearer ${secrets.token ?? ""}` },
      body: body === undefined ? "" : JSON.stringify(body),
      ...(verifiesTls === undefined ? {} : { verifiesTls }),
    };
    return asked(this.#http, ask, (answer) => {
      if (isOk(answer)) return sent(answer);
      return answer.status === 404 && quote(answer.text) === ""
        ? failed("HTTP 404", { isForGood: true, blame: "channel" })
        : refused(job, answer);
    });
  }
}

function placeOf(text: string | undefined): string | undefined {
  const post = text === undefined ? undefined : jsonOf(text)["post"];
  return typeof post === "string" ? post : undefined;
}

/** What the server made has an id; anything else has none. */
const idOf = (made: Readonly<Record<string, unknown>>): string => (typeof made["id"] === "string" ? made["id"] : "");
