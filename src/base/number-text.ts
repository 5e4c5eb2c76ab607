/** Units of graphs, named as Mackerel's graph definitions name them. */
export type Unit = "float" | "integer" | "percentage" | "seconds" | "milliseconds" | "bytes" | "bytes/sec" | "bits/sec" | "iops";

/** The languages that numbers and names are written in. */
export type TextLanguage = "en" | "ja";

const locales: Readonly<Record<TextLanguage, string>> = { en: "en-US", ja: "ja-JP" };

const binaryPrefixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const siPrefixes = ["", "k", "M", "G", "T", "P", "E"];

interface Scaled {
  readonly number: number;
  readonly prefix: string;
}

function scale(value: number, base: number, prefixes: readonly string[]): Scaled {
  let number = value;
  let at = 0;
  // 0.9995 and not 1: what would be printed as 1000 of one prefix is 1 of the next.
  while (Math.abs(number) >= base * 0.9995 && at < prefixes.length - 1) {
    number /= base;
    at += 1;
  }
  return { number, prefix: prefixes[at] ?? "" };
}

/** How numbers are written, with and without their units; no zeros at the end. Each has an example. */
export interface NumberTexts {
  /** "1 d 2 h", "5 min", "300 ms" */
  duration(milliseconds: number): string;
  /** "12,345" */
  count(value: number): string;
  /** "0.52", always two decimals, for values that are compared in a column */
  decimal(value: number): string;
  /** "1.5 k", "23.4 M"; small values keep their digits: "0.0123" */
  si(value: number): string;
  /** "93.4 %"; the value is already a percentage */
  percent(value: number): string;
  /** "1.5 GiB" */
  bytes(value: number): string;
  /** "1.5 MiB/s" */
  bytesPerSecond(value: number): string;
  /** "12.3 Mbit/s" */
  bitsPerSecond(value: number): string;
  /** Any value with its unit: "1.5 GiB", "93.4 %" */
  value(value: number, unit: Unit): string;
}

/** Makes the number formats of a language. Costs about a millisecond, so keep the result. */
export function numberTexts(language: TextLanguage): NumberTexts {
  const locale = locales[language];
  const three = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const hundredth = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const tenth = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

  const scaled = (value: number, base: number, prefixes: readonly string[], unit: string): string => {
    const { number, prefix } = scale(value, base, prefixes);
    const digits = prefix === "" && Number.isInteger(number) ? whole.format(number) : three.format(number);
    const suffix = `${prefix}${unit}`;
    return suffix === "" ? digits : `${digits} ${suffix}`;
  };
  const bytes = (value: number): string => scaled(value, 1024, binaryPrefixes, "B");
  const bytesPerSecond = (value: number): string => scaled(value, 1024, binaryPrefixes, "B/s");
  const bitsPerSecond = (value: number): string => scaled(value, 1000, siPrefixes, "bit/s");
  const si = (value: number): string => scaled(value, 1000, siPrefixes, "");
  const percent = (value: number): string => `${Math.abs(value) < 10 ? three.format(value) : tenth.format(value)} %`;
  const duration = (value: number): string => durationText(value, language, three);
  const byUnit: Readonly<Record<Unit, (value: number) => string>> = {
    float: si,
    integer: si,
    percentage: percent,
    seconds: (value) => duration(value * 1000),
    milliseconds: duration,
    bytes,
    "bytes/sec": bytesPerSecond,
    "bits/sec": bitsPerSecond,
    iops: (value) => `${si(value)} IOPS`,
  };
  return {
    duration,
    count: (value: number) => whole.format(value),
    decimal: (value: number) => hundredth.format(value),
    si,
    percent,
    bytes,
    bytesPerSecond,
    bitsPerSecond,
    value: (value: number, unit: Unit) => byUnit[unit](value),
  };
}

const durationUnits = {
  en: { d: " d", h: " h", min: " min", s: " s", ms: " ms", us: " µs" },
  ja: { d: "日", h: "時間", min: "分", s: "秒", ms: "ミリ秒", us: "マイクロ秒" },
} as const;

function durationText(value: number, language: TextLanguage, three: Intl.NumberFormat): string {
  const unit = durationUnits[language];
  const size = Math.abs(value);
  const sign = value < 0 ? "-" : "";
  if (size === 0) return `0${unit.s}`;
  if (size < 1) return `${sign}${three.format(size * 1000)}${unit.us}`;
  if (size < 1000) return `${sign}${three.format(size)}${unit.ms}`;
  if (size < 60_000) return `${sign}${three.format(size / 1000)}${unit.s}`;
  const minutes = Math.floor(size / 60_000);
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const seconds = Math.floor(size / 1000) % 60;
  const parts: (string | false)[] = [
    days > 0 && `${days}${unit.d}`,
    hours > 0 && `${hours}${unit.h}`,
    rest > 0 && days === 0 && `${rest}${unit.min}`,
    seconds > 0 && minutes < 10 && `${seconds}${unit.s}`,
  ];
  return sign + parts.filter((part) => part !== false).join(" ");
}
