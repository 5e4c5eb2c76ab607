import { chatActionId, mattermostActionsPath } from "#wire/notify";
import type { Job } from "../driver.ts";
import { colourOf, cut, texts } from "../texts.ts";
import { below } from "./asking.ts";

/** Characters of a post on servers of version 5 and later; the rest stays free for mentions and links. */
const most = { message: 15_000, text: 6000, value: 1500, facts: 20 } as const;

/**
 * Foreign text in Markdown: nothing of it is markup, and nobody's name in it calls anybody. A zero-width space behind an `@` breaks the
 * mention and is not seen.
 */
export const escapeMarkdown = (text: string): string => text.replaceAll(/[\\`*_{}[\]()#+\-.!|~<>:]/gu, "\\$&").replaceAll("@", "@\u200b");

const isLink = (url: string | undefined): url is string => url !== undefined && /^https?:\/\//u.test(url);

export interface MattermostMessage {
  readonly message: string;
  readonly attachments: readonly object[];
}

/** A notice as Mattermost shows it; presses of its buttons come to us from Mattermost's own server. */
export function mattermostMessage(job: Job, publicUrl: string): MattermostMessage {
  const { notice, channel } = job;
  const typed = notice.mention === undefined ? undefined : channel?.settings.mentions?.[notice.mention];
  const mentions = [...(typed === undefined ? [] : [typed]), ...job.mentioned.map((name) => `@${name}`)];
  const title = escapeMarkdown(notice.title);
  const actions = publicUrl === "" ? [] : buttonsOf(job, publicUrl);
  const image = imageOf(job);
  return {
    message: cut([...mentions, title].join(" "), most.message),
    attachments: [
      {
        fallback: title,
        color: colourOf(notice),
        text: textOf(job, publicUrl === ""),
        fields: notice.facts.slice(0, most.facts).map(({ label, value }) => ({
          short: value.length <= 40,
          title: escapeMarkdown(label),
          value: cut(escapeMarkdown(value), most.value),
        })),
        ...(image === undefined ? {} : { image_url: image }),
        ...(actions.length > 0 ? { actions } : {}),
      },
    ],
  };
}

function buttonsOf({ notice, channel }: Job, publicUrl: string): object[] {
  return notice.actions.map(({ action, label, token }, index) => ({
    // Letters and digits alone: others break the way back in some versions.
    id: chatActionId(action).replaceAll(/[^A-Za-z0-9]/gu, ""),
    type: "button",
    name: label,
    style: index === 0 ? "primary" : "default",
    integration: { url: below(publicUrl, mattermostActionsPath(channel?.id ?? "")), context: { action, token } },
  }));
}

/** @param withLinks without an address to come back to, buttons would only fail: then links lead to the same acts */
function textOf({ notice, language }: Job, withLinks: boolean): string {
  const link = (label: string, url: string): string => `[${escapeMarkdown(label)}](${url})`;
  const acts = withLinks ? notice.actions.filter(({ url }) => isLink(url)).map(({ label, url }) => link(label, url)) : [];
  const open = isLink(notice.url) ? [link(texts[language].open, notice.url)] : [];
  const parts = [cut(escapeMarkdown(notice.summary), most.text), [...acts, ...open].join(" · ")];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** The picture has an address only when somebody drew it for a webhook. */
function imageOf({ notice, channel }: Job): string | undefined {
  const image = notice.mackerel?.["imageUrl"];
  return channel?.settings.enabledGraphImage === true && typeof image === "string" && isLink(image) ? image : undefined;
}
