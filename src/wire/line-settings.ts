import { Type, type Static } from "typebox";

/** How calls leave: a trunk of our own SIP user agent, or an account of a provider that is asked by HTTP. */
export const LineKind = Type.Union([Type.Literal("sip"), Type.Literal("twilio"), Type.Literal("vonage"), Type.Literal("http")]);
export type LineKind = Static<typeof LineKind>;

/**
 * What people recognise their contract by; each is a kind with defaults. `account`: a trunk that registers with user and password;
 * `trunk`: one that knows us by our address; `extension`: an extension of a PBX; `twilio-domain`: Twilio's SIP domain.
 */
export const linePresets = ["account", "trunk", "extension", "twilio-domain", "twilio", "vonage", "http"] as const;
export const LinePreset = Type.Union([
  Type.Literal("account"),
  Type.Literal("trunk"),
  Type.Literal("extension"),
  Type.Literal("twilio-domain"),
  Type.Literal("twilio"),
  Type.Literal("vonage"),
  Type.Literal("http"),
]);
export type LinePreset = Static<typeof LinePreset>;

export const kindOfPreset: Readonly<Record<LinePreset, LineKind>> = {
  account: "sip",
  trunk: "sip",
  extension: "sip",
  "twilio-domain": "sip",
  twilio: "twilio",
  vonage: "vonage",
  http: "http",
};

export const SipTransport = Type.Union([Type.Literal("udp"), Type.Literal("tcp"), Type.Literal("tls")]);
export type SipTransport = Static<typeof SipTransport>;

/** How a line wants numbers: `+8190…`, `8190…`, or `090…` within its country. */
export const DialForm = Type.Union([Type.Literal("e164"), Type.Literal("digits"), Type.Literal("national")]);
export type DialForm = Static<typeof DialForm>;

const HostText = Type.String({ maxLength: 255, pattern: "^[A-Za-z0-9._:\\[\\]-]*$" });
const SipUser = Type.String({ maxLength: 100, pattern: "^[A-Za-z0-9+*#._-]*$" });
const Url = Type.String({ maxLength: 500 });
const CountryCode = Type.String({ pattern: "^[1-9]\\d{0,2}$", description: "Calling code of a country, such as 81." });

/** What is typed about a line of whatever kind besides its name, priority and capacity. */
export const lineSettings = {
  preset: Type.Optional(LinePreset),
  from: Type.Optional(Type.String({ maxLength: 40, description: "Number that is shown, with its country." })),
  takesCalls: Type.Optional(Type.Boolean({ description: "Whether people may call the line to hear what is open." })),
  dialForm: Type.Optional(DialForm),
  countryCode: Type.Optional(CountryCode),
  dialPrefix: Type.Optional(Type.String({ pattern: "^[0-9*#]{0,8}$", description: "Dialled before every number, such as 0." })),
  // SIP
  domain: Type.Optional(Type.Union([HostText], { description: "The provider's domain: what stands behind the @ of the account." })),
  server: Type.Optional(Type.Union([HostText], { description: "Host of registrar or proxy; the domain when absent." })),
  port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
  transport: Type.Optional(SipTransport),
  userName: Type.Optional(SipUser),
  authName: Type.Optional(Type.String({ maxLength: 200, description: "User of the digest, where it is another one than the account." })),
  registers: Type.Optional(Type.Boolean()),
  registersFor: Type.Optional(Type.Integer({ minimum: 60, maximum: 3600, description: "Seconds that are asked for." })),
  identity: Type.Optional(
    Type.Union([Type.Literal("from"), Type.Literal("preferred"), Type.Literal("asserted")], {
      description: "Header that carries the shown number: From, P-Preferred-Identity or P-Asserted-Identity.",
    }),
  ),
  srtp: Type.Optional(Type.Boolean({ description: "Encrypts the sound (SDES, RFC 4568); only over TLS." })),
  verifiesTls: Type.Optional(Type.Boolean()),
  // Providers
  baseUrl: Type.Optional(Type.Union([Url], { description: "Another address of the provider's API, or of a compatible one." })),
  accountSid: Type.Optional(Type.String({ maxLength: 64, pattern: "^[A-Za-z0-9-]*$" })),
  applicationId: Type.Optional(Type.String({ maxLength: 64, pattern: "^[A-Za-z0-9-]*$" })),
  flowSid: Type.Optional(Type.String({ maxLength: 64, pattern: "^[A-Za-z0-9]*$", description: "Twilio's Studio flow, for polling." })),
  way: Type.Optional(
    Type.Union([Type.Literal("callbacks"), Type.Literal("polling")], {
      description: "`callbacks`: the provider reaches this server. `polling`: this server asks, nothing has to reach it.",
    }),
  ),
  url: Type.Optional(Type.Union([Url], { description: "Where a generic provider takes calls." })),
  // Costs, limits, recording
  pricePerMinute: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000, description: "For each minute that begins." })),
  currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$" })),
  monthlyCost: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000_000 })),
  monthlyCalls: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
  isRecorded: Type.Optional(Type.Boolean()),
  announcement: Type.Optional(Type.String({ maxLength: 200, description: "Said first in every call that is recorded." })),
  recordingDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650, description: "How long recordings are kept; 30 when absent." })),
};
const SettingsShape = Type.Object(lineSettings);
export type LineSettings = Readonly<Static<typeof SettingsShape>>;

const SecretText = Type.String({ minLength: 1, maxLength: 8000 });

/** Secrets of a line. Left out: what is kept stays. */
export const lineSecrets = {
  password: Type.Optional(Type.Union([SecretText], { description: "Of the SIP account." })),
  authToken: Type.Optional(Type.Union([SecretText], { description: "Of the account; also signs what the provider sends." })),
  previousAuthToken: Type.Optional(Type.Union([SecretText], { description: "Still taken for signatures while tokens change." })),
  privateKey: Type.Optional(Type.Union([SecretText], { description: "PEM by which requests are signed." })),
  signatureSecret: Type.Optional(Type.Union([SecretText], { description: "By which the provider signs what it sends." })),
  signingKey: Type.Optional(Type.Union([SecretText], { description: "Signs requests and what is sent back." })),
};
const SecretsShape = Type.Object(lineSecrets);
export type LineSecrets = Readonly<Static<typeof SecretsShape>>;

export type LineField = keyof typeof lineSettings | keyof typeof lineSecrets;
export type LineSecretName = keyof typeof lineSecrets;
export const lineSecretNames = [
  "password",
  "authToken",
  "previousAuthToken",
  "privateKey",
  "signatureSecret",
  "signingKey",
] as const satisfies readonly LineSecretName[];

interface FieldRules {
  readonly needs: readonly LineField[];
  readonly may: readonly LineField[];
}

const everywhere: readonly LineField[] = ["preset", "from", "pricePerMinute", "currency", "monthlyCost", "monthlyCalls"];
const numbers: readonly LineField[] = ["dialForm", "countryCode", "dialPrefix"];

/** Which fields a kind of line has. */
export const lineFields: Readonly<Record<LineKind, FieldRules>> = {
  sip: {
    needs: ["domain"],
    may: [
      ...everywhere,
      ...numbers,
      "takesCalls",
      "isRecorded",
      "announcement",
      "recordingDays",
      "server",
      "port",
      "transport",
      "userName",
      "authName",
      "registers",
      "registersFor",
      "identity",
      "srtp",
      "verifiesTls",
      "password",
    ],
  },
  twilio: {
    needs: ["accountSid", "authToken", "from"],
    may: [...everywhere, "baseUrl", "flowSid", "way", "previousAuthToken"],
  },
  vonage: { needs: ["applicationId", "privateKey", "from"], may: [...everywhere, "baseUrl", "signatureSecret"] },
  http: { needs: ["url", "signingKey"], may: [...everywhere, ...numbers, "way"] },
};
