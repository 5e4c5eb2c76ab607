import { millis } from "#base/duration";
import type { OutgoingHttp, OutgoingRequest, OutgoingResponse } from "#ports/outgoing-http/port";
import { failed, type Driver, type Job, type Preview, type Result } from "../driver.ts";
import { colourOf, cut, texts } from "../texts.ts";
import { asked, below, jsonHeaders, jsonOf, quote, refusedBy } from "./asking.ts";
import { imageOf } from "./slack-message.ts";

/** discord.com/developers/docs/resources/message#embed-object-embed-limits; all of an embed's texts together have 6,000. */
const most = { content: 2000, title: 256, description: 3000, fields: 25, name: 256, value: 1024, all: 5800 } as const;

/** Foreign text as it is: what Discord reads as markup stands behind a backslash, what it reads as a mention is broken. */
const clean = (text: string): string =>
  text
    .replaceAll(/[\\*_~`|[\]<]/gu, "\\$&")
    .replaceAll(/^(\s*)([>#-])/gmu, "$1\\$2")
    .replaceAll("@", "@\u200B");

const isLink = (url: string): boolean => /^https?:\/\/[^\s()<>]+$/u.test(url);

interface Mentions {
  readonly parse: readonly string[];
  readonly users?: readonly string[];
  readonly roles?: readonly string[];
}

/** Only what somebody typed at the channel may call anybody; whatever stands in an alert calls nobody. */
function mentionsOf(typed: string): Mentions {
  const ids = (pattern: RegExp): string[] => [...new Set([...typed.matchAll(pattern)].map(([, id]) => id ?? ""))];
  const users = ids(/<@!?(\d{1,20})>/gu);
  const roles = ids(/<@&(\d{1,20})>/gu);
  return {
    parse: /@(?:everyone|here)\b/u.test(typed) ? ["everyone"] : [],
    ...(users.length === 0 ? {} : { users }),
    ...(roles.length === 0 ? {} : { roles }),
  };
}

export function discordMessage(job: Job): Readonly<Record<string, unknown>> {
  const { notice, channel } = job;
  const typed = (notice.mention === undefined ? undefined : channel?.settings.mentions?.[notice.mention]) ?? "";
  const content = [typed, `**${cut(clean(notice.title), most.content - typed.length - 8)}**`].filter((text) => text !== "").join(" ");
  const image = channel?.settings.enabledGraphImage === true ? imageOf(notice) : undefined;
  const description = descriptionOf(job);
  return {
    content,
    allowed_mentions: mentionsOf(typed),
    embeds: [
      {
        color: Number.parseInt(colourOf(notice).slice(1), 16),
        timestamp: new Date(job.at).toISOString(),
        ...(notice.url !== undefined && isLink(notice.url) ? { title: texts[job.language].open, url: notice.url } : {}),
        ...(description === "" ? {} : { description }),
        fields: fieldsOf(job, most.all - description.length),
        ...(image === undefined ? {} : { image: { url: image } }),
      },
    ],
  };
}

function descriptionOf({ notice, language }: Job): string {
  const links = notice.actions.filter(({ url }) => isLink(url)).map(({ label, url }) => `[${clean(label)}](${url})`);
  const summary = cut(clean(notice.summary), most.description, texts[language].cut);
  return [summary, links.join(" · ")].filter((text) => text.trim() !== "").join("\n\n");
}

function fieldsOf({ notice }: Job, room: number): object[] {
  const fields: object[] = [];
  let left = room;
  for (const { label, value } of notice.facts.slice(0, most.fields)) {
    const field = {
      name: cut(clean(label), most.name) || "\u200B",
      value: cut(clean(value), most.value) || "\u200B",
      inline: value.length < 30,
    };
    left -= field.name.length + field.value.length;
    if (left < 0) break;
    fields.push(field);
  }
  return fields;
}

/** A webhook of a Discord channel: posts, and edits what it posted. */
export class DiscordDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  send(job: Job): Promise<Result> {
    return this.#call(job, "POST", "");
  }

  async edit(job: Job, place: string): Promise<Result> {
    const { id } = jsonOf(place);
    if (typeof id !== "string" || !/^\d+$/u.test(id)) {
      return failed("It is not known where the post stands.", { isForGood: true, blame: "message" });
    }
    return this.#call(job, "PATCH", `/messages/${id}`);
  }

  async preview(job: Job): Promise<Preview> {
    const message = discordMessage(job);
    return { text: String(message["content"]), body: JSON.stringify(message, undefined, 2) };
  }

  #call(job: Job, method: OutgoingRequest["method"], path: string): Promise<Result> {
    const typed = job.channel?.secrets.url ?? "";
    if (!URL.canParse(typed)) return Promise.resolve(failed("The address of the webhook is none.", { isForGood: true, blame: "channel" }));
    const url = new URL(typed);
    url.pathname = below(url.pathname, path);
    url.searchParams.set("wait", "true"); // answered with the message, so that it can be edited
    const body = JSON.stringify(discordMessage(job));
    return asked(this.#http, { method, url: url.href, headers: jsonHeaders, body }, (answer) => judged(job, answer));
  }
}

/** Codes that speak of one message (discord.com/developers/docs/topics/opcodes-and-status-codes). */
const ofTheMessage: ReadonlySet<unknown> = new Set([10_008, 50_005, 50_006, 50_035]);

function judged(job: Job, answer: OutgoingResponse): Result {
  const body = jsonOf(answer.text);
  if (answer.status === 200 || answer.status === 204) {
    return { kind: "sent", ...(typeof body["id"] === "string" ? { place: JSON.stringify({ id: body["id"] }) } : {}) };
  }
  const { code, message, retry_after: wait } = body;
  const said = quote(typeof message === "string" ? message : answer.text);
  if (answer.status === 429 && typeof wait === "number" && wait >= 0 && wait < 1e6) {
    return failed(`HTTP 429: ${said}`, { isForGood: false, blame: "channel", retryAfter: millis(Math.ceil(wait * 1000)) });
  }
  return refusedBy(answer, job.at, said, ofTheMessage.has(code) ? "message" : "channel");
}
