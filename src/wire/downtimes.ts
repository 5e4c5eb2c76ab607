import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, OrgParams, UnixMsNumber, UnixSecondsNumber } from "./shapes.ts";

export const recurrenceTypes = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;
export const RecurrenceType = Type.Union([
  Type.Literal("hourly"),
  Type.Literal("daily"),
  Type.Literal("weekly"),
  Type.Literal("monthly"),
  Type.Literal("yearly"),
]);
export type RecurrenceType = Static<typeof RecurrenceType>;

/** As Mackerel spells them; the place in the list is the number of the day. */
export const weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
export const WeekdayName = Type.Union([
  Type.Literal("Sunday"),
  Type.Literal("Monday"),
  Type.Literal("Tuesday"),
  Type.Literal("Wednesday"),
  Type.Literal("Thursday"),
  Type.Literal("Friday"),
  Type.Literal("Saturday"),
]);
export type WeekdayName = Static<typeof WeekdayName>;

/** `active`: holds now; `planned`: comes, again or for the first time; `over`: never any more. */
export const DowntimeState = Type.Union([Type.Literal("active"), Type.Literal("planned"), Type.Literal("over")]);
export type DowntimeState = Static<typeof DowntimeState>;

/** Lengths in characters, durations in minutes. */
export const downtimeLimits = { name: 255, memo: 2048, minutes: 5_256_000, interval: 1000, scopes: 500 } as const;

const Recurrence = Type.Object({
  type: RecurrenceType,
  interval: Type.Integer({ minimum: 1, maximum: downtimeLimits.interval, description: "Every so many hours, days, weeks, months, years." }),
  weekdays: Type.Optional(
    Type.Array(WeekdayName, { maxItems: 7, description: "For weeks only; absent or empty: the weekday of the start." }),
  ),
  until: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295, description: "Unix seconds: nothing begins after this." })),
});
export type Recurrence = Static<typeof Recurrence>;

const names = (what: string) =>
  Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 140 }), { maxItems: downtimeLimits.scopes, description: what }));

/** What a downtime covers. Kinds that are given must all match, one entry of each is enough; nothing given covers everything. */
const scopes = {
  serviceScopes: names("Names of services."),
  serviceExcludeScopes: names("Names of services."),
  roleScopes: names("`service:role` or `service: role`."),
  roleExcludeScopes: names("`service:role` or `service: role`."),
  monitorScopes: names("Ids of monitors or checks."),
  monitorExcludeScopes: names("Ids of monitors or checks."),
  hostScopes: names("Ids of hosts. Downtimes of hosts are not seen through Mackerel's interface, which knows none."),
};

export const NewDowntime = Type.Object({
  name: Type.String({ minLength: 1, maxLength: downtimeLimits.name }),
  memo: Type.Optional(Type.String({ maxLength: downtimeLimits.memo })),
  start: UnixSecondsNumber,
  duration: Type.Integer({ minimum: 1, maximum: downtimeLimits.minutes, description: "Minutes of real time, also when clocks change." }),
  recurrence: Type.Optional(Recurrence),
  ...scopes,
});
export type NewDowntime = Static<typeof NewDowntime>;

const Window = Type.Object({ from: UnixMsNumber, to: UnixMsNumber });

export const Downtime = Type.Object({
  ...NewDowntime.properties,
  id: Id,
  /** What people call the hosts and monitors that the scopes name, by id. */
  names: Type.Record(Type.String(), Type.String()),
  state: DowntimeState,
  /** What holds now, or comes next. */
  window: Type.Optional(Window),
  createdAt: UnixMsNumber,
});
export type Downtime = Static<typeof Downtime>;

const downtimes = { tag: "downtimes", access: "organisation" } as const;
const idParams = Type.Object({ ...OrgParams.properties, id: Id });

export const listDowntimes = contract({
  ...downtimes,
  method: "GET",
  path: "/orgs/:org/downtimes",
  summary: "List downtimes: those that hold now first, then by what comes next; those that are over last",
  needs: "downtime.view",
  params: OrgParams,
  query: Type.Object({
    text: Type.Optional(Type.String({ maxLength: 200 })),
    state: Type.Optional(DowntimeState),
    host: Type.Optional(Type.String({ maxLength: 64, description: "Only those that cover this host, whatever the monitor." })),
    service: Type.Optional(Type.String({ maxLength: 63, description: "Only those that name this service or one of its roles." })),
    offset: Type.Optional(Type.Integer({ minimum: 0 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({ downtimes: Type.Array(Downtime), total: Type.Integer() }),
});

export const createDowntime = contract({
  ...downtimes,
  method: "POST",
  path: "/orgs/:org/downtimes",
  summary: "Create a downtime",
  needs: "downtime.change",
  params: OrgParams,
  body: NewDowntime,
  response: Downtime,
});

export const startDowntime = contract({
  ...downtimes,
  method: "POST",
  path: "/orgs/:org/downtimes/now",
  summary: "Start a downtime now, for so many minutes",
  needs: "downtime.change",
  params: OrgParams,
  body: Type.Object({
    minutes: Type.Integer({ minimum: 1, maximum: downtimeLimits.minutes }),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: downtimeLimits.name })),
    memo: Type.Optional(Type.String({ maxLength: downtimeLimits.memo })),
    ...scopes,
  }),
  response: Downtime,
});

export const getDowntime = contract({
  ...downtimes,
  method: "GET",
  path: "/orgs/:org/downtimes/:id",
  summary: "Read one downtime",
  needs: "downtime.view",
  params: idParams,
  response: Downtime,
});

export const changeDowntime = contract({
  ...downtimes,
  method: "PUT",
  path: "/orgs/:org/downtimes/:id",
  summary: "Replace a downtime",
  needs: "downtime.change",
  params: idParams,
  body: NewDowntime,
  response: Downtime,
});

export const endDowntime = contract({
  ...downtimes,
  method: "POST",
  path: "/orgs/:org/downtimes/:id/end",
  summary: "End what holds now of a downtime; one that repeats comes again",
  needs: "downtime.change",
  params: idParams,
  response: Downtime,
});

export const deleteDowntime = contract({
  ...downtimes,
  method: "DELETE",
  path: "/orgs/:org/downtimes/:id",
  summary: "Delete a downtime",
  needs: "downtime.change",
  params: idParams,
  response: Done,
});

export const previewDowntime = contract({
  ...downtimes,
  method: "POST",
  path: "/orgs/:org/downtimes/preview",
  summary: "Work out when a downtime would hold next, without creating it",
  needs: "downtime.view",
  params: OrgParams,
  body: Type.Pick(NewDowntime, ["start", "duration", "recurrence"]),
  response: Type.Object({
    windows: Type.Array(Window, { description: "The next 10." }),
    /** IANA zone of the organisation, in which days and times of day are meant. */
    timeZone: Type.String(),
  }),
});

export const listDowntimeWindows = contract({
  ...downtimes,
  method: "GET",
  path: "/orgs/:org/downtime-windows",
  summary: "List when downtimes hold within a range of time, at most 1000, by their beginning",
  needs: "downtime.view",
  params: OrgParams,
  query: Type.Object({ from: UnixMsNumber, to: UnixMsNumber }),
  response: Type.Object({
    windows: Type.Array(Type.Object({ ...Window.properties, downtimeId: Id, name: Type.String() })),
  }),
});
