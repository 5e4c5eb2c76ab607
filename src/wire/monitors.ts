import { Type, type Static } from "typebox";
import { AlertStatus } from "./alerting.ts";
import { contract } from "./contract.ts";
import { MonitorSettings, monitorTypes } from "./monitor-settings.ts";
import { Done, Id, OrgParams, UnixMsNumber } from "./shapes.ts";

/** What somebody sends: read member by member, so that what is wrong is named field by field. Its shape is that of a monitor's `settings`. */
const SettingsInput = Type.Unsafe<MonitorSettings>(
  Type.Object({ type: Type.Enum([...monitorTypes]) }, { description: "As the settings of a monitor of this type." }),
);

export const Monitor = Type.Object({
  id: Id,
  settings: MonitorSettings,
  /** Counts every change. */
  version: Type.Integer(),
  createdAt: UnixMsNumber,
  updatedAt: UnixMsNumber,
});
export type Monitor = Static<typeof Monitor>;

/** One thing that a monitor watches. */
export const MonitorTarget = Type.Object({
  /** Host's id, a place from where is asked, or empty where a monitor has one target. */
  key: Type.String(),
  /** Name for people; empty when there is nothing to name. */
  name: Type.String(),
  hostId: Type.Optional(Id),
  status: AlertStatus,
  message: Type.String(),
  /** When that last changed; absent while it never did. */
  changedAt: Type.Optional(UnixMsNumber),
});
export type MonitorTarget = Static<typeof MonitorTarget>;

/** `waiting`: it cannot judge yet; the reason is a sentence. */
export const MonitorSummary = Type.Object({
  ...Monitor.properties,
  /** The worst of its targets. */
  status: AlertStatus,
  /** Things that are watched now. */
  targets: Type.Integer(),
  /** Those of them that are not OK. */
  bad: Type.Integer(),
});
export type MonitorSummary = Static<typeof MonitorSummary>;

/** Why a rule judges nothing at present. */
export const MonitorWaiting = Type.Enum(["not-trained", "no-target", "unsupported"]);
export type MonitorWaiting = Static<typeof MonitorWaiting>;

export const MonitorDetail = Type.Object({
  ...MonitorSummary.properties,
  /** The worst first, at most 500. */
  targetList: Type.Array(MonitorTarget),
  waiting: Type.Optional(MonitorWaiting),
  /** What an anomaly detection learnt. */
  training: Type.Optional(
    Type.Object({ trainedAt: UnixMsNumber, samples: Type.Integer(), days: Type.Integer(), needsDays: Type.Integer() }),
  ),
});
export type MonitorDetail = Static<typeof MonitorDetail>;

/** A time in which a rule would have had an alert. */
export const Firing = Type.Object({
  key: Type.String(),
  name: Type.String(),
  status: AlertStatus,
  from: UnixMsNumber,
  /** Absent: it would still be open. */
  to: Type.Optional(UnixMsNumber),
  /** The worst average in it. */
  value: Type.Number(),
});
export type Firing = Static<typeof Firing>;

export const Preview = Type.Object({
  /** Things that the rule would watch now. */
  targets: Type.Integer(),
  /** Those of them that were looked at: there is an end to what one preview reads. */
  judged: Type.Integer(),
  /** Alerts within the days that were looked at. */
  fired: Type.Integer(),
  days: Type.Integer(),
  /** The newest first, at most 100. */
  firings: Type.Array(Firing),
  /** The graph of one target, the one that would have fired most. */
  graph: Type.Optional(
    Type.Object({
      key: Type.String(),
      name: Type.String(),
      metric: Type.String(),
      /** Unix seconds of the first bucket. */
      from: Type.Integer(),
      step: Type.Integer(),
      values: Type.Array(Type.Union([Type.Number(), Type.Null()])),
    }),
  ),
  /** Why nothing could be looked at. */
  unavailable: Type.Optional(Type.Enum(["incomplete", "type", "no-data", "expression"])),
  /** What is wrong with the settings or the expression. */
  problem: Type.Optional(Type.String()),
});
export type Preview = Static<typeof Preview>;

export const templateNames = ["cpu", "memory", "disk", "swap", "connectivity"] as const;
export type TemplateName = (typeof templateNames)[number];

const monitors = { tag: "monitors", access: "organisation" } as const;
const monitorParams = Type.Object({ ...OrgParams.properties, id: Id });
const Ids = Type.Array(Id, { minItems: 1, maxItems: 200 });

export const monitorFilters = ["all", "bad", "muted"] as const;

export const listMonitors = contract({
  ...monitors,
  method: "GET",
  path: "/orgs/:org/monitors",
  summary: "List monitors by type and name, with what they say",
  needs: "monitor.view",
  params: OrgParams,
  query: Type.Object({
    text: Type.Optional(Type.String({ maxLength: 100, description: "Part of a name, memo, metric, address or URL." })),
    type: Type.Optional(Type.Enum([...monitorTypes])),
    show: Type.Optional(Type.Enum([...monitorFilters])),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: "50 when absent." })),
  }),
  response: Type.Object({
    monitors: Type.Array(MonitorSummary),
    /** That match. */
    total: Type.Integer(),
    counts: Type.Object({ all: Type.Integer(), bad: Type.Integer(), muted: Type.Integer() }),
  }),
});

export const getMonitor = contract({
  ...monitors,
  method: "GET",
  path: "/orgs/:org/monitors/:id",
  summary: "Show a monitor and what it says of each of its targets",
  needs: "monitor.view",
  params: monitorParams,
  response: MonitorDetail,
});

export const createMonitor = contract({
  ...monitors,
  method: "POST",
  path: "/orgs/:org/monitors",
  summary: "Create a monitor",
  needs: "monitor.change",
  params: OrgParams,
  body: Type.Object({ settings: SettingsInput }),
  response: Monitor,
});

export const changeMonitor = contract({
  ...monitors,
  method: "PUT",
  path: "/orgs/:org/monitors/:id",
  summary: "Replace everything of a monitor",
  needs: "monitor.change",
  params: monitorParams,
  body: Type.Object({
    settings: SettingsInput,
    basedOn: Type.Optional(Type.Integer({ description: "The version of what was edited; without it whatever stands there is replaced." })),
  }),
  response: Monitor,
});

export const deleteMonitor = contract({
  ...monitors,
  method: "DELETE",
  path: "/orgs/:org/monitors/:id",
  summary: "Delete a monitor and close its alerts",
  needs: "monitor.change",
  params: monitorParams,
  response: Done,
});

export const copyMonitor = contract({
  ...monitors,
  method: "POST",
  path: "/orgs/:org/monitors/:id/copy",
  summary: "Copy a monitor; the copy is muted",
  needs: "monitor.change",
  params: monitorParams,
  body: Type.Object({ name: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })) }),
  response: Monitor,
});

export const muteMonitors = contract({
  ...monitors,
  method: "POST",
  path: "/orgs/:org/monitors/mute",
  summary: "Mute monitors, or let them speak again",
  needs: "monitor.change",
  params: OrgParams,
  body: Type.Object({ ids: Ids, isMute: Type.Boolean() }),
  response: Type.Object({ changed: Type.Integer() }),
});

export const createFromTemplates = contract({
  ...monitors,
  method: "POST",
  path: "/orgs/:org/monitors/templates",
  summary: "Create monitors that most organisations want",
  needs: "monitor.change",
  params: OrgParams,
  body: Type.Object({ templates: Type.Array(Type.Enum([...templateNames]), { minItems: 1, maxItems: 10 }) }),
  response: Type.Object({ monitors: Type.Array(Monitor) }),
});

export const previewMonitor = contract({
  ...monitors,
  method: "POST",
  path: "/orgs/:org/monitors/preview",
  summary: "Tell when a rule would have raised alerts, without saving it",
  needs: "monitor.view",
  params: OrgParams,
  body: Type.Object({
    settings: SettingsInput,
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 14, description: "7 when absent." })),
  }),
  response: Preview,
});

/** Of one host, for its page. */
export const listHostMonitors = contract({
  ...monitors,
  method: "GET",
  path: "/orgs/:org/hosts/:id/monitors",
  summary: "List what watches a host, and what it says",
  needs: "monitor.view",
  params: monitorParams,
  response: Type.Object({
    monitors: Type.Array(
      Type.Object({
        id: Id,
        name: Type.String(),
        type: Type.String(),
        status: AlertStatus,
        message: Type.String(),
        isMute: Type.Boolean(),
      }),
    ),
  }),
});
