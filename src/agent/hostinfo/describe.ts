import type { AgentConfig } from "../config.ts";
import type { JsonObject } from "../json.ts";
import type { SystemReader } from "../system.ts";
import { agentName, agentVersion } from "../version.ts";
import { linuxMeta } from "./linux.ts";
import { macosMeta, osMeta } from "./other.ts";

/** The key of `meta` that carries the installation's random name. */
export const instanceKey = "hinoban-instance";

/** What POST and PUT of a host take; `checks` are the names and memos of all its checks. Settings that are not set are left out, so that what somebody typed on the screen stays. */
export async function describeHost(
  config: AgentConfig,
  reader: SystemReader,
  platform: string,
  instance: string,
  checks?: readonly JsonObject[],
): Promise<JsonObject> {
  return {
    name: config.hostName ?? reader.os.hostname(),
    ...(config.displayName === undefined ? {} : { displayName: config.displayName }),
    ...(config.memo === undefined ? {} : { memo: config.memo }),
    ...(config.customIdentifier === undefined ? {} : { customIdentifier: config.customIdentifier }),
    ...(config.roles.length === 0 ? {} : { roleFullnames: config.roles }),
    meta: { "agent-name": agentName, "agent-version": agentVersion, [instanceKey]: instance, ...(await metaOf(platform, reader)) },
    interfaces: interfacesOf(reader),
    ...(checks === undefined ? {} : { checks }),
  };
}

function metaOf(platform: string, reader: SystemReader): Promise<JsonObject> {
  if (platform === "linux") return linuxMeta(reader);
  return platform === "darwin" ? macosMeta(reader) : Promise.resolve(osMeta(reader));
}

/** Interfaces that lead out of the machine, without the ends of container pairs. */
export function interfacesOf(reader: SystemReader): readonly JsonObject[] {
  const interfaces: JsonObject[] = [];
  for (const [name, addresses = []] of Object.entries(reader.os.networkInterfaces())) {
    const outer = addresses.filter((address) => !address.internal);
    if (outer.length === 0 || name.startsWith("veth")) continue;
    interfaces.push({
      name,
      macAddress: outer[0]?.mac ?? "",
      ipv4Addresses: outer.filter((address) => address.family === "IPv4").map((address) => address.address),
      ipv6Addresses: outer.filter((address) => address.family === "IPv6").map((address) => address.address),
    });
  }
  return interfaces;
}
