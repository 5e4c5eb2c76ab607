import { createHash } from "node:crypto";
import { chartColours } from "#base/chart/palette";
import { escapeXml } from "#base/chart/text";
import type { PictureScheme } from "#wire/sharing";
import type { Language } from "#wire/shapes";

const styleOf = (scheme: PictureScheme): string => {
  const { surface, dimmed } = chartColours[scheme];
  return (
    `html{color-scheme:${scheme};background:${surface}}body{margin:0;color:${dimmed};font:14px/1.6 system-ui,sans-serif}` +
    "svg{display:block;width:100%;height:100vh}main{padding:1rem;text-align:center}a{color:inherit}"
  );
};

const sourceOf = (style: string): string => `'sha256-${createHash("sha256").update(style, "utf8").digest("base64")}'`;

/** What a page of ours may do: show itself, in anybody's frame. No scripts, nothing from elsewhere. */
export const policyOf = (scheme: PictureScheme): string =>
  `default-src 'none'; style-src ${sourceOf(styleOf(scheme))}; base-uri 'none'; form-action 'none'; frame-ancestors *`;

interface PageOptions {
  readonly title: string;
  readonly language: Language;
  readonly scheme: PictureScheme;
  /** Seconds after which the page loads itself anew; none for one that will not change. */
  readonly refresh?: number;
}

function page({ title, language, scheme, refresh }: PageOptions, body: string): string {
  const again = refresh === undefined ? "" : `<meta http-equiv="refresh" content="${refresh}">`;
  return (
    `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">` +
    `${again}<title>${escapeXml(title)}</title><style>${styleOf(scheme)}</style></head><body>${body}</body></html>\n`
  );
}

/** A page that is nothing but a graph and keeps itself current. @param href where the graph leads, for members */
export function graphPage(svg: string, options: PageOptions & { readonly href?: string }): string {
  const { href } = options;
  return page(options, href === undefined ? svg : `<a href="${escapeXml(href)}" target="_blank" rel="noopener">${svg}</a>`);
}

/** A page that says why there is no graph, in both languages. */
export function problemPage(
  texts: Readonly<Record<Language, string>>,
  options: Omit<PageOptions, "title" | "language">,
  href?: string,
): string {
  const link = href === undefined ? "" : `<p><a href="${escapeXml(href)}" target="_blank" rel="noopener">Hinoban</a></p>`;
  const body = `<main><p lang="en">${escapeXml(texts.en)}</p><p lang="ja">${escapeXml(texts.ja)}</p>${link}</main>`;
  return page({ ...options, title: "Hinoban", language: "en" }, body);
}
