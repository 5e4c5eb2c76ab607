import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { CalendarInput, CalendarRules, Layer, LocalDate, TableShift, dutyLimits } from "./duty-shapes.ts";
import { PersonState } from "./identity.ts";
import { Done, Id, OrgParams, UnixMsNumber } from "./shapes.ts";

const common = { tag: "Duty", access: "organisation" } as const;
const view = { ...common, needs: "duty.view" } as const;
const change = { ...common, needs: "duty.change" } as const;
const idParams = Type.Object({ ...OrgParams.properties, id: Id });

const Name = Type.String({ minLength: 1, maxLength: dutyLimits.name });
const Memo = Type.String({ maxLength: dutyLimits.memo });
const Reason = Type.String({ maxLength: dutyLimits.memo });
const TimeZone = Type.String({ minLength: 1, maxLength: 64, description: "IANA time zone, such as Asia/Tokyo." });

/** Somebody whom an answer names by id. */
export const DutyPerson = Type.Object({ id: Id, name: Type.String(), state: PersonState });
export type DutyPerson = Static<typeof DutyPerson>;

const Span = Type.Object({ from: UnixMsNumber, to: UnixMsNumber });
const range = Type.Object({ from: UnixMsNumber, to: UnixMsNumber });

// Teams

export const Team = Type.Object({
  id: Id,
  name: Type.String(),
  memo: Type.String(),
  leadId: Type.Optional(Id),
  /** In the order in which they are asked. */
  members: Type.Array(DutyPerson),
  createdAt: UnixMsNumber,
});
export type Team = Static<typeof Team>;

export const TeamInput = Type.Object({
  name: Name,
  memo: Type.Optional(Memo),
  leadId: Type.Optional(Id),
  memberIds: Type.Array(Id, { maxItems: dutyLimits.people, uniqueItems: true }),
});
export type TeamInput = Static<typeof TeamInput>;

export const listTeams = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/teams",
  summary: "List the teams with their members, by name",
  params: OrgParams,
  response: Type.Object({ teams: Type.Array(Team) }),
});
export const createTeam = contract({
  ...change,
  method: "POST",
  path: "/orgs/:org/teams",
  summary: "Create a team",
  params: OrgParams,
  body: TeamInput,
  response: Team,
});
export const changeTeam = contract({
  ...change,
  method: "PUT",
  path: "/orgs/:org/teams/:id",
  summary: "Change a team: its name, its lead, its members and their order",
  params: idParams,
  body: TeamInput,
  response: Team,
});
export const deleteTeam = contract({
  ...change,
  method: "DELETE",
  path: "/orgs/:org/teams/:id",
  summary: "Delete a team; its schedules stay",
  params: idParams,
  response: Done,
});

// Calendars

export const Calendar = Type.Object({
  id: Id,
  name: Type.String(),
  memo: Type.String(),
  /** Weekdays (平日) and business days (営業日) come with the product and are copied to be changed. */
  isBuiltIn: Type.Boolean(),
  versions: Type.Array(CalendarRules),
});
export type Calendar = Static<typeof Calendar>;

export const CalendarDay = Type.Object({
  date: LocalDate,
  isWorking: Type.Boolean(),
  isHoliday: Type.Boolean(),
  name: Type.Optional(Type.Object({ en: Type.String(), ja: Type.String() })),
});
export type CalendarDay = Static<typeof CalendarDay>;

export const listCalendars = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/calendars",
  summary: "List the calendars: the built-in ones first, then those of the organisation by name",
  params: OrgParams,
  response: Type.Object({ calendars: Type.Array(Calendar) }),
});
export const createCalendar = contract({
  ...change,
  method: "POST",
  path: "/orgs/:org/calendars",
  summary: "Create a calendar",
  params: OrgParams,
  body: CalendarInput,
  response: Calendar,
});
export const changeCalendar = contract({
  ...change,
  method: "PUT",
  path: "/orgs/:org/calendars/:id",
  summary: "Change a calendar; give a version a date to let it hold from then on",
  params: idParams,
  body: CalendarInput,
  response: Calendar,
});
export const deleteCalendar = contract({
  ...change,
  method: "DELETE",
  path: "/orgs/:org/calendars/:id",
  summary: "Delete a calendar that no schedule uses",
  params: idParams,
  response: Done,
});
export const listCalendarDays = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/calendars/:id/days",
  summary: "List what each day is in a calendar: worked, off, a public holiday",
  params: idParams,
  query: Type.Object({ from: LocalDate, to: LocalDate }),
  response: Type.Object({ days: Type.Array(CalendarDay) }),
});
export const previewCalendar = contract({
  ...view,
  method: "POST",
  path: "/orgs/:org/calendars/preview",
  summary: "Show what each day would be in a calendar that is not saved yet",
  params: OrgParams,
  body: Type.Object({ versions: CalendarInput.properties.versions, from: LocalDate, to: LocalDate }),
  response: Type.Object({ days: Type.Array(CalendarDay) }),
});

// Schedules

export const ScheduleInput = Type.Object({
  name: Name,
  memo: Type.Optional(Memo),
  timeZone: TimeZone,
  teamId: Type.Optional(Id),
  /** From low to high: a higher one wins where it has somebody. */
  layers: Type.Array(Layer, { maxItems: dutyLimits.layers }),
  /** Whether those who come on and go off duty are told. */
  tellsPeople: Type.Boolean(),
  /** The channel that is told of hand-overs, and of gaps a week ahead. */
  channelId: Type.Optional(Id),
});
export type ScheduleInput = Static<typeof ScheduleInput>;

export const Schedule = Type.Object({
  ...ScheduleInput.properties,
  id: Id,
  memo: Type.String(),
  revision: Type.Integer(),
  createdAt: UnixMsNumber,
  people: Type.Array(DutyPerson),
});
export type Schedule = Static<typeof Schedule>;

export const OnDutyNow = Type.Object({
  scheduleId: Id,
  scheduleName: Type.String(),
  timeZone: Type.String(),
  teamId: Type.Optional(Id),
  /** In order; empty: nobody is on duty. */
  people: Type.Array(DutyPerson),
  since: UnixMsNumber,
  /** Absent: nothing changes within a year. */
  until: Type.Optional(UnixMsNumber),
  /** Who follows; empty with `until`: nobody does. */
  next: Type.Array(DutyPerson),
});
export type OnDutyNow = Static<typeof OnDutyNow>;

export const dutyNow = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/duty/now",
  summary: "Say who is on duty now on every schedule, until when, and who follows",
  params: OrgParams,
  query: Type.Object({ at: Type.Optional(UnixMsNumber) }),
  response: Type.Object({ at: UnixMsNumber, schedules: Type.Array(OnDutyNow) }),
});

export const listSchedules = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/schedules",
  summary: "List the schedules, by name",
  params: OrgParams,
  response: Type.Object({ schedules: Type.Array(Schedule) }),
});
export const getSchedule = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/schedules/:id",
  summary: "Show a schedule",
  params: idParams,
  response: Schedule,
});
export const createSchedule = contract({
  ...change,
  method: "POST",
  path: "/orgs/:org/schedules",
  summary: "Create a schedule",
  params: OrgParams,
  body: ScheduleInput,
  response: Schedule,
  bodyLimit: 2 * 1024 * 1024,
});
export const changeSchedule = contract({
  ...change,
  method: "PUT",
  path: "/orgs/:org/schedules/:id",
  summary: "Change a schedule and its layers",
  params: idParams,
  body: Type.Object({
    ...ScheduleInput.properties,
    /** The revision that was looked at: refused when somebody changed it meanwhile. Absent: whatever it is. */
    revision: Type.Optional(Type.Integer()),
  }),
  response: Schedule,
  bodyLimit: 2 * 1024 * 1024,
});
export const deleteSchedule = contract({
  ...change,
  method: "DELETE",
  path: "/orgs/:org/schedules/:id",
  summary: "Delete a schedule",
  params: idParams,
  response: Done,
});

export const PlannedShift = Type.Object({
  from: UnixMsNumber,
  to: UnixMsNumber,
  people: Type.Array(Id),
  /** Index of the layer that has somebody. */
  layer: Type.Optional(Type.Integer()),
  overrideIds: Type.Array(Id),
});
export type PlannedShift = Static<typeof PlannedShift>;

export const Plan = Type.Object({
  from: UnixMsNumber,
  to: UnixMsNumber,
  timeZone: Type.String(),
  /** A row for each layer, from low to high. */
  layers: Type.Array(Type.Object({ name: Type.String(), shifts: Type.Array(TableShift) })),
  shifts: Type.Array(PlannedShift),
  gaps: Type.Array(Span),
  days: Type.Array(CalendarDay),
  people: Type.Array(DutyPerson),
});
export type Plan = Static<typeof Plan>;

export const listShifts = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/schedules/:id/shifts",
  summary: "List the shifts of a time: a row for each layer, and who is on duty in the end",
  params: idParams,
  query: range,
  response: Plan,
});

/** What is wrong with a schedule, or soon will be. */
export const DutyWarning = Type.Union([
  Type.Object({ kind: Type.Literal("gap"), from: UnixMsNumber, to: UnixMsNumber }),
  Type.Object({ kind: Type.Literal("no-people"), layer: Type.Integer() }),
  Type.Object({ kind: Type.Literal("suspended"), personId: Id }),
  Type.Object({ kind: Type.Literal("left"), personId: Id }),
  Type.Object({ kind: Type.Literal("absent"), personId: Id, from: UnixMsNumber, to: UnixMsNumber }),
  Type.Object({ kind: Type.Literal("unreachable"), personId: Id }),
  Type.Object({ kind: Type.Literal("nobody-reachable"), from: UnixMsNumber, to: UnixMsNumber }),
  Type.Object({ kind: Type.Literal("unbalanced"), what: Type.Union([Type.Literal("nights"), Type.Literal("days-off")]), personId: Id }),
]);
export type DutyWarning = Static<typeof DutyWarning>;

/** How much of a time one person is on duty, in minutes. */
export const DutyLoad = Type.Object({
  personId: Id,
  minutes: Type.Integer(),
  /** Between 22:00 and 07:00. */
  nightMinutes: Type.Integer(),
  /** On Saturdays, Sundays and public holidays. */
  dayOffMinutes: Type.Integer(),
  shifts: Type.Integer(),
});
export type DutyLoad = Static<typeof DutyLoad>;

const Quality = Type.Object({ warnings: Type.Array(DutyWarning), load: Type.Array(DutyLoad) });
export type Quality = Static<typeof Quality>;

export const listWarnings = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/schedules/:id/warnings",
  summary: "Say what is wrong with a schedule in the next days, and how its load is shared",
  params: idParams,
  query: Type.Object({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: dutyLimits.days })) }),
  response: Type.Object({ ...Quality.properties, people: Type.Array(DutyPerson) }),
});

export const previewSchedule = contract({
  ...view,
  method: "POST",
  path: "/orgs/:org/schedules/preview",
  summary: "Show the shifts and warnings of a schedule that is not saved yet",
  params: OrgParams,
  body: Type.Object({
    timeZone: TimeZone,
    layers: ScheduleInput.properties.layers,
    from: UnixMsNumber,
    to: UnixMsNumber,
    /** The saved schedule whose overrides are to be applied. */
    scheduleId: Type.Optional(Id),
  }),
  response: Type.Object({ ...Plan.properties, ...Quality.properties }),
  bodyLimit: 2 * 1024 * 1024,
});

export const PersonShift = Type.Object({ scheduleId: Id, scheduleName: Type.String(), from: UnixMsNumber, to: UnixMsNumber });
export type PersonShift = Static<typeof PersonShift>;

export const listPersonShifts = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/duty/people/:id/shifts",
  summary: "List the shifts of a person over all schedules; `me` is whoever asks",
  params: idParams,
  query: range,
  response: Type.Object({ shifts: Type.Array(PersonShift) }),
});

// Overrides and swaps

export const Override = Type.Object({
  id: Id,
  kind: Type.Union([Type.Literal("add"), Type.Literal("remove"), Type.Literal("replace")]),
  personId: Id,
  /** With `replace`: whom; absent: everybody who is on duty. */
  insteadOf: Type.Optional(Id),
  from: UnixMsNumber,
  to: UnixMsNumber,
  reason: Type.String(),
  swapId: Type.Optional(Id),
  createdBy: Type.String(),
  createdAt: UnixMsNumber,
});
export type Override = Static<typeof Override>;

export const OverrideInput = Type.Object({
  kind: Override.properties.kind,
  personId: Id,
  insteadOf: Type.Optional(Id),
  from: UnixMsNumber,
  to: UnixMsNumber,
  reason: Type.Optional(Reason),
});
export type OverrideInput = Static<typeof OverrideInput>;

export const listOverrides = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/schedules/:id/overrides",
  summary: "List the overrides of a time, in the order in which they were made",
  params: idParams,
  query: range,
  response: Type.Object({ overrides: Type.Array(Override), people: Type.Array(DutyPerson) }),
});
export const createOverride = contract({
  ...change,
  method: "POST",
  path: "/orgs/:org/schedules/:id/overrides",
  summary: "Put somebody on duty, take somebody off, or replace somebody for a while",
  params: idParams,
  body: OverrideInput,
  response: Override,
});
export const deleteOverride = contract({
  ...change,
  method: "DELETE",
  path: "/orgs/:org/schedules/:id/overrides/:override",
  summary: "Delete an override",
  params: Type.Object({ ...idParams.properties, override: Id }),
  response: Done,
});

/** Somebody gives a time to somebody else, and may take one in return. It holds once both have accepted. */
export const Swap = Type.Object({
  id: Id,
  scheduleId: Id,
  personId: Id,
  give: Span,
  otherId: Id,
  take: Type.Optional(Span),
  reason: Type.String(),
  state: Type.Union([Type.Literal("proposed"), Type.Literal("accepted"), Type.Literal("declined"), Type.Literal("withdrawn")]),
  /** Those of the two who accepted. */
  acceptedBy: Type.Array(Id),
  createdBy: Type.String(),
  createdAt: UnixMsNumber,
  decidedAt: Type.Optional(UnixMsNumber),
});
export type Swap = Static<typeof Swap>;

export const SwapInput = Type.Object({ personId: Id, give: Span, otherId: Id, take: Type.Optional(Span), reason: Type.Optional(Reason) });
export type SwapInput = Static<typeof SwapInput>;

export const listSwaps = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/duty/swaps",
  summary: "List swaps, newest first: the open ones, or all of the last 100 days",
  params: OrgParams,
  query: Type.Object({ scheduleId: Type.Optional(Id), includeDecided: Type.Optional(Type.Boolean()) }),
  response: Type.Object({ swaps: Type.Array(Swap), people: Type.Array(DutyPerson) }),
});
export const proposeSwap = contract({
  ...change,
  method: "POST",
  path: "/orgs/:org/schedules/:id/swaps",
  summary: "Propose that two people swap; whoever proposes for themselves has accepted",
  params: idParams,
  body: SwapInput,
  response: Swap,
});
const swapAct = { ...change, method: "POST", params: idParams, response: Swap } as const;
export const acceptSwap = contract({ ...swapAct, path: "/orgs/:org/duty/swaps/:id/accept", summary: "Accept a swap that one is part of" });
export const declineSwap = contract({
  ...swapAct,
  path: "/orgs/:org/duty/swaps/:id/decline",
  summary: "Decline a swap that one is part of",
});
export const withdrawSwap = contract({ ...swapAct, path: "/orgs/:org/duty/swaps/:id/withdraw", summary: "Take a proposed swap back" });
