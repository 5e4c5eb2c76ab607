/** More of a text is not read out: it is some ten minutes of speech. */
export const longestRead = 4000;

/**
 * A text in the form in which it is looked through: NFKC, without control characters, marks that nobody sees, and pictures.
 * @param pause what stands for the end of a line
 */
export function cleaned(text: string, pause: string): string {
  return text
    .slice(0, longestRead)
    .normalize("NFKC")
    .replaceAll(/(?:\r\n|[\r\n\u0085\u2028\u2029\u000b\f])+/gu, pause)
    .replaceAll(/\p{Cc}/gu, " ")
    .replaceAll(/[\p{Cf}\p{Co}\p{Cs}\p{Cn}\p{Extended_Pictographic}\p{Regional_Indicator}\p{Variation_Selector}]/gu, keptPicture)
    .slice(0, longestRead)
    .replace(/[\ud800-\udbff]$/u, "")
    .trim();
}

// Signs that Unicode counts among the pictures and that mean something between words.
const keptPicture = (sign: string): string => (/[#*0-9©®™]/u.test(sign) ? sign : "");

/** Whether there is anything in a text that a voice could say. */
export const isSpeakable = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);
