import { unixMs, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";

/** What a metric family says it is. `unknown` when it says nothing, or "untyped". */
export type ExpositionType = "counter" | "gauge" | "histogram" | "gaugehistogram" | "summary" | "info" | "stateset" | "unknown";

/** One line of an exposition. */
export interface ExpositionSample {
  /** As written on the line, with its suffix: `http_requests_total`, `latency_seconds_bucket`. */
  readonly name: string;
  /** The family whose type counts for it: the name, or the name without a suffix such as `_bucket`. */
  readonly family: string;
  readonly type: ExpositionType;
  /** In the order of the line. */
  readonly labels: ReadonlyMap<string, string>;
  /** May be NaN or infinite. */
  readonly value: number;
  /** Only when the line carries one. */
  readonly timestamp?: UnixMs;
}

/** How much one exposition may hold. The caller bounds its length. */
export interface ExpositionLimits {
  readonly samples: number;
  readonly labelsPerSample: number;
  /** Characters of a name or a label's value. */
  readonly textLength: number;
}

export interface ExpositionOptions {
  /** `application/openmetrics-text`: times are seconds, and the text ends in `# EOF`. Otherwise Prometheus's text format 0.0.4. */
  readonly openMetrics?: boolean;
  readonly limits?: Partial<ExpositionLimits>;
}

const defaultLimits: ExpositionLimits = { samples: 50_000, labelsPerSample: 64, textLength: 4096 };

const typeNames: ReadonlyMap<string, ExpositionType> = new Map<string, ExpositionType>([
  ["counter", "counter"],
  ["gauge", "gauge"],
  ["histogram", "histogram"],
  ["gaugehistogram", "gaugehistogram"],
  ["summary", "summary"],
  ["info", "info"],
  ["stateset", "stateset"],
  ["unknown", "unknown"],
  ["untyped", "unknown"],
]);

const familySuffixes = ["_bucket", "_count", "_sum", "_total", "_created", "_info", "_gsum", "_gcount"];
const floatPattern = /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|0x[\da-f]+)$/iu;
const infinityPattern = /^[+-]?inf(?:inity)?$/iu;
const tab = 9;
const carriageReturn = 13;
const space = 32;
const quote = 34;
const hash = 35;
const comma = 44;
const equals = 61;
const backslash = 92;
const braceOpen = 123;
const braceClose = 125;

/**
 * Reads a Prometheus text exposition (format 0.0.4, and names in quotes as Prometheus 3 writes them) or an OpenMetrics one, sample by
 * sample. Exemplars are skipped. See prometheus.io/docs/instrumenting/exposition_formats and the OpenMetrics specification.
 * @throws "invalid-input" naming the line, when a line is malformed; samples before it were already handed out
 * @throws "too-large" when there is more than the limits allow
 */
export function* parseExposition(text: string, options: ExpositionOptions = {}): Generator<ExpositionSample, void, undefined> {
  const { openMetrics = false } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const types = new Map<string, ExpositionType>();
  let samples = 0;
  let isEnded = false;
  for (const line of linesOf(text, limits)) {
    if (isEnded) throw line.malformed("there is text after # EOF");
    if (line.peek() === hash) {
      isEnded = openMetrics && line.rest() === "# EOF";
      if (!isEnded) readType(line, types);
      continue;
    }
    samples += 1;
    if (samples > limits.samples) throw line.tooLarge(`more than ${limits.samples} samples`);
    yield readSample(line, types, openMetrics);
  }
  if (openMetrics && !isEnded) throw new HinobanError("invalid-input", "The exposition does not end in # EOF: it was cut off.");
}

/** The lines that are not empty, each read up to its first character. */
function* linesOf(text: string, limits: ExpositionLimits): Generator<LineReader, void, undefined> {
  let number = 0;
  for (let start = 0; start < text.length;) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const isDosLine = end > start && text.charCodeAt(end - 1) === carriageReturn;
    number += 1;
    const line = new LineReader(text, start, isDosLine ? end - 1 : end, number, limits);
    start = end + 1;
    line.skipSpace();
    if (!line.isAtEnd) yield line;
  }
}

/** `# TYPE name type`; other comments say nothing to us. */
function readType(line: LineReader, types: Map<string, ExpositionType>): void {
  line.skip(1);
  line.skipSpace();
  if (line.word() !== "TYPE") return;
  line.skipSpace();
  const name = line.peek() === quote ? line.quoted() : line.word();
  line.skipSpace();
  const type = typeNames.get(line.word());
  if (name === "" || type === undefined) throw line.malformed("a TYPE line takes the name of a metric and one of the known types");
  types.set(name, type);
}

function readSample(line: LineReader, types: ReadonlyMap<string, ExpositionType>, openMetrics: boolean): ExpositionSample {
  const labels = new Map<string, string>();
  let name = line.name();
  line.skipSpace();
  if (line.peek() === braceOpen) name = readLabels(line, name, labels);
  if (name === "") throw line.malformed("a sample begins with the name of a metric");
  line.skipSpace();
  const value = numberOf(line.word());
  if (value === undefined) throw line.malformed("after the name comes a number");
  line.skipSpace();
  const time = readTime(line, openMetrics);
  const family = familyOf(name, types);
  const sample = { name, family, type: types.get(family) ?? "unknown", labels, value };
  return time === undefined ? sample : { ...sample, timestamp: time };
}

/** @returns the name of the metric, which may stand in quotes inside the braces */
function readLabels(line: LineReader, outside: string, labels: Map<string, string>): string {
  let name = outside;
  line.skip(1);
  line.skipSpace();
  while (line.peek() !== braceClose) {
    const isQuoted = line.peek() === quote;
    const label = isQuoted ? line.quoted() : line.name();
    line.skipSpace();
    if (isQuoted && line.peek() !== equals && name === "") name = label;
    else {
      if (label === "" || line.peek() !== equals) throw line.malformed('labels are written name="value"');
      line.skip(1);
      line.skipSpace();
      if (line.peek() !== quote) throw line.malformed(`the value of label ${label} stands in double quotes`);
      if (labels.has(label)) throw line.malformed(`label ${label} comes twice`);
      labels.set(label, line.quoted());
      line.checkLabels(labels.size);
    }
    line.skipSpace();
    if (line.peek() === comma) line.skip(1);
    else if (line.peek() !== braceClose) throw line.malformed("labels are parted by commas and end in }");
    line.skipSpace();
  }
  line.skip(1);
  return name;
}

/** What may follow the value: a time, and in OpenMetrics an exemplar, which begins with a hash. */
function readTime(line: LineReader, openMetrics: boolean): UnixMs | undefined {
  if (line.isAtEnd || (openMetrics && line.peek() === hash)) return undefined;
  const time = numberOf(line.word());
  if (time === undefined || !Number.isFinite(time)) throw line.malformed("after the value comes nothing but a time");
  line.skipSpace();
  if (!line.isAtEnd && !(openMetrics && line.peek() === hash)) throw line.malformed("there is text after the time");
  return unixMs(Math.round(openMetrics ? time * 1000 : time));
}

function familyOf(name: string, types: ReadonlyMap<string, ExpositionType>): string {
  if (types.has(name)) return name;
  for (const suffix of familySuffixes) {
    const stem = name.slice(0, -suffix.length);
    if (name.endsWith(suffix) && types.has(stem)) return stem;
  }
  return name;
}

function numberOf(word: string): number | undefined {
  if (floatPattern.test(word)) return Number(word);
  if (infinityPattern.test(word)) return word.startsWith("-") ? -Infinity : Infinity;
  return /^[+-]?nan$/iu.test(word) ? Number.NaN : undefined;
}

const isNameStart = (code: number): boolean => (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code === 58;
const isNamePart = (code: number): boolean => isNameStart(code) || (code >= 48 && code <= 57);

/** Walks along one line. */
class LineReader {
  readonly #text: string;
  #at: number;
  readonly #end: number;
  readonly #line: number;
  readonly #limits: ExpositionLimits;

  constructor(text: string, start: number, end: number, line: number, limits: ExpositionLimits) {
    this.#text = text;
    this.#at = start;
    this.#end = end;
    this.#line = line;
    this.#limits = limits;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Code of the next character; -1 at the end. */
  peek(): number {
    return this.#at < this.#end ? this.#text.charCodeAt(this.#at) : -1;
  }

  skip(count: number): void {
    this.#at += count;
  }

  skipSpace(): void {
    while (this.peek() === space || this.peek() === tab) this.#at += 1;
  }

  rest(): string {
    return this.#text.slice(this.#at, this.#end).trimEnd();
  }

  /** A name in the classic alphabet; empty when there is none here. */
  name(): string {
    const start = this.#at;
    if (!isNameStart(this.peek())) return "";
    while (isNamePart(this.peek())) this.#at += 1;
    return this.#checked(this.#text.slice(start, this.#at));
  }

  /** All up to the next blank. */
  word(): string {
    const start = this.#at;
    while (this.#at < this.#end && this.peek() !== space && this.peek() !== tab) this.#at += 1;
    return this.#checked(this.#text.slice(start, this.#at));
  }

  /** A text in double quotes, with \\, \" and \n for backslash, quote and newline. */
  quoted(): string {
    const start = this.#at + 1;
    let hasEscapes = false;
    this.#at = start;
    while (this.peek() !== quote) {
      if (this.peek() === backslash) {
        hasEscapes = true;
        this.#at += 1;
      }
      this.#at += 1;
      if (this.isAtEnd) throw this.malformed("a double quote is not closed");
    }
    const raw = this.#checked(this.#text.slice(start, this.#at));
    this.#at += 1;
    return hasEscapes ? raw.replaceAll(/\\([\\"n])/gu, (_all, code: string) => (code === "n" ? "\n" : code)) : raw;
  }

  checkLabels(count: number): void {
    if (count > this.#limits.labelsPerSample) throw this.tooLarge(`more than ${this.#limits.labelsPerSample} labels`);
  }

  malformed(problem: string): HinobanError {
    return new HinobanError("invalid-input", `line ${this.#line}: ${problem}`, { line: this.#line });
  }

  tooLarge(problem: string): HinobanError {
    return new HinobanError("too-large", `line ${this.#line}: ${problem}`, { line: this.#line });
  }

  #checked(text: string): string {
    if (text.length > this.#limits.textLength) throw this.tooLarge(`a text of more than ${this.#limits.textLength} characters`);
    return text;
  }
}
