import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, OrgParams, RoleFullName, UnixMsNumber } from "./shapes.ts";

/** Mackerel's four; only `working` and `standby` hosts are watched. */
export const hostStatuses = ["working", "standby", "maintenance", "poweroff"] as const;
export const HostStatus = Type.Union([
  Type.Literal("working"),
  Type.Literal("standby"),
  Type.Literal("maintenance"),
  Type.Literal("poweroff"),
]);
export type HostStatus = Static<typeof HostStatus>;

export const CheckStatus = Type.Union([Type.Literal("OK"), Type.Literal("WARNING"), Type.Literal("CRITICAL"), Type.Literal("UNKNOWN")]);
export type CheckStatus = Static<typeof CheckStatus>;

/** Most hosts in one bulk act, and most rows in one page. */
export const mostPerPage = 200;

/**
 * Whether data comes from a host as it should: `reporting`; `silent` (none for longer than its threshold); `never` (registered, but
 * nothing came yet); `unwatched` (in maintenance, powered off or retired). Time in which no server listened does not count as silence.
 */
export const Connectivity = Type.Union([
  Type.Literal("reporting"),
  Type.Literal("silent"),
  Type.Literal("never"),
  Type.Literal("unwatched"),
]);
export type Connectivity = Static<typeof Connectivity>;

const NumberOrNull = Type.Unsafe<number | null>({ type: ["number", "null"] });
export const Offset = Type.Optional(
  Type.Integer({ minimum: 0, maximum: 1_000_000, description: "How many rows to leave out; 0 when absent." }),
);
export const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: mostPerPage, description: "Rows in the page; 50 when absent." }));
export const Memo = Type.String({ maxLength: 10_000 });
const HostName = Type.String({ minLength: 1, maxLength: 255 });
const DisplayName = Type.String({ maxLength: 255, description: "Shown instead of the name; an empty text means: show the name." });
const RoleFullNames = Type.Array(RoleFullName, { maxItems: 100 });

export const HostInterface = Type.Object({
  name: Type.String(),
  macAddress: Type.Optional(Type.String()),
  ipv4Addresses: Type.Array(Type.String()),
  ipv6Addresses: Type.Array(Type.String()),
});
export type HostInterface = Static<typeof HostInterface>;

/** The newest figures of a host; null where it never posted what the figure is made of, or not within the last 15 minutes. */
export const HostFigures = Type.Object({
  loadavg5: NumberOrNull,
  cpuPercent: NumberOrNull,
  memoryPercent: NumberOrNull,
  at: Type.Optional(UnixMsNumber),
});
export type HostFigures = Static<typeof HostFigures>;

const summary = {
  id: Id,
  name: Type.String(),
  displayName: Type.Optional(Type.String()),
  customIdentifier: Type.Optional(Type.String()),
  status: HostStatus,
  isRetired: Type.Boolean(),
  retiredAt: Type.Optional(UnixMsNumber),
  createdAt: UnixMsNumber,
  lastSeenAt: Type.Optional(UnixMsNumber),
  connectivity: Connectivity,
  memo: Type.String(),
  roles: Type.Array(Type.String({ description: "`service:role`, sorted." })),
  ipAddress: Type.Optional(Type.String({ description: "The first IPv4 address, or else the first IPv6 address." })),
};

/** A row of the host list. */
export const HostSummary = Type.Object({ ...summary, latest: HostFigures });
export type HostSummary = Static<typeof HostSummary>;

/** Everything about a host, also a retired one. */
export const Host = Type.Object({
  ...summary,
  latest: HostFigures,
  interfaces: Type.Array(HostInterface),
  /** What the agent said about its machine: `cpu`, `memory`, `kernel`, `block_device`, `filesystem`, `agent-version` … as it came. */
  meta: Type.Record(Type.String(), Type.Unknown()),
});
export type Host = Static<typeof Host>;

export const hostParams = Type.Object({ ...OrgParams.properties, id: Id });
export const common = { tag: "inventory", access: "organisation" } as const;

export const listHosts = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/hosts",
  summary: "List hosts",
  needs: "inventory.view",
  params: OrgParams,
  query: Type.Object({
    status: Type.Optional(Type.Array(HostStatus, { maxItems: 4, description: "Repeat the key for several; all four when absent." })),
    service: Type.Optional(Type.String({ maxLength: 63 })),
    role: Type.Optional(Type.String({ maxLength: 63, description: "A role of `service`; ignored without it." })),
    text: Type.Optional(
      Type.String({ maxLength: 200, description: "Text in the name, display name, custom identifier, memo, id or an address." }),
    ),
    connectivity: Type.Optional(Type.Literal("silent", { description: "Only hosts from which no data comes although it should." })),
    retired: Type.Optional(
      Type.Union([Type.Literal("exclude"), Type.Literal("include"), Type.Literal("only")], { description: "`exclude` when absent." }),
    ),
    sort: Type.Optional(
      Type.Union([Type.Literal("name"), Type.Literal("createdAt"), Type.Literal("lastSeen")], {
        description: "`name` (display name before name) when absent.",
      }),
    ),
    order: Type.Optional(Type.Union([Type.Literal("asc"), Type.Literal("desc")])),
    offset: Offset,
    limit: Limit,
  }),
  response: Type.Object({
    hosts: Type.Array(HostSummary),
    total: Type.Integer({ description: "Hosts that match, over all pages." }),
    /** How many hosts of the organisation are in each status, whatever the filters; retired ones apart. */
    counts: Type.Object({
      working: Type.Integer(),
      standby: Type.Integer(),
      maintenance: Type.Integer(),
      poweroff: Type.Integer(),
      retired: Type.Integer(),
      silent: Type.Integer({ description: "Working and standby hosts from which no data comes." }),
    }),
  }),
});

export const registerHost = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/hosts",
  summary: "Register a host",
  needs: "host.register",
  params: OrgParams,
  body: Type.Object({
    name: HostName,
    displayName: Type.Optional(DisplayName),
    customIdentifier: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    memo: Type.Optional(Memo),
    status: Type.Optional(HostStatus),
    roles: Type.Optional(RoleFullNames),
  }),
  response: Host,
});

export const importHost = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/hosts/import",
  summary: "Register a host under the id that it had elsewhere, so that its agent goes on here",
  needs: "host.import",
  params: OrgParams,
  body: Type.Object({
    id: Type.String({ pattern: "^[A-Za-z0-9]{11}$", description: "As in the agent's id file: 11 letters and digits." }),
    name: HostName,
    displayName: Type.Optional(DisplayName),
    customIdentifier: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    memo: Type.Optional(Memo),
    status: Type.Optional(HostStatus),
    createdAt: Type.Optional(UnixMsNumber),
    meta: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    interfaces: Type.Optional(Type.Array(HostInterface, { maxItems: 1000 })),
    roles: Type.Optional(RoleFullNames),
  }),
  response: Type.Object({ id: Id }),
  bodyLimit: 1024 * 1024,
});

export const getHost = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/hosts/:id",
  summary: "Show a host, also a retired one",
  needs: "inventory.view",
  params: hostParams,
  response: Host,
});

export const changeHost = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/hosts/:id",
  summary: "Change a host's memo or display name; what is absent stays",
  needs: "host.change",
  params: hostParams,
  body: Type.Object({ memo: Type.Optional(Memo), displayName: Type.Optional(DisplayName) }),
  response: Host,
});

export const changeHostStatus = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/hosts/:id/status",
  summary: "Change a host's status",
  needs: "host.change",
  params: hostParams,
  body: Type.Object({ status: HostStatus }),
  response: Done,
});

export const retireHost = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/hosts/:id/retire",
  summary: "Retire a host for good; it stays readable",
  needs: "host.retire",
  params: hostParams,
  response: Done,
});

export const setHostRoles = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/hosts/:id/roles",
  summary: "Replace the roles of a host",
  needs: "host.assign",
  params: hostParams,
  body: Type.Object({ roles: RoleFullNames }),
  response: Type.Object({ roles: Type.Array(Type.String()) }),
});

const Ids = Type.Array(Id, { minItems: 1, maxItems: mostPerPage, uniqueItems: true });

/** What a bulk act did to each host: a host that cannot be changed never stops the others. */
export const BulkResult = Type.Object({
  changed: Type.Array(Id),
  /** Was so already. */
  unchanged: Type.Array(Id),
  skipped: Type.Array(Type.Object({ id: Id, reason: Type.Union([Type.Literal("not-found"), Type.Literal("retired")]) })),
});
export type BulkResult = Static<typeof BulkResult>;

export const bulkStatus = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/hosts/bulk-status",
  summary: "Change the status of many hosts",
  needs: "host.change",
  params: OrgParams,
  body: Type.Object({ ids: Ids, status: HostStatus }),
  response: BulkResult,
});

export const bulkRetire = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/hosts/bulk-retire",
  summary: "Retire many hosts",
  needs: "host.retire",
  params: OrgParams,
  body: Type.Object({ ids: Ids }),
  response: BulkResult,
});

export const bulkRoles = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/hosts/bulk-roles",
  summary: "Put many hosts into roles and take them out of others",
  needs: "host.assign",
  params: OrgParams,
  body: Type.Object({ ids: Ids, add: Type.Optional(RoleFullNames), remove: Type.Optional(RoleFullNames) }),
  response: BulkResult,
});

/** A check of a host with its newest state. */
export const HostCheck = Type.Object({
  name: Type.String(),
  memo: Type.String(),
  /** Absent until the first report. */
  status: Type.Optional(CheckStatus),
  message: Type.Optional(Type.String()),
  occurredAt: Type.Optional(UnixMsNumber),
  receivedAt: Type.Optional(UnixMsNumber),
});
export type HostCheck = Static<typeof HostCheck>;

export const listHostChecks = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/hosts/:id/checks",
  summary: "List a host's checks with their newest state",
  needs: "inventory.view",
  params: hostParams,
  response: Type.Object({ checks: Type.Array(HostCheck) }),
});

export const CheckReport = Type.Object({ status: CheckStatus, message: Type.String(), occurredAt: UnixMsNumber, receivedAt: UnixMsNumber });
export type CheckReport = Static<typeof CheckReport>;

export const listCheckReports = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/hosts/:id/check-reports",
  summary: "List the newest reports of one check of a host, newest first",
  needs: "inventory.view",
  params: hostParams,
  query: Type.Object({ name: Type.String({ minLength: 1, maxLength: 255 }), limit: Limit }),
  response: Type.Object({ reports: Type.Array(CheckReport) }),
});
