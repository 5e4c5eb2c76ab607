import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, Outlet, redirect } from "@tanstack/react-router";
import type { Call } from "#kit/call";
import { textParam } from "#kit/search";
import { sessionQuery } from "#kit/session";
import { OrganisationLayout } from "../layouts/OrganisationLayout.tsx";
import { SignedInLayout } from "../layouts/SignedInLayout.tsx";

export interface RouterContext {
  readonly client: QueryClient;
  readonly call: Call;
}

/** Only a path of this console: an address elsewhere must never be a place to go after the login. */
export function ownPath(value: unknown): string | undefined {
  const path = textParam(value, 2000);
  return path?.startsWith("/") === true && !/^\/[/\\]/u.test(path) && path !== "/" ? path : undefined;
}

export const root = createRootRouteWithContext<RouterContext>()({ component: Outlet });

/** Everything behind the login. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData(sessionQuery(context.call));
    if (!session.signedIn) throw redirect({ to: "/login", search: { to: ownPath(location.href) } });
  },
  component: SignedInLayout,
});

export const organisation = createRoute({ getParentRoute: () => signedIn, path: "/o/$org", component: OrganisationLayout });
