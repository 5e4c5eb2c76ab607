import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, Language, OrgParams, UnixMsNumber } from "./shapes.ts";

/** A month such as `2026-10`, or a whole year such as `2026`. */
export const ReportPeriod = Type.String({
  pattern: "^[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?$",
  description: "`2026-10`, or `2026` for the year.",
});

/** How a cell or figure is meant: `good`, `bad`, `muted`. */
const Tone = Type.Union([Type.Literal("good"), Type.Literal("bad"), Type.Literal("muted")]);

/** A text that opens what it counts: `#part` of the report, or a path of the console. */
export const ReportCell = Type.Object({
  text: Type.String(),
  href: Type.Optional(Type.String()),
  tone: Type.Optional(Tone),
});
export type ReportCell = Static<typeof ReportCell>;

const ReportFigure = Type.Object({
  label: Type.String(),
  value: Type.String(),
  note: Type.Optional(Type.String({ description: "What it was in the period before, or what is counted." })),
  href: Type.Optional(Type.String()),
  tone: Type.Optional(Tone),
});

const ReportColumn = Type.Object({
  label: Type.String(),
  isNumber: Type.Boolean(),
  /** Width on paper, relative to the other columns. */
  share: Type.Number(),
});

const ReportBar = Type.Object({
  label: Type.String(),
  /** One for each series, stacked. */
  values: Type.Array(Type.Number()),
  text: Type.String({ description: "The value as people read it." }),
  href: Type.Optional(Type.String()),
  /** A day off, or whatever is to be told apart. */
  isMarked: Type.Optional(Type.Boolean()),
});

/** One piece of a section, in the order of reading. */
export const ReportBlock = Type.Union([
  Type.Object({ kind: Type.Literal("figures"), figures: Type.Array(ReportFigure) }),
  Type.Object({ kind: Type.Literal("text"), text: Type.String() }),
  Type.Object({ kind: Type.Literal("list"), items: Type.Array(ReportCell) }),
  Type.Object({
    kind: Type.Literal("table"),
    caption: Type.String(),
    columns: Type.Array(ReportColumn),
    rows: Type.Array(Type.Array(ReportCell)),
    note: Type.Optional(Type.String()),
  }),
  Type.Object({
    kind: Type.Literal("bars"),
    caption: Type.String(),
    /** Upright: time goes from left to right; lying: one line each, named at its beginning. */
    layout: Type.Union([Type.Literal("upright"), Type.Literal("lying")]),
    series: Type.Array(Type.String()),
    bars: Type.Array(ReportBar),
  }),
]);
export type ReportBlock = Static<typeof ReportBlock>;

export const ReportSection = Type.Object({
  id: Type.String({ description: "Its anchor: `#incidents`." }),
  title: Type.String(),
  blocks: Type.Array(ReportBlock),
});
export type ReportSection = Static<typeof ReportSection>;

/** A report in words of one language: screen, HTML and PDF show the same. */
export const ReportDocument = Type.Object({
  language: Language,
  title: Type.String(),
  subtitle: Type.String(),
  organisation: Type.String(),
  facts: Type.Array(Type.Object({ label: Type.String(), value: Type.String() })),
  sections: Type.Array(ReportSection),
  /** `Page 2 of 5`, with `{page}` and `{pages}` for the numbers. */
  pageText: Type.String(),
});
export type ReportDocument = Static<typeof ReportDocument>;

export const SendingState = Type.Union([Type.Literal("pending"), Type.Literal("sent"), Type.Literal("failed")]);
export type SendingState = Static<typeof SendingState>;

/** Somebody or some place that a report was sent to. */
const ReportSending = Type.Object({
  kind: Type.Union([Type.Literal("person"), Type.Literal("address"), Type.Literal("channel")]),
  name: Type.String({ description: "Of an address only its domain, for those who may not change to whom reports are sent." }),
  state: SendingState,
  at: UnixMsNumber,
  problem: Type.Optional(Type.String()),
});
export type ReportSending = Static<typeof ReportSending>;

export const ReportSummary = Type.Object({
  id: Id,
  period: ReportPeriod,
  language: Language,
  /** False while the period was not over when it was made. */
  isComplete: Type.Boolean(),
  madeAt: UnixMsNumber,
  madeBy: Type.String({ description: "As the ledger names who did it." }),
  madeByName: Type.Optional(Type.String()),
  incidents: Type.Integer(),
  sent: Type.Integer({ description: "To how many it was sent." }),
  failed: Type.Integer({ description: "To how many it could not be sent." }),
});
export type ReportSummary = Static<typeof ReportSummary>;

/** When a report of the month before is made and sent by itself. Working days are those of a calendar of the duty feature. */
const ReportDay = Type.Union([Type.Literal("first-day"), Type.Literal("first-working-day")]);

export const ReportSettings = Type.Object({
  isOn: Type.Boolean(),
  day: ReportDay,
  calendarId: Type.String({
    minLength: 1,
    maxLength: 64,
    description: "Whose working days count: `business-days`, `weekdays` or one of your own.",
  }),
  time: Type.String({ pattern: "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$", description: "`09:00`" }),
  timeZone: Type.String({ minLength: 1, maxLength: 64, description: "IANA zone in which day and time are meant." }),
  language: Language,
  personIds: Type.Array(Id, { maxItems: 100, uniqueItems: true, description: "Get it by mail, in their own language, as PDF." }),
  addresses: Type.Array(Type.String({ minLength: 3, maxLength: 254, format: "email" }), {
    maxItems: 100,
    uniqueItems: true,
    description: "Get it by mail, as PDF.",
  }),
  channelIds: Type.Array(Id, { maxItems: 20, uniqueItems: true, description: "Are told, with a link." }),
});
export type ReportSettings = Static<typeof ReportSettings>;

const common = { tag: "reports", access: "organisation" } as const;
const idParams = Type.Object({ ...OrgParams.properties, id: Id });

export const listReports = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/reports",
  summary: "List the reports that are kept, newest first",
  needs: "report.view",
  params: OrgParams,
  query: Type.Object({
    period: Type.Optional(ReportPeriod),
    offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 100_000 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({
    reports: Type.Array(ReportSummary),
    total: Type.Integer(),
    /** The month that goes on, in the organisation's time zone: `2026-11`. */
    thisMonth: Type.String(),
    /** When the next one is sent by itself. */
    nextAt: Type.Optional(UnixMsNumber),
  }),
});

export const makeReport = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/reports",
  summary: "Make and keep the report of a month or a year, up to now when it is not over",
  needs: "report.change",
  params: OrgParams,
  body: Type.Object({
    period: Type.Optional(ReportPeriod),
    language: Type.Optional(Language),
  }),
  response: ReportSummary,
});

export const getReport = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/reports/:id",
  summary: "Read a report, in words",
  needs: "report.view",
  params: idParams,
  query: Type.Object({ language: Type.Optional(Type.Union([Language], { description: "Its own when absent." })) }),
  response: Type.Object({ report: ReportSummary, document: ReportDocument, sendings: Type.Array(ReportSending) }),
});

export const getReportFigures = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/reports/:id/figures",
  summary: "Read the figures of a report as data, as they were when it was made",
  needs: "report.view",
  params: idParams,
  response: Type.Object({ report: ReportSummary, figures: Type.Record(Type.String(), Type.Unknown()) }),
});

export const getReportFile = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/reports/:id/file",
  summary: "Fetch a report as a file",
  needs: "report.view",
  params: idParams,
  query: Type.Object({
    format: Type.Union([Type.Literal("pdf"), Type.Literal("html"), Type.Literal("csv")]),
    language: Type.Optional(Language),
  }),
  response: Type.Object({
    fileName: Type.String(),
    mediaType: Type.String(),
    content: Type.String({ description: "Base64." }),
  }),
});

export const sendReport = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/reports/:id/send",
  summary: "Send a report now to those who get it by schedule, or to those named",
  needs: "report.change",
  params: idParams,
  body: Type.Partial(Type.Pick(ReportSettings, ["personIds", "addresses", "channelIds"])),
  response: Type.Object({ count: Type.Integer({ description: "To how many it goes." }) }),
});

export const deleteReport = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/reports/:id",
  summary: "Delete a report that was never sent to anybody",
  needs: "report.change",
  params: idParams,
  response: Done,
});

export const getReportSettings = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/report-settings",
  summary: "Read when and to whom reports are sent",
  needs: "report.change",
  params: OrgParams,
  response: Type.Object({ settings: ReportSettings, nextAt: Type.Optional(UnixMsNumber) }),
});

export const changeReportSettings = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/report-settings",
  summary: "Change when and to whom reports are sent",
  needs: "report.change",
  params: OrgParams,
  body: ReportSettings,
  response: Type.Object({ settings: ReportSettings, nextAt: Type.Optional(UnixMsNumber) }),
});
