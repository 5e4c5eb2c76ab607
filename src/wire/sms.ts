import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { TestOutcome } from "./notify.ts";
import { OrgParams, UnixMsNumber } from "./shapes.ts";

const common = { tag: "telephone", access: "organisation" } as const;

/** Who carries short messages: Twilio, or a service of one's own. */
export const SmsSenderKind = Type.Union([Type.Literal("twilio"), Type.Literal("http")]);
export type SmsSenderKind = Static<typeof SmsSenderKind>;

const Url = Type.String({ maxLength: 500 });
const SecretText = Type.String({ minLength: 1, maxLength: 500 });

const settings = {
  from: Type.String({
    minLength: 1,
    maxLength: 40,
    pattern: "^(?:\\+?[0-9]{3,15}|[A-Za-z0-9 ]{1,11}|MG[0-9a-f]{32})$",
    description: "The number or name that messages come from; for Twilio also a messaging service (MG…).",
  }),
  accountSid: Type.Optional(Type.String({ maxLength: 64, pattern: "^[A-Za-z0-9-]*$" })),
  baseUrl: Type.Optional(Type.Union([Url], { description: "Another address of Twilio's API, or of a compatible one." })),
  url: Type.Optional(Type.Union([Url], { description: "Where a service of one's own takes messages." })),
  mostSegments: Type.Integer({ minimum: 1, maximum: 6, description: "Longer texts are cut; each part is paid." }),
  pricePerSegment: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000 })),
  currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$" })),
};
const SettingsShape = Type.Object(settings);
export type SmsSenderSettings = Readonly<Static<typeof SettingsShape>>;

const secrets = {
  authToken: Type.Optional(Type.Union([SecretText], { description: "Twilio's; also signs what comes back." })),
  previousAuthToken: Type.Optional(Type.Union([SecretText], { description: "Still taken for signatures while tokens change." })),
  signingKey: Type.Optional(Type.Union([SecretText], { description: "Signs requests to a service of one's own, and what it sends back." })),
};
const SecretsShape = Type.Object(secrets);
export type SmsSenderSecrets = Readonly<Static<typeof SecretsShape>>;

/** A sender of short messages as somebody writes it. Secrets that are left out stay. */
export const SmsSenderInput = Type.Object({ kind: SmsSenderKind, ...settings, ...secrets });
export type SmsSenderInput = Static<typeof SmsSenderInput>;

const SmsEncodingName = Type.Union([Type.Literal("gsm-7"), Type.Literal("ucs-2")]);

/** A message that was handed over. */
export const SmsMessage = Type.Object({
  at: UnixMsNumber,
  number: Type.String({ description: "All but its last three digits are hidden." }),
  personName: Type.Optional(Type.String()),
  segments: Type.Integer(),
  encoding: SmsEncodingName,
  cost: Type.Optional(Type.Number()),
  currency: Type.Optional(Type.String()),
  state: Type.Union([Type.Literal("sent"), Type.Literal("delivered"), Type.Literal("failed")]),
  problem: Type.Optional(Type.String()),
});
export type SmsMessage = Static<typeof SmsMessage>;

/** Who carries the organisation's short messages, and how it went of late. */
export const SmsState = Type.Object({
  sender: Type.Optional(
    Type.Object({ kind: SmsSenderKind, ...settings, secrets: Type.Array(Type.String(), { description: "Which secrets are kept." }) }),
  ),
  hearsBack: Type.Boolean({
    description: "Whether this server has a public address at which a provider can tell what became of a message.",
  }),
  lastOkAt: Type.Optional(UnixMsNumber),
  failingSince: Type.Optional(UnixMsNumber),
  problem: Type.Optional(Type.String()),
  month: Type.Object({
    messages: Type.Integer(),
    segments: Type.Integer(),
    cost: Type.Optional(Type.Number()),
    currency: Type.Optional(Type.String()),
  }),
  recent: Type.Array(SmsMessage),
});
export type SmsState = Static<typeof SmsState>;

export const getSmsSender = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/sms-sender",
  summary: "See who carries short messages, what they cost this month, and what became of the last ones",
  needs: "line.view",
  params: OrgParams,
  response: SmsState,
});

export const changeSmsSender = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/sms-sender",
  summary: "Set who carries short messages; secrets that are left out stay",
  needs: "line.change",
  params: OrgParams,
  body: SmsSenderInput,
  response: SmsState,
});

export const removeSmsSender = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/sms-sender",
  summary: "Send no short messages any more",
  needs: "line.change",
  params: OrgParams,
  response: SmsState,
});

export const testSmsSender = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/sms-sender/test",
  summary: "Send a short message at once, through the sender as it is typed or as it is set, and tell how it went",
  needs: "line.change",
  params: OrgParams,
  body: Type.Object({ to: Type.String({ minLength: 1, maxLength: 40 }), sender: Type.Optional(SmsSenderInput) }),
  response: Type.Object({ ...TestOutcome.properties, segments: Type.Optional(Type.Integer()), encoding: Type.Optional(SmsEncodingName) }),
});

export const getTwilioFlow = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/twilio-flow",
  summary: "Get the Studio flow by which Twilio takes a key although it cannot reach this server",
  needs: "line.view",
  params: OrgParams,
  response: Type.Object({ flow: Type.Unknown({ description: "To be pasted into Studio: New flow, Import from JSON." }) }),
});
