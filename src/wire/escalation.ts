import { Type, type Static } from "typebox";
import { IncidentState, media, Medium, Severity } from "./alerting.ts";
import { contract } from "./contract.ts";
import { Done, Id, OrgParams, ServiceName, UnixMsNumber } from "./shapes.ts";

const common = { tag: "escalation", access: "organisation" } as const;
const Name = Type.String({ minLength: 1, maxLength: 100 });
const week = 604_800;

/** Whom a step tells. Who is on duty, in the team or an owner is looked up at the moment of telling. */
export const StepTarget = Type.Union([
  Type.Object({ kind: Type.Literal("person"), personId: Id }),
  Type.Object({
    kind: Type.Literal("schedule"),
    scheduleId: Id,
    who: Type.Union([Type.Literal("now"), Type.Literal("next")], {
      description: "Who is on duty now, or who will be after the next hand-over.",
    }),
  }),
  Type.Object({
    kind: Type.Literal("team"),
    teamId: Id,
    how: Type.Union([Type.Literal("in-order"), Type.Literal("at-once")]),
  }),
  Type.Object({ kind: Type.Literal("lead"), teamId: Id }),
  Type.Object({ kind: Type.Literal("owners") }),
  Type.Object({ kind: Type.Literal("channel"), channelId: Id }),
]);
export type StepTarget = Static<typeof StepTarget>;

const Minute = Type.Integer({ minimum: 0, maximum: 1439, description: "Minutes after midnight in the organisation's time zone." });

/** When a step counts at all; every condition that is given must hold, otherwise the step is skipped at once. */
export const StepCondition = Type.Object({
  severities: Type.Optional(Type.Array(Severity, { minItems: 1, maxItems: 4, uniqueItems: true })),
  calendar: Type.Optional(
    Type.Object({
      calendarId: Id,
      during: Type.Union([Type.Literal("working"), Type.Literal("outside")]),
    }),
  ),
  hours: Type.Optional(Type.Object({ from: Minute, until: Minute }, { description: "`from` later than `until` runs over midnight." })),
  many: Type.Optional(
    Type.Object(
      { alerts: Type.Integer({ minimum: 2, maximum: 10_000 }), minutes: Type.Integer({ minimum: 1, maximum: 1440 }) },
      { description: "Only when the incident got at least so many alerts within the last minutes." },
    ),
  ),
});
export type StepCondition = Static<typeof StepCondition>;

export const PolicyStep = Type.Object({
  afterSeconds: Type.Integer({
    minimum: 0,
    maximum: week,
    description: "How long after the step before it, whose people have had their time.",
  }),
  mode: Type.Union([Type.Literal("in-order"), Type.Literal("at-once")]),
  medium: Type.Union([Type.Literal("severity"), Medium], {
    description:
      "How people are told; `severity`: as the policy's matrix of severity and time says. Channels are posted to whatever stands here.",
  }),
  waitSeconds: Type.Integer({
    minimum: 10,
    maximum: 86_400,
    description: "How long each person has (or all of them, at once) to take the incident.",
  }),
  targets: Type.Array(StepTarget, { minItems: 1, maxItems: 20 }),
  when: Type.Optional(StepCondition),
});
export type PolicyStep = Static<typeof PolicyStep>;

const Media = Type.Array(Medium, { maxItems: media.length, uniqueItems: true });
const SlopeRow = Type.Object({
  working: Type.Array(Medium, { minItems: 1, maxItems: media.length, uniqueItems: true }),
  outside: Type.Union([Media], { description: "Empty: held until the next working time." }),
});

/** By severity and time: which media tell people. */
export const Slope = Type.Object({ information: SlopeRow, warning: SlopeRow, error: SlopeRow, critical: SlopeRow });
export type Slope = Static<typeof Slope>;

/** Phone when it is urgent, mail when it is not, and what can wait does so until morning. */
export const defaultSlope: Slope = {
  information: { working: ["mail"], outside: [] },
  warning: { working: ["chat", "mail"], outside: [] },
  error: { working: ["chat", "mail"], outside: ["phone", "mail"] },
  critical: { working: ["phone", "mail"], outside: ["phone", "mail"] },
};

/** What happens when all rounds are over and nobody has taken it. Whatever stands here, owners are told when nobody else can be. */
export const Exhausted = Type.Object({
  policyId: Type.Optional(Type.Union([Id], { description: "The policy that goes on." })),
  leadOfTeamId: Type.Optional(Type.Union([Id], { description: "The team whose lead is told then." })),
  channelId: Type.Optional(Type.Union([Id], { description: "The channel that is told then." })),
  repeatSeconds: Type.Integer({ minimum: 60, maximum: 86_400, description: "How often they are told again until somebody takes it." }),
});
export type Exhausted = Static<typeof Exhausted>;

export const PolicyInput = Type.Object({
  name: Name,
  memo: Type.String({ maxLength: 2000 }),
  rounds: Type.Union([Type.Integer({ minimum: 1, maximum: 10 }), Type.Literal("until-taken")]),
  pauseSeconds: Type.Integer({
    minimum: 0,
    maximum: 86_400,
    description: "Between two rounds; at least 60 when they go on until somebody takes it.",
  }),
  minOpenSeconds: Type.Integer({ minimum: 0, maximum: 3600, description: "Nobody is told of an incident that is younger." }),
  ackTimeoutSeconds: Type.Integer({
    minimum: 0,
    maximum: 86_400,
    description:
      "So long after it was taken the responder is asked whether they are still at it; without an answer others are told. 0: never.",
  }),
  calendarId: Type.Optional(Type.Union([Id], { description: "Which times are working times for the matrix; absent: all." })),
  cannot: Type.Optional(
    Type.Union([Type.Literal("round"), Type.Literal("run")], {
      description:
        "For how long somebody who says that they cannot is left out: for this round (when absent), or until the incident is over.",
    }),
  ),
  slope: Slope,
  steps: Type.Array(PolicyStep, { minItems: 1, maxItems: 20 }),
  exhausted: Exhausted,
});
export type PolicyInput = Static<typeof PolicyInput>;

export const ReachProblem = Type.Object({
  /** `steps.0.targets.1`, `steps.0`, `exhausted.channelId`. */
  field: Type.String(),
  problem: Type.String(),
});
export type ReachProblem = Static<typeof ReachProblem>;

export const Policy = Type.Object({
  id: Id,
  version: Type.Integer({ minimum: 1, description: "Grows with every change." }),
  ...PolicyInput.properties,
  createdAt: UnixMsNumber,
  changedAt: UnixMsNumber,
  reaches: Type.Union([Type.Literal("all"), Type.Literal("some"), Type.Literal("nobody")], {
    description: "Whether every step, some, or none of them reaches somebody as things stand now.",
  }),
  problems: Type.Array(ReachProblem, { description: "Targets and steps that reach nobody as things stand now." }),
  bindings: Type.Integer({ minimum: 0, description: "To how many services, or the organisation as a whole, it is bound." }),
});
export type Policy = Static<typeof Policy>;

/** Names of what policies, bindings and runs mention: `person:<id>`, `schedule:<id>`, `team:<id>`, `channel:<id>`, `calendar:<id>`. */
export const Names = Type.Record(Type.String(), Type.String());
export type Names = Static<typeof Names>;

export const Binding = Type.Object({
  service: Type.Optional(Type.Union([ServiceName], { description: "Absent: the whole organisation." })),
  severity: Type.Optional(Severity),
  policyId: Id,
});
export type Binding = Static<typeof Binding>;

/** How the organisation stands: whether somebody is told at all, and what the auditor found last. */
export const EscalationStatus = Type.Object({
  default: Type.Union([Type.Literal("policy"), Type.Literal("built-in")], {
    description: "What holds for services without a policy: a policy of yours, or the built-in one, which mails all owners.",
  }),
  reachesNobody: Type.Boolean({ description: "The default, and so every service without a policy, reaches nobody." }),
  brokenPolicies: Type.Array(Type.Object({ id: Id, name: Type.String() }), { description: "Policies in use that reach nobody." }),
  activeRuns: Type.Integer(),
  overdueRuns: Type.Integer({ description: "Whose next action is more than a minute late." }),
  auditedAt: Type.Optional(UnixMsNumber),
  findings: Type.Integer({ description: "What the last audit found wrong." }),
});
export type EscalationStatus = Static<typeof EscalationStatus>;

export const getEscalationStatus = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/escalation/status",
  summary: "See whether somebody is told at all, and what the auditor found",
  needs: "policy.view",
  params: OrgParams,
  response: EscalationStatus,
});

export const listPolicies = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/escalation/policies",
  summary: "List escalation policies",
  needs: "policy.view",
  params: OrgParams,
  response: Type.Object({ policies: Type.Array(Policy), bindings: Type.Array(Binding), names: Names }),
});

const PolicyParams = Type.Object({ ...OrgParams.properties, id: Id });

export const getPolicy = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/escalation/policies/:id",
  summary: "See an escalation policy",
  needs: "policy.view",
  params: PolicyParams,
  response: Type.Object({ policy: Policy, names: Names }),
});

const isConfirmed = Type.Optional(
  Type.Boolean({
    description: "Saves a policy although a step of it reaches nobody. Without it such a policy is refused and the step named.",
  }),
);

export const createPolicy = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/escalation/policies",
  summary: "Create an escalation policy",
  needs: "policy.change",
  params: OrgParams,
  body: Type.Object({ ...PolicyInput.properties, isConfirmed }),
  response: Policy,
});

export const changePolicy = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/escalation/policies/:id",
  summary: "Change an escalation policy; what already escalates goes on as it began",
  needs: "policy.change",
  params: PolicyParams,
  body: Type.Object({
    ...PolicyInput.properties,
    isConfirmed,
    version: Type.Optional(Type.Integer({ description: "The version that was changed: refused when it is no longer the present one." })),
  }),
  response: Policy,
});

export const deletePolicy = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/escalation/policies/:id",
  summary: "Delete an escalation policy that nothing is bound to",
  needs: "policy.change",
  params: PolicyParams,
  response: Done,
});

export const changeBindings = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/escalation/bindings",
  summary: "Set which policy holds for which services and severities, all at once",
  needs: "policy.change",
  params: OrgParams,
  body: Type.Object({ bindings: Type.Array(Binding, { maxItems: 2000 }) }),
  response: Type.Object({ bindings: Type.Array(Binding) }),
});

/** Why somebody or something was passed over, and other turns of a run. */
export const PassKind = Type.Union([
  Type.Literal("nobody"), // a schedule, team or role without anybody
  Type.Literal("gone"), // a person who is no member any more, or a channel that was deleted
  Type.Literal("declined"), // somebody who said in this round that they cannot
  Type.Literal("severity"), // the step counts for other severities
  Type.Literal("calendar"), // the step counts at other times
  Type.Literal("hours"),
  Type.Literal("few-alerts"),
  Type.Literal("empty"), // nobody of the step could be told
  Type.Literal("held"), // until the next working time
  Type.Literal("young"), // the incident is not yet old enough
  Type.Literal("round-over"),
  Type.Literal("round-empty"), // nobody was told in the whole round: the last resort is told at once
  Type.Literal("next-policy"),
  Type.Literal("exhausted"), // the last resort from now on
  Type.Literal("nobody-at-all"), // not even an owner
]);
export type PassKind = Static<typeof PassKind>;

const placeFields = {
  ladder: Type.Integer({ description: "Which policy of the chain, from 0; after the last one the last resort." }),
  round: Type.Integer({ description: "From 0." }),
  step: Type.Integer({ description: "From 0; the number of steps: the last resort." }),
};

/** One line of what a policy would do. */
export const DryRunLine = Type.Object({
  at: UnixMsNumber,
  afterSeconds: Type.Integer(),
  ...placeFields,
  policyName: Type.String(),
  kind: Type.Union([Type.Literal("told"), PassKind]),
  personId: Type.Optional(Id),
  channelId: Type.Optional(Id),
  target: Type.Optional(StepTarget),
  media: Type.Optional(Type.Array(Medium)),
  until: Type.Optional(UnixMsNumber),
});
export type DryRunLine = Static<typeof DryRunLine>;

export const dryRun = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/escalation/dry-run",
  summary: "See minute by minute what would happen; nobody is told",
  needs: "policy.view",
  params: OrgParams,
  body: Type.Object({
    policyId: Type.Optional(Id),
    draft: Type.Optional(Type.Union([PolicyInput], { description: "A policy that is not saved." })),
    service: Type.Optional(
      Type.Union([ServiceName], { description: "Takes the policy that holds for this service, when neither policy nor draft is given." }),
    ),
    severity: Severity,
    at: Type.Optional(UnixMsNumber),
  }),
  response: Type.Object({
    policyName: Type.String(),
    startsAt: UnixMsNumber,
    lines: Type.Array(DryRunLine),
    endsAs: Type.Union([Type.Literal("repeats"), Type.Literal("cut")], {
      description: "`repeats`: from here the last resort is told again and again; `cut`: it goes on, but the list ends here.",
    }),
    problems: Type.Array(ReachProblem),
    names: Names,
  }),
});

export const AttemptState = Type.Union([
  Type.Literal("pending"),
  Type.Literal("held"),
  Type.Literal("claimed"),
  Type.Literal("calling"),
  Type.Literal("retrying"),
  Type.Literal("sent"),
  Type.Literal("failed"),
  Type.Literal("cancelled"),
  Type.Literal("unknown"),
  Type.Literal("skipped"),
]);
export type AttemptState = Static<typeof AttemptState>;

export const RunAttempt = Type.Object({
  ...placeFields,
  at: UnixMsNumber,
  personId: Type.Optional(Id),
  channelId: Type.Optional(Id),
  medium: Type.Optional(Medium),
  state: AttemptState,
  problem: Type.Optional(Type.String()),
  isFallback: Type.Boolean({ description: "Made because another medium failed." }),
});
export type RunAttempt = Static<typeof RunAttempt>;

export const EscalationRun = Type.Object({
  id: Id,
  incidentId: Id,
  policyId: Type.Optional(Type.Union([Id], { description: "Absent: the built-in policy." })),
  policyName: Type.String(),
  policyVersion: Type.Integer(),
  severity: Severity,
  state: Type.Union([Type.Literal("active"), Type.Literal("paused"), Type.Literal("done")]),
  result: Type.Optional(Type.String({ description: "Why it is paused or done: `taken`, `resolved`, `snoozed`, `restarted` …" })),
  ...placeFields,
  rounds: Type.Union([Type.Integer(), Type.Literal("until-taken")]),
  startedAt: UnixMsNumber,
  endedAt: Type.Optional(UnixMsNumber),
  nextAt: Type.Optional(UnixMsNumber),
  /** Whom it tells then, as far as that can be said now. */
  nextTargets: Type.Array(StepTarget),
  isHeld: Type.Boolean({ description: "Waits for the next working time." }),
  attempts: Type.Array(RunAttempt),
});
export type EscalationRun = Static<typeof EscalationRun>;

export const listRuns = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/incidents/:id/escalation",
  summary: "See who was told of an incident, with what outcome, and who is next and when",
  needs: "incident.view",
  params: PolicyParams,
  response: Type.Object({ state: Type.Optional(IncidentState), runs: Type.Array(EscalationRun), names: Names }),
});
