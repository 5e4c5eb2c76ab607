import { Type, type Static } from "typebox";
import { Medium, Severity } from "./alerting.ts";
import { contract } from "./contract.ts";
import { MailEncoding, NotificationRules, TestOutcome } from "./notify.ts";
import { Id, OrgParams, UnixMsNumber } from "./shapes.ts";

const common = { tag: "notifications", access: "organisation" } as const;
const ById = Type.Object({ ...OrgParams.properties, id: Id });

export const MailSecurity = Type.Union([
  Type.Literal("tls"),
  Type.Literal("starttls"),
  Type.Literal("opportunistic"),
  Type.Literal("none"),
]);
export type MailSecurity = Static<typeof MailSecurity>;

const MailAddressText = Type.String({ maxLength: 254 });
const mailServerFields = {
  host: Type.String({ minLength: 1, maxLength: 255, pattern: "^\\S+$" }),
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  security: MailSecurity,
  verifiesTls: Type.Boolean(),
  userName: Type.String({ maxLength: 200, description: "Empty: no sign-in." }),
  fromAddress: MailAddressText,
  fromName: Type.String({ maxLength: 100 }),
  bounceAddress: Type.Union([MailAddressText], {
    description: "Empty: bounces go to the sender. Else `+` and the message are put before its @.",
  }),
  encoding: MailEncoding,
};

export const MailServerInput = Type.Object({
  ...mailServerFields,
  password: Type.Optional(Type.String({ maxLength: 1000, description: "Left out: the one that is kept." })),
});
export type MailServerInput = Static<typeof MailServerInput>;

export const MailServerState = Type.Object({
  /** Which server carries the organisation's mail. */
  source: Type.Union([Type.Literal("organisation"), Type.Literal("installation"), Type.Literal("none")]),
  server: Type.Optional(Type.Object({ ...mailServerFields, hasPassword: Type.Boolean() })),
  lastOkAt: Type.Optional(UnixMsNumber),
  failingSince: Type.Optional(UnixMsNumber),
  problem: Type.Optional(Type.String()),
});
export type MailServerState = Static<typeof MailServerState>;

export const getMailServer = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/mail-server",
  summary: "See which server carries the organisation's mail, and how it does",
  needs: "channel.view",
  params: OrgParams,
  response: MailServerState,
});

export const changeMailServer = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/mail-server",
  summary: "Set the organisation's own mail server",
  needs: "mail-server.change",
  params: OrgParams,
  body: MailServerInput,
  response: MailServerState,
});

export const removeMailServer = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/mail-server",
  summary: "Remove the organisation's own mail server; the installation's is used, if there is one",
  needs: "mail-server.change",
  params: OrgParams,
  response: MailServerState,
});

export const testMailServer = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/mail-server/test",
  summary: "Send a test mail through a server as it is typed, or as it is set, and tell how it went",
  needs: "mail-server.change",
  params: OrgParams,
  body: Type.Object({ to: MailAddressText, server: Type.Optional(MailServerInput) }),
  response: TestOutcome,
});

/** What a way to reach somebody is: `sms` has none of its own, it goes to telephone numbers. */
export const ContactKind = Type.Union([Type.Literal("mail"), Type.Literal("chat"), Type.Literal("phone"), Type.Literal("push")]);
export type ContactKind = Static<typeof ContactKind>;

/** Which of somebody's contacts a medium goes to. */
export const contactKindOf = (medium: Medium): ContactKind => (medium === "sms" ? "phone" : medium);

/** A way to reach somebody. */
export const Contact = Type.Object({
  id: Id,
  kind: ContactKind,
  address: Type.String(),
  label: Type.String(),
  browser: Type.Optional(Type.String({ description: "Of a browser: the first 16 digits of the SHA-256 of its endpoint, in hexadecimal." })),
  isLogin: Type.Boolean({ description: "The address that the person signs in with; it cannot be removed." }),
  encoding: MailEncoding,
  isVerified: Type.Boolean(),
  mutedUntil: Type.Optional(UnixMsNumber),
  invalidSince: Type.Optional(Type.Union([UnixMsNumber], { description: "It was refused for good." })),
});
export type Contact = Static<typeof Contact>;

/** What would happen to a message that is sent to the person now. */
export const WouldReach = Type.Object({
  severity: Severity,
  medium: Medium,
  isUrgent: Type.Boolean(),
  outcome: Type.Union([Type.Literal("now"), Type.Literal("held"), Type.Literal("off"), Type.Literal("unreachable")]),
  until: Type.Optional(UnixMsNumber),
  addresses: Type.Array(Type.String()),
  problem: Type.Optional(Type.String()),
});
export type WouldReach = Static<typeof WouldReach>;

export const MyNotifications = Type.Object({
  contacts: Type.Array(Contact),
  rules: NotificationRules,
  timeZone: Type.String({ description: "Of the profile." }),
  quietUntil: Type.Optional(UnixMsNumber),
  wouldReach: Type.Array(WouldReach),
});
export type MyNotifications = Static<typeof MyNotifications>;

export const getMyNotifications = contract({
  ...common,
  method: "GET",
  path: "/orgs/:org/my/notifications",
  summary: "See how one is reached oneself, and what would reach one now",
  needs: "organisation.view",
  params: OrgParams,
  response: MyNotifications,
});

export const changeMyRules = contract({
  ...common,
  method: "PUT",
  path: "/orgs/:org/my/notifications/rules",
  summary: "Change one's own quiet hours and media",
  needs: "organisation.view",
  params: OrgParams,
  body: NotificationRules,
  response: MyNotifications,
});

export const NewContact = Type.Object({
  kind: Type.Union([Type.Literal("mail"), Type.Literal("phone")]),
  address: Type.String({ minLength: 3, maxLength: 254 }),
  label: Type.String({ maxLength: 100 }),
  encoding: Type.Optional(MailEncoding),
});
export type NewContact = Static<typeof NewContact>;

export const addContact = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/my/contacts",
  summary: "Add a way to reach oneself; to a mail address a code is sent",
  needs: "organisation.view",
  params: OrgParams,
  body: NewContact,
  response: MyNotifications,
});

export const ContactChange = Type.Object({
  label: Type.Optional(Type.String({ maxLength: 100 })),
  encoding: Type.Optional(MailEncoding),
  mutedUntil: Type.Optional(Type.Union([UnixMsNumber, Type.Null()])),
  position: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, description: "Its place among those of its kind, from 0." })),
  isValid: Type.Optional(Type.Union([Type.Literal(true)], { description: "It works again." })),
});
export type ContactChange = Static<typeof ContactChange>;

export const changeContact = contract({
  ...common,
  method: "PATCH",
  path: "/orgs/:org/my/contacts/:id",
  summary: "Change, mute or move a way to reach oneself",
  needs: "organisation.view",
  params: ById,
  body: ContactChange,
  response: MyNotifications,
});

export const removeContact = contract({
  ...common,
  method: "DELETE",
  path: "/orgs/:org/my/contacts/:id",
  summary: "Remove a way to reach oneself",
  needs: "organisation.view",
  params: ById,
  response: MyNotifications,
});

export const sendContactCode = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/my/contacts/:id/code",
  summary: "Have the code of a mail address sent again, or of a telephone number read by a call",
  needs: "organisation.view",
  params: ById,
  response: TestOutcome,
});

export const verifyContact = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/my/contacts/:id/verify",
  summary: "Prove by the code that an address is one's own",
  needs: "organisation.view",
  params: ById,
  body: Type.Object({ code: Type.String({ minLength: 1, maxLength: 20 }) }),
  response: MyNotifications,
});

export const testMyContacts = contract({
  ...common,
  method: "POST",
  path: "/orgs/:org/my/notifications/test",
  summary: "Send a test to oneself by a medium at once and tell how it went",
  needs: "organisation.view",
  params: OrgParams,
  body: Type.Object({ medium: Medium }),
  response: TestOutcome,
});
