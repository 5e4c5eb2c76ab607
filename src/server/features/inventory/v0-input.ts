import { invalidInput, type FieldProblem } from "#base/errors";
import { depthOf, isObject, objectOf, rawMember, textOf } from "#http";
import { hostStatuses, type HostInterface, type HostStatus } from "#wire/inventory";
import { parseRoleNames, type DeclaredCheck, type HostInput } from "./model.ts";

const longest = { name: 255, displayName: 255, customIdentifier: 255, memo: 10_000, checkName: 255, checkMemo: 2048 } as const;
const most = { interfaces: 1000, roles: 100, checks: 500 } as const;

const deepestMeta = 64;

/** Reads an object member by member and collects everything that is wrong with it. */
class Members {
  readonly #object: Record<string, unknown>;
  readonly #problems: FieldProblem[] = [];

  constructor(object: Record<string, unknown>) {
    this.#object = object;
  }

  problem(field: string, problem: string): undefined {
    this.#problems.push({ field, problem });
    return undefined;
  }

  /** Undefined when it is absent, null or wrong. */
  text(key: string, longestText: number): string | undefined {
    const value = this.#object[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") return this.problem(key, "must be a text");
    if (value.length > longestText) return this.problem(key, `may have ${longestText} characters`);
    return clean(value);
  }

  list(key: string, mostItems: number): readonly unknown[] | undefined {
    const value = this.#object[key];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) return this.problem(key, "must be a list");
    if (value.length > mostItems) return this.problem(key, `may have ${mostItems} entries`);
    return value;
  }

  get(key: string): unknown {
    return this.#object[key];
  }

  done(): void {
    if (this.#problems.length > 0) throw invalidInput(this.#problems);
  }
}

/** PostgreSQL keeps no U+0000, and half a surrogate pair is no text. */
export const clean = (text: string): string => text.replaceAll("\0", "\uFFFD").toWellFormed();

/**
 * The body of POST and PUT host. What "stay as it is" means differs from member to member: an empty memo or display name is what an agent
 * sends that does not know it, an empty custom identifier clears it, an empty list of roles takes none away, an empty list of checks does.
 * @throws "bad-request" | "invalid-input"
 */
export function hostInputOf(body: Buffer): HostInput {
  const members = new Members(objectOf(body));
  const input = {
    ...optional("name", filled(members.text("name", longest.name))),
    ...optional("displayName", filled(members.text("displayName", longest.displayName))),
    ...optional("customIdentifier", customIdentifierOf(members)),
    ...optional("memo", filled(members.text("memo", longest.memo))),
    ...optional("meta", metaOf(members, body)),
    ...optional("interfaces", interfacesOf(members)),
    ...optional("checks", checksOf(members)),
  };
  const roles = members.list("roleFullnames", most.roles);
  if (roles?.some((role) => typeof role !== "string")) members.problem("roleFullnames", "must be a list of texts");
  members.done();
  return roles && roles.length > 0 ? { ...input, roles: parseRoleNames(roles.map(String), "roleFullnames") } : input;
}

const filled = (text: string | undefined): string | undefined => (text === "" ? undefined : text);

/** An object with the member, or without it when there is no value. */
function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { [K in Key]?: Value }; // a computed key widens to string
}

function customIdentifierOf(members: Members): string | null | undefined {
  if (members.get("customIdentifier") === null) return null;
  const text = members.text("customIdentifier", longest.customIdentifier);
  return text === "" ? null : text;
}

function metaOf(members: Members, body: Buffer): string | undefined {
  const meta = members.get("meta");
  if (meta === undefined || meta === null) return undefined;
  const text = isObject(meta) ? rawMember(textOf(body), "meta") : undefined;
  if (text === undefined) return members.problem("meta", "must be an object");
  return depthOf(text) > deepestMeta ? members.problem("meta", `may be ${deepestMeta} levels deep`) : text;
}

function interfacesOf(members: Members): HostInterface[] | undefined {
  return members.list("interfaces", most.interfaces)?.flatMap((item, index) => {
    if (isObject(item)) return [interfaceOf(item)];
    members.problem(`interfaces.${index}`, "must be an object");
    return [];
  });
}

/** Lists of addresses win over the single ones of older agents. */
function interfaceOf(item: Record<string, unknown>): HostInterface {
  const text = (key: string): string | undefined => (typeof item[key] === "string" && item[key] !== "" ? clean(item[key]) : undefined);
  const texts = (list: string, single: string): string[] => {
    const value = item[list];
    if (Array.isArray(value)) return value.filter((one) => typeof one === "string").map(clean);
    const one = text(single);
    return one === undefined ? [] : [one];
  };
  return {
    name: text("name") ?? "",
    ...optional("macAddress", text("macAddress")),
    ipv4Addresses: texts("ipv4Addresses", "ipAddress"),
    ipv6Addresses: texts("ipv6Addresses", "ipv6Address"),
  };
}

function checksOf(members: Members): DeclaredCheck[] | undefined {
  const checks = members.list("checks", most.checks)?.flatMap((item, index) => {
    const name = isObject(item) && typeof item["name"] === "string" ? clean(item["name"]) : "";
    if (name === "" || name.length > longest.checkName) {
      members.problem(`checks.${index}.name`, `must be a text of 1 to ${longest.checkName} characters`);
      return [];
    }
    const memo = isObject(item) && typeof item["memo"] === "string" ? clean(item["memo"]).slice(0, longest.checkMemo) : "";
    return [{ name, memo }];
  });
  return checks && [...new Map(checks.map((check) => [check.name, check])).values()];
}

/** @throws "invalid-input" */
export function statusOf(value: unknown, field: string): HostStatus {
  const status = hostStatuses.find((known) => known === value);
  if (status === undefined) throw invalidInput([{ field, problem: `must be one of ${hostStatuses.join(", ")}` }]);
  return status;
}

/** A list of host ids of a bulk act. @throws "invalid-input" */
export function idsOf(value: unknown, mostIds: number): string[] {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= mostIds && value.every((id) => typeof id === "string");
  if (!isList) throw invalidInput([{ field: "ids", problem: `must be a list of 1 to ${mostIds} host ids` }]);
  return [...new Set(value.map(String))];
}

/** The body of POST services and roles. @throws "invalid-input" */
export function namedOf(body: Buffer): { readonly name: string; readonly memo: string } {
  const members = new Members(objectOf(body));
  const name = members.text("name", longest.name) ?? "";
  const memo = members.text("memo", longest.memo) ?? "";
  members.done();
  return { name, memo };
}
