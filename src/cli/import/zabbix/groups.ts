import { createHash } from "node:crypto";
import { usageError } from "../../text.ts";

/** What host groups become. */
export interface GroupRule {
  /** The service of groups without a slash. */
  readonly service: string;
  /** What somebody decided: `service:role`, or null for nothing. */
  readonly decided: ReadonlyMap<string, string | null>;
}

const rolePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{1,62}:\s?[A-Za-z0-9][A-Za-z0-9_-]{1,62}$/u;
const servicePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{1,62}$/u;
const longest = 63;

/**
 * The role that a host group becomes; undefined when somebody decided that it becomes none. `Shop/Web/Production` becomes
 * `Shop:Web-Production`, `Linux servers` becomes `Zabbix:Linux-servers`.
 */
export function roleOfGroup(group: string, { service, decided }: GroupRule): string | undefined {
  const said = decided.get(group);
  if (said !== undefined) return said ?? undefined;
  const [first = "", ...rest] = group
    .split("/")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  return rest.length === 0 ? `${service}:${nameFrom(first)}` : `${nameFrom(first)}:${nameFrom(rest.join("/"))}`;
}

/** A name as services and roles have it: what cannot stand in it becomes a dash; a name of which nothing is left gets a short digest. */
export function nameFrom(text: string): string {
  const name = text
    .normalize("NFKC")
    .replaceAll(/[^A-Za-z0-9_-]+/gu, "-")
    .replaceAll(/^[^A-Za-z0-9]+|-+$/gu, "")
    .replaceAll(/-{2,}/gu, "-")
    .slice(0, longest)
    .replace(/-+$/u, "");
  const isWhole = /[A-Za-z0-9].*[A-Za-z0-9]/u.test(name) && !/[^\p{ASCII}]/u.test(text.normalize("NFKC"));
  if (isWhole) return name;
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 6);
  return name.length < 2 ? `group-${digest}` : `${name.slice(0, longest - 7)}-${digest}`;
}

/** @throws CliFailure for what is not a name of a service */
export function checkService(name: string): string {
  if (servicePattern.test(name)) return name;
  throw usageError(
    `--service must be 2-63 letters, digits, "_" and "-", beginning with a letter or digit, not "${name}".`,
    `--service は英数字で始まる 2〜63 文字の英数字・"_"・"-" です（"${name}" は使えません）。`,
  );
}

/** The text of a --groups file: a JSON object from group to `service:role` or null. @throws CliFailure */
export function readDecided(text: string): Map<string, string | null> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined; // told below
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw usageError(
      '--groups must name a JSON file such as {"Linux servers": "Infra:linux"}.',
      '--groups には {"Linux servers": "Infra:linux"} のような JSON ファイルを指定してください。',
    );
  const decided = new Map<string, string | null>();
  for (const [group, role] of Object.entries(value)) {
    if (role !== null && !(typeof role === "string" && rolePattern.test(role)))
      throw usageError(`--groups: "${group}" must become service:role or null.`, `--groups: "${group}" の値は service:role か null です。`);
    decided.set(group, role?.replace(/:\s/u, ":") ?? null);
  }
  return decided;
}
