import { invalidInput, type FieldProblem } from "#base/errors";
import { isMailAddress } from "#base/mail-address";
import type { UnixMs } from "#base/duration";
import { channelFields, secretFields, type ChannelField, type ChannelInput, type ChannelType, type SecretField } from "#wire/notify";
import type { ChannelSecrets, ChannelSettings, OpenChannel } from "./channel.ts";

/** What is stored of a channel, checked. */
export interface CheckedChannel {
  readonly settings: ChannelSettings;
  readonly secrets: ChannelSecrets;
}

/**
 * What the shapes alone cannot say about a channel.
 * @param kept the channel as it is, when it is changed
 * @throws "invalid-input"
 */
export function checkChannel(input: ChannelInput, kept: OpenChannel | undefined, at: UnixMs): CheckedChannel {
  const problems: FieldProblem[] = [];
  if (kept && kept.type !== input.type) problems.push({ field: "type", problem: "cannot change; delete the channel and create another" });
  const settings = settingsOfInput(input);
  const secrets = secretsFor(input, kept, problems, at);
  checkFields(input, settings, secrets, problems);
  checkValues(input, problems);
  if (problems.length > 0) throw invalidInput(problems);
  return { settings, secrets };
}

function settingsOfInput({ personIds, ...input }: ChannelInput): ChannelSettings {
  const names = ["emails", "encoding", "events", "mentions", "enabledGraphImage", "room", "serverUrl", "verifiesTls"] as const;
  const entries = names.filter((name) => input[name] !== undefined).map((name) => [name, trimmed(input[name])] as const);
  return { ...Object.fromEntries(entries), ...(personIds ? { userIds: personIds } : {}) };
}

const trimmed = <T>(value: T): T | string => (typeof value === "string" ? value.trim() : value);

function checkFields({ type, ...input }: ChannelInput, settings: ChannelSettings, secrets: ChannelSecrets, problems: FieldProblem[]): void {
  const { needs, may } = channelFields[type];
  const given = Object.keys(input).filter((name) => name !== "name" && name !== "language");
  const allowed: ReadonlySet<string> = new Set([...needs, ...may]);
  for (const field of given) if (!allowed.has(field)) problems.push({ field, problem: `a channel of type ${type} has none` });
  const has = { ...settings, ...secrets };
  for (const field of needs) {
    const value = has[field as keyof typeof has]; // the fields of both are named alike, besides personIds, which nothing needs
    if (value === undefined || value === "") problems.push({ field, problem: "must be given" });
  }
  if (type === "email" && (settings.emails ?? []).length + (settings.userIds ?? []).length === 0 && input.emails === undefined) {
    problems.push({ field: "emails", problem: "an address or a member must be given" });
  }
}

/**
 * New secrets, and those that stay. A kept token goes only where it went before: otherwise whoever may change a channel could have it sent
 * to a machine of their own.
 */
function secretsFor(input: ChannelInput, kept: OpenChannel | undefined, problems: FieldProblem[], at: UnixMs): ChannelSecrets {
  const before: ChannelSecrets = kept?.type === input.type ? kept.secrets : {};
  const secrets: Partial<Record<SecretField, string>> = {};
  for (const field of secretFields) {
    const value = input[field]?.trim() ?? before[field];
    if (value !== undefined) secrets[field] = value;
  }
  if (input.token === undefined && secrets.token !== undefined && hasMoved(input, kept)) {
    problems.push({ field: "token", problem: "must be typed again, since the address of the server is another one" });
  }
  return { ...secrets, ...rotated(before, secrets.signingKey, at) };
}

const hasMoved = (input: ChannelInput, kept: OpenChannel | undefined): boolean =>
  kept !== undefined && (kept.settings.serverUrl ?? "") !== (input.serverUrl ?? "").trim();

function rotated(before: ChannelSecrets, key: string | undefined, at: UnixMs): ChannelSecrets {
  const { signingKey, previousSigningKey, signingKeyChangedAt } = before;
  if (signingKey !== undefined && key !== undefined && key !== signingKey) {
    return { signingKey: key, previousSigningKey: signingKey, signingKeyChangedAt: at };
  }
  return {
    ...(previousSigningKey === undefined ? {} : { previousSigningKey }),
    ...(signingKeyChangedAt === undefined ? {} : { signingKeyChangedAt }),
  };
}

function checkValues(input: ChannelInput, problems: FieldProblem[]): void {
  for (const [index, address] of (input.emails ?? []).entries()) {
    if (!isMailAddress(address.trim())) problems.push({ field: `emails.${index}`, problem: `"${address}" is no mail address` });
  }
  for (const field of ["url", "serverUrl"] as const) {
    const problem = urlProblem(input[field]?.trim());
    if (problem !== undefined) problems.push({ field, problem });
  }
  const inHeaders = ["token", "signingSecret", "commandToken"] as const;
  for (const field of inHeaders) {
    if (input[field] !== undefined && !/^[\u0021-\u007e]+$/u.test(input[field].trim())) {
      problems.push({ field, problem: "must be letters, digits and signs without blanks" });
    }
  }
  for (const problem of typeProblems(input)) problems.push(problem);
}

function urlProblem(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "")
    return "must be a URL that begins with http:// or https://";
  return url.username !== "" || url.password !== "" ? "must not carry a user or a password" : undefined;
}

/** What a type alone knows about its fields. */
function typeProblems(input: ChannelInput): FieldProblem[] {
  const room = input.room?.trim() ?? "";
  const rules: Partial<Record<ChannelType, readonly [ChannelField, RegExp, string]>> = {
    chatwork: ["room", /^\d{1,20}$/u, "is the number in the room's address, behind rid"],
    "slack-bot": ["room", /^[CGD][A-Z0-9]{2,30}$/u, "is the id of the channel, such as C0123ABCD (in its details, at the bottom)"],
    "mattermost-bot": ["room", /^[a-z0-9]{1,64}$/u, "is the id of the channel (View info), not its name"],
    line: ["room", /^[UCR][0-9a-f]{32}$/u, "is the id of a person (U…), group (C…) or room (R…) as the Messaging API tells it"],
  };
  const rule = rules[input.type];
  const wrong = rule && room !== "" && !rule[1].test(room) ? [{ field: rule[0], problem: rule[2] }] : [];
  return [...wrong, ...secretProblems(input)];
}

/** What is easily mistaken for the right address or key. */
function secretProblems({ type, url = "", token = "" }: ChannelInput): FieldProblem[] {
  const address = URL.canParse(url.trim()) ? new URL(url.trim()) : undefined;
  const problem = (field: "url" | "token", text: string | undefined): FieldProblem[] =>
    text === undefined ? [] : [{ field, problem: text }];
  if (type === "teams") return problem("url", address && teamsProblem(address));
  if (type === "discord") return problem("url", address && discordProblem(address));
  const isKey = token === "" || /^\w{32}$/u.test(token.trim());
  return type === "pagerduty" && !isKey
    ? problem("token", "is the integration key of an Events API v2 integration: 32 letters and digits")
    : [];
}

const teamsProblem = ({ hostname }: URL): string | undefined =>
  /(?:^|\.)(?:webhook|outlook)\.office(?:365)?\.com$/u.test(hostname)
    ? "is of an Office 365 connector, which Microsoft ended: make a workflow that begins with a Teams webhook request"
    : undefined;

const discordProblem = ({ pathname }: URL): string | undefined =>
  /^\/api(?:\/v\d+)?\/webhooks\/\d+\/[\w-]+\/?$/u.test(pathname)
    ? undefined
    : "is the address of a webhook, such as https://discord.com/api/webhooks/…";
