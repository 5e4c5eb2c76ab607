import { dialledAs } from "#base/dialled-number";
import { invalidInput, type FieldProblem } from "#base/errors";
import { isEmergency, phoneNumber } from "#base/phone-number";
import {
  kindOfPreset,
  lineFields,
  lineSecretNames,
  lineSettings,
  type LineField,
  type LineKind,
  type LineSecretName,
  type LineSecrets,
  type LineSettings,
} from "#wire/line-settings";
import type { LineInput } from "#wire/lines";

/** What is stored of a line, checked. */
export interface CheckedLine {
  readonly settings: LineSettings;
  readonly secrets: LineSecrets;
}

/** A line as it is, for those who change it. */
export interface KeptLine extends CheckedLine {
  readonly kind: LineKind;
}

/**
 * What the shapes alone cannot say about a line.
 * @param kept the line as it is, when it is changed
 * @throws "invalid-input"
 */
export function checkLineInput(input: LineInput, kept: KeptLine | undefined): CheckedLine {
  const problems: FieldProblem[] = [];
  if (kept && kept.kind !== input.kind) problems.push({ field: "kind", problem: "cannot change; delete the line and create another" });
  const settings = settingsOfInput(input, problems);
  const secrets = secretsFor(input, settings, kept, problems);
  checkFields(input, settings, secrets, problems);
  problems.push(...kindProblems[input.kind](settings, secrets), ...commonProblems(settings));
  if (problems.length > 0) throw invalidInput(problems);
  return { settings, secrets };
}

function settingsOfInput(input: LineInput, problems: FieldProblem[]): LineSettings {
  const names = Object.keys(lineSettings) as (keyof LineSettings)[]; // the very keys of the shape
  const entries = names.flatMap((name) => {
    const value = input[name];
    const text = typeof value === "string" ? value.trim() : value;
    return text === undefined || text === "" ? [] : [[name, text] as const];
  });
  const settings = Object.fromEntries(entries) as LineSettings; // values of the input's own fields, blanks cut off
  if (settings.from === undefined) return settings;
  const from = phoneNumber(settings.from, settings.countryCode ?? "81", "shown");
  if (!from.ok) problems.push({ field: "from", problem: from.problem });
  return from.ok ? { ...settings, from: from.number } : settings;
}

/** Whose machine a kept secret goes to. Typed anew for another one: else whoever may change a line could have it sent to their own. */
const goesTo: Readonly<Record<LineKind, readonly (keyof LineSettings)[]>> = {
  sip: ["domain", "server", "port", "transport", "verifiesTls"],
  twilio: ["baseUrl"],
  vonage: ["baseUrl"],
  http: ["url"],
};

function secretsFor(input: LineInput, settings: LineSettings, kept: KeptLine | undefined, problems: FieldProblem[]): LineSecrets {
  const before: LineSecrets = kept?.kind === input.kind ? kept.secrets : {};
  const hasMoved = kept !== undefined && goesTo[input.kind].some((field) => kept.settings[field] !== settings[field]);
  const secrets: Partial<Record<LineSecretName, string>> = {};
  for (const field of lineSecretNames) {
    if (!fieldsOf(input.kind).has(field)) continue;
    const typed = input[field]?.trim();
    const value = typed ?? before[field];
    if (value === undefined || value === "") continue;
    secrets[field] = value;
    if (typed === undefined && hasMoved) problems.push({ field, problem: "must be typed again, since the server is another one" });
  }
  return secrets;
}

const fieldsOf = (kind: LineKind): ReadonlySet<string> => new Set<LineField>([...lineFields[kind].needs, ...lineFields[kind].may]);

const basics: ReadonlySet<string> = new Set(["kind", "name", "priority", "capacity"]);

function checkFields(input: LineInput, settings: LineSettings, secrets: LineSecrets, problems: FieldProblem[]): void {
  const allowed = fieldsOf(input.kind);
  for (const field of Object.keys(input)) {
    if (!allowed.has(field) && !basics.has(field)) problems.push({ field, problem: `a line of kind ${input.kind} has none` });
  }
  const has: Readonly<Record<string, unknown>> = { ...settings, ...secrets };
  for (const field of lineFields[input.kind].needs) if (has[field] === undefined) problems.push({ field, problem: "must be given" });
  if (settings.preset !== undefined && kindOfPreset[settings.preset] !== input.kind) {
    problems.push({ field: "preset", problem: `is none of kind ${input.kind}` });
  }
}

/** What each kind knows about its fields. */
const kindProblems: Readonly<Record<LineKind, (settings: LineSettings, secrets: LineSecrets) => readonly FieldProblem[]>> = {
  sip: (settings, secrets) => sipProblems(settings, secrets),
  twilio: ({ accountSid, way, flowSid, baseUrl }) => [
    ...unless(
      "accountSid",
      accountSid === undefined || baseUrl !== undefined || /^AC[0-9a-f]{32}$/u.test(accountSid),
      "begins with AC and has 34 characters",
    ),
    ...unless("flowSid", flowSid === undefined || /^FW[0-9a-f]{32}$/u.test(flowSid), "begins with FW and has 34 characters"),
    ...unless("flowSid", way !== "polling" || flowSid !== undefined, "must be given where the provider cannot reach this server"),
    ...urlProblems("baseUrl", baseUrl),
  ],
  vonage: ({ applicationId, baseUrl }, { privateKey }) => [
    ...unless(
      "applicationId",
      applicationId === undefined || /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(applicationId),
      "is a UUID, as the application's page shows it",
    ),
    ...unless(
      "privateKey",
      privateKey === undefined || /^-----BEGIN (?:RSA )?PRIVATE KEY-----/u.test(privateKey),
      "must be the whole PEM file, from -----BEGIN PRIVATE KEY----- on",
    ),
    ...urlProblems("baseUrl", baseUrl),
  ],
  http: ({ url }) => urlProblems("url", url),
};

function sipProblems(settings: LineSettings, secrets: LineSecrets): FieldProblem[] {
  const { registers = false, userName, srtp = false, transport, identity = "from", from, dialForm, countryCode } = settings;
  return [
    ...unless("userName", !registers || userName !== undefined, "must be given, since the line registers"),
    ...unless("password", !registers || secrets.password !== undefined, "must be given, since the line registers"),
    ...unless("srtp", !srtp || transport === "tls", "needs transport TLS: the keys would be sent for all to read"),
    ...unless("from", identity === "from" || from !== undefined, "must be given for this header"),
    ...unless("countryCode", dialForm !== "national" || countryCode !== undefined, "must be given where numbers are dialled as at home"),
    ...unless("password", secrets.password === undefined || !/[\r\n]/u.test(secrets.password), "must be one line"),
  ];
}

/** One of the country that the line dials in, to see what its prefix makes of numbers. */
const probeNumber = (settings: LineSettings): string => `+${settings.countryCode ?? "81"}9012345678`;

function commonProblems(settings: LineSettings): FieldProblem[] {
  const { pricePerMinute, monthlyCost, currency, isRecorded = false, announcement } = settings;
  return [
    ...unless("currency", (pricePerMinute ?? monthlyCost) === undefined || currency !== undefined, "must be given beside a price"),
    ...unless(
      "pricePerMinute",
      monthlyCost === undefined || pricePerMinute !== undefined,
      "must be given: without it no cost can be counted",
    ),
    ...unless("announcement", !isRecorded || announcement !== undefined, "must be given: people are told before they are recorded"),
    ...unless(
      "dialPrefix",
      !isEmergency(dialledAs(settings, probeNumber(settings)).slice(0, 3)) || settings.dialPrefix === undefined,
      "begins like an emergency number",
    ),
  ];
}

const unless = (field: string, isRight: boolean, problem: string): FieldProblem[] => (isRight ? [] : [{ field, problem }]);

function urlProblems(field: string, text: string | undefined): FieldProblem[] {
  if (text === undefined) return [];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return [{ field, problem: "must be a URL that begins with http:// or https://" }];
  }
  return unless(field, url.username === "" && url.password === "", "must not carry a user or a password");
}
