import { messageOf } from "#base/errors";
import { CliFailure, exitCodes } from "../../text.ts";
import { xmlParser } from "./xml.ts";

export interface ZabbixInterface {
  /** agent, snmp, ipmi or jmx. */
  readonly type: string;
  readonly ip: string;
  readonly dns: string;
  readonly port: string;
}

/** A host of an export, with what of it is only counted. */
export interface ZabbixHost {
  /** The technical name: what the agent calls itself. */
  readonly host: string;
  /** The name that people see; empty when it is the technical one. */
  readonly visibleName: string;
  readonly isEnabled: boolean;
  readonly description: string;
  readonly groups: readonly string[];
  readonly templates: readonly string[];
  readonly proxy: string;
  readonly tags: readonly { readonly tag: string; readonly value: string }[];
  readonly interfaces: readonly ZabbixInterface[];
  readonly inventory: Readonly<Record<string, string>>;
  readonly counts: Readonly<Record<Counted, number>>;
}

export const counted = ["items", "triggers", "discoveryRules", "webScenarios", "macros"] as const;
export type Counted = (typeof counted)[number];

export interface ZabbixExport {
  readonly version: string;
  readonly hosts: readonly ZabbixHost[];
  readonly templates: number;
  /** Triggers that stand beside the hosts, as in 5.2 and before, and those of several hosts. */
  readonly triggers: number;
  readonly mediaTypes: number;
}

/** Largest export that is read, in bytes; YAML takes more work a byte. */
export const mostBytes = { xml: 64 * 1024 * 1024, json: 64 * 1024 * 1024, yaml: 16 * 1024 * 1024 } as const;
const mostHosts = 100_000;

const wrong = (en: string, ja: string, cause?: unknown): CliFailure =>
  new CliFailure({ en, ja }, exitCodes.failed, "invalid-input", cause === undefined ? {} : { cause });

export type Form = keyof typeof mostBytes;

/** Makes members of a text, or throws what its parser says. */
export type Parser = (text: string) => unknown;

/** Which form a text has is seen from its first letter. */
export function formOf(text: string): Form {
  const [first = ""] = text.trimStart();
  return first === "<" ? "xml" : first === "{" ? "json" : "yaml";
}

/** Loads what one form needs. */
export async function parserOf(form: Form): Promise<Parser> {
  if (form === "json") return (text) => JSON.parse(text);
  if (form === "xml") return xmlParser(await import("fast-xml-parser"));
  const { parse } = await import("yaml");
  // All values as texts, no references: an export has none, and they can grow without end.
  return (text) => parse(text, { schema: "failsafe", maxAliasCount: 0, logLevel: "error" });
}

/**
 * Reads an export of hosts by Zabbix 5.0 to 7.4, in XML, JSON or YAML.
 * @throws CliFailure that says what is wrong with it
 */
export async function readZabbixExport(whole: string): Promise<ZabbixExport> {
  const text = whole.replace(/^\uFEFF/u, "");
  const form = formOf(text);
  if (text.length > mostBytes[form])
    throw wrong(
      `The file is larger than ${mostBytes[form] / 1024 / 1024} MiB.`,
      `ファイルが ${mostBytes[form] / 1024 / 1024} MiB を超えています。`,
    );
  return readWith(await parserOf(form), form, text);
}

/** The export that a text holds by the parser of its form. @throws CliFailure */
export function readWith(parse: Parser, form: Form, text: string): ZabbixExport {
  const root = asMembers(parsed(parse, form, text))["zabbix_export"];
  if (typeof root !== "object" || root === null)
    throw wrong(
      "This is no Zabbix export: it has no `zabbix_export`.",
      "Zabbix のエクスポートではありません（`zabbix_export` がありません）。",
    );
  const top = asMembers(root);
  const hosts = listOf(top["hosts"], "host");
  if (hosts.length > mostHosts) throw wrong(`The export has more than ${mostHosts} hosts.`, `ホストが ${mostHosts} 台を超えています。`);
  return {
    version: textOf(top["version"]),
    hosts: hosts.map(hostOf).filter((host) => host.host !== ""),
    templates: listOf(top["templates"], "template").length,
    triggers: listOf(top["triggers"], "trigger").length,
    mediaTypes: listOf(top["media_types"], "media_type").length,
  };
}

function parsed(parse: Parser, form: Form, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (cause instanceof CliFailure) throw cause;
    const why = (messageOf(cause).split("\n")[0] ?? "").slice(0, 300);
    throw wrong(`The file is not valid ${form.toUpperCase()}: ${why}`, `${form.toUpperCase()} として読めません: ${why}`, cause);
  }
}

type Members = Readonly<Record<string, unknown>>;

const asMembers = (value: unknown): Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};

/** The entries of a list: JSON and YAML have a list, XML an element around entries of one name. */
function listOf(value: unknown, entry: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const inside = asMembers(value)[entry];
  if (inside === undefined || inside === "") return [];
  return Array.isArray(inside) ? inside : [inside];
}

/** Texts as they are; XML's with attributes or CDATA come as objects. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text = asMembers(value)["#text"];
  return typeof text === "string" ? text : "";
}

const named = (list: readonly unknown[]): string[] => list.map((one) => textOf(asMembers(one)["name"])).filter((name) => name !== "");

function hostOf(value: unknown): ZabbixHost {
  const of = asMembers(value);
  const host = textOf(of["host"]);
  const visible = textOf(of["name"]);
  return {
    host,
    visibleName: visible === host ? "" : visible,
    isEnabled: !["DISABLED", "1"].includes(textOf(of["status"])),
    description: textOf(of["description"]),
    groups: named(listOf(of["groups"], "group")),
    templates: named(listOf(of["templates"], "template")),
    proxy: textOf(asMembers(of["proxy"])["name"]) || textOf(asMembers(of["proxy_group"])["name"]),
    tags: listOf(of["tags"], "tag").map((one) => ({ tag: textOf(asMembers(one)["tag"]), value: textOf(asMembers(one)["value"]) })),
    interfaces: listOf(of["interfaces"], "interface").map(interfaceOf),
    inventory: inventoryOf(of["inventory"]),
    counts: countsOf(of),
  };
}

const types: Readonly<Record<string, string>> = {
  "": "agent",
  "1": "agent",
  ZABBIX: "agent",
  "2": "snmp",
  SNMP: "snmp",
  "3": "ipmi",
  IPMI: "ipmi",
  "4": "jmx",
  JMX: "jmx",
};

function interfaceOf(value: unknown): ZabbixInterface {
  const of = asMembers(value);
  return { type: types[textOf(of["type"])] ?? "agent", ip: textOf(of["ip"]), dns: textOf(of["dns"]), port: textOf(of["port"]) };
}

/** The filled fields; the mode, which 5.0 puts beside them, is none. */
function inventoryOf(value: unknown): Record<string, string> {
  const fields = Object.entries(asMembers(value)).map(([name, field]) => [name, textOf(field)] as const);
  return Object.fromEntries(fields.filter(([name, text]) => text !== "" && name !== "inventory_mode"));
}

function countsOf(of: Members): Record<Counted, number> {
  const items = listOf(of["items"], "item");
  return {
    items: items.length,
    triggers: items.reduce<number>((sum, item) => sum + listOf(asMembers(item)["triggers"], "trigger").length, 0),
    discoveryRules: listOf(of["discovery_rules"], "discovery_rule").length,
    webScenarios: listOf(of["httptests"], "httptest").length,
    macros: listOf(of["macros"], "macro").length,
  };
}
