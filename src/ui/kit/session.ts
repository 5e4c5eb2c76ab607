import { queryOptions } from "@tanstack/react-query";
import { createContext, use } from "react";
import { getSession, type Membership, type Session, type SignedIn } from "#wire/identity";
import { memberRoles, permissions, type MemberRole, type Permission } from "#wire/permissions";
import type { Call } from "#kit/call";

/** Who is signed in; asked once and kept until somebody signs in or out. */
export const sessionQuery = (call: Call) =>
  queryOptions<Session>({
    queryKey: ["session"],
    queryFn: ({ signal }) => call(getSession, {}, signal),
    staleTime: Infinity,
    gcTime: Infinity,
  });

export const SessionContext = createContext<SignedIn | undefined>(undefined);

/** The session, on pages that only somebody signed in can reach. */
export function useSession(): SignedIn {
  const session = use(SessionContext);
  if (!session) throw new Error("useSession needs a SessionContext above it.");
  return session;
}

export const MembershipContext = createContext<Membership | undefined>(undefined);

/** The organisation of the page, as its member sees it. `name` is what the API's paths take. */
export function useOrganisation(): Membership {
  const membership = use(MembershipContext);
  if (!membership) throw new Error("useOrganisation needs a MembershipContext above it.");
  return membership;
}

/** Whether a role has a permission. Only decides what to offer: the server decides what is done. */
export const roleMay = (role: MemberRole, permission: Permission): boolean =>
  memberRoles.indexOf(role) >= memberRoles.indexOf(permissions[permission].role);

export const useMay = (permission: Permission): boolean => roleMay(useOrganisation().role, permission);
