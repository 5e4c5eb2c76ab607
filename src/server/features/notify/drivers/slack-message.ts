import { chatActionId } from "#wire/notify";
import type { Job } from "../driver.ts";
import type { Notice } from "../model.ts";
import { colourOf, cut, texts } from "../texts.ts";

/** https://docs.slack.dev/reference/block-kit */
const most = { text: 3000, header: 150, field: 2000, fields: 10, label: 75, sections: 4, notification: 3000 } as const;

/** Slack's own escaping: these three and no others. */
export const escapeSlack = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const plain = (text: string, length: number) =>
  ({ type: "plain_text", text: cut(text === "" ? " " : text, length), emoji: false }) as const;

/** `@here` as people type it, and Slack's own `<!here>` and `<@U123>` as they are. */
function mentionOf(typed: string): string {
  return typed.replaceAll(/(^|\s)@(here|channel|everyone)\b/gu, "$1<!$2>");
}

export interface SlackMessage {
  readonly text: string;
  readonly attachments: readonly [{ readonly color: string; readonly fallback: string; readonly blocks: readonly object[] }];
}

/**
 * A notice as Slack shows it. The line on top is what telephones show; everything foreign in the blocks is plain text, which Slack does not
 * read as markup.
 * @param buttons `act`: presses come back to us; `link`: they open pages, for webhooks that nobody answers
 */
export function slackMessage(job: Job, buttons: "act" | "link"): SlackMessage {
  const { notice } = job;
  const typed = notice.mention === undefined ? undefined : job.channel?.settings.mentions?.[notice.mention];
  const mentions = [...(typed === undefined ? [] : [mentionOf(typed)]), ...job.mentioned.map((id) => `<@${id}>`)];
  const title = cut(escapeSlack(notice.title), most.notification);
  return {
    text: [...mentions, title].join(" "),
    attachments: [{ color: colourOf(notice), fallback: title, blocks: blocksOf(job, buttons) }],
  };
}

function blocksOf({ notice, channel, language }: Job, buttons: "act" | "link"): object[] {
  const blocks: object[] = [];
  if (notice.summary.trim() !== "") blocks.push({ type: "section", text: plain(notice.summary, most.text) });
  const fields = notice.facts.slice(0, most.fields * most.sections).map(({ label, value }) => plain(`${label}\n${value}`, most.field));
  for (let begin = 0; begin < fields.length; begin += most.fields) {
    blocks.push({ type: "section", fields: fields.slice(begin, begin + most.fields) });
  }
  const image = imageOf(notice);
  if (image !== undefined && channel?.settings.enabledGraphImage === true) {
    blocks.push({ type: "image", image_url: image, alt_text: cut(notice.title, 200) });
  }
  const elements = buttonsOf(notice, language, buttons);
  if (elements.length > 0) blocks.push({ type: "actions", elements });
  // An attachment must show something.
  if (blocks.length === 0) blocks.push({ type: "section", text: plain(notice.title, most.text) });
  return blocks;
}

/** The picture has an address only when somebody drew it for a webhook. */
export function imageOf({ mackerel }: Notice): string | undefined {
  const url = mackerel?.["imageUrl"];
  return typeof url === "string" && /^https?:\/\//u.test(url) ? url : undefined;
}

function buttonsOf(notice: Notice, language: Job["language"], buttons: "act" | "link"): object[] {
  const elements: object[] = notice.actions.map(({ action, label, url, token }, index) => ({
    type: "button",
    action_id: chatActionId(action),
    text: plain(label, most.label),
    ...(buttons === "act" ? { value: token } : { url }),
    ...(index === 0 ? { style: "primary" } : {}),
  }));
  if (notice.url !== undefined && /^https?:\/\//u.test(notice.url)) {
    elements.push({ type: "button", action_id: chatActionId("open"), text: plain(texts[language].open, most.label), url: notice.url });
  }
  return elements;
}
