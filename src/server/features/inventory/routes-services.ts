import { scopeOf, serve, type Actor, type Served } from "#http";
import * as wire from "#wire/services";
import { changeRole } from "./change-role.ts";
import { changeService } from "./change-service.ts";
import { createRole } from "./create-role.ts";
import { createService } from "./create-service.ts";
import { deleteMetadata } from "./delete-metadata.ts";
import { deleteRole } from "./delete-role.ts";
import { deleteService } from "./delete-service.ts";
import { findRole } from "./find.ts";
import type { Inventory } from "./inventory.ts";
import type { MetadataOwner } from "./metadata-owner.ts";
import { putMetadata } from "./put-metadata.ts";
import { membersOfRole, type MemberRecord } from "./read-hosts.ts";
import { listMetadata, readMetadata } from "./read-metadata.ts";
import { pageOfServices, readService } from "./read-services.ts";

const done = { success: true } as const;
const defaultLimit = 50;

export function registerServiceRoutes(served: Served, inventory: Inventory): void {
  registerServices(served, inventory);
  registerRoles(served, inventory);
  registerHostMetadata(served, inventory);
  registerServiceMetadata(served, inventory);
  registerRoleMetadata(served, inventory);
}

const oneService = (inventory: Inventory, actor: Actor, name: string) => inventory.db.tx(scopeOf(actor), (tx) => readService(tx, name));

/** A role as its service lists it. @throws "not-found" */
async function oneRole(inventory: Inventory, actor: Actor, name: { service: string; role: string }) {
  return inventory.db.tx(scopeOf(actor), async (tx) => {
    const row = await findRole(tx, name);
    const { roles } = await readService(tx, name.service);
    return roles.find((role) => role.name === name.role) ?? { name: row.name, memo: row.memo, hosts: 0, createdAt: row.created_at };
  });
}

function registerServices(served: Served, inventory: Inventory): void {
  serve(served, wire.listServices, ({ actor, query }) => {
    const page = { offset: query.offset ?? 0, limit: query.limit ?? defaultLimit, ...(query.text ? { text: query.text } : {}) };
    return inventory.db.tx(scopeOf(actor), (tx) => pageOfServices(tx, page));
  });
  serve(served, wire.getService, ({ actor, params }) => oneService(inventory, actor, params.service));
  serve(served, wire.createService, async ({ actor, body }) => {
    await createService(inventory, actor, { name: body.name, memo: body.memo ?? "" });
    return oneService(inventory, actor, body.name);
  });
  serve(served, wire.changeService, async ({ actor, params, body }) => {
    await changeService(inventory, actor, { name: params.service, memo: body.memo });
    return oneService(inventory, actor, params.service);
  });
  serve(served, wire.deleteService, async ({ actor, params }) => {
    await inventory.serviceDeleted(await deleteService(inventory, actor, params.service));
    return done;
  });
}

function registerRoles(served: Served, inventory: Inventory): void {
  serve(served, wire.listRoles, async ({ actor, params }) => ({ roles: (await oneService(inventory, actor, params.service)).roles }));
  serve(served, wire.createRole, async ({ actor, params, body }) => {
    await createRole(inventory, actor, { service: params.service, role: body.name, memo: body.memo ?? "" });
    return oneRole(inventory, actor, { service: params.service, role: body.name });
  });
  serve(served, wire.changeRole, async ({ actor, params, body }) => {
    const name = { service: params.service, role: params.role };
    await changeRole(inventory, actor, { ...name, ...body });
    return oneRole(inventory, actor, name);
  });
  serve(served, wire.deleteRole, async ({ actor, params }) => {
    await deleteRole(inventory, actor, { service: params.service, role: params.role });
    return done;
  });
  serve(served, wire.listRoleMembers, async ({ actor, params, query }) => {
    const { from, to, offset = 0, limit = defaultLimit } = query;
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const members = await inventory.db.tx(scopeOf(actor), async (tx) => membersOfRole(tx, (await findRole(tx, params)).id, range));
    return { members: members.slice(offset, offset + limit).map(memberOf), total: members.length };
  });
}

const memberOf = (member: MemberRecord) => ({
  id: member.id,
  name: member.name,
  ...(member.display_name === "" ? {} : { displayName: member.display_name }),
  status: member.status,
  isRetired: member.retired_at !== null,
  during: member.during.map(({ from, to }) => ({ from, ...(to === null ? {} : { to }) })),
});

const list = async (inventory: Inventory, actor: Actor, owner: MetadataOwner) => ({
  metadata: await inventory.db.tx(scopeOf(actor), (tx) => listMetadata(tx, owner)),
});

async function get(inventory: Inventory, actor: Actor, owner: MetadataOwner, namespace: string) {
  const row = await inventory.db.tx(scopeOf(actor), (tx) => readMetadata(tx, { owner, namespace }));
  return { namespace, updatedAt: row.updated_at, text: row.document };
}

function registerHostMetadata(served: Served, inventory: Inventory): void {
  serve(served, wire.listHostMetadata, ({ actor, params }) => list(inventory, actor, { host: params.id }));
  serve(served, wire.getHostMetadata, ({ actor, params }) => get(inventory, actor, { host: params.id }, params.namespace));
  serve(served, wire.putHostMetadata, async ({ actor, params, body }) => {
    await putMetadata(inventory, actor, { owner: { host: params.id }, namespace: params.namespace, document: body.text });
    return done;
  });
  serve(served, wire.deleteHostMetadata, async ({ actor, params }) => {
    await deleteMetadata(inventory, actor, { owner: { host: params.id }, namespace: params.namespace });
    return done;
  });
}

function registerServiceMetadata(served: Served, inventory: Inventory): void {
  serve(served, wire.listServiceMetadata, ({ actor, params }) => list(inventory, actor, { service: params.service }));
  serve(served, wire.getServiceMetadata, ({ actor, params }) => get(inventory, actor, { service: params.service }, params.namespace));
  serve(served, wire.putServiceMetadata, async ({ actor, params, body }) => {
    await putMetadata(inventory, actor, { owner: { service: params.service }, namespace: params.namespace, document: body.text });
    return done;
  });
  serve(served, wire.deleteServiceMetadata, async ({ actor, params }) => {
    await deleteMetadata(inventory, actor, { owner: { service: params.service }, namespace: params.namespace });
    return done;
  });
}

function registerRoleMetadata(served: Served, inventory: Inventory): void {
  const ownerOf = ({ service, role }: { service: string; role: string }) => ({ service, role });
  serve(served, wire.listRoleMetadata, ({ actor, params }) => list(inventory, actor, ownerOf(params)));
  serve(served, wire.getRoleMetadata, ({ actor, params }) => get(inventory, actor, ownerOf(params), params.namespace));
  serve(served, wire.putRoleMetadata, async ({ actor, params, body }) => {
    await putMetadata(inventory, actor, { owner: ownerOf(params), namespace: params.namespace, document: body.text });
    return done;
  });
  serve(served, wire.deleteRoleMetadata, async ({ actor, params }) => {
    await deleteMetadata(inventory, actor, { owner: ownerOf(params), namespace: params.namespace });
    return done;
  });
}
