import { Type, type Static } from "typebox";
import { Id, UnixMsNumber } from "./shapes.ts";

/** Sizes that keep every answer quick. */
export const dutyLimits = {
  name: 100,
  memo: 1000,
  people: 100,
  layers: 20,
  /** Shifts of one shift table. */
  tableShifts: 5000,
  calendarVersions: 50,
  closedDays: 500,
  teams: 500,
  schedules: 500,
  calendars: 200,
  /** Days that one question about shifts may span. */
  days: 400,
} as const;

const Name = Type.String({ minLength: 1, maxLength: dutyLimits.name });
const Memo = Type.String({ maxLength: dutyLimits.memo });

export const TimeOfDay = Type.String({
  pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$",
  description: "Time on the clock on the wall, such as 09:00.",
});
const EndOfDay = Type.String({
  pattern: "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
  description: "As a time of day; 24:00 is the end of the day.",
});
export const LocalDate = Type.String({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description: "A date such as 2026-11-22." });
export const LocalDateTime = Type.String({
  pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]$",
  description: "Date and time on the clock on the wall, without a zone: 2026-11-22T09:00.",
});
/** 0 = Sunday … 6 = Saturday. */
export const Weekday = Type.Integer({ minimum: 0, maximum: 6, description: "0 = Sunday … 6 = Saturday." });
const Weekdays = Type.Array(Weekday, { maxItems: 7, uniqueItems: true });

/** From a time of day to another; one that ends no later than it begins ends on the next day. */
export const Hours = Type.Object({ from: TimeOfDay, to: EndOfDay });
export type Hours = Static<typeof Hours>;

/** Days on which nobody works, both ends included. With `isYearly` only month and day count. */
export const ClosedDays = Type.Object({ from: LocalDate, to: LocalDate, name: Name, isYearly: Type.Boolean() });
export type ClosedDays = Static<typeof ClosedDays>;

/** What a calendar says from one date on. */
export const CalendarRules = Type.Object({
  /** The first day on which it holds; absent in the first version, which holds for all days before the next one. */
  from: Type.Optional(LocalDate),
  workdays: Weekdays,
  /** Whose public holidays are days off. */
  holidays: Type.Union([Type.Literal("jp"), Type.Literal("none")]),
  /** Working hours of a working day. */
  hours: Type.Array(Hours, { maxItems: 10 }),
  closed: Type.Array(ClosedDays, { maxItems: dutyLimits.closedDays }),
  /** Days on which one works though they would be off: working Saturdays. */
  working: Type.Array(Type.Object({ date: LocalDate, name: Type.String({ maxLength: dutyLimits.name }) }), {
    maxItems: dutyLimits.closedDays,
  }),
});
export type CalendarRules = Static<typeof CalendarRules>;

export const CalendarInput = Type.Object({
  name: Name,
  memo: Type.Optional(Memo),
  versions: Type.Array(CalendarRules, { minItems: 1, maxItems: dutyLimits.calendarVersions }),
});
export type CalendarInput = Static<typeof CalendarInput>;

/** When a layer holds, as a calendar has it. */
export const CalendarCondition = Type.Union([
  Type.Literal("working-time"),
  Type.Literal("outside-working-time"),
  Type.Literal("working-day"),
  Type.Literal("day-off"),
]);
export type CalendarCondition = Static<typeof CalendarCondition>;

/** Narrows a layer: it holds when one of the hours (if there are any) and the calendar's condition (if there is one) do. */
export const Restriction = Type.Object({
  hours: Type.Optional(Type.Array(Type.Object({ weekdays: Weekdays, from: TimeOfDay, to: EndOfDay }), { minItems: 1, maxItems: 20 })),
  calendar: Type.Optional(Type.Object({ id: Id, when: CalendarCondition })),
});
export type Restriction = Static<typeof Restriction>;

/** How people take turns. All times are those of the clock on the wall in the schedule's zone. */
export const Rotation = Type.Object({
  kind: Type.Literal("rotation"),
  name: Name,
  /** In the order of their turns. */
  people: Type.Array(Id, { maxItems: dutyLimits.people }),
  /** When the first person begins. */
  start: LocalDateTime,
  /** When the layer ends; absent: never. */
  until: Type.Optional(LocalDateTime),
  /** `weekdays`: the turn changes on the days of `weekdays`. */
  unit: Type.Union([Type.Literal("hour"), Type.Literal("day"), Type.Literal("week"), Type.Literal("month"), Type.Literal("weekdays")]),
  /** A turn is this many units long; with `weekdays`, this many of those days. */
  length: Type.Integer({ minimum: 1, maximum: 1000 }),
  /** At which time of day the next person takes over; hourly turns count from the start instead. */
  handOver: TimeOfDay,
  weekdays: Type.Optional(Weekdays),
  restriction: Type.Optional(Restriction),
});
export type Rotation = Static<typeof Rotation>;

/** One shift of a shift table. */
export const TableShift = Type.Object({ personId: Id, from: UnixMsNumber, to: UnixMsNumber });
export type TableShift = Static<typeof TableShift>;

/** Shifts written down one by one, as they come out of a file. */
export const ShiftTable = Type.Object({
  kind: Type.Literal("table"),
  name: Name,
  shifts: Type.Array(TableShift, { maxItems: dutyLimits.tableShifts }),
  restriction: Type.Optional(Restriction),
});
export type ShiftTable = Static<typeof ShiftTable>;

export const Layer = Type.Union([Rotation, ShiftTable]);
export type Layer = Static<typeof Layer>;
