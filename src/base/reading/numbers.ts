/** A number as texts have it: digits with separators of thousands and decimals. */
export const numberText = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?`;

/** Not in the middle of a longer number, word, version or address. */
export const freshStart = String.raw`(?<![\w.:/-]|\d,)`;

/** As many decimals as anybody can take in by ear: two, or two digits of what is smaller than 0.01. */
export function shortened(text: string): string {
  const plain = text.replaceAll(",", "");
  const decimals = plain.split(".")[1] ?? "";
  if (decimals.length <= 2) return plain;
  const value = Number(plain);
  if (!Number.isFinite(value)) return plain;
  if (value === 0) return "0";
  const digits = value < 0.01 ? Math.min(20, Math.ceil(-Math.log10(value)) + 1) : 2;
  const short = value.toFixed(digits);
  return short.includes(".") ? short.replace(/\.?0+$/u, "") : short;
}

/** Whether a date of the calendar can have these. */
export const isDate = (month: number, day: number): boolean => month >= 1 && month <= 12 && day >= 1 && day <= 31;

export const isTime = (hour: number, minute: number, second = 0): boolean => hour <= 24 && minute <= 59 && second <= 60;

export const isoDateTime =
  /(?<![\w.-])(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\s?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s?(?:Z|UTC|GMT|JST|[+-]\d{2}:?\d{2})?)?(?![\w-]|:\d)/gu;
export const clockTime =
  /(?<![\w.:-])(\d{1,2}):([0-5]\d)(?::([0-5]\d)(?:[.,]\d{1,9})?)?\s?(?:Z\b|UTC\b|GMT\b|JST\b|\+\d{2}:?\d{2}(?!\d))?(?![\w:]|\.\d)/gu;
export const shortDateTime = /(?<![\w./-])(\d{1,2})[/-](\d{1,2}) (\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?![\w:])/gu;
export const version = /(?<![\w.])v?(\d+(?:\.\d+){2,})(?![\w]|\.\d)/giu;
