import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { Driver, Job, Preview, Result } from "../driver.ts";
import { cut, texts } from "../texts.ts";
import { asked, below, jsonHeaders, jsonOf, refusedBy, type Ask } from "./asking.ts";
import { plainText } from "./plain-text.ts";

const longest = 9500;
const colours = { bad: "red", good: "green", neutral: "gray" } as const;

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

function bodyOf(job: Job): object {
  const { title, lines } = plainText(job, (text) => text);
  const { notice } = job;
  const colour = notice.tone === "bad" && notice.severity === "warning" ? "yellow" : colours[notice.tone];
  const text = cut(`${title}\n${lines}`, longest / 2, texts[job.language].cut);
  const html = escape(text)
    .replaceAll(/https?:\/\/[^\s<>"]+/gu, (url) => `<a href="${url}">${url}</a>`)
    .replaceAll("\n", "<br>");
  return { message: cut(html, longest), color: colour, notify: notice.tone === "bad", message_format: "html", from: "Hinoban" };
}

/** HipChat's API v2, as servers of one's own and what looks like them still speak it. */
export class HipchatDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  send(job: Job): Promise<Result> {
    const { settings, secrets } = job.channel ?? { settings: {}, secrets: {} };
    const { verifiesTls } = settings;
    const ask: Ask = {
      method: "POST",
      url: below(settings.serverUrl ?? "", `/v2/room/${encodeURIComponent(settings.room ?? "")}/notification`),
      headers: { ...jsonHeaders, authorization: `Bearer ${secrets.token ?? ""}` },
      body: JSON.stringify(bodyOf(job)),
      ...(verifiesTls === undefined ? {} : { verifiesTls }),
    };
    return asked(this.#http, ask, (answer) => {
      if (answer.status >= 200 && answer.status < 300) return { kind: "sent" };
      const { error } = jsonOf(answer.text);
      const said = typeof error === "object" && error !== null && "message" in error ? String(error.message) : answer.text;
      return refusedBy(answer, job.at, said, answer.status === 400 ? "message" : "channel");
    });
  }

  async preview(job: Job): Promise<Preview> {
    return { text: plainText(job, (text) => text).lines, body: JSON.stringify(bodyOf(job), undefined, 2) };
  }
}
