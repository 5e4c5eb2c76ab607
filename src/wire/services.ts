import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { HostStatus, Limit, Memo, Offset, common, hostParams } from "./inventory.ts";
import { Done, Id, NoDataMinutes, OrgParams, ServiceName, UnixMsNumber } from "./shapes.ts";

/** A role of a service; `hosts` counts its present members. */
export const Role = Type.Object({
  name: Type.String(),
  memo: Type.String(),
  hosts: Type.Integer(),
  createdAt: UnixMsNumber,
  noDataMinutes: Type.Optional(NoDataMinutes),
});
export type Role = Static<typeof Role>;

/** A service; `hosts` counts the present members of all its roles, each host once. */
export const Service = Type.Object({
  name: Type.String(),
  memo: Type.String(),
  hosts: Type.Integer(),
  createdAt: UnixMsNumber,
  roles: Type.Array(Role),
});
export type Service = Static<typeof Service>;

const serviceParams = Type.Object({ ...OrgParams.properties, service: Type.String({ maxLength: 63 }) });
const roleParams = Type.Object({ ...serviceParams.properties, role: Type.String({ maxLength: 63 }) });
const NewNamed = Type.Object({ name: ServiceName, memo: Type.Optional(Memo) });
const ChangedRole = Type.Object({
  memo: Type.Optional(Memo),
  noDataMinutes: Type.Optional(
    Type.Union([NoDataMinutes, Type.Null()], {
      description: "For the role's hosts; null = as the organisation has it. What is absent stays.",
    }),
  ),
});
const ChangedMemo = Type.Object({ memo: Memo });

export const listServices = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/services",
  summary: "List services with their roles, by name",
  needs: "inventory.view",
  params: OrgParams,
  query: Type.Object({ text: Type.Optional(Type.String({ maxLength: 100 })), offset: Offset, limit: Limit }),
  response: Type.Object({ services: Type.Array(Service), total: Type.Integer() }),
});

export const createService = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/services",
  summary: "Create a service",
  needs: "service.change",
  params: OrgParams,
  body: NewNamed,
  response: Service,
});

export const getService = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/services/:service",
  summary: "Show a service with its roles",
  needs: "inventory.view",
  params: serviceParams,
  response: Service,
});

export const changeService = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/services/:service",
  summary: "Change a service's memo",
  needs: "service.change",
  params: serviceParams,
  body: ChangedMemo,
  response: Service,
});

export const deleteService = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/services/:service",
  summary: "Delete a service with its roles; its hosts stay",
  needs: "service.change",
  params: serviceParams,
  response: Done,
});

export const listRoles = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/services/:service/roles",
  summary: "List the roles of a service, by name",
  needs: "inventory.view",
  params: serviceParams,
  response: Type.Object({ roles: Type.Array(Role) }),
});

export const createRole = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/services/:service/roles",
  summary: "Create a role",
  needs: "service.change",
  params: serviceParams,
  body: NewNamed,
  response: Role,
});

export const changeRole = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/services/:service/roles/:role",
  summary: "Change a role's memo or the time without data that its hosts are allowed",
  needs: "service.change",
  params: roleParams,
  body: ChangedRole,
  response: Role,
});

export const deleteRole = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/services/:service/roles/:role",
  summary: "Delete a role; its hosts stay",
  needs: "service.change",
  params: roleParams,
  response: Done,
});

/** A host that belongs or belonged to a role. `to` is absent while it still does. */
export const RoleMember = Type.Object({
  id: Id,
  name: Type.String(),
  displayName: Type.Optional(Type.String()),
  status: HostStatus,
  isRetired: Type.Boolean(),
  during: Type.Array(Type.Object({ from: UnixMsNumber, to: Type.Optional(UnixMsNumber) })),
});
export type RoleMember = Static<typeof RoleMember>;

export const listRoleMembers = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/services/:service/roles/:role/members",
  summary: "List the hosts that ever belonged to a role, past and retired ones too",
  needs: "inventory.view",
  params: roleParams,
  query: Type.Object({
    from: Type.Optional(UnixMsNumber),
    to: Type.Optional(UnixMsNumber),
    offset: Offset,
    limit: Limit,
  }),
  response: Type.Object({ members: Type.Array(RoleMember), total: Type.Integer() }),
});

export const MetadataNamespace = Type.String({ pattern: "^[-a-zA-Z0-9_]{1,255}$" });

/** Largest metadata document, in bytes of UTF-8. */
export const mostMetadataBytes = 100 * 1024;

const MetadataList = Type.Object({
  metadata: Type.Array(Type.Object({ namespace: Type.String(), updatedAt: UnixMsNumber, bytes: Type.Integer() })),
});
const MetadataDocument = Type.Object({
  namespace: Type.String(),
  updatedAt: UnixMsNumber,
  text: Type.String({ description: "The document as JSON text, spelled exactly as it was written." }),
});
export type MetadataDocument = Static<typeof MetadataDocument>;
const MetadataInput = Type.Object({ text: Type.String({ maxLength: mostMetadataBytes, description: "The document as JSON text." }) });

const withNamespace = { namespace: MetadataNamespace };
const hostNamespace = Type.Object({ ...hostParams.properties, ...withNamespace });
const serviceNamespace = Type.Object({ ...serviceParams.properties, ...withNamespace });
const roleNamespace = Type.Object({ ...roleParams.properties, ...withNamespace });
const view = { ...common, method: "GET", needs: "inventory.view" } as const;
const put = { ...common, method: "PUT", needs: "metadata.change", body: MetadataInput, response: Done, bodyLimit: 700 * 1024 } as const;
const remove = { ...common, method: "DELETE", needs: "metadata.change", response: Done } as const;

const hostMetadataPath = "/orgs/:org/hosts/:id/metadata";
export const listHostMetadata = contract({
  ...view,
  path: hostMetadataPath,
  summary: "List a host's metadata",
  params: hostParams,
  response: MetadataList,
});
export const getHostMetadata = contract({
  ...view,
  path: `${hostMetadataPath}/:namespace`,
  summary: "Show a metadata document of a host",
  params: hostNamespace,
  response: MetadataDocument,
});
export const putHostMetadata = contract({
  ...put,
  path: `${hostMetadataPath}/:namespace`,
  summary: "Write a metadata document of a host",
  params: hostNamespace,
});
export const deleteHostMetadata = contract({
  ...remove,
  path: `${hostMetadataPath}/:namespace`,
  summary: "Delete a metadata document of a host",
  params: hostNamespace,
});

const serviceMetadataPath = "/orgs/:org/services/:service/metadata";
export const listServiceMetadata = contract({
  ...view,
  path: serviceMetadataPath,
  summary: "List a service's metadata",
  params: serviceParams,
  response: MetadataList,
});
export const getServiceMetadata = contract({
  ...view,
  path: `${serviceMetadataPath}/:namespace`,
  summary: "Show a metadata document of a service",
  params: serviceNamespace,
  response: MetadataDocument,
});
export const putServiceMetadata = contract({
  ...put,
  path: `${serviceMetadataPath}/:namespace`,
  summary: "Write a metadata document of a service",
  params: serviceNamespace,
});
export const deleteServiceMetadata = contract({
  ...remove,
  path: `${serviceMetadataPath}/:namespace`,
  summary: "Delete a metadata document of a service",
  params: serviceNamespace,
});

const roleMetadataPath = "/orgs/:org/services/:service/roles/:role/metadata";
export const listRoleMetadata = contract({
  ...view,
  path: roleMetadataPath,
  summary: "List a role's metadata",
  params: roleParams,
  response: MetadataList,
});
export const getRoleMetadata = contract({
  ...view,
  path: `${roleMetadataPath}/:namespace`,
  summary: "Show a metadata document of a role",
  params: roleNamespace,
  response: MetadataDocument,
});
export const putRoleMetadata = contract({
  ...put,
  path: `${roleMetadataPath}/:namespace`,
  summary: "Write a metadata document of a role",
  params: roleNamespace,
});
export const deleteRoleMetadata = contract({
  ...remove,
  path: `${roleMetadataPath}/:namespace`,
  summary: "Delete a metadata document of a role",
  params: roleNamespace,
});
