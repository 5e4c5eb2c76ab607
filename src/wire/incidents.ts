import { Type, type Static } from "typebox";
import { ActVia, IncidentState, Severity } from "./alerting.ts";
import { AlertSummary, Limit, Named, Offset, Search } from "./alerts.ts";
import { contract } from "./contract.ts";
import { Id, OrgParams, ServiceName, UnixMsNumber } from "./shapes.ts";

const incident = { tag: "incidents", access: "organisation" } as const;

const IncidentParams = Type.Object({ ...OrgParams.properties, id: Id });

const Text = Type.String({ maxLength: 10_000 });
const Title = Type.String({ minLength: 1, maxLength: 200 });

/** What is asked of everything that acts on an incident: how it came about. `api` when absent. */
const Via = Type.Optional(Type.Union([Type.Literal("console"), Type.Literal("api")]));
const PersonId = Type.Union([Id], { description: "A member who may act on incidents." });

/** Why an alert is in an incident. `again`: it came back within the time of flapping; `source`: its origin groups it so. */
export const MembershipWhy = Type.Union([
  Type.Literal("first"),
  Type.Literal("again"),
  Type.Literal("host"),
  Type.Literal("role"),
  Type.Literal("service"),
  Type.Literal("dependency"),
  Type.Literal("source"),
  Type.Literal("split"),
  Type.Literal("merged"),
]);
export type MembershipWhy = Static<typeof MembershipWhy>;

export const IncidentSummary = Type.Object({
  id: Id,
  number: Type.Integer({ minimum: 1, description: "1, 2, 3 … within the organisation." }),
  title: Type.String(),
  severity: Severity,
  state: IncidentState,
  responder: Type.Optional(Named),
  takenAt: Type.Optional(UnixMsNumber),
  takenVia: Type.Optional(ActVia),
  lastResponder: Type.Optional(Type.Union([Named], { description: "Who had it when it was resolved." })),
  openedAt: UnixMsNumber,
  resolvedAt: Type.Optional(UnixMsNumber),
  snoozedUntil: Type.Optional(UnixMsNumber),
  settlesAt: Type.Optional(Type.Union([UnixMsNumber], { description: "All is well but it flaps: it ends then if it stays quiet." })),
  isFlapping: Type.Boolean(),
  returns: Type.Integer({ minimum: 0, description: "How often an alert of it came back." }),
  isManual: Type.Boolean(),
  openAlerts: Type.Integer({ minimum: 0, description: "Muted ones not counted." }),
  alerts: Type.Integer({ minimum: 0 }),
  hosts: Type.Array(Named, { maxItems: 5, description: "At most five." }),
  services: Type.Array(Named),
  mergedInto: Type.Optional(Type.Object({ id: Id, number: Type.Integer() })),
  version: Type.Integer({ description: "Counts every change." }),
});
export type IncidentSummary = Static<typeof IncidentSummary>;

export const IncidentAlert = Type.Object({ ...AlertSummary.properties, why: MembershipWhy, joinedAt: UnixMsNumber });
export type IncidentAlert = Static<typeof IncidentAlert>;

export const Incident = Type.Object({
  ...IncidentSummary.properties,
  description: Type.String(),
  openedBy: Type.String({ description: "The ledger's name of who opened it: `person:…`, `key:…`, `system:…`." }),
  members: Type.Array(IncidentAlert, { maxItems: 200, description: "Open ones first, at most 200; `GET …/alerts?incident=` has all." }),
  mayAct: Type.Boolean({ description: "Whether the caller may act on it." }),
});
export type Incident = Static<typeof Incident>;

export const timelineKinds = [
  "opened",
  "alerts-joined",
  "alerts-changed",
  "alerts-closed",
  "alerts-left",
  "severity-raised",
  "flapping",
  "taken",
  "passed",
  "declined",
  "released",
  "snoozed",
  "woken",
  "resolved",
  "reopened",
  "commented",
  "renamed",
  "merged",
  "split",
] as const;

export const TimelineEntry = Type.Object({
  id: Type.String(),
  at: UnixMsNumber,
  kind: Type.String({
    description: `Ours: ${timelineKinds.join(", ")}. Other features add their own, such as \`told\` and \`step\`.`,
  }),
  by: Type.String({ description: "The ledger's name of who did it." }),
  byName: Type.Optional(Type.String()),
  via: ActVia,
  person: Type.Optional(Type.Union([Named], { description: "Whom it is about." })),
  text: Type.String({ description: "What somebody wrote; empty: nothing." }),
  detail: Type.Record(Type.String(), Type.Unknown(), {
    description: "Ids, numbers and short codes; `alerts` is a list of {id, name, message, status}.",
  }),
});
export type TimelineEntry = Static<typeof TimelineEntry>;

/** The answer to every act: the incident as it is now. */
const changed = Incident;

export const listIncidents = contract({
  ...incident,
  method: "GET",
  path: "/orgs/:org/incidents",
  summary: "List incidents, newest first; those that nobody has come before those that somebody has",
  needs: "incident.view",
  params: OrgParams,
  query: Type.Object({
    state: Type.Optional(Type.Array(IncidentState, { description: "Any of them; all when absent." })),
    severity: Type.Optional(Type.Array(Severity, { description: "Any of them." })),
    responder: Type.Optional(Id),
    mine: Type.Optional(Type.Boolean({ description: "Only those that the caller has." })),
    service: Type.Optional(ServiceName),
    host: Type.Optional(Id),
    takenBy: Type.Optional(Type.Union([Id], { description: "Only those that this person had at some time." })),
    from: Type.Optional(
      Type.Union([UnixMsNumber], { description: "Only those that were opened then or later, without those that others took over." }),
    ),
    to: Type.Optional(Type.Union([UnixMsNumber], { description: "Only those that were opened before." })),
    text: Search,
    offset: Offset,
    limit: Limit,
  }),
  response: Type.Object({
    incidents: Type.Array(IncidentSummary),
    total: Type.Integer(),
    counts: Type.Object({
      open: Type.Integer({ description: "Of the whole organisation: nobody has them." }),
      taken: Type.Integer(),
      mine: Type.Integer(),
    }),
  }),
});

export const getIncident = contract({
  ...incident,
  method: "GET",
  path: "/orgs/:org/incidents/:id",
  summary: "See an incident, by its id or its number",
  needs: "incident.view",
  params: IncidentParams,
  response: Incident,
});

export const getTimeline = contract({
  ...incident,
  method: "GET",
  path: "/orgs/:org/incidents/:id/timeline",
  summary: "See what happened to an incident, newest first",
  needs: "incident.view",
  params: IncidentParams,
  query: Type.Object({ before: Type.Optional(Type.String({ maxLength: 20, description: "Entries older than this id." })), limit: Limit }),
  response: Type.Object({ entries: Type.Array(TimelineEntry), hasMore: Type.Boolean() }),
});

export const openIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents",
  summary: "Open an incident that no alert told of",
  needs: "incident.act",
  params: OrgParams,
  body: Type.Object({
    title: Title,
    severity: Severity,
    description: Type.Optional(Text),
    services: Type.Optional(Type.Array(ServiceName, { maxItems: 20, description: "Whose escalation policy holds." })),
    via: Via,
  }),
  response: changed,
});

export const takeIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/take",
  summary: "Take an incident; answers 409 with who has it when somebody was faster",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ person: Type.Optional(Type.Union([PersonId], { description: "For API keys: who takes it." })), via: Via }),
  response: changed,
});

export const passIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/pass",
  summary: "Pass an incident on to somebody else",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({
    to: PersonId,
    from: Type.Optional(Type.Union([Id], { description: "Only if this person still has it." })),
    note: Type.Optional(Text),
    via: Via,
  }),
  response: changed,
});

export const declineIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/decline",
  summary: "Say that somebody who was asked cannot take it, so that the next one is asked at once",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({
    person: Type.Optional(Type.Union([PersonId], { description: "The caller when absent." })),
    note: Type.Optional(Text),
    via: Via,
  }),
  response: changed,
});

export const releaseIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/release",
  summary: "Give an incident back: nobody has it afterwards",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ note: Type.Optional(Text), via: Via }),
  response: changed,
});

export const snoozeIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/snooze",
  summary: "Disturb nobody about an incident until a moment, at most 30 days ahead",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ until: UnixMsNumber, note: Type.Optional(Text), via: Via }),
  response: changed,
});

export const wakeIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/wake",
  summary: "End a snooze at once",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ via: Via }),
  response: changed,
});

export const resolveIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/resolve",
  summary: "Resolve an incident; its open alerts stay open, and one that gets worse or comes back reopens it",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ note: Type.Optional(Text), via: Via }),
  response: changed,
});

export const reopenIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/reopen",
  summary: "Reopen a resolved incident; it comes back to whom had it last",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ note: Type.Optional(Text), via: Via }),
  response: changed,
});

export const commentIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/comments",
  summary: "Write a comment into the timeline",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ text: Type.String({ minLength: 1, maxLength: 10_000 }), via: Via }),
  response: changed,
});

export const splitIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/split",
  summary: "Split alerts out into an incident of their own, which the same person has",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ alerts: Type.Array(Id, { minItems: 1, maxItems: 200, uniqueItems: true }), via: Via }),
  response: Type.Object({ incident: Incident, original: Incident }),
});

export const mergeIncident = contract({
  ...incident,
  method: "POST",
  path: "/orgs/:org/incidents/:id/merge",
  summary: "Take over the alerts of another incident, which ends by that",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ other: Type.Union([Id], { description: "The incident that ends." }), via: Via }),
  response: changed,
});

export const renameIncident = contract({
  ...incident,
  method: "PATCH",
  path: "/orgs/:org/incidents/:id",
  summary: "Change the title or description of an incident",
  needs: "incident.act",
  params: IncidentParams,
  body: Type.Object({ title: Type.Optional(Title), description: Type.Optional(Text), via: Via }),
  response: changed,
});
