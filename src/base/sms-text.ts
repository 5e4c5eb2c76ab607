/** How a short message travels: 7-bit letters of GSM, or UCS-2 as soon as one letter is not among them (3GPP TS 23.038). */
type SmsEncoding = "gsm-7" | "ucs-2";

export interface SmsLength {
  readonly encoding: SmsEncoding;
  /** How many messages it is sent as, each of which is paid. */
  readonly segments: number;
}

const basic = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** Each takes the room of two. */
const extended = new Set("^{}\\[~]|€\f");

/** Units of the encoding; a row of parts loses some of each to the numbers of the parts. */
const room = { "gsm-7": { one: 160, part: 153 }, "ucs-2": { one: 70, part: 67 } } as const;

/** How long a text is as a short message. Nothing is cut in the middle of a letter, so a part may stay short by one unit. */
export function smsLength(text: string): SmsLength {
  const letters = [...text];
  const encoding: SmsEncoding = letters.every((letter) => basic.has(letter) || extended.has(letter)) ? "gsm-7" : "ucs-2";
  const sizes = letters.map((letter) => (encoding === "ucs-2" ? letter.length : extended.has(letter) ? 2 : 1));
  const { one, part } = room[encoding];
  if (sizes.reduce((sum, size) => sum + size, 0) <= one) return { encoding, segments: 1 };
  let segments = 1;
  let used = 0;
  for (const size of sizes) {
    if (used + size > part) {
      segments += 1;
      used = 0;
    }
    used += size;
  }
  return { encoding, segments };
}

/** A line and an address, the line cut so that all of it takes at most `most` messages. The address is never cut. */
export function smsText(line: string, url: string, most: number): string {
  const letters = [...line.replaceAll(/\s+/gu, " ").trim()];
  const withUrl = (title: string): string => (url === "" ? title : `${title}\n${url}`);
  const fits = (text: string): boolean => smsLength(text).segments <= most;
  if (fits(withUrl(letters.join("")))) return withUrl(letters.join(""));
  let [low, high] = [0, letters.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(withUrl(`${letters.slice(0, middle).join("").trimEnd()}...`))) low = middle;
    else high = middle - 1;
  }
  return withUrl(`${letters.slice(0, low).join("").trimEnd()}...`);
}
