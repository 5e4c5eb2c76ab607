import { segmentOf } from "#features/receivers";

/** A Zabbix item key taken apart: `vfs.fs.size[/,used]` is `vfs.fs.size` with `/` and `used`. */
export interface ItemKey {
  readonly name: string;
  readonly params: readonly string[];
}

const keyPattern = /^([0-9A-Za-z_.-]+)(?:\[(.*)\])?$/su;

/** One parameter and what ends it. Inside quotes only `\"` is an escape: the backslashes of Windows stand for themselves. */
const paramPattern = / *(?:"((?:\\"|[^"])*)" *|([^,]*))(,|$)/suy;

/**
 * Takes a key apart as https://www.zabbix.com/documentation/6.0/en/manual/config/items/item/key describes: parameters are separated by
 * commas, and may stand in double quotes. Undefined for a text that is no key.
 */
export function parseItemKey(key: string): ItemKey | undefined {
  const match = keyPattern.exec(key);
  if (!match) return undefined;
  const [, name = "", inside] = match;
  return { name, params: inside === undefined ? [] : splitParams(inside) };
}

function splitParams(inside: string): string[] {
  const params: string[] = [];
  paramPattern.lastIndex = 0;
  for (let match = paramPattern.exec(inside); match; match = paramPattern.exec(inside)) {
    const [, quoted, plain = "", end] = match;
    params.push(quoted === undefined ? plain : quoted.replaceAll(String.raw`\"`, '"'));
    if (end === "") break;
  }
  return params;
}

/** A parameter as it may stand in a key: in quotes when it has to. */
export const keyParam = (text: string): string => (/^[ "[]|[,\]]/u.test(text) ? `"${text.replaceAll('"', String.raw`\"`)}"` : text);

const longestName = 255;

/**
 * The metric for a key that Hinoban itself did not ask for: `app.requests[eu,"x y"]` becomes `custom.zabbix.app.requests.eu.x_y`.
 * Undefined for a text that is no key or gives too long a name.
 */
export function customMetric(key: string): string | undefined {
  const parsed = parseItemKey(key);
  if (!parsed) return undefined;
  const segments = [...parsed.name.split("."), ...parsed.params].filter((part) => part !== "").map(segmentOf);
  const name = `custom.zabbix.${segments.join(".")}`;
  return segments.length > 0 && name.length <= longestName ? name : undefined;
}

const numberPattern = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u;

/** The number that a value is; undefined for a text. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > 64 || !numberPattern.test(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : undefined;
}
