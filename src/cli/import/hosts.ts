import { textIn, v0, type Api } from "../api.ts";
import type { Text } from "../text.ts";
import { v1, type Ends } from "./services.ts";
import { readHosts, type HeldHost } from "./source.ts";
import type { Stage, Step } from "./steps.ts";

export interface HostPlan extends Ends {
  /** Register under new ids, for a source on the same server. */
  readonly givesNewIds: boolean;
  /** Filled while hosts are taken: the id here of each host of the source. */
  readonly ids: Map<string, string>;
}

/** Hosts with everything that people wrote about them, and what their agents said last. */
export function hostStage(plan: HostPlan, read: () => Promise<readonly HeldHost[]>): Stage {
  return {
    kind: "host",
    title: { en: "hosts", ja: "ホスト" },
    plan: async () => {
      const [theirs, ours] = await Promise.all([read(), readHosts(plan.target)]);
      const byId = new Map(ours.map((host) => [host.id, host]));
      const byIdentifier = new Map(ours.filter((host) => host.customIdentifier !== "").map((host) => [host.customIdentifier, host]));
      return theirs.map((host) => {
        const identifier = identifierOf(plan, host);
        const here = (plan.givesNewIds ? undefined : byId.get(host.id)) ?? byIdentifier.get(identifier);
        if (!here) return creation(plan, host, identifier);
        plan.ids.set(host.id, here.id);
        return comparison(plan, { ...host, customIdentifier: identifier }, here);
      });
    },
  };
}

/** With a new id a host is found again by an identifier that tells its old one. */
const identifierOf = ({ givesNewIds }: HostPlan, { id, customIdentifier }: HeldHost): string =>
  customIdentifier === "" && givesNewIds ? `mackerel:${id}` : customIdentifier;

const nameOf = ({ name, id }: HeldHost): string => `${name} (${id})`;

function creation(plan: HostPlan, host: HeldHost, identifier: string): Step {
  return {
    name: nameOf(host),
    plan: "created",
    apply: async () => {
      const id = plan.givesNewIds ? await register(plan.target, host, identifier) : await takeOver(plan, host);
      plan.ids.set(host.id, id);
      return undefined;
    },
  };
}

async function takeOver(
  { target, organisation }: HostPlan,
  { createdAt, displayName, customIdentifier, ...host }: HeldHost,
): Promise<string> {
  const body = {
    ...host,
    ...(displayName === "" ? {} : { displayName }),
    ...(customIdentifier === "" ? {} : { customIdentifier }),
    ...(createdAt > 0 ? { createdAt: createdAt * 1000 } : {}),
  };
  return textIn(await target.call("POST", v1(organisation, "hosts", "import"), body), "id");
}

async function register(
  target: Api,
  { name, displayName, memo, meta, interfaces, roles, status }: HeldHost,
  customIdentifier: string,
): Promise<string> {
  const body = { name, displayName, customIdentifier, memo, meta, interfaces, roleFullnames: roles };
  const id = textIn(await target.call("POST", "/api/v0/hosts", body), "id");
  await target.call("POST", v0`hosts/${id}/status`, { status });
  return id;
}

const fields = ["displayName", "customIdentifier", "memo", "status", "roles"] as const;
type Field = (typeof fields)[number];

const fieldNames: Readonly<Record<Field, Text>> = {
  displayName: { en: "display name", ja: "表示名" },
  customIdentifier: { en: "custom identifier", ja: "カスタム識別子" },
  memo: { en: "memo", ja: "メモ" },
  status: { en: "status", ja: "ステータス" },
  roles: { en: "roles", ja: "ロール" },
};

/** What people wrote; what agents report is newer here, once they report here. */
function comparison(plan: HostPlan, theirs: HeldHost, ours: HeldHost): Step {
  const different = fields.filter((field) => String(theirs[field]) !== String(ours[field]));
  const name = nameOf(theirs);
  if (different.length === 0) return { name, plan: "unchanged" };
  const here = ours.id === theirs.id ? "" : ` [${ours.id}]`;
  const why = {
    en: different.map((field) => fieldNames[field].en).join(", ") + here,
    ja: different.map((field) => fieldNames[field].ja).join("、") + here,
  };
  return plan.overwrites
    ? { name, plan: "changed", why, apply: () => bringUp(plan, theirs, ours.id, new Set(different)).then(() => undefined) }
    : { name, plan: "kept", why };
}

async function bringUp({ target, organisation }: HostPlan, theirs: HeldHost, id: string, different: ReadonlySet<Field>): Promise<void> {
  if (different.has("displayName") || different.has("memo"))
    await target.call("PUT", v1(organisation, "hosts", id), { displayName: theirs.displayName, memo: theirs.memo });
  if (different.has("customIdentifier")) await target.call("PUT", v0`hosts/${id}`, { customIdentifier: theirs.customIdentifier });
  if (different.has("status")) await target.call("POST", v0`hosts/${id}/status`, { status: theirs.status });
  if (different.has("roles")) await target.call("PUT", v0`hosts/${id}/role-fullnames`, { roleFullnames: theirs.roles });
}
