import { Type, type Static } from "typebox";
import { Severity } from "./alerting.ts";

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
  media: Type.Object({ mail: LeastSeverity, chat: LeastSeverity, phone: LeastSeverity }),
});
export type NotificationRules = Static<typeof NotificationRules>;

export const defaultRules: NotificationRules = {
  quiet: { isOn: false, from: "22:00", until: "07:00", weekdays: [0, 1, 2, 3, 4, 5, 6] },
  media: { mail: "information", chat: "information", phone: "information" },
};

export const MailEncoding = Type.Union([Type.Literal("utf-8"), Type.Literal("iso-2022-jp")]);
export type MailEncoding = Static<typeof MailEncoding>;

/** Below the server's own address: where Mattermost sends presses of the buttons that this channel's bot posted. */
export const mattermostActionsPath = (channelId: string): string => `/api/v1/chats/${channelId}/mattermost-actions`;
/** What is entered as interactivity's request URL of a Slack app. */
export const slackActionsPath = (channelId: string): string => `/api/v1/chats/${channelId}/slack-actions`;
/** What is entered as the address of the slash command, for either chat. */
export const chatCommandsPath = (channelId: string): string => `/api/v1/chats/${channelId}/commands`;
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
