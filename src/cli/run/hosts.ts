import { asObject, listIn, textIn, v0 } from "../api.ts";
import type { Call } from "../call.ts";
import { exitCodes, usageError } from "../text.ts";
import { localTime } from "../units.ts";

/** A host as mkr prints it: members without a value are left out. */
export function shortHost(host: unknown): object {
  const { id, name, displayName, status, isRetired, createdAt } = asObject(host);
  const roles = rolesOf(host);
  const addresses = Object.entries(addressesOf(host));
  return {
    id,
    name,
    ...(displayName === undefined || displayName === "" ? {} : { displayName }),
    status,
    ...(roles.length === 0 ? {} : { roleFullnames: roles }),
    isRetired,
    ...(typeof createdAt === "number" ? { createdAt: localTime(createdAt) } : {}),
    ...(addresses.length === 0 ? {} : { ipAddresses: Object.fromEntries(addresses) }),
  };
}

function rolesOf(host: unknown): string[] {
  const services = Object.entries(asObject(asObject(host)["roles"]));
  return services.flatMap(([service, roles]) => (Array.isArray(roles) ? roles.map((role) => `${service}:${String(role)}`) : []));
}

/** By interface, sorted: mkr's answer is a sorted map. */
function addressesOf(host: unknown): Record<string, string> {
  const pairs = listIn(host, "interfaces").map((one): [string, string] => [textIn(one, "name"), textIn(one, "ipAddress")]);
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a template sees: the whole host, and what mkr's methods give. */
const forTemplate = (host: unknown): object => ({
  ...asObject(host),
  GetRoleFullnames: rolesOf(host),
  IPAddresses: addressesOf(host),
});

export async function listHosts(call: Call): Promise<number> {
  if (call.list("role").length > 0 && !call.has("service"))
    throw usageError(
      "--role needs --service: roles belong to services.",
      "--role には --service が必要です（ロールはサービスに属します）。",
    );
  const api = await call.api();
  const answer = await api.get("/api/v0/hosts", {
    name: call.text("name"),
    service: call.text("service"),
    customIdentifier: call.text("customIdentifier"),
    role: call.list("role"),
    status: call.list("status"),
  });
  const hosts = listIn(answer, "hosts");
  await call.print(call.isOn("verbose") ? hosts : hosts.map(shortHost), hosts.map(forTemplate));
  return exitCodes.done;
}

export async function showHost(call: Call): Promise<number> {
  const id = await call.hostId(call.operands[0]);
  const api = await call.api();
  const { host } = asObject(await api.get(v0`hosts/${id}`));
  if (!call.isOn("verbose")) {
    await call.print(shortHost(host), forTemplate(host));
    return exitCodes.done;
  }
  const metrics = listIn(await api.get(v0`hosts/${id}/metric-names`), "names");
  await call.print({ ...asObject(host), ...(metrics.length === 0 ? {} : { metrics }) }, { ...forTemplate(host), metrics });
  return exitCodes.done;
}

export async function createHost(call: Call): Promise<number> {
  const api = await call.api();
  const [name = ""] = call.operands;
  const roles = call.list("roleFullname");
  const { id } = asObject(
    await api.call("POST", "/api/v0/hosts", {
      name,
      meta: {},
      interfaces: [],
      ...(roles.length === 0 ? {} : { roleFullnames: roles }),
      ...given(call, ["customIdentifier", "displayName", "memo"]),
    }),
  );
  const host = String(id);
  call.log("created", host);
  const status = call.text("status");
  if (status !== undefined) {
    await api.call("POST", v0`hosts/${host}/status`, { status });
    call.log("updated", `${host} ${status}`);
  }
  if (call.has("format")) {
    const { host: made } = asObject(await api.get(v0`hosts/${host}`));
    await call.print(shortHost(made), forTemplate(made));
  }
  return exitCodes.done;
}

const given = (call: Call, flags: readonly string[]): Record<string, string> =>
  Object.fromEntries(flags.flatMap((flag) => (call.text(flag) === undefined ? [] : [[flag, call.text(flag) ?? ""]])));

/** Only what was named is sent, so that what the agent reports meanwhile is not overwritten with what it reported before. */
export async function updateHosts(call: Call): Promise<number> {
  const status = call.text("status");
  const roles = call.list("roleFullname");
  const changes = given(call, ["name", "displayName", "memo"]);
  const replacesRoles = call.isOn("overwriteRoles");
  if (status === undefined && roles.length === 0 && !replacesRoles && Object.keys(changes).length === 0)
    throw usageError(
      "`update` needs something to change: --name, --displayName, --status, --roleFullname, --overwriteRoles or --memo.",
      "`update` には変更する内容が必要です: --name、--displayName、--status、--roleFullname、--overwriteRoles、--memo。",
    );
  const ids = call.operands.length > 0 ? call.operands : [await call.hostId()];
  const api = await call.api();
  for (const id of ids) {
    if (status !== undefined) await api.call("POST", v0`hosts/${id}/status`, { status });
    if (replacesRoles) await api.call("PUT", v0`hosts/${id}/role-fullnames`, { roleFullnames: roles });
    const body = { ...changes, ...(replacesRoles || roles.length === 0 ? {} : { roleFullnames: roles }) };
    if (Object.keys(body).length > 0) await api.call("PUT", v0`hosts/${id}`, body);
    call.log("updated", id);
  }
  return exitCodes.done;
}
