import { escapeXml } from "#base/chart/text";

/** A share link in the forms in which it is put somewhere. */
export interface Snippets {
  readonly address: string;
  readonly picture: string;
  readonly html: string;
  readonly markdown: string;
}

/** @param address the whole address of the link, without an ending */
export function snippetsOf(address: string, size: { readonly width: number; readonly height: number }, label: string): Snippets {
  const title = escapeXml(label);
  const words = label.replaceAll(/[[\]\\]/gu, "\\$&").replaceAll(/\s+/gu, " ");
  return {
    address,
    picture: `${address}.png`,
    html: `<iframe src="${address}" width="${size.width}" height="${size.height}" frameborder="0" title="${title}"></iframe>`,
    markdown: `[![${words}](${address}.png)](${address})`,
  };
}
