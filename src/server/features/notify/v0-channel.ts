import { fieldsOf, optional, Problems, type Fields } from "#base/fields";
import { toSeconds, unixMs } from "#base/duration";
import type { Seal } from "#store";
import { channelEvents, type ChannelInput } from "#wire/notify";
import type { Language } from "#wire/shapes";
import { opened, settingsOf, typeOf, type ChannelRow, type OpenChannel } from "./channel.ts";

const writable = ["email", "slack", "webhook"] as const;
type Writable = (typeof writable)[number];

const isWritable = (type: string): type is Writable => writable.some((one) => one === type);

export interface V0Channel {
  readonly input: ChannelInput;
  readonly joinsDefaultGroup: boolean;
}

/**
 * A channel as Mackerel's clients write it. What only this product knows of a channel stays as it is.
 * @param kept the channel that is replaced
 * @throws "invalid-input", "bad-request"
 */
export function channelOfV0(body: unknown, kept: OpenChannel | undefined, language: Language): V0Channel {
  const problems = new Problems();
  const fields = fieldsOf(body, problems);
  const type = fields.choice("type", writable) ?? "webhook";
  const name = fields.needed("name", { least: 1, most: 200 });
  const joinsDefaultGroup = fields.boolean("addToDefaultNotificationGroup") ?? true;
  const typed = { type, name, ...eventsOf(fields, type), ...partsOf(fields, type) };
  problems.throwIfAny();
  return { input: { ...keptOf(kept), language: kept?.language ?? language, ...typed }, joinsDefaultGroup };
}

/** Settings that Mackerel's interface does not show. */
const keptOf = (kept: OpenChannel | undefined): Partial<ChannelInput> => ({
  ...optional("encoding", kept?.settings.encoding),
  ...optional("verifiesTls", kept?.settings.verifiesTls),
});

function partsOf(fields: Fields, type: Writable): Partial<ChannelInput> {
  if (type === "email") {
    return {
      ...optional("emails", fields.texts("emails", 100, { least: 3, most: 254 })),
      ...optional("personIds", fields.texts("userIds", 500, { least: 1, most: 64 })),
    };
  }
  const url = {
    url: fields.needed("url", { least: 1, most: 4000 }),
    ...optional("enabledGraphImage", fields.boolean("enabledGraphImage")),
  };
  return type === "webhook" ? url : { ...url, ...mentionsOf(fields) };
}

function mentionsOf(fields: Fields): Partial<ChannelInput> {
  const mentions = fields.object("mentions");
  if (!mentions) return {};
  const rule = { most: 200 };
  return {
    mentions: {
      ...optional("ok", mentions.text("ok", rule)),
      ...optional("warning", mentions.text("warning", rule)),
      ...optional("critical", mentions.text("critical", rule)),
    },
  };
}

function eventsOf(fields: Fields, type: Writable): Partial<ChannelInput> {
  const events = fields.texts("events", 20, { most: 50 });
  if (!events) return {};
  const known = channelEvents.filter((event) => events.includes(event));
  const strange = events.find((event) => !channelEvents.some((one) => one === event));
  if (strange !== undefined) fields.problem("events", `"${strange}" is none of ${channelEvents.join(", ")} for ${type}`);
  // In the order in which they were written.
  return { events: known.toSorted((a, b) => events.indexOf(a) - events.indexOf(b)) };
}

/**
 * As it was written, key for key: clients compare it with their files. Other kinds have the four common keys.
 * @param showsAddress the address is as good as a password: only whoever may change channels sees it.
 * @throws "storage-damaged"
 */
export function v0Channel(seal: Seal, row: ChannelRow, showsAddress = true): object {
  const type = typeOf(row);
  const common = {
    id: row.id,
    name: row.name,
    type,
    suspendedAt: row.suspended_at === null ? null : toSeconds(unixMs(row.suspended_at)),
  };
  if (!isWritable(type)) return common;
  const { emails, userIds, events, mentions, enabledGraphImage } = settingsOf(row);
  const url = type === "email" || !showsAddress ? undefined : opened(seal, row).secrets.url;
  return {
    ...common,
    ...optional("emails", emails),
    ...optional("userIds", userIds),
    ...optional("url", url),
    ...optional("mentions", mentions),
    ...optional("enabledGraphImage", type === "email" ? undefined : enabledGraphImage),
    ...optional("events", events),
  };
}
