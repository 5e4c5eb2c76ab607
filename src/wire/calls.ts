import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { Done, Id, Language, OrgParams, UnixMsNumber } from "./shapes.ts";

const common = { tag: "telephone", access: "organisation" } as const;
const ById = Type.Object({ ...OrgParams.properties, id: Id });

/** `incident`: somebody is asked to take it; `code`: reads a verification code; `test`: asked for by hand; `weekly`: the test of a week; `incoming`: somebody called us. */
export const callKinds = ["incident", "code", "test", "weekly", "incoming"] as const;
export const CallKind = Type.Union([
  Type.Literal("incident"),
  Type.Literal("code"),
  Type.Literal("test"),
  Type.Literal("weekly"),
  Type.Literal("incoming"),
]);
export type CallKind = Static<typeof CallKind>;

export const callStates = ["queued", "dialing", "ringing", "talking", "over"] as const;
export const CallState = Type.Union([
  Type.Literal("queued"),
  Type.Literal("dialing"),
  Type.Literal("ringing"),
  Type.Literal("talking"),
  Type.Literal("over"),
]);
export type CallState = Static<typeof CallState>;

export const callCauses = [
  "busy",
  "declined",
  "no-answer",
  "wrong-number",
  "line-failed",
  "hung-up",
  "finished",
  "cancelled",
  "answered-late",
  "lost",
] as const;
export const CallCauseName = Type.Union([
  Type.Literal("busy"),
  Type.Literal("declined"),
  Type.Literal("no-answer"),
  Type.Literal("wrong-number"),
  Type.Literal("line-failed"),
  Type.Literal("hung-up"),
  Type.Literal("finished"),
  Type.Literal("cancelled"),
  Type.Literal("answered-late"),
  Type.Literal("lost"),
]);

export const Call = Type.Object({
  id: Id,
  kind: CallKind,
  state: CallState,
  personId: Type.Optional(Id),
  personName: Type.Optional(Type.String()),
  number: Type.String({ description: "All but its last three digits are hidden from everybody but managers and the person." }),
  lineId: Type.Optional(Id),
  lineName: Type.Optional(Type.String()),
  incidentIds: Type.Array(Id),
  language: Language,
  cause: Type.Optional(CallCauseName),
  result: Type.Optional(Type.String({ description: "What it came to, as a short code: `taken`, `declined`, `confirmed` …" })),
  problem: Type.Optional(Type.String()),
  pressed: Type.Optional(Type.String({ description: "Keys that answered; never a PIN." })),
  askedAt: UnixMsNumber,
  dialledAt: Type.Optional(UnixMsNumber),
  rangAt: Type.Optional(UnixMsNumber),
  answeredAt: Type.Optional(UnixMsNumber),
  endedAt: Type.Optional(UnixMsNumber),
  seconds: Type.Optional(Type.Integer()),
  cost: Type.Optional(Type.Number()),
  currency: Type.Optional(Type.String()),
  hasRecording: Type.Boolean(),
});
export type Call = Static<typeof Call>;

/** One line of a call's timeline. */
export const CallEvent = Type.Object({
  at: UnixMsNumber,
  kind: Type.String({ description: "What happened, as a short code." }),
  said: Type.Optional(Type.Array(Type.String(), { description: "Sentences that were said." })),
  detail: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
});
export type CallEvent = Static<typeof CallEvent>;

export const listCalls = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/calls",
  summary: "List telephone calls, newest first",
  needs: "call.view",
  params: OrgParams,
  query: Type.Object({
    kind: Type.Optional(CallKind),
    state: Type.Optional(Type.Union([...CallState.anyOf, Type.Literal("open")], { description: "`open`: not over yet." })),
    person: Type.Optional(Id),
    line: Type.Optional(Id),
    incident: Type.Optional(Id),
    from: Type.Optional(UnixMsNumber),
    until: Type.Optional(UnixMsNumber),
    before: Type.Optional(Type.String({ maxLength: 100, description: "Goes on behind a page: its `next`." })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({ calls: Type.Array(Call), next: Type.Optional(Type.String()) }),
});

export const getCall = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/calls/:id",
  summary: "See a telephone call with what was said and pressed",
  needs: "call.view",
  params: ById,
  response: Type.Object({ call: Call, events: Type.Array(CallEvent) }),
});

export const hearCall = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/calls/:id/recording",
  summary: "Listen to a recorded call; the history keeps who did",
  needs: "call.listen",
  params: ById,
  response: Type.Object({ audio: Type.String({ description: "A WAV file in base64: both sides mixed." }) }),
});

export const endCall = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/calls/:id/end",
  summary: "Hang up, or take back a call that waits",
  needs: "call.make",
  params: ById,
  response: Done,
});

export const callMe = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/calls/me",
  summary: "Be called now at one's own number, to hear how it sounds",
  needs: "call.make",
  params: OrgParams,
  body: Type.Object({
    contactId: Type.Optional(Type.Union([Id], { description: "Which of one's own numbers; the first when absent." })),
    lineId: Type.Optional(Type.Union([Id], { description: "Only through this line." })),
    personId: Type.Optional(Type.Union([Id], { description: "Who, when an API key asks: at a number that they verified." })),
  }),
  response: Type.Object({ id: Id }),
});

const TimeOfDay = Type.String({ pattern: "^(?:[01]\\d|2[0-3]):[0-5]\\d$", description: "Hours and minutes, such as 10:00." });

/** How one wants to be called. */
export const MyCallSettings = Type.Object({
  language: Type.Optional(Type.Union([Language], { description: "The one of the profile when absent." })),
  ringSeconds: Type.Optional(
    Type.Integer({ minimum: 10, maximum: 120, description: "How long it rings; what the policy says when absent." }),
  ),
  hasRandomDigit: Type.Boolean({ description: "Each call names another digit to take with." }),
  weekly: Type.Object({
    isOn: Type.Boolean(),
    weekday: Type.Integer({ minimum: 0, maximum: 6, description: "0 is Sunday." }),
    time: TimeOfDay,
  }),
});
export type MyCallSettings = Static<typeof MyCallSettings>;

export const MyCalls = Type.Object({
  ...MyCallSettings.properties,
  hasPin: Type.Boolean(),
  timeZone: Type.String({ description: "In which the weekly test is made." }),
  nextWeekly: Type.Optional(UnixMsNumber),
  lastWeekly: Type.Optional(
    Type.Object({
      at: UnixMsNumber,
      callId: Type.Optional(Id),
      outcome: Type.Union([Type.Literal("passed"), Type.Literal("failed"), Type.Literal("running"), Type.Literal("impossible")]),
      problem: Type.Optional(Type.String()),
    }),
  ),
});
export type MyCalls = Static<typeof MyCalls>;

export const getMyCalls = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/my/calls",
  summary: "See how one is called oneself",
  needs: "organisation.view",
  params: OrgParams,
  response: MyCalls,
});

export const changeMyCalls = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/my/calls",
  summary: "Change how one is called oneself",
  needs: "organisation.view",
  params: OrgParams,
  body: MyCallSettings,
  response: MyCalls,
});

export const setMyPin = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/my/calls/pin",
  summary: "Set or remove the PIN that calls to oneself ask for",
  needs: "organisation.view",
  params: OrgParams,
  body: Type.Object({ pin: Type.Union([Type.String({ pattern: "^\\d{4,8}$" }), Type.Null()]) }),
  response: MyCalls,
});
