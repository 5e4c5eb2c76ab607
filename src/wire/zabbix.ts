import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, OrgParams, UnixMsNumber } from "./shapes.ts";

const common = { tag: "zabbix", access: "organisation" } as const;

export const PskIdentity = Type.String({
  minLength: 1,
  maxLength: 128,
  pattern: "^[\\x21-\\x7e](?:[\\x20-\\x7e]*[\\x21-\\x7e])?$",
  description: "TLSPSKIdentity of the agent: 1-128 printable ASCII characters. It travels in clear, so it must be no secret.",
});
/** 16 to 256 bytes. */
export const PskKey = Type.String({
  pattern: "^(?:[0-9A-Fa-f]{2}){16,256}$",
  description: "The key as hexadecimal digits: 32 to 512 of them, an even number.",
});
const ZabbixHostName = Type.String({ minLength: 1, maxLength: 255, pattern: "\\S", description: "Hostname of the agent." });
const Networks = Type.Array(Type.String({ maxLength: 50 }), {
  maxItems: 100,
  description: "Addresses or networks in CIDR notation from which agents may report without encryption; empty: only with a key.",
});

/** A connection that was not let in. */
export const ZabbixRefusal = Type.Object({
  at: UnixMsNumber,
  address: Type.String(),
  reason: Type.Union([
    Type.Literal("network"),
    Type.Literal("unknown-identity"),
    Type.Literal("wrong-key"),
    Type.Literal("unknown-host"),
    Type.Literal("other-host"),
    Type.Literal("bad-packet"),
  ]),
  /** The identity or host name that was told, if any. */
  name: Type.String(),
  /** How many alike were counted since. */
  count: Type.Integer(),
});
export type ZabbixRefusal = Static<typeof ZabbixRefusal>;

export const ZabbixSettings = Type.Object({
  /** Where agents find the server; 0 when it does not listen for them. */
  port: Type.Integer(),
  /** Why it does not listen, when it should. */
  problem: Type.Optional(Type.String()),
  networks: Networks,
  autoregister: Type.Boolean({ description: "Whether agents that are not known yet become hosts." }),
  /** The newest first; what this server process remembers. */
  refusals: Type.Array(ZabbixRefusal),
});
export type ZabbixSettings = Static<typeof ZabbixSettings>;

export const getZabbixSettings = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/zabbix",
  summary: "Show who may report as a Zabbix agent, and who was refused lately",
  needs: "inventory.view",
  params: OrgParams,
  response: ZabbixSettings,
});

export const changeZabbixSettings = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/zabbix",
  summary: "Change who may report as a Zabbix agent",
  needs: "organisation.change",
  params: OrgParams,
  body: Type.Object({ networks: Networks, autoregister: Type.Boolean() }),
  response: ZabbixSettings,
});

export const ZabbixPsk = Type.Object({
  id: Id,
  identity: Type.String(),
  /** The only host that may report by it; absent: any of the organisation. */
  hostName: Type.Optional(Type.String()),
  /** `person:…`. */
  createdBy: Type.String(),
  createdAt: UnixMsNumber,
  /** To the minute. */
  lastUsedAt: Type.Optional(UnixMsNumber),
});
export type ZabbixPsk = Static<typeof ZabbixPsk>;

const Page = {
  text: Type.Optional(Type.String({ maxLength: 200, description: "Part of a name." })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: "50 when absent." })),
};

export const listZabbixPsks = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/zabbix/psks",
  summary: "List the pre-shared keys of Zabbix agents, newest first",
  needs: "key.view",
  params: OrgParams,
  query: Type.Object(Page),
  response: Type.Object({ psks: Type.Array(ZabbixPsk), total: Type.Integer() }),
});

export const createZabbixPsk = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/zabbix/psks",
  summary: "Create a pre-shared key, or take over one that agents have; a made one is in this answer and nowhere else",
  needs: "key.change",
  params: OrgParams,
  body: Type.Object({
    identity: Type.Optional(PskIdentity),
    hostName: Type.Optional(ZabbixHostName),
    key: Type.Optional(PskKey),
  }),
  response: Type.Object({
    psk: ZabbixPsk,
    /** 64 hexadecimal digits for the agent's TLSPSKFile, shown this once; absent when the key was given. */
    key: Type.Optional(Type.String()),
  }),
});

export const revokeZabbixPsk = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/zabbix/psks/:id",
  summary: "Revoke a pre-shared key",
  needs: "key.change",
  params: Type.Object({ ...OrgParams.properties, id: Id }),
  response: Done,
});

export const ZabbixHost = Type.Object({
  /** What the agent calls itself. */
  name: Type.String(),
  hostId: Id,
  agent: Type.Union([Type.Literal("agent"), Type.Literal("agent2"), Type.Literal("sender")]),
  version: Type.Optional(Type.String()),
  metadata: Type.Optional(Type.String()),
  address: Type.String(),
  /** Identity of the key it used last; absent: without encryption. */
  pskIdentity: Type.Optional(Type.String()),
  lastSeenAt: UnixMsNumber,
  /** When values came last. */
  lastDataAt: Type.Optional(UnixMsNumber),
  /** Whether its heartbeat stays away; absent for agents that send none. */
  isHeartbeatLate: Type.Optional(Type.Boolean()),
  /** The agent's clock against the server's in ms; positive: ahead. */
  clockOffset: Type.Optional(Type.Integer()),
  /** Items that the agent cannot deliver. */
  unsupported: Type.Array(
    Type.Object({
      key: Type.String(),
      message: Type.String(),
      since: UnixMsNumber,
      /** Other items stand in for it. */
      isReplaced: Type.Boolean(),
    }),
  ),
  /** Values left out since the host is known: texts that are no metrics. */
  textValues: Type.Integer(),
  /** Values left out since the host is known: times more than a day off. */
  lateValues: Type.Integer(),
});
export type ZabbixHost = Static<typeof ZabbixHost>;

export const listZabbixHosts = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/zabbix/hosts",
  summary: "List the hosts that report as Zabbix agents, by name",
  needs: "inventory.view",
  params: OrgParams,
  query: Type.Object(Page),
  response: Type.Object({ hosts: Type.Array(ZabbixHost), total: Type.Integer() }),
});
