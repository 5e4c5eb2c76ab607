import { Type, type Static } from "typebox";
import { AlertStatus } from "./alerting.ts";
import { contract } from "./contract.ts";
import { ChannelEvent } from "./notify.ts";
import { Done, Id, OrgParams, UnixMsNumber } from "./shapes.ts";

export const NotificationLevel = Type.Union([Type.Literal("all"), Type.Literal("critical")], {
  description: "`critical`: only CRITICAL and UNKNOWN, and OK of alerts that had been critical.",
});
export type NotificationLevel = Static<typeof NotificationLevel>;

export const groupLimits = { name: 255, children: 500, monitors: 1000, services: 500 } as const;

const members = {
  name: Type.String({ minLength: 1, maxLength: groupLimits.name }),
  notificationLevel: NotificationLevel,
  childNotificationGroupIds: Type.Array(Id, { maxItems: groupLimits.children }),
  childChannelIds: Type.Array(Id, { maxItems: groupLimits.children }),
  monitors: Type.Optional(
    Type.Array(Type.Object({ id: Id, skipDefault: Type.Boolean({ description: "The default group does not hear of it." }) }), {
      maxItems: groupLimits.monitors,
      description: "Monitors and checks whose alerts the group hears of.",
    }),
  ),
  services: Type.Optional(
    Type.Array(Type.Object({ name: Type.String({ minLength: 1, maxLength: 63 }) }), {
      maxItems: groupLimits.services,
      description: "Services whose alerts, and those of whose hosts, the group hears of.",
    }),
  ),
};

export const NewNotificationGroup = Type.Object(members);
export type NewNotificationGroup = Static<typeof NewNotificationGroup>;

export const NotificationGroup = Type.Object({
  id: Id,
  type: Type.Union([Type.Literal("group"), Type.Literal("group-default")]),
  ...members,
  /** Names of the monitors that it lists, by id. */
  monitorNames: Type.Record(Type.String(), Type.String()),
  createdAt: UnixMsNumber,
});
export type NotificationGroup = Static<typeof NotificationGroup>;

/** A channel as pages of groups show it. */
export const RoutedChannel = Type.Object({
  id: Id,
  name: Type.String(),
  type: Type.String(),
  events: Type.Array(ChannelEvent),
  isSuspended: Type.Boolean(),
});
export type RoutedChannel = Static<typeof RoutedChannel>;

const groups = { tag: "notification-groups", access: "organisation" } as const;
const idParams = Type.Object({ ...OrgParams.properties, id: Id });

export const listNotificationGroups = contract({
  ...groups,
  method: "GET",
  path: "/orgs/:org/notification-groups",
  summary: "List notification groups, the default one first, and the channels they may hand alerts to",
  needs: "channel.view",
  params: OrgParams,
  response: Type.Object({ groups: Type.Array(NotificationGroup), channels: Type.Array(RoutedChannel) }),
});

export const getNotificationGroup = contract({
  ...groups,
  method: "GET",
  path: "/orgs/:org/notification-groups/:id",
  summary: "Read one notification group",
  needs: "channel.view",
  params: idParams,
  response: NotificationGroup,
});

export const createNotificationGroup = contract({
  ...groups,
  method: "POST",
  path: "/orgs/:org/notification-groups",
  summary: "Create a notification group",
  needs: "channel.change",
  params: OrgParams,
  body: NewNotificationGroup,
  response: NotificationGroup,
});

export const changeNotificationGroup = contract({
  ...groups,
  method: "PUT",
  path: "/orgs/:org/notification-groups/:id",
  summary: "Replace a notification group; the default one keeps its name",
  needs: "channel.change",
  params: idParams,
  body: NewNotificationGroup,
  response: NotificationGroup,
});

export const deleteNotificationGroup = contract({
  ...groups,
  method: "DELETE",
  path: "/orgs/:org/notification-groups/:id",
  summary: "Delete a notification group; the default one stays",
  needs: "channel.change",
  params: idParams,
  response: Done,
});

/** Why a channel would not be told. `level`: a group on the way passes on critical ones only; `event`: the channel does not want alerts. */
export const NotTold = Type.Union([
  Type.Literal("event"),
  Type.Literal("alert-group"),
  Type.Literal("suspended"),
  Type.Literal("muted"),
  Type.Literal("downtime"),
  Type.Literal("host-status"),
]);
export type NotTold = Static<typeof NotTold>;

export const TriedChannel = Type.Object({
  channelId: Id,
  name: Type.String(),
  type: Type.String(),
  via: Type.Array(Type.String(), { description: "Names of the groups, from the one that hears of the alert to the one with the channel." }),
  isTold: Type.Boolean(),
  because: Type.Optional(NotTold),
});
export type TriedChannel = Static<typeof TriedChannel>;

export const tryRouting = contract({
  ...groups,
  method: "POST",
  path: "/orgs/:org/notification-groups/try",
  summary: "Work out which channels would be told of an alert, without telling anybody",
  needs: "channel.view",
  params: OrgParams,
  body: Type.Object({
    monitorId: Type.Optional(Id),
    hostId: Type.Optional(Id),
    service: Type.Optional(Type.String({ minLength: 1, maxLength: 63 })),
    status: AlertStatus,
    wasCritical: Type.Optional(Type.Boolean({ description: "For OK: it had been critical." })),
  }),
  response: Type.Object({
    channels: Type.Array(TriedChannel),
    /** Groups that hear of it and keep it, since they pass on critical alerts only. */
    silent: Type.Array(Type.String()),
    /** Alert group settings that take it in. */
    alertGroups: Type.Array(Type.String()),
  }),
});

export const RoutingSettings = Type.Object({
  bundleAbove: Type.Integer({
    minimum: 1,
    maximum: 1000,
    description: "More messages than this to one channel within `bundleSeconds` become one that sums them up. Webhooks get each.",
  }),
  bundleSeconds: Type.Integer({ minimum: 5, maximum: 600 }),
});
export type RoutingSettings = Static<typeof RoutingSettings>;

export const defaultRoutingSettings: RoutingSettings = { bundleAbove: 20, bundleSeconds: 30 };

export const getRoutingSettings = contract({
  ...groups,
  method: "GET",
  path: "/orgs/:org/routing-settings",
  summary: "Read when messages are summed up",
  needs: "channel.view",
  params: OrgParams,
  response: RoutingSettings,
});

export const changeRoutingSettings = contract({
  ...groups,
  method: "PUT",
  path: "/orgs/:org/routing-settings",
  summary: "Change when messages are summed up",
  needs: "channel.change",
  params: OrgParams,
  body: RoutingSettings,
  response: RoutingSettings,
});

const scopeNames = (what: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 140 }), { maxItems: 1000, description: what }));

/** Mackerel's alert group setting: alerts that a person wants to hear of together. Kinds that are given must all match. */
export const NewAlertGroupSetting = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255 }),
  memo: Type.Optional(Type.String({ maxLength: 2048 })),
  serviceScopes: scopeNames("Names of services."),
  roleScopes: scopeNames("`service:role` or `service: role`."),
  monitorScopes: scopeNames("Ids of monitors or checks."),
  notificationInterval: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 525_600, description: "Minutes after which an open group is told again; at least 10 are kept." }),
  ),
});
export type NewAlertGroupSetting = Static<typeof NewAlertGroupSetting>;

export const AlertGroupSetting = Type.Object({
  ...NewAlertGroupSetting.properties,
  id: Id,
  /** Names of the monitors that it lists, by id. */
  monitorNames: Type.Record(Type.String(), Type.String()),
});
export type AlertGroupSetting = Static<typeof AlertGroupSetting>;

const alertGroups = { tag: "alert-groups", access: "organisation" } as const;

export const listAlertGroupSettings = contract({
  ...alertGroups,
  method: "GET",
  path: "/orgs/:org/alert-group-settings",
  summary: "List alert group settings, the oldest first",
  needs: "channel.view",
  params: OrgParams,
  response: Type.Object({ settings: Type.Array(AlertGroupSetting) }),
});

export const createAlertGroupSetting = contract({
  ...alertGroups,
  method: "POST",
  path: "/orgs/:org/alert-group-settings",
  summary: "Create an alert group setting",
  needs: "channel.change",
  params: OrgParams,
  body: NewAlertGroupSetting,
  response: Type.Object({ id: Id }),
});

export const changeAlertGroupSetting = contract({
  ...alertGroups,
  method: "PUT",
  path: "/orgs/:org/alert-group-settings/:id",
  summary: "Replace an alert group setting",
  needs: "channel.change",
  params: idParams,
  body: NewAlertGroupSetting,
  response: Done,
});

export const deleteAlertGroupSetting = contract({
  ...alertGroups,
  method: "DELETE",
  path: "/orgs/:org/alert-group-settings/:id",
  summary: "Delete an alert group setting",
  needs: "channel.change",
  params: idParams,
  response: Done,
});
