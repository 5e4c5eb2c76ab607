import { days, unixMs } from "#base/duration";
import { HinobanError, invalidInput } from "#base/errors";
import { JsonText, scopeOf, textOf, type V0, type V0Call } from "#http";
import type { Service } from "#wire/services";
import { createRole } from "./create-role.ts";
import { createService } from "./create-service.ts";
import { deleteMetadata } from "./delete-metadata.ts";
import { deleteRole } from "./delete-role.ts";
import { deleteService } from "./delete-service.ts";
import { findRole } from "./find.ts";
import type { Inventory } from "./inventory.ts";
import type { MetadataOwner } from "./metadata-owner.ts";
import { isServiceName } from "./model.ts";
import { putMetadata } from "./put-metadata.ts";
import { readHost } from "./read-hosts.ts";
import { listMetadata, readMetadata } from "./read-metadata.ts";
import { allServices, readService } from "./read-services.ts";
import { namedOf } from "./v0-input.ts";

const done = { success: true };

export function registerServicesV0(v0: V0, inventory: Inventory): void {
  registerServices(v0, inventory);
  registerRoles(v0, inventory);
  registerMetadata(v0, inventory, "/hosts/:id", ({ params }) => ({ host: params["id"] ?? "" }));
  registerMetadata(v0, inventory, "/services/:service", ({ params }) => ({ service: params["service"] ?? "" }));
  registerMetadata(v0, inventory, "/services/:service/roles/:role", ({ params }) => ({
    service: params["service"] ?? "",
    role: params["role"] ?? "",
  }));
}

const v0Service = ({ name, memo, roles }: Service): object => ({ name, memo, roles: roles.map((role) => role.name) });

function demandName(name: string): void {
  if (!isServiceName(name))
    throw invalidInput([{ field: "name", problem: 'must be 2-63 letters, digits, "_" and "-", beginning with a letter or digit' }]);
}

function registerServices(v0: V0, inventory: Inventory): void {
  v0.route({ method: "GET", path: "/services", needs: "inventory.view" }, async ({ actor }) => {
    const services = await inventory.db.tx(scopeOf(actor), allServices);
    return { services: services.map(v0Service) };
  });
  v0.route({ method: "POST", path: "/services", needs: "service.change" }, async ({ actor, body }) => {
    const { name, memo } = namedOf(body);
    demandName(name);
    await createService(inventory, actor, { name, memo });
    return { name, memo, roles: [] };
  });
  v0.route({ method: "DELETE", path: "/services/:service", needs: "service.change" }, async ({ actor, params }) => {
    const name = params["service"] ?? "";
    const before = await inventory.db.tx(scopeOf(actor), (tx) => readService(tx, name));
    await inventory.serviceDeleted(await deleteService(inventory, actor, name));
    return v0Service(before);
  });
}

function registerRoles(v0: V0, inventory: Inventory): void {
  v0.route({ method: "GET", path: "/services/:service/roles", needs: "inventory.view" }, async ({ actor, params }) => {
    const { roles } = await inventory.db.tx(scopeOf(actor), (tx) => readService(tx, params["service"] ?? ""));
    return { roles: roles.map(({ name, memo }) => ({ name, memo })) };
  });
  v0.route({ method: "POST", path: "/services/:service/roles", needs: "service.change" }, async ({ actor, params, body }) => {
    const { name, memo } = namedOf(body);
    demandName(name);
    await createRole(inventory, actor, { service: params["service"] ?? "", role: name, memo });
    return { name, memo };
  });
  v0.route({ method: "DELETE", path: "/services/:service/roles/:role", needs: "service.change" }, async ({ actor, params }) => {
    const name = { service: params["service"] ?? "", role: params["role"] ?? "" };
    const before = await inventory.db.tx(scopeOf(actor), (tx) => findRole(tx, name));
    await deleteRole(inventory, actor, name);
    return { name: before.name, memo: before.memo };
  });
}

/** How long the metadata of a retired host can still be read here. */
const readableAfterRetirement = days(7);

function registerMetadata(v0: V0, inventory: Inventory, owned: string, ownerOf: (call: V0Call) => MetadataOwner): void {
  const path = `${owned}/metadata`;
  v0.route({ method: "GET", path, needs: "inventory.view" }, async (call) => {
    const owner = ownerOf(call);
    await demandReadable(inventory, call, owner);
    const metadata = await inventory.db.tx(scopeOf(call.actor), (tx) => listMetadata(tx, owner));
    return { metadata: metadata.map(({ namespace }) => ({ namespace })) };
  });
  v0.route({ method: "GET", path: `${path}/:namespace`, needs: "inventory.view" }, async (call) => {
    const owner = ownerOf(call);
    await demandReadable(inventory, call, owner);
    const row = await inventory.db.tx(scopeOf(call.actor), (tx) => readMetadata(tx, { owner, namespace: call.params["namespace"] ?? "" }));
    call.header("last-modified", new Date(row.updated_at).toUTCString()); // Mackerel's client takes an answer without it for an error
    return new JsonText(row.document);
  });
  v0.route({ method: "PUT", path: `${path}/:namespace`, needs: "metadata.change" }, async (call) => {
    await putMetadata(inventory, call.actor, {
      owner: ownerOf(call),
      namespace: call.params["namespace"] ?? "",
      document: textOf(call.body),
    });
    return done;
  });
  v0.route({ method: "DELETE", path: `${path}/:namespace`, needs: "metadata.change" }, async (call) => {
    await deleteMetadata(inventory, call.actor, { owner: ownerOf(call), namespace: call.params["namespace"] ?? "" });
    return done;
  });
}

async function demandReadable(inventory: Inventory, { actor }: V0Call, owner: MetadataOwner): Promise<void> {
  if (!("host" in owner)) return;
  const { retired_at } = await inventory.db.tx(scopeOf(actor), (tx) => readHost(tx, owner.host));
  if (retired_at !== null && inventory.clock.now() > unixMs(retired_at + readableAfterRetirement)) {
    throw new HinobanError("gone", "The host was retired more than a week ago.", { id: owner.host });
  }
}
