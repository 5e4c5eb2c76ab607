import type { Job } from "../driver.ts";
import { texts } from "../texts.ts";

/** A notice as lines of text, for chats that know little else. `clean` makes foreign text harmless there. */
export function plainText({ notice, language }: Job, clean: (text: string) => string): { readonly title: string; readonly lines: string } {
  const facts = notice.facts.map(({ label, value }) => `${clean(label)}: ${clean(value)}`);
  const links = notice.actions.map(({ label, url }) => `${clean(label)}: ${url}`);
  const open = notice.url === undefined ? [] : [`${texts[language].open}: ${notice.url}`];
  const blocks = [clean(notice.summary), facts.join("\n"), [...links, ...open].join("\n")];
  return { title: clean(notice.title), lines: blocks.filter((block) => block.trim() !== "").join("\n") };
}
