import { createHash } from "node:crypto";
import PostalMime from "postal-mime";
import type { MailText } from "#ports/mailbox/port";

/** More of a text nobody looks at. */
const longestText = 200_000;

/** What a mail says, whatever its encodings; a mail that is none is a text of its bytes. Never throws. */
export async function mailTextOf(raw: Uint8Array): Promise<MailText> {
  const head = headersOf(raw);
  const id = (head.get("message-id") ?? "").trim().replace(/^<|>$/gu, "");
  const common = {
    id: id === "" ? `sha256:${createHash("sha256").update(raw).digest("hex")}` : id.slice(0, 500),
    subject: oneLine(decodedHeader(head.get("subject") ?? "")),
    autoSubmitted: (head.get("auto-submitted") ?? "").trim().toLowerCase(),
  };
  try {
    const { from, text, html } = await PostalMime.parse(raw, { maxNestingDepth: 50, maxHeadersSize: 1_000_000 });
    const said = text !== undefined && text.trim() !== "" ? text : textOfHtml(html ?? "");
    return { ...common, from: from?.address ?? "", text: plain(said).slice(0, longestText) };
  } catch {
    return { ...common, from: oneLine(decodedHeader(head.get("from") ?? "")), text: plain(latin(raw)).slice(0, longestText) };
  }
}

const latin = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

/** PostgreSQL's texts hold no NUL and no half of a surrogate pair. */
const plain = (text: string): string => text.replaceAll(/[\0\p{Surrogate}]/gu, "\uFFFD").replaceAll("\r\n", "\n");

const oneLine = (text: string): string => plain(text).replaceAll(/\s+/gu, " ").trim();

/** The headers that are looked at, unfolded, each byte a character. */
function headersOf(raw: Uint8Array): ReadonlyMap<string, string> {
  const head = latin(raw.subarray(0, 256 * 1024)).split(/\r?\n\r?\n/u, 1)[0] ?? "";
  const found = new Map<string, string>();
  for (const line of head.replaceAll(/\r?\n[ \t]/gu, " ").split(/\r?\n/u)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    if (colon > 0 && !found.has(name)) found.set(name, line.slice(colon + 1));
  }
  return found;
}

const word = /=\?([^?\s]+)\?([bq])\?([^?\s]*)\?=/giu;

/**
 * Text of a header of encoded words (RFC 2047). Words of one charset that follow each other are joined before they are decoded, since
 * many programs cut in the middle of a character; what stands there without any encoding is ISO-2022-JP when it has its escapes, else UTF-8.
 */
export function decodedHeader(value: string): string {
  const parts: Part[] = [];
  let at = 0;
  for (const match of value.matchAll(word)) {
    const between = value.slice(at, match.index);
    // Blanks between two words are no part of the text.
    const isNext = at > 0 && between.trim() === "";
    if (!isNext) parts.push(bare(between));
    const part = encoded(match);
    const last = parts.at(-1);
    if (isNext && last?.charset === part.charset) last.bytes = Buffer.concat([last.bytes, part.bytes]);
    else parts.push(part);
    at = match.index + match[0].length;
  }
  parts.push(bare(value.slice(at)));
  return parts.map(({ charset, bytes }) => decoded(charset, bytes)).join("");
}

interface Part {
  readonly charset: string;
  bytes: Buffer;
}

const bare = (text: string): Part => ({ charset: text.includes("\u001B") ? "iso-2022-jp" : "utf-8", bytes: Buffer.from(text, "latin1") });

function encoded([, charset = "", encoding = "", text = ""]: RegExpExecArray): Part {
  const bytes = encoding.toLowerCase() === "b" ? Buffer.from(text, "base64") : quoted(text);
  return { charset: charset.toLowerCase().split("*", 1)[0] ?? "", bytes };
}

const quoted = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll("_", " ").replaceAll(/=([0-9a-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    "latin1",
  );

function decoded(charset: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    return new TextDecoder("utf-8").decode(bytes);
  }
}

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** What can be read of HTML: nobody shows it as HTML again. */
export function textOfHtml(html: string): string {
  const stripped = html
    .slice(0, longestText * 5)
    .replaceAll(/<(script|style|head)\b[\s\S]*?(?:<\/\1\s*>|$)/giu, "")
    .replaceAll(/<(?:br|\/p|\/div|\/tr|\/li|\/h[1-6])\b[^>]*>/giu, "\n")
    .replaceAll(/<[^>]*>/gu, "");
  return stripped
    .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,6}));/giu, (all, decimal?: string, hex?: string, name?: string) => {
      const code = decimal !== undefined ? Number(decimal) : hex !== undefined ? Number.parseInt(hex, 16) : undefined;
      if (code !== undefined)
        return code > 0 && code <= 0x10_ff_ff && (code < 0xd8_00 || code > 0xdf_ff) ? String.fromCodePoint(code) : " ";
      return entities[(name ?? "").toLowerCase()] ?? all;
    })
    .replaceAll(/[ \t]+/gu, " ")
    .replaceAll(/\n\s*\n+/gu, "\n")
    .trim();
}
