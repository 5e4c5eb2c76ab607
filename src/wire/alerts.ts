import { Type, type Static } from "typebox";
import { AlertStatus, IncidentState, Severity } from "./alerting.ts";
import { contract } from "./contract.ts";
import { Id, OrgParams, RoleFullName, ServiceName, UnixMsNumber } from "./shapes.ts";

const alert = { tag: "alerts", access: "organisation" } as const;
const grouping = { tag: "alerting", access: "organisation" } as const;

const ThingParams = Type.Object({ ...OrgParams.properties, id: Id });

/** A thing with the name that people know. */
export const Named = Type.Object({ id: Id, name: Type.String() });
export type Named = Static<typeof Named>;

export const Offset = Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 }));
export const Limit = Type.Optional(Type.Integer({ minimum: 1, maximum: 200 }));
export const Search = Type.Optional(Type.String({ maxLength: 200, description: "Words that title, message or host must contain." }));

export const AlertSummary = Type.Object({
  id: Id,
  status: AlertStatus,
  severity: Severity,
  type: Type.String({ description: "Mackerel's type of monitor, `check`, or one of ours." }),
  name: Type.String({ description: "Of the monitor, check or rule." }),
  message: Type.String(),
  value: Type.Optional(Type.Number()),
  origin: Type.Object({
    kind: Type.Union([Type.Literal("monitor"), Type.Literal("check"), Type.Literal("source"), Type.Literal("system")]),
    id: Type.String(),
  }),
  host: Type.Optional(Named),
  service: Type.Optional(Named),
  isMuted: Type.Boolean(),
  inhibitedBy: Type.Optional(Type.Union([Named], { description: "The host that is down and on which the alert's host depends." })),
  openedAt: UnixMsNumber,
  changedAt: UnixMsNumber,
  closedAt: Type.Optional(UnixMsNumber),
  memo: Type.String(),
  reason: Type.Optional(Type.String()),
  incident: Type.Optional(
    Type.Object({ id: Id, number: Type.Integer(), title: Type.String(), state: IncidentState, responder: Type.Optional(Named) }),
  ),
});
export type AlertSummary = Static<typeof AlertSummary>;

export const listAlerts = contract({
  ...alert,
  method: "GET",
  path: "/orgs/:org/alerts",
  summary: "List alerts, newest first",
  needs: "alert.view",
  params: OrgParams,
  query: Type.Object({
    state: Type.Optional(
      Type.Union([Type.Literal("open"), Type.Literal("closed"), Type.Literal("all")], { description: "`open` when absent." }),
    ),
    status: Type.Optional(Type.Array(AlertStatus)),
    host: Type.Optional(Id),
    service: Type.Optional(ServiceName),
    role: Type.Optional(Type.Union([RoleFullName], { description: "Alerts of its hosts." })),
    incident: Type.Optional(Id),
    origin: Type.Optional(Type.String({ maxLength: 64, description: "Id of the monitor, check or source." })),
    from: Type.Optional(Type.Union([UnixMsNumber], { description: "Only those that were opened then or later." })),
    to: Type.Optional(Type.Union([UnixMsNumber], { description: "Only those that were opened before." })),
    text: Search,
    offset: Offset,
    limit: Limit,
  }),
  response: Type.Object({
    alerts: Type.Array(AlertSummary),
    total: Type.Integer(),
    open: Type.Object({ CRITICAL: Type.Integer(), WARNING: Type.Integer(), UNKNOWN: Type.Integer() }),
  }),
});

export const AlertLog = Type.Object({
  id: Id,
  status: AlertStatus,
  trigger: Type.String(),
  value: Type.Optional(Type.Number()),
  message: Type.String(),
  at: UnixMsNumber,
});
export type AlertLog = Static<typeof AlertLog>;

export const getAlert = contract({
  ...alert,
  method: "GET",
  path: "/orgs/:org/alerts/:id",
  summary: "See an alert",
  needs: "alert.view",
  params: ThingParams,
  response: Type.Object({
    ...AlertSummary.properties,
    detail: Type.Record(Type.String(), Type.Unknown(), { description: "What was asked: metric, operator, thresholds, labels, links." }),
  }),
});

export const getAlertLogs = contract({
  ...alert,
  method: "GET",
  path: "/orgs/:org/alerts/:id/logs",
  summary: "See each change of an alert, newest first",
  needs: "alert.view",
  params: ThingParams,
  query: Type.Object({ offset: Offset, limit: Limit }),
  response: Type.Object({ logs: Type.Array(AlertLog), total: Type.Integer() }),
});

export const closeAlert = contract({
  ...alert,
  method: "POST",
  path: "/orgs/:org/alerts/:id/close",
  summary: "Close an alert by hand; it opens again when it is found again",
  needs: "alert.change",
  params: ThingParams,
  body: Type.Object({ reason: Type.Optional(Type.String({ maxLength: 1000 })) }),
  response: AlertSummary,
});

export const changeAlert = contract({
  ...alert,
  method: "PATCH",
  path: "/orgs/:org/alerts/:id",
  summary: "Write a memo to an alert",
  needs: "alert.change",
  params: ThingParams,
  body: Type.Object({ memo: Type.String({ maxLength: 81_920 }) }),
  response: AlertSummary,
});

/** How alerts become incidents. */
export const GroupingSettings = Type.Object({
  windowMinutes: Type.Integer({
    minimum: 0,
    maximum: 1440,
    description: "An alert joins an incident whose last alert joined no longer ago than this; 0: alerts are never grouped.",
  }),
  byHost: Type.Boolean({ description: "Alerts of the same host." }),
  byRole: Type.Boolean({ description: "Alerts of hosts with a role in common." }),
  byService: Type.Boolean({ description: "Alerts of the same service, also of its hosts." }),
  byDependency: Type.Boolean({
    description: "Alerts of hosts of which one depends on the other. One that depends on a host which is down disturbs nobody.",
  }),
  flapMinutes: Type.Integer({
    minimum: 0,
    maximum: 1440,
    description: "An alert that comes back within this time comes back into its incident, to its responder; 0: never.",
  }),
  flapCount: Type.Integer({
    minimum: 2,
    maximum: 100,
    description: "Coming back this often marks an incident as flapping: it ends only after flapMinutes of quiet.",
  }),
});
export type GroupingSettings = Static<typeof GroupingSettings>;

export const defaultGrouping: GroupingSettings = {
  windowMinutes: 5,
  byHost: true,
  byRole: true,
  byService: false,
  byDependency: true,
  flapMinutes: 10,
  flapCount: 3,
};

export const getGrouping = contract({
  ...grouping,
  method: "GET",
  path: "/orgs/:org/alerting/grouping",
  summary: "See how alerts are grouped into incidents",
  needs: "incident.view",
  params: OrgParams,
  response: GroupingSettings,
});

export const changeGrouping = contract({
  ...grouping,
  method: "PATCH",
  path: "/orgs/:org/alerting/grouping",
  summary: "Change how alerts are grouped into incidents",
  needs: "alerting.change",
  params: OrgParams,
  body: Type.Partial(GroupingSettings),
  response: GroupingSettings,
});

export const Dependency = Type.Object({ host: Named, dependsOn: Named });
export type Dependency = Static<typeof Dependency>;

export const listDependencies = contract({
  ...grouping,
  method: "GET",
  path: "/orgs/:org/alerting/dependencies",
  summary: "List which host depends on which",
  needs: "inventory.view",
  params: OrgParams,
  query: Type.Object({
    host: Type.Optional(Type.Union([Id], { description: "Only those of this host, in both directions." })),
    offset: Offset,
    limit: Limit,
  }),
  response: Type.Object({ dependencies: Type.Array(Dependency), total: Type.Integer() }),
});

export const setDependencies = contract({
  ...grouping,
  method: "PUT",
  path: "/orgs/:org/hosts/:id/dependencies",
  summary: "Say on which hosts a host depends; replaces what was said before",
  needs: "host.change",
  params: ThingParams,
  body: Type.Object({ dependsOn: Type.Array(Id, { maxItems: 50, uniqueItems: true }) }),
  response: Type.Object({ dependencies: Type.Array(Dependency) }),
});
