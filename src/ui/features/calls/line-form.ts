import { kindOfPreset, lineFields, lineSecrets, type LineField, type LinePreset, type LineSettings } from "#wire/line-settings";
import type { Line, LineInput } from "#wire/lines";

/** What the form of a line holds: texts as they are typed. */
export interface LineValues {
  readonly preset: LinePreset;
  readonly name: string;
  readonly priority: string;
  readonly capacity: string;
  readonly from: string;
  readonly domain: string;
  readonly server: string;
  readonly port: string;
  readonly transport: "udp" | "tcp" | "tls";
  readonly userName: string;
  readonly authName: string;
  readonly password: string;
  readonly registers: boolean;
  readonly dialForm: "e164" | "digits" | "national";
  readonly countryCode: string;
  readonly dialPrefix: string;
  readonly identity: "from" | "preferred" | "asserted";
  readonly srtp: boolean;
  readonly verifiesTls: boolean;
  readonly takesCalls: boolean;
  readonly accountSid: string;
  readonly authToken: string;
  readonly way: "callbacks" | "polling";
  readonly flowSid: string;
  readonly baseUrl: string;
  readonly applicationId: string;
  readonly privateKey: string;
  readonly signatureSecret: string;
  readonly url: string;
  readonly signingKey: string;
  readonly pricePerMinute: string;
  readonly currency: string;
  readonly monthlyCost: string;
  readonly monthlyCalls: string;
  readonly isRecorded: boolean;
  readonly announcement: string;
  readonly recordingDays: string;
}

/** Fields that are shown as texts. */
export type TextField = {
  [K in keyof LineValues]: LineValues[K] extends string ? (string extends LineValues[K] ? K : never) : never;
}[keyof LineValues];

const empty: LineValues = {
  preset: "account",
  name: "",
  priority: "1",
  capacity: "1",
  from: "",
  domain: "",
  server: "",
  port: "",
  transport: "udp",
  userName: "",
  authName: "",
  password: "",
  registers: true,
  dialForm: "national",
  countryCode: "81",
  dialPrefix: "",
  identity: "from",
  srtp: false,
  verifiesTls: true,
  takesCalls: false,
  accountSid: "",
  authToken: "",
  way: "callbacks",
  flowSid: "",
  baseUrl: "",
  applicationId: "",
  privateKey: "",
  signatureSecret: "",
  url: "",
  signingKey: "",
  pricePerMinute: "",
  currency: "JPY",
  monthlyCost: "",
  monthlyCalls: "",
  isRecorded: false,
  announcement: "",
  recordingDays: "",
};

/** What a preset knows that nobody needs to look up. */
const presets: Readonly<Record<LinePreset, Partial<LineValues>>> = {
  account: { takesCalls: true },
  trunk: { registers: false, takesCalls: true },
  extension: { takesCalls: true },
  "twilio-domain": { registers: false, transport: "tls", srtp: true, dialForm: "e164", currency: "USD" },
  twilio: { currency: "USD" },
  vonage: { currency: "EUR" },
  http: { dialForm: "e164" },
};

export const newLine = (preset: LinePreset): LineValues => ({ ...empty, ...presets[preset], preset });

/** What is asked first; the rest stands under "More settings". */
export const firstFields: Readonly<Record<LinePreset, readonly TextField[]>> = {
  account: ["domain", "userName", "password", "from"],
  trunk: ["domain", "from"],
  extension: ["domain", "userName", "password"],
  "twilio-domain": ["domain", "userName", "password", "from"],
  twilio: ["accountSid", "authToken", "from"],
  vonage: ["applicationId", "privateKey", "signatureSecret", "from"],
  http: ["url", "signingKey", "from"],
};

export const moreFields: Readonly<Record<LinePreset, readonly TextField[]>> = {
  account: ["server", "port", "authName"],
  trunk: ["server", "port", "userName", "password"],
  extension: ["server", "port", "authName", "from"],
  "twilio-domain": ["server", "port"],
  twilio: ["baseUrl", "flowSid"],
  vonage: ["baseUrl"],
  http: [],
};

export const isSip = ({ preset }: Pick<LineValues, "preset">): boolean => kindOfPreset[preset] === "sip";
export const rewritesNumbers = ({ preset }: Pick<LineValues, "preset">): boolean => isSip({ preset }) || preset === "http";

const presetOf = (line: Line): LinePreset =>
  line.preset ?? (line.kind === "sip" ? (line.registers === true ? "account" : "trunk") : line.kind);

/** A line as its form shows it; secrets stay empty. */
export function valuesOf(line: Line): LineValues {
  const base = newLine(presetOf(line));
  const entries = Object.entries(base).map(([name, value]) => {
    const kept: unknown = Reflect.get(line, name);
    if (kept === undefined) return [name, typeof value === "string" && !choices.has(name) ? "" : value] as const;
    return [name, typeof value === "boolean" ? kept === true : textOf(kept)] as const;
  });
  return { ...base, ...(Object.fromEntries(entries) as Partial<LineValues>), preset: base.preset }; // the form's own fields, as the contract has them
}

const textOf = (kept: unknown): string => (typeof kept === "number" ? String(kept) : typeof kept === "string" ? kept : "");

/** They always hold one of their choices. */
const choices: ReadonlySet<string> = new Set([
  "transport",
  "dialForm",
  "countryCode",
  "identity",
  "way",
  "currency",
  "priority",
  "capacity",
]);

const numbers: ReadonlySet<string> = new Set(["port", "pricePerMinute", "monthlyCost", "monthlyCalls", "recordingDays"]);

/** What is sent for a form. Empty texts are left out: secrets stay as they are, the rest is absent. */
export function bodyOf(values: LineValues): LineInput {
  const kind = kindOfPreset[values.preset];
  const { needs, may } = lineFields[kind];
  const wanted = new Set<LineField>([...needs, ...may]);
  const hasPrice = values.pricePerMinute.trim() !== "" || values.monthlyCost.trim() !== "";
  const fields = [...wanted].flatMap((name): (readonly [string, unknown])[] => {
    const value: unknown = Reflect.get(values, name);
    if (value === undefined || (name === "currency" && !hasPrice) || (name === "way" && kind !== "twilio")) return [];
    if (typeof value !== "string") return [[name, value]];
    const text = value.trim();
    if (text === "") return [];
    return [[name, numbers.has(name) ? Number(text) : text]];
  });
  return {
    kind,
    name: values.name.trim(),
    priority: Number(values.priority),
    capacity: Number(values.capacity),
    ...(Object.fromEntries(fields) as LineSettings), // the kind's own fields, checked against the contract before they are sent
  };
}

/** Fields that must be typed and are not; secrets that are kept need not be typed again. */
export function missingFields(values: LineValues, kept: readonly string[]): TextField[] {
  const needs: readonly LineField[] = [
    ...lineFields[kindOfPreset[values.preset]].needs,
    ...(isSip(values) && values.registers ? (["userName", "password"] as const) : []),
    ...(isSip(values) && values.isRecorded ? (["announcement"] as const) : []),
    ...(values.way === "polling" && values.preset === "twilio" ? (["flowSid"] as const) : []),
  ];
  const isMissing = (field: LineField): boolean => {
    const value: unknown = Reflect.get(values, field);
    return typeof value === "string" && value.trim() === "" && !kept.includes(field);
  };
  return needs.filter(isMissing) as TextField[]; // needed fields are texts in this form
}

export const isSecret = (field: string): boolean => field in lineSecrets;
