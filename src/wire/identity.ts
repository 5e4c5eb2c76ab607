import { Type, type Static } from "typebox";
import { contract } from "./contract.ts";
import { MemberRole } from "./permissions.ts";
import { Done, Id, Language, NoDataMinutes, OrganisationName, OrgParams, UnixMsNumber } from "./shapes.ts";

/** Where the console takes a one-time set-up token. Behind `#`, so that it reaches no server's or proxy's log. */
export const setupPath = (token: string): string => `/setup#${token}`;
/** Where the console takes an invitation's token. */
export const invitationPath = (token: string): string => `/invitation#${token}`;

/** The header in which an unsafe request of a session must repeat the session's token. */
export const csrfHeader = "x-hinoban-csrf";
/** Sent with `1` by a screen that nobody has touched for a while: what it asks by itself does not keep its session open. */
export const idleHeader = "x-hinoban-idle";

const words = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, pattern: "\\S", description });

export const PersonName = words(100, "The name as others see it.");
export const DisplayName = words(100, "The organisation's name as people read it.");
/** Blanks around it and upper case do not matter. */
export const Email = Type.String({
  maxLength: 254,
  pattern: "^\\s*[^@\\s]+@[^@\\s]+\\s*$",
  description: "Address that one signs in with.",
});
export const NewPassword = Type.String({
  minLength: 12,
  maxLength: 256,
  description: "At least 12 characters with letters and digits; not the address, and none of the last four.",
});
const GivenPassword = Type.String({ minLength: 1, maxLength: 256 });
export const TimeZone = Type.String({
  minLength: 1,
  maxLength: 64,
  description: "Name of the IANA time zone database, such as Asia/Tokyo.",
});
const Token = Type.String({ minLength: 1, maxLength: 128 });

export const PersonState = Type.Union([Type.Literal("active"), Type.Literal("suspended"), Type.Literal("left")]);
export type PersonState = Static<typeof PersonState>;

export const HostStatus = Type.Union([
  Type.Literal("working"),
  Type.Literal("standby"),
  Type.Literal("maintenance"),
  Type.Literal("poweroff"),
]);

export const Account = Type.Object({
  id: Id,
  /** A number for other products, never used twice. */
  num: Type.Integer(),
  name: Type.String(),
  email: Type.String(),
  language: Language,
  timeZone: Type.String(),
});
export type Account = Static<typeof Account>;

export const Membership = Type.Object({
  /** The organisation's id. */
  organisationId: Id,
  /** The organisation's name in URLs. */
  name: Type.String(),
  displayName: Type.String(),
  role: MemberRole,
});
export type Membership = Static<typeof Membership>;

/** Who is signed in, with all that the console needs to start. */
export const SignedIn = Type.Object({
  signedIn: Type.Literal(true),
  person: Account,
  memberships: Type.Array(Membership),
  /** Repeat it in the header x-hinoban-csrf of every request that changes something. */
  csrf: Type.String(),
  expiresAt: UnixMsNumber,
});
export type SignedIn = Static<typeof SignedIn>;

export const Session = Type.Union([SignedIn, Type.Object({ signedIn: Type.Literal(false) })]);
export type Session = Static<typeof Session>;

// --- set-up and signing in

export const getSetup = contract({
  method: "GET",
  path: "/setup",
  summary: "Tell whether the installation was set up",
  tag: "set-up",
  access: "public",
  response: Type.Object({ isClaimed: Type.Boolean() }),
});

export const claimSetup = contract({
  method: "POST",
  path: "/setup",
  summary: "Set up the installation with the token of the one-time link and sign in as its first owner",
  tag: "set-up",
  access: "public",
  body: Type.Object({
    token: Token,
    organisation: Type.Object({ name: OrganisationName, displayName: DisplayName }),
    person: Type.Object({ name: PersonName, email: Email, password: NewPassword, language: Language, timeZone: TimeZone }),
  }),
  response: SignedIn,
});

export const getSession = contract({
  method: "GET",
  path: "/session",
  summary: "Tell who is signed in",
  tag: "session",
  access: "public",
  response: Session,
});

export const openSession = contract({
  method: "POST",
  path: "/session",
  summary: "Sign in with a password",
  tag: "session",
  access: "public",
  body: Type.Object({ email: Type.String({ minLength: 1, maxLength: 300 }), password: GivenPassword }),
  response: SignedIn,
});

export const closeSession = contract({
  method: "DELETE",
  path: "/session",
  summary: "Sign out",
  tag: "session",
  access: "person",
  response: Done,
});

// --- one's own account

export const changeAccount = contract({
  method: "PUT",
  path: "/account",
  summary: "Change one's own name, language and time zone",
  tag: "account",
  access: "person",
  body: Type.Object({ name: PersonName, language: Language, timeZone: TimeZone }),
  response: Account,
});

export const changePassword = contract({
  method: "PUT",
  path: "/account/password",
  summary: "Change one's own password and end all other sessions",
  tag: "account",
  access: "person",
  body: Type.Object({ current: GivenPassword, next: NewPassword }),
  response: Type.Object({ sessionsEnded: Type.Integer() }),
});

export const OwnSession = Type.Object({
  id: Id,
  isCurrent: Type.Boolean(),
  createdAt: UnixMsNumber,
  /** To the minute. */
  lastSeenAt: UnixMsNumber,
  expiresAt: UnixMsNumber,
  address: Type.String(),
  userAgent: Type.String(),
});
export type OwnSession = Static<typeof OwnSession>;

export const listSessions = contract({
  method: "GET",
  path: "/account/sessions",
  summary: "List one's own sessions",
  tag: "account",
  access: "person",
  response: Type.Object({ sessions: Type.Array(OwnSession) }),
});

export const endSession = contract({
  method: "DELETE",
  path: "/account/sessions/:id",
  summary: "End one of one's own sessions",
  tag: "account",
  access: "person",
  params: Type.Object({ id: Id }),
  response: Done,
});

export const endOtherSessions = contract({
  method: "POST",
  path: "/account/sessions/end-others",
  summary: "End all of one's own sessions but this one",
  tag: "account",
  access: "person",
  response: Type.Object({ ended: Type.Integer() }),
});

// --- organisations

export const Organisation = Type.Object({
  id: Id,
  /** In URLs; it never changes after the set-up. */
  name: Type.String(),
  displayName: Type.String(),
  /** The status of a host that registers without one. */
  defaultHostStatus: HostStatus,
  noDataMinutes: NoDataMinutes,
  timeZone: Type.String(),
  createdAt: UnixMsNumber,
});
export type Organisation = Static<typeof Organisation>;

export const createOrganisation = contract({
  method: "POST",
  path: "/organisations",
  summary: "Create another organisation and become its owner",
  tag: "organisation",
  access: "person",
  body: Type.Object({ name: OrganisationName, displayName: DisplayName, timeZone: Type.Optional(TimeZone) }),
  response: Organisation,
});

export const getOrganisation = contract({
  method: "GET",
  path: "/orgs/:org",
  summary: "Show the organisation",
  tag: "organisation",
  access: "organisation",
  needs: "organisation.view",
  params: OrgParams,
  response: Organisation,
});

export const changeOrganisation = contract({
  method: "PUT",
  path: "/orgs/:org",
  summary: "Change the organisation's settings",
  tag: "organisation",
  access: "organisation",
  needs: "organisation.change",
  params: OrgParams,
  body: Type.Object({
    displayName: DisplayName,
    defaultHostStatus: HostStatus,
    noDataMinutes: Type.Optional(NoDataMinutes),
    timeZone: TimeZone,
  }),
  response: Organisation,
});

/** How an organisation is used: `web` by people with a session, `api` with API keys. */
export const networkMethods = ["web", "api"] as const;
export const NetworkMethod = Type.Union([Type.Literal("web"), Type.Literal("api")]);
export type NetworkMethod = Static<typeof NetworkMethod>;

const CidrList = Type.Array(Type.String({ maxLength: 50 }), {
  maxItems: 100,
  description: "Addresses or networks in CIDR notation; empty: from anywhere.",
});

export const NetworkRestriction = Type.Object({
  web: CidrList,
  api: CidrList,
  /** The caller's own address, as the server sees it. */
  address: Type.String(),
});
export type NetworkRestriction = Static<typeof NetworkRestriction>;

export const getNetworkRestriction = contract({
  method: "GET",
  path: "/orgs/:org/networks",
  summary: "Show from where the organisation may be used",
  tag: "organisation",
  access: "organisation",
  needs: "network.view",
  params: OrgParams,
  response: NetworkRestriction,
});

export const restrictNetworks = contract({
  method: "PUT",
  path: "/orgs/:org/networks/:method",
  summary: "Restrict from where people or API keys may use the organisation; refused when it would shut the caller out",
  tag: "organisation",
  access: "organisation",
  needs: "network.change",
  params: Type.Object({ ...OrgParams.properties, method: NetworkMethod }),
  body: Type.Object({ networks: CidrList }),
  response: NetworkRestriction,
});

// --- members

const Page = {
  text: Type.Optional(Type.String({ maxLength: 200, description: "Part of a name or address." })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, description: "50 when absent." })),
};

export const Member = Type.Object({
  /** The person's id. */
  id: Id,
  name: Type.String(),
  email: Type.String(),
  role: MemberRole,
  state: PersonState,
  joinedAt: UnixMsNumber,
  lastSignedInAt: Type.Optional(UnixMsNumber),
  /** Set while wrong passwords keep the person out. */
  lockedUntil: Type.Optional(UnixMsNumber),
});
export type Member = Static<typeof Member>;

export const listMembers = contract({
  method: "GET",
  path: "/orgs/:org/members",
  summary: "List the members",
  tag: "members",
  access: "organisation",
  needs: "member.view",
  params: OrgParams,
  query: Type.Object(Page),
  response: Type.Object({ members: Type.Array(Member), total: Type.Integer() }),
});

const MemberParams = Type.Object({ org: OrgParams.properties.org, person: Id });

export const changeMember = contract({
  method: "PUT",
  path: "/orgs/:org/members/:person",
  summary: "Change a member's role, or suspend and reinstate somebody who belongs to no other organisation",
  tag: "members",
  access: "organisation",
  needs: "member.change",
  params: MemberParams,
  body: Type.Object({
    role: Type.Optional(MemberRole),
    state: Type.Optional(Type.Union([Type.Literal("active"), Type.Literal("suspended")])),
  }),
  response: Member,
});

export const removeMember = contract({
  method: "DELETE",
  path: "/orgs/:org/members/:person",
  summary: "Remove a member from the organisation",
  tag: "members",
  access: "organisation",
  needs: "member.change",
  params: MemberParams,
  response: Done,
});

// --- invitations

export const Invitation = Type.Object({
  id: Id,
  email: Type.String(),
  role: MemberRole,
  /** The person who invited, as the ledger names them. */
  invitedBy: Type.String(),
  invitedByName: Type.Optional(Type.String()),
  createdAt: UnixMsNumber,
  expiresAt: UnixMsNumber,
});
export type Invitation = Static<typeof Invitation>;

export const listInvitations = contract({
  method: "GET",
  path: "/orgs/:org/invitations",
  summary: "List the invitations that are open",
  tag: "members",
  access: "organisation",
  needs: "invitation.view",
  params: OrgParams,
  query: Type.Object(Page),
  response: Type.Object({ invitations: Type.Array(Invitation), total: Type.Integer() }),
});

export const inviteMember = contract({
  method: "POST",
  path: "/orgs/:org/invitations",
  summary: "Invite somebody; the link is in this answer and nowhere else",
  tag: "members",
  access: "organisation",
  needs: "member.invite",
  params: OrgParams,
  body: Type.Object({ email: Email, role: MemberRole }),
  response: Type.Object({
    invitation: Invitation,
    /** Path of the link below the console's own address, shown this once. */
    path: Type.String(),
  }),
});

export const revokeInvitation = contract({
  method: "DELETE",
  path: "/orgs/:org/invitations/:id",
  summary: "Withdraw an invitation",
  tag: "members",
  access: "organisation",
  needs: "member.invite",
  params: Type.Object({ org: OrgParams.properties.org, id: Id }),
  response: Done,
});

const InvitationParams = Type.Object({ token: Token });

export const getInvitation = contract({
  method: "GET",
  path: "/invitations/:token",
  summary: "Show an invitation to whoever holds its link",
  tag: "members",
  access: "public",
  params: InvitationParams,
  response: Type.Object({
    organisation: Type.Object({ name: Type.String(), displayName: Type.String() }),
    email: Type.String(),
    role: MemberRole,
    invitedByName: Type.Optional(Type.String()),
    expiresAt: UnixMsNumber,
    /** The address has an account already: sign in, then accept. */
    hasAccount: Type.Boolean(),
  }),
});

export const acceptInvitation = contract({
  method: "POST",
  path: "/invitations/:token",
  summary: "Accept an invitation: as the person who is signed in, or with `newPerson` as somebody new",
  tag: "members",
  access: "public",
  params: InvitationParams,
  body: Type.Object({
    newPerson: Type.Optional(Type.Object({ name: PersonName, password: NewPassword, language: Language, timeZone: TimeZone })),
  }),
  response: SignedIn,
});
