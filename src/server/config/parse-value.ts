import { parseIp } from "#base/ip-networks";
import type { Setting } from "./settings.ts";

/** Why a value does not do: a sentence that says what would. */
export class Wrong {
  readonly problem: string;

  constructor(problem: string) {
    this.problem = problem;
  }
}

/** The value of a setting as its type wants it; texts come from flags and the environment, anything from a file. */
export function parseValue(setting: Setting<unknown>, value: unknown): unknown {
  switch (setting.value) {
    case "number":
      return parseNumber(setting, value);
    case "boolean":
      return parseBoolean(value);
    case "list":
      return parseList(value);
    case "text":
      return parseText(setting, value);
  }
}

function parseNumber({ minimum = 0, maximum = Number.MAX_SAFE_INTEGER }: Setting<unknown>, value: unknown): number | Wrong {
  const n = typeof value === "string" && /^-?\d+$/u.test(value) ? Number(value) : value;
  const isRight = typeof n === "number" && Number.isInteger(n) && n >= minimum && n <= maximum;
  return isRight ? n : new Wrong(`must be a whole number from ${minimum} to ${maximum}`);
}

const yes = new Set<unknown>([true, "true", "1", "yes"]);
const no = new Set<unknown>([false, "false", "0", "no"]);

function parseBoolean(value: unknown): boolean | Wrong {
  if (yes.has(value)) return true;
  return no.has(value) ? false : new Wrong("must be true or false");
}

function parseList(value: unknown): readonly string[] | Wrong {
  const items: unknown = typeof value === "string" ? value.split(",") : value;
  if (!Array.isArray(items) || !items.every((item) => typeof item === "string")) return new Wrong("must be a list of texts");
  return items.map((item) => item.trim()).filter((item) => item !== "");
}

function parseText({ choices, form }: Setting<unknown>, value: unknown): string | Wrong {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string") return new Wrong("must be a text");
  if (form === "ip" && text !== "" && !parseIp(text)) return new Wrong("must be an IP address, such as 203.0.113.7; a name is none");
  return choices === undefined || choices.includes(text) ? text : new Wrong(`must be one of ${choices.join(", ")}`);
}
