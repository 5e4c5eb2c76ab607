import { Type, type Static } from "typebox";
import { IncidentAction, IncidentState, Severity } from "./alerting.ts";
import { contract } from "./contract.ts";
import { Done, Id, Language, OrgParams, UnixMsNumber } from "./shapes.ts";

/** Where a link of a notice leads. It shows and asks; opening it does nothing, since scanners of mail open links. */
export const actPath = (token: string): string => `/act/${token}`;
/** Where a chat's user says who they are. The token stands behind `#`, so that it reaches no server's or proxy's log. */
export const chatAccountPath = (org: string, token: string): string => `/o/${org}/chat-accounts#${token}`;

const tag = "acts";
const ActParams = Type.Object({ token: Type.String({ minLength: 1, maxLength: 1000 }) });

/**
 * What a press would do, or why it would do nothing: `ready`; `taken`: somebody else has it; `yours`: the person of the link has it
 * already; `resolved`: it is over; `used`: this link did what it was made for.
 */
export const ActStanding = Type.Union([
  Type.Literal("ready"),
  Type.Literal("taken"),
  Type.Literal("yours"),
  Type.Literal("resolved"),
  Type.Literal("used"),
]);
export type ActStanding = Static<typeof ActStanding>;

export const Act = Type.Object({
  action: IncidentAction,
  standing: ActStanding,
  /** Whose link it is. */
  person: Type.Object({ name: Type.String(), language: Language, timeZone: Type.String() }),
  organisation: Type.Object({ name: Type.String(), displayName: Type.String() }),
  incident: Type.Object({
    id: Id,
    number: Type.Integer(),
    title: Type.String(),
    severity: Severity,
    state: IncidentState,
    openedAt: UnixMsNumber,
    /** Who has it, and since when. */
    responderName: Type.Optional(Type.String()),
    takenAt: Type.Optional(UnixMsNumber),
    /** What is not as it should be, the worst first; at most five. */
    alerts: Type.Array(
      Type.Object({ name: Type.String(), message: Type.String(), host: Type.Optional(Type.String()), isOpen: Type.Boolean() }),
    ),
    alertCount: Type.Integer(),
  }),
  expiresAt: UnixMsNumber,
});
export type Act = Static<typeof Act>;

export const getAct = contract({
  method: "GET",
  path: "/acts/:token",
  summary: "Tell what a link of a notification is about; changes nothing",
  tag,
  access: "public",
  params: ActParams,
  response: Act,
});

export const confirmAct = contract({
  method: "POST",
  path: "/acts/:token",
  summary: "Do what a link of a notification was made for, as the person that it was sent to",
  tag,
  access: "public",
  params: ActParams,
  response: Type.Object({
    /** Whether this press did it. Otherwise the standing tells why not. */
    isDone: Type.Boolean(),
    act: Act,
  }),
});

export const ChatKind = Type.Union([Type.Literal("slack"), Type.Literal("mattermost")]);
export type ChatKind = Static<typeof ChatKind>;

export const ChatAccount = Type.Object({
  id: Id,
  chat: ChatKind,
  userName: Type.String(),
  personId: Id,
  personName: Type.String(),
  connectedAt: UnixMsNumber,
});
export type ChatAccount = Static<typeof ChatAccount>;

export const listChatAccounts = contract({
  method: "GET",
  path: "/orgs/:org/chat-accounts",
  summary: "List one's own connected chat accounts; managers see everybody's",
  tag,
  access: "organisation",
  needs: "incident.view",
  params: OrgParams,
  response: Type.Object({ accounts: Type.Array(ChatAccount) }),
});

const ChatInvitationParams = Type.Object({ ...OrgParams.properties, token: Type.String({ minLength: 1, maxLength: 100 }) });

export const getChatInvitation = contract({
  method: "GET",
  path: "/orgs/:org/chat-invitations/:token",
  summary: "Tell which chat account a link would connect",
  tag,
  access: "organisation",
  needs: "incident.view",
  params: ChatInvitationParams,
  response: Type.Object({ chat: ChatKind, userName: Type.String(), expiresAt: UnixMsNumber }),
});

export const connectChatAccount = contract({
  method: "POST",
  path: "/orgs/:org/chat-invitations/:token",
  summary: "Connect a chat account with the person who is signed in",
  tag,
  access: "organisation",
  needs: "incident.view",
  params: ChatInvitationParams,
  response: ChatAccount,
});

export const disconnectChatAccount = contract({
  method: "DELETE",
  path: "/orgs/:org/chat-accounts/:id",
  summary: "Disconnect a chat account: one's own, or as a manager anybody's",
  tag,
  access: "organisation",
  needs: "incident.view",
  params: Type.Object({ ...OrgParams.properties, id: Id }),
  response: Done,
});
