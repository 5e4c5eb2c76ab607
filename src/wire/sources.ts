import { Type, type Static } from "typebox";
import { Severity } from "./alerting.ts";
import { contract } from "./contract.ts";
import { Done, Id, OrgParams, UnixMsNumber } from "./shapes.ts";

/** Whose messages a source understands. A heartbeat understands none: that something calls is all it says. */
export const sourceKinds = [
  "alertmanager",
  "grafana",
  "zabbix",
  "mackerel",
  "pagerduty",
  "opsgenie",
  "mail",
  "generic",
  "heartbeat",
] as const;
export const SourceKind = Type.Union([
  Type.Literal("alertmanager"),
  Type.Literal("grafana"),
  Type.Literal("zabbix"),
  Type.Literal("mackerel"),
  Type.Literal("pagerduty"),
  Type.Literal("opsgenie"),
  Type.Literal("mail"),
  Type.Literal("generic"),
  Type.Literal("heartbeat"),
]);
export type SourceKind = Static<typeof SourceKind>;

const Pointer = Type.String({
  maxLength: 500,
  pattern: "^(?:/.*)?$",
  description: "JSON pointer (RFC 6901), from the item; empty: the item itself.",
});
const Template = Type.String({ maxLength: 1000, description: "Text in which `{/a/b}` stands for what the pointer finds." });

/** How a message of any other program is read. */
export const Mapping = Type.Object({
  items: Type.Optional(
    Type.String({
      maxLength: 500,
      pattern: "^(?:/.*)?$",
      description: "Pointer to a list, each entry one item; absent: the body is the only item.",
    }),
  ),
  key: Type.String({ minLength: 1, maxLength: 1000, description: "What is the same in the message that opens and the one that closes." }),
  name: Template,
  message: Template,
  host: Type.Optional(Template),
  severity: Type.Optional(
    Type.Object({
      at: Pointer,
      values: Type.Record(Type.String({ maxLength: 100 }), Severity, {
        description: "What is found there, in small letters, and what it means.",
      }),
    }),
  ),
  /** Closed when what is found at the pointer, in small letters, is one of the values; open otherwise. Absent: nothing closes by itself. */
  closes: Type.Optional(Type.Object({ at: Pointer, values: Type.Array(Type.String({ maxLength: 100 }), { minItems: 1, maxItems: 50 }) })),
});
export type Mapping = Static<typeof Mapping>;

/** When a heartbeat is missed. */
export const Beat = Type.Object({
  intervalSeconds: Type.Integer({ minimum: 30, maximum: 2_678_400, description: "How often it comes; at most 31 days." }),
  graceSeconds: Type.Integer({ minimum: 0, maximum: 604_800, description: "How much later it may come." }),
});
export type Beat = Static<typeof Beat>;

const Pattern = Type.String({
  minLength: 1,
  maxLength: 300,
  pattern: "[^*\\s]",
  description: "Text that must be found, in large or small letters; `*` stands for anything within a line.",
});
const MailTemplate = Type.String({
  maxLength: 300,
  description:
    "`{subject}`, `{from}`, `{body}` (its first line), and `{1}`, `{2}` … for what the stars of the patterns found, those of the subject first.",
});

/** What mails that look so become. */
export const MailRule = Type.Object({
  from: Type.Optional(Pattern),
  subject: Type.Optional(Pattern),
  body: Type.Optional(Pattern),
  action: Type.Union([Type.Literal("alert"), Type.Literal("ignore")]),
  name: Type.Optional(Type.Union([MailTemplate], { description: "Absent: the subject." })),
  severity: Type.Optional(Severity),
  key: Type.Optional(Type.Union([MailTemplate], { description: "Mails with the same key are about the same alert. Absent: the name." })),
  host: Type.Optional(MailTemplate),
  closes: Type.Optional(Type.Union([Pattern], { description: "Found in subject or body it says that the alert is over." })),
});
export type MailRule = Static<typeof MailRule>;

export const ImapSecurity = Type.Union([Type.Literal("tls"), Type.Literal("starttls"), Type.Literal("none")]);
export type ImapSecurity = Static<typeof ImapSecurity>;

/** A mailbox that is read over IMAP, and what its mails become. */
export const Mailbox = Type.Object({
  host: Type.String({ minLength: 1, maxLength: 255, pattern: "^\\S+$" }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  security: ImapSecurity,
  verifiesTls: Type.Boolean(),
  userName: Type.String({ minLength: 1, maxLength: 200 }),
  password: Type.Optional(Type.String({ maxLength: 1000, description: "Never told. Left out: the one that is kept." })),
  folder: Type.String({ minLength: 1, maxLength: 200, description: "INBOX, or any other." }),
  marksSeen: Type.Boolean({ description: "Mails that were taken in are marked as read." }),
  unmatched: Type.Union([Type.Literal("alert"), Type.Literal("ignore")], {
    description: "What a mail becomes that no rule is about: an alert of its own, or nothing.",
  }),
  rules: Type.Array(MailRule, { maxItems: 50, description: "The first that fits holds." }),
});
export type Mailbox = Static<typeof Mailbox>;

const SourceName = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });
const input = {
  name: SourceName,
  memo: Type.Optional(Type.String({ maxLength: 2048 })),
  /** Its alerts belong to this service, whose escalation policy holds. */
  service: Type.Optional(Type.String({ minLength: 2, maxLength: 63 })),
  /** Of what says nothing about how bad it is; and of a heartbeat that stays away. */
  defaultSeverity: Severity,
  mapping: Type.Optional(Mapping),
  beat: Type.Optional(Beat),
  mailbox: Type.Optional(Mailbox),
};
export const NewSource = Type.Object({ kind: SourceKind, ...input });
export type NewSource = Static<typeof NewSource>;
export const SourceInput = Type.Object(input);
export type SourceInput = Static<typeof SourceInput>;

/**
 * `waiting`: nothing came yet; `ok`; `unread`: the newest message was not understood; `missed`: a heartbeat stayed away; `failing`: the
 * mailbox cannot be read; `muted`.
 */
export const SourceState = Type.Union([
  Type.Literal("waiting"),
  Type.Literal("ok"),
  Type.Literal("unread"),
  Type.Literal("missed"),
  Type.Literal("failing"),
  Type.Literal("muted"),
]);
export type SourceState = Static<typeof SourceState>;

export const Source = Type.Object({
  id: Id,
  kind: SourceKind,
  ...input,
  memo: Type.String(),
  state: SourceState,
  createdAt: UnixMsNumber,
  lastAt: Type.Optional(UnixMsNumber),
  /** When a heartbeat counts as missed, if none comes. */
  dueAt: Type.Optional(UnixMsNumber),
  mutedUntil: Type.Optional(UnixMsNumber),
  muteReason: Type.Optional(Type.String()),
  /** Of a mailbox: when it was looked at last, and why that failed. */
  lookedAt: Type.Optional(UnixMsNumber),
  problem: Type.Optional(Type.String()),
  /** Another address works as well, while senders are moved from one to the other. */
  hasSecondAddress: Type.Boolean(),
  openAlerts: Type.Integer(),
});
export type Source = Static<typeof Source>;

/** What became of one message. */
export const SignalEffect = Type.Union([
  Type.Literal("taken"),
  Type.Literal("repeated"),
  Type.Literal("ignored"),
  Type.Literal("test"),
  Type.Literal("unread"),
]);
export type SignalEffect = Static<typeof SignalEffect>;

export const Signal = Type.Object({
  id: Id,
  receivedAt: UnixMsNumber,
  effect: SignalEffect,
  opened: Type.Integer(),
  closed: Type.Integer(),
  /** Why it was not understood or not taken. */
  problem: Type.Optional(Type.String()),
  body: Type.String({ description: "The first 16 KB as they came." }),
  isCut: Type.Boolean(),
});
export type Signal = Static<typeof Signal>;

const common = { tag: "sources", access: "organisation" } as const;
const sourceParams = Type.Object({ ...OrgParams.properties, id: Id });
const WithAddress = Type.Object({
  source: Source,
  path: Type.String({ description: "Below the server's address; told this once. Whoever knows it can open alerts." }),
});

export const listSources = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/alert-sources",
  summary: "List where alerts of other products come from, and heartbeats",
  needs: "source.view",
  params: OrgParams,
  response: Type.Object({ sources: Type.Array(Source) }),
});
export const getSource = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/alert-sources/:id",
  summary: "One source",
  needs: "source.view",
  params: sourceParams,
  response: Source,
});
export const createSource = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/alert-sources",
  summary: "Create a source; its address is told this once",
  needs: "source.change",
  params: OrgParams,
  body: NewSource,
  response: WithAddress,
});
export const changeSource = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/alert-sources/:id",
  summary: "Change a source",
  needs: "source.change",
  params: sourceParams,
  body: SourceInput,
  response: Source,
});
export const deleteSource = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/alert-sources/:id",
  summary: "Delete a source; its open alerts are closed",
  needs: "source.change",
  params: sourceParams,
  response: Done,
});
export const renewAddress = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/alert-sources/:id/address",
  summary: "Make a new address; the old one works beside it until it is dropped",
  needs: "source.change",
  params: sourceParams,
  response: WithAddress,
});
export const dropOldAddress = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/alert-sources/:id/address",
  summary: "Close the older of two addresses",
  needs: "source.change",
  params: sourceParams,
  response: Source,
});
export const muteSource = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/alert-sources/:id/mute",
  summary: "Open no alerts from a source for a while; without a time, end that",
  needs: "source.change",
  params: sourceParams,
  body: Type.Object({ until: Type.Optional(UnixMsNumber), reason: Type.Optional(Type.String({ maxLength: 500 })) }),
  response: Source,
});
export const listSignals = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/alert-sources/:id/signals",
  summary: "The newest messages of a source, newest first",
  needs: "source.view",
  params: sourceParams,
  query: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })) }),
  response: Type.Object({ signals: Type.Array(Signal) }),
});

/** What one item of a message would become. */
export const ReadItem = Type.Object({
  key: Type.String(),
  isOpen: Type.Boolean(),
  severity: Severity,
  name: Type.String(),
  message: Type.String(),
  host: Type.Optional(Type.String()),
});
export type ReadItem = Static<typeof ReadItem>;

export const trySource = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/alert-sources/try",
  summary: "Read a message and keep nothing of it",
  needs: "source.change",
  params: OrgParams,
  body: Type.Object({
    kind: SourceKind,
    defaultSeverity: Severity,
    mapping: Type.Optional(Mapping),
    body: Type.String({ maxLength: 1_000_000 }),
  }),
  response: Type.Object({ items: Type.Array(ReadItem), problem: Type.Optional(Type.String()) }),
});

/** How a look into a mailbox went. */
export const MailboxTried = Type.Object({
  ok: Type.Boolean(),
  problem: Type.Optional(Type.String()),
  mails: Type.Optional(Type.Integer({ description: "How many mails lie in the folder." })),
});
export type MailboxTried = Static<typeof MailboxTried>;

export const tryMailbox = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/alert-sources/try-mailbox",
  summary: "Sign in to a mailbox as it is typed and tell how it went; no mail is read",
  needs: "source.change",
  params: OrgParams,
  body: Type.Object({ sourceId: Type.Optional(Type.Union([Id], { description: "Whose kept password is used." })), mailbox: Mailbox }),
  response: MailboxTried,
});

/** A mail as it would be taken in. */
export const tryMail = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/alert-sources/try-mail",
  summary: "See what rules make of a mail; nothing is kept",
  needs: "source.change",
  params: OrgParams,
  body: Type.Object({
    defaultSeverity: Severity,
    mailbox: Type.Object({ unmatched: Mailbox.properties.unmatched, rules: Mailbox.properties.rules }),
    from: Type.String({ maxLength: 500 }),
    subject: Type.String({ maxLength: 2000 }),
    body: Type.String({ maxLength: 100_000 }),
  }),
  response: Type.Object({ items: Type.Array(ReadItem), problem: Type.Optional(Type.String()) }),
});

/** The heartbeat that we send, so that something outside notices when Hinoban itself falls silent. */
export const OutgoingBeat = Type.Object({
  url: Type.String({ maxLength: 2000, pattern: "^https?://" }),
  intervalSeconds: Type.Integer({ minimum: 60, maximum: 86_400 }),
  isEnabled: Type.Boolean(),
});
export type OutgoingBeat = Static<typeof OutgoingBeat>;

const OutgoingState = Type.Object({
  beat: Type.Optional(OutgoingBeat),
  lastAt: Type.Optional(UnixMsNumber),
  /** Why the newest one did not arrive; absent when it did. */
  lastError: Type.Optional(Type.String()),
});
export type OutgoingState = Static<typeof OutgoingState>;

export const getOutgoingBeat = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/outgoing-heartbeat",
  summary: "The heartbeat that is sent while everything that opens alerts works",
  needs: "source.view",
  params: OrgParams,
  response: OutgoingState,
});
export const setOutgoingBeat = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/outgoing-heartbeat",
  summary: "Say where a heartbeat is sent; without one, end it",
  needs: "source.change",
  params: OrgParams,
  body: Type.Object({ beat: Type.Optional(OutgoingBeat) }),
  response: OutgoingState,
});
