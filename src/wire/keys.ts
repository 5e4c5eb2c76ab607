import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { KeyRights } from "./permissions.ts";
import { Done, Id, OrgParams, UnixMsNumber } from "./shapes.ts";

export const KeyName = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S", description: "What the key is for." });

export const Key = Type.Object({
  id: Id,
  name: Type.String(),
  rights: KeyRights,
  state: Type.Union([Type.Literal("active"), Type.Literal("expired"), Type.Literal("revoked")]),
  /** `person:…` or `system:…`. */
  createdBy: Type.String(),
  createdByName: Type.Optional(Type.String()),
  createdAt: UnixMsNumber,
  expiresAt: Type.Optional(UnixMsNumber),
  /** Addresses and networks (CIDR) it may be used from; empty means anywhere. */
  networks: Type.Array(Type.String()),
  /** To the minute. */
  lastUsedAt: Type.Optional(UnixMsNumber),
  revokedAt: Type.Optional(UnixMsNumber),
  /** The server's own agent uses it. */
  isLocalAgent: Type.Boolean(),
});
export type Key = Static<typeof Key>;

export const listKeys = contract({
  method: "GET",
  path: "/orgs/:org/keys",
  summary: "List the API keys, newest first",
  tag: "keys",
  access: "organisation",
  needs: "key.view",
  params: OrgParams,
  query: Type.Object({
    text: Type.Optional(Type.String({ maxLength: 200, description: "Part of a name." })),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: "50 when absent." })),
    includeRevoked: Type.Optional(Type.Boolean()),
  }),
  response: Type.Object({ keys: Type.Array(Key), total: Type.Integer() }),
});

export const createKey = contract({
  method: "POST",
  path: "/orgs/:org/keys",
  summary: "Create an API key; the secret is in this answer and nowhere else",
  tag: "keys",
  access: "organisation",
  needs: "key.change",
  params: OrgParams,
  body: Type.Object({
    name: KeyName,
    rights: KeyRights,
    expiresAt: Type.Optional(UnixMsNumber),
    networks: Type.Optional(
      Type.Array(Type.String({ maxLength: 50 }), { maxItems: 32, description: "Addresses or networks in CIDR notation." }),
    ),
  }),
  response: Type.Object({
    key: Key,
    /** What goes into X-Api-Key, shown this once. */
    secret: Type.String(),
  }),
});

export const revokeKey = contract({
  method: "DELETE",
  path: "/orgs/:org/keys/:id",
  summary: "Revoke an API key",
  tag: "keys",
  access: "organisation",
  needs: "key.change",
  params: Type.Object({ org: OrgParams.properties.org, id: Id }),
  response: Done,
});
