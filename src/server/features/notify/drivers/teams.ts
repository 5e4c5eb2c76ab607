import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { Driver, Job, Preview, Result } from "../driver.ts";
import { cut, texts } from "../texts.ts";
import { asked, jsonHeaders, jsonOf, refusedBy } from "./asking.ts";
import { imageOf } from "./slack-message.ts";

/** About 28 KB are said to pass, 21 KB were seen to be too many. */
const mostBytes = 20_000;
const most = { title: 500, summary: 4000, facts: 30, value: 600, label: 100, actions: 6 } as const;

/** Colours by the card's own names (adaptivecards.io/explorer/TextRun). */
const colours = { information: "Accent", warning: "Warning", error: "Attention", critical: "Attention" } as const;

/** A line that shows what stands in it: TextRun, other than TextBlock, knows no markup. */
const line = (...runs: readonly object[]) => ({ type: "RichTextBlock", inlines: runs });
const run = (text: string, more: object = {}) => ({ type: "TextRun", text: text === "" ? " " : text, ...more });

function cardOf({ notice, language, channel }: Job, facts: number, summary: number): object {
  const color = notice.tone === "good" ? "Good" : notice.tone === "neutral" ? "Default" : colours[notice.severity];
  const image = channel?.settings.enabledGraphImage === true ? imageOf(notice) : undefined;
  const links = [
    ...notice.actions.map(({ label, url }) => ({ title: label, url })),
    ...(notice.url === undefined ? [] : [{ title: texts[language].open, url: notice.url }]),
  ].filter(({ url }) => /^https?:\/\//u.test(url));
  const shown = notice.facts.slice(0, facts);
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: "1.4",
    fallbackText: cut(notice.title, most.title),
    msteams: { width: "Full" },
    body: [
      line(run(cut(notice.title, most.title), { weight: "Bolder", size: "Medium", color })),
      ...(notice.summary.trim() === "" ? [] : [line(run(cut(notice.summary, summary)))]),
      ...shown.map(({ label, value }) =>
        line(run(`${cut(label, most.label)}: `, { weight: "Bolder" }), run(cut(value.replaceAll("\n", " "), most.value))),
      ),
      ...(shown.length < notice.facts.length ? [line(run(texts[language].cut, { isSubtle: true }))] : []),
      ...(image === undefined ? [] : [{ type: "Image", url: image, altText: cut(notice.title, most.label) }]),
    ],
    actions: links.slice(0, most.actions).map(({ title, url }) => ({ type: "Action.OpenUrl", title: cut(title, most.label), url })),
  };
}

/** The message as a workflow takes it, with as many facts as fit. */
function messageOf(job: Job): string {
  const message = (facts: number, summary: number): string =>
    JSON.stringify({
      type: "message",
      attachments: [{ contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content: cardOf(job, facts, summary) }],
    });
  let facts = Math.min(most.facts, job.notice.facts.length);
  let summary: number = most.summary;
  for (;;) {
    const text = message(facts, summary);
    if (Buffer.byteLength(text) <= mostBytes) return text;
    if (facts > 0) facts -= 1;
    else if (summary > 200) summary = Math.floor(summary / 2);
    else return text;
  }
}

/** Microsoft Teams through a workflow that begins "when a Teams webhook request is received": posts and forgets. */
export class TeamsDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  send(job: Job): Promise<Result> {
    const url = job.channel?.secrets.url ?? "";
    return asked(this.#http, { method: "POST", url, headers: jsonHeaders, body: messageOf(job) }, (answer) => {
      // 202: the flow has begun. What becomes of the card nobody is told.
      if (answer.status >= 200 && answer.status < 300) return { kind: "sent" };
      const error = jsonOf(answer.text)["error"];
      const said = typeof error === "object" && error !== null && "message" in error ? String(error.message) : answer.text;
      return refusedBy(answer, job.at, said, answer.status === 413 ? "message" : "channel");
    });
  }

  async preview(job: Job): Promise<Preview> {
    return { text: job.notice.title, body: JSON.stringify(JSON.parse(messageOf(job)), undefined, 2) };
  }
}
