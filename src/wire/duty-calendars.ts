import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { TableShift, dutyLimits } from "./duty-shapes.ts";
import { DutyPerson } from "./duty.ts";
import { Done, Id, OrgParams, UnixMsNumber } from "./shapes.ts";

/** What comes from calendar programs and goes to them: absences, shift tables, secret addresses. */
const common = { tag: "Duty", access: "organisation" } as const;
const view = { ...common, needs: "duty.view" } as const;
const change = { ...common, needs: "duty.change" } as const;
const idParams = Type.Object({ ...OrgParams.properties, id: Id });

/** Largest calendar file that is read, in bytes of UTF-8. */
export const mostCalendarBytes = 1024 * 1024;
/** One of the two: what the file holds, or where it is read now. */
const brought = {
  text: Type.Optional(Type.String({ minLength: 1, maxLength: mostCalendarBytes })),
  url: Type.Optional(Type.String({ minLength: 1, maxLength: 2000, description: "http, https or webcal." })),
};
const fileBodyLimit = 3 * mostCalendarBytes;

// Absences

export const Absence = Type.Object({
  id: Id,
  personId: Id,
  from: UnixMsNumber,
  to: UnixMsNumber,
  note: Type.String(),
  /** The file that it came from; absent: somebody typed it. */
  source: Type.Optional(Type.String()),
});
export type Absence = Static<typeof Absence>;

export const AbsenceInput = Type.Object({
  personId: Id,
  from: UnixMsNumber,
  to: UnixMsNumber,
  note: Type.Optional(Type.String({ maxLength: dutyLimits.memo })),
});
export type AbsenceInput = Static<typeof AbsenceInput>;

export const listAbsences = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/duty/absences",
  summary: "List absences that are not over, by their beginning",
  params: OrgParams,
  query: Type.Object({ personId: Type.Optional(Id) }),
  response: Type.Object({ absences: Type.Array(Absence), people: Type.Array(DutyPerson) }),
});
export const createAbsence = contract({
  ...change,
  method: "POST",
  path: "/orgs/:org/duty/absences",
  summary: "Note that somebody is away: others are on duty meanwhile",
  params: OrgParams,
  body: AbsenceInput,
  response: Absence,
});
export const deleteAbsence = contract({
  ...change,
  method: "DELETE",
  path: "/orgs/:org/duty/absences/:id",
  summary: "Delete an absence",
  params: idParams,
  response: Done,
});
export const importAbsences = contract({
  ...change,
  method: "POST",
  path: "/orgs/:org/duty/absences/import",
  summary: "Read a person's absences from an iCalendar file or address; they replace those that came from a file of this name",
  params: OrgParams,
  body: Type.Object({
    personId: Id,
    /** Name of the file. */
    source: Type.String({ minLength: 1, maxLength: 200 }),
    /** For times without a zone; the organisation's when absent. */
    timeZone: Type.Optional(Type.String({ maxLength: 64 })),
    ...brought,
  }),
  response: Type.Object({ absences: Type.Integer(), replaced: Type.Integer() }),
  bodyLimit: fileBodyLimit,
});

// Shift tables

export const readShiftFile = contract({
  ...view,
  method: "POST",
  path: "/orgs/:org/duty/read-shifts",
  summary: "Read shifts from an iCalendar or CSV file or address, for a layer; saves nothing",
  params: OrgParams,
  body: Type.Object({
    format: Type.Union([Type.Literal("ics"), Type.Literal("csv")]),
    /** For times without a zone, and for dates. */
    timeZone: Type.String({ maxLength: 64 }),
    /** Who is meant by a name that is nobody's name or address. */
    people: Type.Optional(Type.Array(Type.Object({ name: Type.String({ maxLength: 200 }), personId: Id }), { maxItems: 200 })),
    ...brought,
  }),
  response: Type.Object({
    shifts: Type.Array(TableShift),
    /** Names in the file that are nobody's here, with the number of their shifts, which were left out. */
    unknown: Type.Array(Type.Object({ name: Type.String(), shifts: Type.Integer() })),
    people: Type.Array(DutyPerson),
  }),
  bodyLimit: fileBodyLimit,
});

export const exportSchedule = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/schedules/:id/ical",
  summary: "Write the shifts of a schedule as iCalendar: 30 days back and 180 ahead",
  params: idParams,
  response: Type.Object({ text: Type.String() }),
});

// Secret addresses

export const Feed = Type.Object({
  id: Id,
  /** One of the two: shifts of a schedule, or of a person over all schedules. */
  scheduleId: Type.Optional(Id),
  personId: Type.Optional(Id),
  createdBy: Type.String(),
  createdAt: UnixMsNumber,
  lastReadAt: Type.Optional(UnixMsNumber),
});
export type Feed = Static<typeof Feed>;

export const listFeeds = contract({
  ...view,
  method: "GET",
  path: "/orgs/:org/duty/feeds",
  summary: "List the secret calendar addresses that hold, without the secret",
  params: OrgParams,
  response: Type.Object({ feeds: Type.Array(Feed) }),
});
export const createFeed = contract({
  ...change,
  method: "POST",
  path: "/orgs/:org/duty/feeds",
  summary: "Make a secret address under which calendar programs read shifts; it is shown this once",
  params: OrgParams,
  body: Type.Object({ scheduleId: Type.Optional(Id), personId: Type.Optional(Id) }),
  response: Type.Object({ feed: Feed, path: Type.String({ description: "Below the root of the host." }) }),
});
export const revokeFeed = contract({
  ...change,
  method: "DELETE",
  path: "/orgs/:org/duty/feeds/:id",
  summary: "End a secret calendar address",
  params: idParams,
  response: Done,
});
