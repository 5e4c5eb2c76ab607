import { HinobanError } from "#base/errors";
import type { Act } from "./act.ts";
import { demandHost, findRole, findService, lockHost } from "./find.ts";
import type { RoleName } from "./model.ts";

/** What a metadata document hangs on. */
export type MetadataOwner = { readonly host: string } | { readonly service: string; readonly role?: undefined } | RoleName;

/** Documents that one owner may have. */
export const mostDocuments = { host: 50, service: 50, role: 10 } as const;

/** The owner as tables and the ledger name it, for a change. @throws "not-found", "gone" for a retired host */
export async function changeableOwner({ tx }: Pick<Act, "tx">, owner: MetadataOwner): Promise<string> {
  if ("host" in owner) return `host:${(await lockHost(tx, owner.host)).id}`;
  return readableOwner({ tx }, owner);
}

/** @throws "not-found" */
export async function readableOwner({ tx }: Pick<Act, "tx">, owner: MetadataOwner): Promise<string> {
  if ("host" in owner) {
    await demandHost(tx, owner.host);
    return `host:${owner.host}`;
  }
  if (owner.role === undefined) return `service:${(await findService(tx, owner.service)).id}`;
  return `role:${(await findRole(tx, { service: owner.service, role: owner.role })).id}`;
}

export const noDocument = (namespace: string): HinobanError =>
  new HinobanError("not-found", `There is no metadata in the namespace ${namespace}.`, { namespace });
