import { invalidInput, type FieldProblem } from "#base/errors";
import type { HostInterface } from "#wire/inventory";

/** What a host is registered or changed with. An absent member stays as it is; which values also mean "stay" is decided where input is read. */
export interface HostInput {
  readonly name?: string;
  readonly displayName?: string;
  /** Null clears it. */
  readonly customIdentifier?: string | null;
  readonly memo?: string;
  /** JSON text of an object. */
  readonly meta?: string;
  readonly interfaces?: readonly HostInterface[];
  /** Roles to join; roles that are not named are kept. */
  readonly roles?: readonly RoleName[];
  /** Replaces the list of checks. */
  readonly checks?: readonly DeclaredCheck[];
}

export interface DeclaredCheck {
  readonly name: string;
  readonly memo: string;
}

export interface RoleName {
  readonly service: string;
  readonly role: string;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9_-]{1,62}$/u;

export const isServiceName = (text: string): boolean => namePattern.test(text);

/** `service:role` or `service: role`, both as Mackerel writes them; undefined for anything else. */
export function parseRoleName(text: string): RoleName | undefined {
  const match = /^([^:\s]+):\s*([^:\s]+)$/u.exec(text);
  const [, service = "", role = ""] = match ?? [];
  return namePattern.test(service) && namePattern.test(role) ? { service, role } : undefined;
}

export const roleText = ({ service, role }: RoleName): string => `${service}:${role}`;

/** The roles that `texts` name, each once. @throws "invalid-input" that names the wrong ones. */
export function parseRoleNames(texts: readonly string[], field: string): RoleName[] {
  const found = new Map<string, RoleName>();
  const problems: FieldProblem[] = [];
  for (const [index, text] of texts.entries()) {
    const name = parseRoleName(text);
    if (name) found.set(roleText(name), name);
    else
      problems.push({
        field: `${field}.${index}`,
        problem: `must look like service:role, each 2-63 letters, digits, "_" and "-", but is ${JSON.stringify(text.slice(0, 140))}`,
      });
  }
  if (problems.length > 0) throw invalidInput(problems);
  return [...found.values()];
}

const mostDigits = 12;

/** A key whose plain order is the order people expect: case and width do not count, and web2 comes before web10. */
export const sortKey = (name: string): string =>
  fold(name).replaceAll(/\d+/gu, (digits) => digits.replace(/^0+(?=\d)/u, "").padStart(mostDigits, "0"));

/** Text in the form in which searches compare: full-width letters as half-width, capitals as small ones. */
export const fold = (text: string): string => text.normalize("NFKC").toLowerCase();

/** The words of a search, folded; all of them must be found. */
export const searchWords = (text: string): string[] => fold(text).split(/\s+/u).filter(Boolean).slice(0, 10);

/** The text that a search for a host looks into. */
export function searchText(host: {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly customIdentifier: string | null;
  readonly memo: string;
  readonly interfaces: readonly HostInterface[];
}): string {
  const addresses = host.interfaces.flatMap((one) => [...one.ipv4Addresses, ...one.ipv6Addresses, one.macAddress ?? ""]);
  return fold([host.id, host.name, host.displayName, host.customIdentifier ?? "", host.memo, ...addresses].filter(Boolean).join("\n"));
}

/** The address that lists show: the first IPv4 one that is not a loopback, else any IPv4, else the first IPv6. */
export function mainAddress(interfaces: readonly HostInterface[]): string | undefined {
  const v4 = interfaces.flatMap((one) => one.ipv4Addresses);
  return v4.find((address) => !address.startsWith("127.")) ?? v4[0] ?? interfaces.flatMap((one) => one.ipv6Addresses)[0];
}

/** A half-open interval of time in ms; `to` is null while it goes on. */
export interface Interval {
  readonly from: number;
  readonly to: number | null;
}

/** Intervals in order, with those that touch or overlap made one and the empty ones left out. */
export function joinIntervals(intervals: readonly Interval[]): Interval[] {
  const joined: { from: number; to: number | null }[] = [];
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    if (to !== null && to <= from) continue;
    const last = joined.at(-1);
    if (!last || (last.to !== null && last.to < from)) joined.push({ from, to });
    else if (last.to !== null && (to === null || to > last.to)) last.to = to;
  }
  return joined;
}

/** Parts of a host's meta that change by themselves all the time are no change worth a line in the history. */
export function stableMeta(meta: string): string {
  const parsed: unknown = JSON.parse(meta);
  if (typeof parsed !== "object" || parsed === null) return "";
  const { "agent-name": agentName, "agent-version": agentVersion, kernel } = Object.assign<Record<string, unknown>, object>({}, parsed);
  return JSON.stringify([agentName ?? null, agentVersion ?? null, kernel ?? null]);
}

/** Rows by key, in the order in which they came. */
export function groupedBy<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
