import { templateError } from "./lex.ts";

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A member by its name in Go (`IPAddress`, `AgentVersion`) or as the API spells it (`ipAddress`, `agent-version`). */
export function fieldOf(value: unknown, name: string): unknown {
  if (!isMap(value)) return undefined;
  if (Object.hasOwn(value, name)) return value[name];
  const plain = bare(name);
  const key = Object.keys(value).find((one) => bare(one) === plain);
  return key === undefined ? undefined : value[key];
}

const bare = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/gu, "").toLowerCase();

/** As Go counts it: nothing, zero, and what is empty are false. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isMap(value) ? Object.keys(value).length > 0 : Boolean(value);
}

/** As Go prints it: `[a b]` and `map[a:1]`; what is absent prints nothing. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return `[${value.map(shown).join(" ")}]`;
  if (isMap(value))
    return `map[${Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => `${key}:${shown(one)}`)
      .join(" ")}]`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

function lengthOf(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  return Array.isArray(value) ? value.length : isMap(value) ? Object.keys(value).length : 0;
}

function indexed(value: unknown, keys: readonly unknown[]): unknown {
  return keys.reduce(
    (inner: unknown, key) => (Array.isArray(inner) ? inner[Number(key)] : isMap(inner) ? inner[shown(key)] : undefined),
    value,
  );
}

function compared(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [shown(a), shown(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

type TemplateFunction = (args: readonly unknown[]) => unknown;

/** Go's own functions that make sense for a listing. */
export const functions: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ["and", (args) => args.find((one) => !isTrue(one)) ?? args.at(-1)],
  ["or", (args) => args.find(isTrue) ?? args.at(-1)],
  ["not", ([one]) => !isTrue(one)],
  ["len", ([one]) => lengthOf(one)],
  ["index", ([one, ...keys]) => indexed(one, keys)],
  ["eq", ([one, ...others]) => others.some((other) => compared(one, other) === 0)],
  ["ne", ([a, b]) => compared(a, b) !== 0],
  ["lt", ([a, b]) => compared(a, b) < 0],
  ["le", ([a, b]) => compared(a, b) <= 0],
  ["gt", ([a, b]) => compared(a, b) > 0],
  ["ge", ([a, b]) => compared(a, b) >= 0],
  ["print", (args) => args.map(shown).join("")],
  ["println", (args) => `${args.map(shown).join(" ")}\n`],
  ["printf", ([form, ...args]) => formatted(shown(form), args)],
  [
    "html",
    (args) =>
      args
        .map(shown)
        .join("")
        .replaceAll(/[&<>"']/gu, (letter) => `&#${letter.charCodeAt(0)};`),
  ],
  ["urlquery", (args) => encodeURIComponent(args.map(shown).join(""))],
]);

const widest = 1000;

function formatted(form: string, args: readonly unknown[]): string {
  let at = 0;
  return form.replaceAll(
    /%([-+0# ]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/gu,
    (_all, flags: string, width: string | undefined, digits: string | undefined, verb: string) => {
      if (verb === "%") return "%";
      const text = formattedOne(args[at], verb, digits === undefined ? undefined : Math.min(100, Number(digits)));
      at += 1;
      const columns = Math.min(widest, Number(width ?? 0));
      if (flags.includes("-")) return text.padEnd(columns);
      return text.padStart(columns, flags.includes("0") && verb !== "s" ? "0" : " ");
    },
  );
}

function formattedOne(value: unknown, verb: string, digits: number | undefined): string {
  if (verb === "f" || verb === "g" || verb === "e") return Number(value).toFixed(digits ?? 6);
  if (verb === "q") return JSON.stringify(shown(value));
  if (verb === "d") return String(Math.trunc(Number(value)));
  if (verb === "x") return Number(value).toString(16);
  if (verb === "s" || verb === "v" || verb === "t") return digits === undefined ? shown(value) : shown(value).slice(0, digits);
  throw templateError(`printf does not know %${verb}`);
}
