import type { Figures } from "../common/graphs.ts";

/** A replica as its master sees it. */
export interface Replica {
  /** `slave0`, … */
  readonly name: string;
  /** Seconds since it was last heard; undefined before Redis 2.8. */
  readonly lag: number | undefined;
  /** Bytes that it is behind. */
  readonly behind: number | undefined;
}

export interface RedisInfo {
  /** Every number of INFO by its key, and `keys`, `expires` summed over databases. */
  readonly figures: Figures;
  readonly replicas: readonly Replica[];
  readonly role: string | undefined;
}

/** A number, also with a percent sign; undefined for anything else. */
const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d{1,18}(?:\.\d{1,9})?%?$/u.test(text) ? Number(text.replace("%", "")) : undefined;

/** The answer of INFO: `key:value` lines under `# Section` headings. Unknown lines are left out. Source: https://redis.io/docs/latest/commands/info/ */
export function parseInfo(text: string): RedisInfo {
  const figures: Record<string, number> = { keys: 0, expires: 0 };
  const replicas: (readonly [name: string, fields: ReadonlyMap<string, string>])[] = [];
  let role: string | undefined;
  for (const line of text.split(/\r?\n/u)) {
    const colon = line.indexOf(":");
    if (colon < 1 || line.startsWith("#")) continue;
    const key = line.slice(0, colon);
    const value = line.slice(colon + 1);
    if (key === "role") role = value;
    else if (/^slave\d+$/u.test(key)) replicas.push([key, fieldsOf(value)]);
    else if (/^db\d+$/u.test(key)) addKeyspace(figures, fieldsOf(value));
    else note(figures, key, value);
  }
  const offset = figures["master_repl_offset"];
  return {
    figures: { ...figures, ...linkState(text) },
    role,
    replicas: replicas.map(([name, fields]) => {
      const own = numberIn(fields, "offset");
      return {
        name,
        lag: numberIn(fields, "lag"),
        behind: offset === undefined || own === undefined ? undefined : Math.max(0, offset - own),
      };
    }),
  };
}

/** 1 while a replica hears its master. */
function linkState(text: string): Figures {
  const state = /^master_link_status:(\w+)/mu.exec(text)?.[1];
  return state === undefined ? {} : { master_link_up: state === "up" ? 1 : 0 };
}

function addKeyspace(figures: Record<string, number>, fields: ReadonlyMap<string, string>): void {
  for (const key of ["keys", "expires"]) figures[key] = (figures[key] ?? 0) + (numberIn(fields, key) ?? 0);
}

const fieldsOf = (value: string): ReadonlyMap<string, string> =>
  new Map(
    value.split(",").map((field) => {
      const equals = field.indexOf("=");
      return [field.slice(0, Math.max(0, equals)), field.slice(equals + 1)];
    }),
  );

const numberIn = (fields: ReadonlyMap<string, string>, key: string): number | undefined => numberOf(fields.get(key));

function note(figures: Record<string, number>, key: string, value: string): void {
  const number = numberOf(value);
  if (number !== undefined) figures[key] = number;
}

/** The answer of CLUSTER INFO; its state as 1 (ok) or 0. */
export function parseClusterInfo(text: string): Figures {
  const figures: Record<string, number> = {};
  for (const line of text.split(/\r?\n/u)) {
    const [key = "", value = ""] = line.split(":");
    if (key === "cluster_state") figures[key] = value === "ok" ? 1 : 0;
    else note(figures, key, value);
  }
  return figures;
}
