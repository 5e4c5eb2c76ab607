import {
  channelFields,
  channelEvents,
  secretFields,
  type Channel,
  type ChannelEvent,
  type ChannelField,
  type ChannelInput,
  type ChannelType,
  type MailEncoding,
  type SecretField,
} from "#wire/notify";
import type { Language } from "#wire/shapes";

/** A channel as its form holds it. */
export interface ChannelValues {
  readonly type: ChannelType;
  readonly name: string;
  readonly language: Language;
  /** One a line. */
  readonly emails: string;
  readonly personIds: readonly string[];
  readonly encoding: MailEncoding;
  readonly events: readonly ChannelEvent[];
  readonly mentionOk: string;
  readonly mentionWarning: string;
  readonly mentionCritical: string;
  readonly enabledGraphImage: boolean;
  readonly room: string;
  readonly serverUrl: string;
  readonly verifiesTls: boolean;
  readonly url: string;
  readonly token: string;
  readonly signingKey: string;
  readonly signingSecret: string;
  readonly commandToken: string;
  readonly joins: boolean;
}

const noSecrets = { url: "", token: "", signingKey: "", signingSecret: "", commandToken: "" } as const;

export const newChannel = (language: Language): ChannelValues => ({
  type: "email",
  name: "",
  language,
  emails: "",
  personIds: [],
  encoding: "utf-8",
  events: ["alert", "alertGroup"],
  mentionOk: "",
  mentionWarning: "",
  mentionCritical: "",
  enabledGraphImage: true,
  room: "",
  serverUrl: "",
  verifiesTls: true,
  ...noSecrets,
  joins: true,
});

export function valuesOf(channel: Channel): ChannelValues {
  const blank = newChannel(channel.language);
  const { type, name, encoding, events, enabledGraphImage, verifiesTls } = channel;
  const known = { encoding, events, enabledGraphImage, verifiesTls };
  const { ok = "", warning = "", critical = "" } = channel.mentions ?? {};
  const { room = "", serverUrl = "", emails = [], personIds = [] } = channel;
  return {
    ...blank,
    ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as Partial<ChannelValues>), // each by the type of the channel's own field
    type,
    name,
    emails: emails.join("\n"),
    personIds,
    mentionOk: ok,
    mentionWarning: warning,
    mentionCritical: critical,
    room,
    serverUrl,
  };
}

/** Whether a type of channel has a field at all. */
export const hasField = (type: ChannelType, field: ChannelField): boolean =>
  channelFields[type].needs.includes(field) || channelFields[type].may.includes(field);

export const addressesOf = (text: string): string[] => text.split(/[\s,;]+/u).filter((address) => address !== "");

/** What is sent: the fields of the type, and of its secrets those that were typed. */
export function bodyOf(values: ChannelValues): ChannelInput {
  const { type } = values;
  const all: Partial<Record<ChannelField, unknown>> = {
    emails: addressesOf(values.emails),
    personIds: [...values.personIds],
    encoding: values.encoding,
    events: channelEvents.filter((event) => values.events.includes(event)),
    mentions: mentionsOf(values),
    enabledGraphImage: values.enabledGraphImage,
    room: values.room.trim() === "" ? undefined : values.room.trim(),
    serverUrl: values.serverUrl.trim() === "" ? undefined : values.serverUrl.trim(),
    verifiesTls: values.verifiesTls,
    ...Object.fromEntries(secretFields.map((field) => [field, values[field].trim() === "" ? undefined : values[field].trim()])),
  };
  const kept = Object.entries(all).filter(([field, value]) => hasField(type, field as ChannelField) && value !== undefined); // the keys of the very object
  return { type, name: values.name.trim(), language: values.language, ...(Object.fromEntries(kept) as Partial<ChannelInput>) }; // each field by its own type above
}

function mentionsOf({ mentionOk, mentionWarning, mentionCritical }: ChannelValues): ChannelInput["mentions"] {
  const typed = { ok: mentionOk.trim(), warning: mentionWarning.trim(), critical: mentionCritical.trim() };
  return Object.fromEntries(Object.entries(typed).filter(([, text]) => text !== ""));
}

/** Secrets that must be typed: needed, and not kept. */
export const missingSecrets = (values: ChannelValues, kept: readonly SecretField[]): SecretField[] =>
  secretFields.filter((field) => channelFields[values.type].needs.includes(field) && !kept.includes(field) && values[field].trim() === "");

/** 256 random bits, for a key that two programs share. */
export function newSigningKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
