import { Type, type Static } from "typebox";
import { Medium, Severity } from "./alerting.ts";
import { contract } from "./contract.ts";
import { Done, Id, Language, OrgParams, UnixMsNumber } from "./shapes.ts";

/** Mackerel's three that its API writes, and ours: bots of chats can edit what they posted. */
export const channelTypes = [
  "email",
  "slack",
  "webhook",
  "slack-bot",
  "mattermost",
  "mattermost-bot",
  "chatwork",
  "hipchat",
  "signed-webhook",
  "teams",
  "line",
  "discord",
  "pagerduty",
  "opsgenie",
] as const;
export const ChannelType = Type.Union([
  Type.Literal("email"),
  Type.Literal("slack"),
  Type.Literal("webhook"),
  Type.Literal("slack-bot"),
  Type.Literal("mattermost"),
  Type.Literal("mattermost-bot"),
  Type.Literal("chatwork"),
  Type.Literal("hipchat"),
  Type.Literal("signed-webhook"),
  Type.Literal("teams"),
  Type.Literal("line"),
  Type.Literal("discord"),
  Type.Literal("pagerduty"),
  Type.Literal("opsgenie"),
]);
export type ChannelType = Static<typeof ChannelType>;

/** What a channel hears of, by Mackerel's names. `monitor`: monitors that are created, changed or deleted. */
export const channelEvents = ["alert", "alertGroup", "hostStatus", "hostRegister", "hostRetire", "monitor"] as const;
export const ChannelEvent = Type.Union([
  Type.Literal("alert"),
  Type.Literal("alertGroup"),
  Type.Literal("hostStatus"),
  Type.Literal("hostRegister"),
  Type.Literal("hostRetire"),
  Type.Literal("monitor"),
]);
export type ChannelEvent = Static<typeof ChannelEvent>;

const TimeOfDay = Type.String({ pattern: "^(?:[01]\\d|2[0-3]):[0-5]\\d$", description: "Hours and minutes, such as 22:00." });

/** The least severity that may use a medium; `never`: not at all. What is urgent is told all the same. */
export const LeastSeverity = Type.Union([Severity, Type.Literal("never")]);
export type LeastSeverity = Static<typeof LeastSeverity>;

/** When and by what somebody wants to be told. What is urgent breaks through all of it. */
export const NotificationRules = Type.Object({
  timeZone: Type.Optional(Type.String({ maxLength: 64, description: "IANA name; the one of the profile when absent." })),
  quiet: Type.Object({
    isOn: Type.Boolean(),
    from: TimeOfDay,
    until: Type.Union([TimeOfDay], { description: "On the next day when it is not later than `from`." }),
    weekdays: Type.Array(Type.Integer({ minimum: 0, maximum: 6 }), {
      maxItems: 7,
      uniqueItems: true,
      description: "Days on which quiet hours begin; 0 is Sunday.",
    }),
  }),
  media: Type.Object(
    {
      mail: LeastSeverity,
      chat: LeastSeverity,
      phone: LeastSeverity,
      sms: Type.Optional(LeastSeverity),
      push: Type.Optional(LeastSeverity),
    },
    { description: "A medium that is left out is used for everything." },
  ),
});
export type NotificationRules = Static<typeof NotificationRules>;

export const defaultRules: NotificationRules = {
  quiet: { isOn: false, from: "22:00", until: "07:00", weekdays: [0, 1, 2, 3, 4, 5, 6] },
  media: { mail: "information", chat: "information", phone: "information", sms: "information", push: "information" },
};

export const MailEncoding = Type.Union([Type.Literal("utf-8"), Type.Literal("iso-2022-jp")]);
export type MailEncoding = Static<typeof MailEncoding>;

/** Below the server's own address: where Mattermost sends presses of the buttons that this channel's bot posted. */
export const mattermostActionsPath = (channelId: string): string => `/hooks/mattermost/${channelId}/action`;
/** What is entered as interactivity's request URL of a Slack app. */
export const slackActionsPath = (channelId: string): string => `/hooks/slack/${channelId}`;
/** What is entered as the address of the slash command, for either chat. */
export const chatCommandsPath = (channelId: string): string => `/hooks/commands/${channelId}`;
/** How buttons are named in chats: `hinoban-take`; Slack gives it back as `action_id`, with the token as its `value`. */
export const chatActionId = (action: string): string => `hinoban-${action}`;

/** What a signed webhook posts. New members may come; the version changes only when one changes its meaning. */
export const SignedNotification = Type.Object({
  version: Type.Literal(1),
  event: Type.Union([Type.Literal("notification"), Type.Literal("test")]),
  id: Type.String({ description: "The same whenever the same message is posted again." }),
  at: Type.Integer({ description: "Milliseconds since 1970: when it was posted." }),
  organisation: Type.Object({ name: Type.String(), displayName: Type.String() }),
  about: Type.String({ description: "`incident:<id>`, `alert:<id>` and the like." }),
  thread: Type.Union([Type.String(), Type.Null()], { description: "Messages of one thread belong together." }),
  severity: Severity,
  tone: Type.Union([Type.Literal("bad"), Type.Literal("good"), Type.Literal("neutral")]),
  title: Type.String(),
  summary: Type.String(),
  facts: Type.Array(Type.Object({ label: Type.String(), value: Type.String() })),
  url: Type.Union([Type.String(), Type.Null()]),
});
export type SignedNotification = Static<typeof SignedNotification>;

const tag = "notifications";
const common = { tag, access: "organisation" } as const;
const ById = Type.Object({ ...OrgParams.properties, id: Id });

const Mention = Type.String({ maxLength: 200 });
const Typed = Type.String({ maxLength: 500 });
const SecretText = Type.String({ minLength: 1, maxLength: 4000 });

/** What is typed about a channel besides its secrets; which of it a type has is in {@link channelFields}. */
const channelSettings = {
  emails: Type.Optional(Type.Array(Type.String({ minLength: 3, maxLength: 254 }), { maxItems: 100 })),
  personIds: Type.Optional(Type.Array(Id, { maxItems: 500, description: "Members, at whatever addresses they want mail." })),
  encoding: Type.Optional(MailEncoding),
  events: Type.Optional(Type.Array(ChannelEvent, { maxItems: 6, uniqueItems: true })),
  mentions: Type.Optional(Type.Object({ ok: Type.Optional(Mention), warning: Type.Optional(Mention), critical: Type.Optional(Mention) })),
  enabledGraphImage: Type.Optional(Type.Boolean()),
  room: Type.Optional(Type.Union([Typed], { description: "Id of the channel or room." })),
  serverUrl: Type.Optional(Type.Union([Typed], { description: "Base address of a server of one's own." })),
  verifiesTls: Type.Optional(Type.Boolean()),
};

/** Secrets of a channel. Left out: what is kept stays. */
const channelSecrets = {
  url: Type.Optional(Type.Union([SecretText], { description: "Address of the webhook: whoever has it may post." })),
  token: Type.Optional(Type.Union([SecretText], { description: "Of the bot or the room." })),
  signingKey: Type.Optional(
    Type.Union([SecretText], { description: "Signs what the webhook gets; the one before signs along for a day." }),
  ),
  signingSecret: Type.Optional(Type.Union([SecretText], { description: "By which Slack signs presses and commands." })),
  commandToken: Type.Optional(Type.Union([SecretText], { description: "What Mattermost sends with its slash command." })),
};

export type ChannelField = keyof typeof channelSettings | keyof typeof channelSecrets;

interface FieldRules {
  readonly needs: readonly ChannelField[];
  readonly may: readonly ChannelField[];
}

const everywhere = ["events"] as const;
const chat = [...everywhere, "mentions", "enabledGraphImage"] as const;

/** Which fields a type of channel has. */
export const channelFields: Readonly<Record<ChannelType, FieldRules>> = {
  email: { needs: [], may: [...everywhere, "emails", "personIds", "encoding", "enabledGraphImage"] },
  slack: { needs: ["url"], may: chat },
  webhook: { needs: ["url"], may: [...everywhere, "enabledGraphImage", "signingKey", "verifiesTls"] },
  "slack-bot": { needs: ["token", "room"], may: [...chat, "signingSecret", "serverUrl"] },
  mattermost: { needs: ["url"], may: [...chat, "room", "verifiesTls"] },
  "mattermost-bot": { needs: ["serverUrl", "token", "room"], may: [...chat, "commandToken", "verifiesTls"] },
  chatwork: { needs: ["token", "room"], may: [...everywhere, "mentions", "serverUrl"] },
  hipchat: { needs: ["serverUrl", "token", "room"], may: [...everywhere, "verifiesTls"] },
  "signed-webhook": { needs: ["url", "signingKey"], may: [...everywhere, "verifiesTls"] },
  teams: { needs: ["url"], may: [...everywhere, "enabledGraphImage"] },
  line: { needs: ["token", "room"], may: [...everywhere, "serverUrl"] },
  discord: { needs: ["url"], may: chat },
  pagerduty: { needs: ["token"], may: [...everywhere, "serverUrl"] },
  opsgenie: { needs: ["token"], may: [...everywhere, "serverUrl"] },
};

export const secretFields = ["url", "token", "signingKey", "signingSecret", "commandToken"] as const satisfies readonly ChannelField[];
export type SecretField = (typeof secretFields)[number];

export const ChannelName = Type.String({ minLength: 1, maxLength: 200, pattern: "\\S" });

/** A channel as somebody writes it. The type never changes. */
export const ChannelInput = Type.Object({
  type: ChannelType,
  name: ChannelName,
  language: Language,
  ...channelSettings,
  ...channelSecrets,
});
export type ChannelInput = Static<typeof ChannelInput>;

export const DeliveryState = Type.Union([
  Type.Literal("pending"),
  Type.Literal("held"),
  Type.Literal("claimed"),
  Type.Literal("calling"),
  Type.Literal("retrying"),
  Type.Literal("sent"),
  Type.Literal("failed"),
  Type.Literal("cancelled"),
  Type.Literal("unknown"),
]);

/** A channel as it stands, without its secrets. */
export const Channel = Type.Object({
  id: Id,
  type: ChannelType,
  name: Type.String(),
  language: Language,
  ...channelSettings,
  secrets: Type.Array(
    Type.Union([
      Type.Literal("url"),
      Type.Literal("token"),
      Type.Literal("signingKey"),
      Type.Literal("signingSecret"),
      Type.Literal("commandToken"),
    ]),
    { description: "Which secrets are kept." },
  ),
  host: Type.Optional(Type.String({ description: "Where it posts to, as far as that is no secret." })),
  createdAt: UnixMsNumber,
  suspendedAt: Type.Optional(UnixMsNumber),
  suspendedBecause: Type.Optional(Type.String()),
  failures: Type.Integer({ description: "Attempts in a row that failed by its own fault." }),
  lastAt: Type.Optional(UnixMsNumber),
  lastState: Type.Optional(Type.Union([Type.Literal("sent"), Type.Literal("failed")])),
  lastProblem: Type.Optional(Type.String()),
});
export type Channel = Static<typeof Channel>;

/** How a test went. */
export const TestOutcome = Type.Object({
  ok: Type.Boolean(),
  state: DeliveryState,
  problem: Type.Optional(Type.String()),
  millis: Type.Integer(),
});
export type TestOutcome = Static<typeof TestOutcome>;

export const listChannels = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/channels",
  summary: "List channels with their state",
  needs: "channel.view",
  params: OrgParams,
  response: Type.Object({
    channels: Type.Array(Channel),
    mail: Type.Union([Type.Literal("ok"), Type.Literal("none"), Type.Literal("failing")], {
      description: "`none`: there is no mail server. `failing`: it does not take mail at present.",
    }),
    mailProblem: Type.Optional(Type.String({ description: "Why mail fails." })),
  }),
});

export const getChannel = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/channels/:id",
  summary: "See a channel",
  needs: "channel.view",
  params: ById,
  response: Channel,
});

export const createChannel = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/channels",
  summary: "Create a channel",
  needs: "channel.change",
  params: OrgParams,
  body: Type.Object({
    ...ChannelInput.properties,
    joinsDefaultGroup: Type.Optional(Type.Boolean({ description: "Whether it joins the default notification group; yes when absent." })),
  }),
  response: Channel,
});

export const changeChannel = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/channels/:id",
  summary: "Change a channel; secrets that are left out stay",
  needs: "channel.change",
  params: ById,
  body: ChannelInput,
  response: Channel,
});

export const deleteChannel = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/channels/:id",
  summary: "Delete a channel; what has not left yet does not leave any more",
  needs: "channel.change",
  params: ById,
  response: Done,
});

export const testChannel = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/channels/:id/test",
  summary: "Send a test through a channel at once and tell how it went",
  needs: "channel.change",
  params: ById,
  response: TestOutcome,
});

export const suspendChannel = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/channels/:id/suspend",
  summary: "Suspend a channel: what would go through it fails at once and says so",
  needs: "channel.change",
  params: ById,
  body: Type.Object({ reason: Type.String({ maxLength: 500 }) }),
  response: Channel,
});

export const resumeChannel = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/channels/:id/resume",
  summary: "Resume a suspended channel",
  needs: "channel.change",
  params: ById,
  response: Channel,
});

export const ChannelPreview = Type.Object({
  subject: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  html: Type.Optional(Type.String()),
  body: Type.Optional(Type.String({ description: "What would be posted, as JSON." })),
});
export type ChannelPreview = Static<typeof ChannelPreview>;

export const previewChannel = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/channels/preview",
  summary: "See what a channel would show for an example; nothing is sent",
  needs: "channel.view",
  params: OrgParams,
  body: Type.Object({
    channel: ChannelInput,
    example: Type.Union([Type.Literal("opened"), Type.Literal("taken"), Type.Literal("resolved")]),
  }),
  response: ChannelPreview,
});

export const Delivery = Type.Object({
  id: Id,
  key: Type.String(),
  about: Type.String(),
  kind: Type.Union([Type.Literal("post"), Type.Literal("edit"), Type.Literal("test")]),
  channelId: Type.Optional(Id),
  personId: Type.Optional(Id),
  /** The channel's or the person's. */
  recipientName: Type.Optional(Type.String()),
  medium: Type.Optional(Medium),
  severity: Severity,
  title: Type.String(),
  isUrgent: Type.Boolean(),
  state: DeliveryState,
  tries: Type.Integer(),
  createdAt: UnixMsNumber,
  dueAt: UnixMsNumber,
  endedAt: Type.Optional(UnixMsNumber),
  problem: Type.Optional(Type.String()),
});
export type Delivery = Static<typeof Delivery>;

export const listDeliveries = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/deliveries",
  summary: "List messages and what became of them, newest first",
  needs: "channel.view",
  params: OrgParams,
  query: Type.Object({
    channel: Type.Optional(Id),
    person: Type.Optional(Id),
    about: Type.Optional(Type.String({ maxLength: 200 })),
    state: Type.Optional(Type.Union([...DeliveryState.anyOf, Type.Literal("open")], { description: "`open`: not over yet." })),
    before: Type.Optional(Type.Integer({ minimum: 0, description: "Goes on behind a page: its `next`." })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  }),
  response: Type.Object({ deliveries: Type.Array(Delivery), next: Type.Optional(Type.Integer()) }),
});
