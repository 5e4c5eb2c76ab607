import { isDeepStrictEqual } from "node:util";
import { isIP } from "node:net";
import { textIn, v0, type Api } from "../../api.ts";
import type { Text } from "../../text.ts";
import { v1 } from "../services.ts";
import { ifThere, readHosts, readServices, type HeldHost } from "../source.ts";
import type { Stage, Step } from "../steps.ts";
import { roleOfGroup, type GroupRule } from "./groups.ts";
import { counted, type Counted, type ZabbixExport, type ZabbixHost } from "./read.ts";

export interface ZabbixPlan {
  readonly export: ZabbixExport;
  readonly target: Api;
  readonly organisation: string;
  readonly rule: GroupRule;
  readonly overwrites: boolean;
  /** The id here of each host, by its technical name. */
  readonly ids: Map<string, string>;
}

export const zabbixStages = (plan: ZabbixPlan): Stage[] => [roleStage(plan), hostStage(plan), metadataStage(plan), countStage(plan.export)];

const rolesOf = ({ rule }: ZabbixPlan, { groups }: ZabbixHost): string[] =>
  [...new Set(groups.map((group) => roleOfGroup(group, rule)).filter((role) => role !== undefined))].toSorted();

function roleStage(plan: ZabbixPlan): Stage {
  return {
    kind: "role",
    title: { en: "roles", ja: "ロール" },
    plan: async () => {
      const there = new Set((await readServices(plan.target)).flatMap(({ roles }) => roles.map((role) => `${role.service}:${role.name}`)));
      const wanted = new Map<string, string>();
      const dropped: Step[] = [];
      for (const group of new Set(plan.export.hosts.flatMap((host) => host.groups))) {
        const role = roleOfGroup(group, plan.rule);
        if (role === undefined)
          dropped.push({ name: group, plan: "left-out", why: { en: "--groups says so", ja: "--groups の指定による" } });
        else wanted.set(role, wanted.get(role) ?? group);
      }
      const services = new Map<string, Promise<unknown>>();
      const roles = [...wanted].map(([role, group]): Step => {
        const why = { en: `from the group ${group}`, ja: `グループ ${group} から` };
        return there.has(role)
          ? { name: role, plan: "unchanged", why }
          : { name: role, plan: "created", why, apply: () => createRole(plan, services, role, group) };
      });
      return [...roles, ...dropped];
    },
  };
}

async function createRole(
  { target }: ZabbixPlan,
  services: Map<string, Promise<unknown>>,
  role: string,
  group: string,
): Promise<undefined> {
  const [service = "", name = ""] = role.split(":");
  const made = services.get(service) ?? ensureService(target, service);
  services.set(service, made);
  await made;
  await target.call("POST", v0`services/${service}/roles`, { name, memo: group });
  return undefined;
}

async function ensureService(target: Api, name: string): Promise<void> {
  const known = await readServices(target);
  if (!known.some((service) => service.name === name)) await target.call("POST", "/api/v0/services", { name, memo: "Zabbix" });
}

function hostStage(plan: ZabbixPlan): Stage {
  return {
    kind: "host",
    title: { en: "hosts", ja: "ホスト" },
    plan: async () => {
      const ours = await readHosts(plan.target);
      const byIdentifier = new Map(ours.map((host) => [host.customIdentifier, host]));
      const byName = new Map<string, HeldHost | undefined>();
      for (const host of ours) byName.set(host.name, byName.has(host.name) ? undefined : host); // two of one name: neither is surely it
      return plan.export.hosts.map((host) => {
        const here = byIdentifier.get(host.host) ?? byName.get(host.host);
        if (!here) return { name: host.host, plan: "created", apply: () => create(plan, host) };
        plan.ids.set(host.host, here.id);
        return comparison(plan, host, here);
      });
    },
  };
}

const longestMemo = 10_000;

const disabled = "standby";

async function create(plan: ZabbixPlan, host: ZabbixHost): Promise<undefined> {
  const roles = rolesOf(plan, host);
  const body = {
    name: host.host,
    customIdentifier: host.host,
    ...(host.visibleName === "" ? {} : { displayName: host.visibleName }),
    ...(host.description === "" ? {} : { memo: host.description.slice(0, longestMemo) }),
    ...(host.isEnabled ? {} : { status: disabled }),
    ...(roles.length === 0 ? {} : { roles }),
  };
  const id = textIn(await plan.target.call("POST", v1(plan.organisation, "hosts"), body), "id");
  plan.ids.set(host.host, id);
  const interfaces = interfacesOf(host);
  if (interfaces.length > 0) await plan.target.call("PUT", v0`hosts/${id}`, { interfaces });
  return undefined;
}

/** Addresses by kind of interface, as `agent`, `snmp` …; interfaces that are reached by name have none. */
function interfacesOf({ interfaces }: ZabbixHost): object[] {
  const kinds = new Map<string, { readonly v4: string[]; readonly v6: string[] }>();
  for (const { type, ip } of interfaces) {
    const version = isIP(ip);
    if (version === 0) continue;
    const kind = kinds.get(type) ?? { v4: [], v6: [] };
    kinds.set(type, kind);
    (version === 4 ? kind.v4 : kind.v6).push(ip);
  }
  return [...kinds].map(([name, { v4, v6 }]) => ({ name, ipv4Addresses: [...new Set(v4)], ipv6Addresses: [...new Set(v6)] }));
}

const differences: Readonly<Record<"displayName" | "memo" | "status" | "roles" | "interfaces", Text>> = {
  displayName: { en: "display name", ja: "表示名" },
  memo: { en: "memo", ja: "メモ" },
  status: { en: "status", ja: "ステータス" },
  roles: { en: "roles", ja: "ロール" },
  interfaces: { en: "addresses", ja: "アドレス" },
};
type Difference = keyof typeof differences;

/** What the export says and the host here lacks. Roles that it has besides are somebody's wish; addresses are its agent's word once it has any. */
function comparison(plan: ZabbixPlan, host: ZabbixHost, here: HeldHost): Step {
  const missing = new Set(here.roles);
  const checks: readonly (readonly [Difference, boolean])[] = [
    ["displayName", host.visibleName !== "" && host.visibleName !== here.displayName],
    ["memo", host.description !== "" && host.description.slice(0, longestMemo) !== here.memo],
    ["status", !host.isEnabled && here.status === "working"],
    ["roles", rolesOf(plan, host).some((role) => !missing.has(role))],
    ["interfaces", here.interfaces.length === 0 && interfacesOf(host).length > 0],
  ];
  const different = checks.filter(([, isSo]) => isSo).map(([difference]) => difference);
  const name = host.host;
  if (different.length === 0) return { name, plan: "unchanged" };
  const why = { en: different.map((one) => differences[one].en).join(", "), ja: different.map((one) => differences[one].ja).join("、") };
  const onlyFills = different.every((one) => one === "interfaces");
  return plan.overwrites || onlyFills
    ? { name, plan: "changed", why, apply: () => bringUp(plan, host, here.id, different) }
    : { name, plan: "kept", why };
}

async function bringUp(plan: ZabbixPlan, host: ZabbixHost, id: string, different: readonly Difference[]): Promise<undefined> {
  const body = {
    ...(different.includes("displayName") ? { displayName: host.visibleName } : {}),
    ...(different.includes("memo") ? { memo: host.description.slice(0, longestMemo) } : {}),
    ...(different.includes("roles") ? { roleFullnames: rolesOf(plan, host) } : {}),
    ...(different.includes("interfaces") ? { interfaces: interfacesOf(host) } : {}),
  };
  if (Object.keys(body).length > 0) await plan.target.call("PUT", v0`hosts/${id}`, body);
  if (different.includes("status")) await plan.target.call("POST", v0`hosts/${id}/status`, { status: disabled });
  return undefined;
}

const namespace = "zabbix";

function documentOf({ host, visibleName, groups, templates, tags, inventory, interfaces, proxy, description }: ZabbixHost): object {
  return {
    host,
    ...(visibleName === "" ? {} : { visibleName }),
    groups,
    templates,
    tags,
    interfaces,
    inventory,
    ...(proxy === "" ? {} : { proxy }),
    ...(description.length > longestMemo ? { description } : {}),
  };
}

function metadataStage(plan: ZabbixPlan): Stage {
  return {
    kind: "metadata",
    title: { en: "metadata", ja: "メタデータ" },
    plan: async () => {
      const steps: Step[] = [];
      for (const host of plan.export.hosts) {
        const id = plan.ids.get(host.host);
        const document = documentOf(host);
        const there = id === undefined ? undefined : await ifThere(plan.target.getText(v0`hosts/${id}/metadata/${namespace}`));
        const name = host.host;
        const write = async (): Promise<undefined> => {
          const target = plan.ids.get(host.host);
          if (target !== undefined) await plan.target.call("PUT", v0`hosts/${target}/metadata/${namespace}`, document);
          return undefined;
        };
        if (there === undefined) steps.push({ name, plan: "created", apply: write });
        else if (isDeepStrictEqual(JSON.parse(there), document)) steps.push({ name, plan: "unchanged" });
        else steps.push({ name, plan: "changed", apply: write }); // it is this import's own document
      }
      return steps;
    },
  };
}

const countNames: Readonly<Record<Counted, Text>> = {
  items: { en: "items", ja: "アイテム" },
  triggers: { en: "triggers", ja: "トリガー" },
  discoveryRules: { en: "discovery rules", ja: "ディスカバリルール" },
  webScenarios: { en: "web scenarios", ja: "Web シナリオ" },
  macros: { en: "macros (they may hold passwords)", ja: "マクロ（パスワードを含みうる）" },
};

/** What stays behind. */
function countStage({ hosts, templates, triggers, mediaTypes }: ZabbixExport): Stage {
  const sums = counted.map((one): readonly [number, Text] => [
    hosts.reduce((sum, host) => sum + host.counts[one], one === "triggers" ? triggers : 0),
    countNames[one],
  ]);
  const all: readonly (readonly [number, Text])[] = [
    ...sums,
    [templates, { en: "templates", ja: "テンプレート" }],
    [mediaTypes, { en: "media types", ja: "メディアタイプ" }],
  ];
  return {
    kind: "other",
    title: { en: "other", ja: "その他" },
    plan: () =>
      Promise.resolve(
        all
          .filter(([count]) => count > 0)
          .map(([count, name]): Step => ({
            name: { en: `${count} ${name.en}`, ja: `${name.ja} ${count} 件` },
            plan: "left-out",
            why: { en: "not taken over", ja: "移しません" },
          })),
      ),
  };
}
