import { createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { getSetup } from "#wire/identity";
import { parseRange } from "#kit/range";
import { parseSearch, stringifySearch, textParam } from "#kit/search";
import { sessionQuery } from "#kit/session";
import { RouteFailure, RouteMissing, RoutePending } from "./kit/RouteStates.tsx";
import { parseAlertsSearch } from "./features/incidents/alerts-search.ts";
import { parseIncidentsSearch } from "./features/incidents/incidents-search.ts";
import { parseScheduleSearch } from "./features/duty/timeline-model.ts";
import { parseHistorySearch } from "./features/ledger/history-search.ts";
import { parseHostSearch, parseRoleSearch, parseServiceSearch } from "./features/inventory/host-search.ts";
import { parseHostsSearch } from "./features/inventory/hosts-search.ts";
import { parsePathSearch } from "./features/probes/path-search.ts";
import { parseGraphSearch } from "./features/sharing/graph-search.ts";
import { organisation, ownPath, root, signedIn, type RouterContext } from "./routes/parents.tsx";
import { monitoringRoutes } from "./routes/monitoring.tsx";
import { telephoneRoutes } from "./routes/telephone.tsx";

/** Where somebody lands who asked for no page in particular: the set-up, the login, or the hosts of the first organisation. */
const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async ({ context }) => {
    const session = await context.client.ensureQueryData(sessionQuery(context.call));
    if (!session.signedIn) {
      const { isClaimed } = await context.call(getSetup);
      throw redirect(isClaimed ? { to: "/login" } : { to: "/setup" });
    }
    const first = session.memberships[0];
    throw redirect(first ? { to: "/o/$org/hosts", params: { org: first.name } } : { to: "/account" });
  },
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search): { to?: string | undefined } => ({ to: ownPath(search["to"]) }),
  component: lazyRouteComponent(() => import("./features/identity/LoginPage.tsx"), "LoginPage"),
});

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: lazyRouteComponent(() => import("./features/identity/SetupPage.tsx"), "SetupPage"),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation",
  component: lazyRouteComponent(() => import("./features/identity/InvitationPage.tsx"), "InvitationPage"),
});

/** Behind a link of a notification: works for whoever has it, signed in or not. */
const act = createRoute({
  getParentRoute: () => root,
  path: "/act/$token",
  component: lazyRouteComponent(() => import("./features/acts/ActPage.tsx"), "ActPage"),
});

const account = createRoute({
  getParentRoute: () => signedIn,
  path: "/account",
  component: lazyRouteComponent(() => import("./features/identity/AccountPage.tsx"), "AccountPage"),
});

const organisationStart = createRoute({
  getParentRoute: () => organisation,
  path: "/",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/o/$org/hosts", params });
  },
});

const incidents = createRoute({
  getParentRoute: () => organisation,
  path: "/incidents",
  validateSearch: parseIncidentsSearch,
  component: lazyRouteComponent(() => import("./features/incidents/IncidentsPage.tsx"), "IncidentsPage"),
});

const incident = createRoute({
  getParentRoute: () => organisation,
  path: "/incidents/$id",
  component: lazyRouteComponent(() => import("./features/incidents/IncidentPage.tsx"), "IncidentPage"),
});

const alerts = createRoute({
  getParentRoute: () => organisation,
  path: "/alerts",
  validateSearch: parseAlertsSearch,
  component: lazyRouteComponent(() => import("./features/incidents/AlertsPage.tsx"), "AlertsPage"),
});

const alert = createRoute({
  getParentRoute: () => organisation,
  path: "/alerts/$id",
  component: lazyRouteComponent(() => import("./features/incidents/AlertPage.tsx"), "AlertPage"),
});

const duty = createRoute({
  getParentRoute: () => organisation,
  path: "/duty",
  component: lazyRouteComponent(() => import("./features/duty/OnDutyPage.tsx"), "OnDutyPage"),
});

const newSchedule = createRoute({
  getParentRoute: () => organisation,
  path: "/schedules/new",
  component: lazyRouteComponent(() => import("./features/duty/ScheduleEditorPage.tsx"), "NewSchedulePage"),
});

const schedule = createRoute({
  getParentRoute: () => organisation,
  path: "/schedules/$id",
  validateSearch: parseScheduleSearch,
  component: lazyRouteComponent(() => import("./features/duty/SchedulePage.tsx"), "SchedulePage"),
});

const editSchedule = createRoute({
  getParentRoute: () => organisation,
  path: "/schedules/$id/edit",
  component: lazyRouteComponent(() => import("./features/duty/ScheduleEditorPage.tsx"), "ScheduleEditorPage"),
});

const teams = createRoute({
  getParentRoute: () => organisation,
  path: "/teams",
  component: lazyRouteComponent(() => import("./features/duty/TeamsPage.tsx"), "TeamsPage"),
});

const calendars = createRoute({
  getParentRoute: () => organisation,
  path: "/calendars",
  component: lazyRouteComponent(() => import("./features/duty/CalendarsPage.tsx"), "CalendarsPage"),
});

const hosts = createRoute({
  getParentRoute: () => organisation,
  path: "/hosts",
  validateSearch: parseHostsSearch,
  component: lazyRouteComponent(() => import("./features/inventory/HostsPage.tsx"), "HostsPage"),
});

const host = createRoute({
  getParentRoute: () => organisation,
  path: "/hosts/$id",
  validateSearch: parseHostSearch,
  component: lazyRouteComponent(() => import("./features/inventory/HostPage.tsx"), "HostPage"),
});

const services = createRoute({
  getParentRoute: () => organisation,
  path: "/services",
  validateSearch: (search): { text?: string | undefined } => ({ text: textParam(search["text"]) }),
  component: lazyRouteComponent(() => import("./features/inventory/ServicesPage.tsx"), "ServicesPage"),
});

const service = createRoute({
  getParentRoute: () => organisation,
  path: "/services/$service",
  validateSearch: parseServiceSearch,
  component: lazyRouteComponent(() => import("./features/inventory/ServicePage.tsx"), "ServicePage"),
});

const role = createRoute({
  getParentRoute: () => organisation,
  path: "/services/$service/roles/$role",
  validateSearch: parseRoleSearch,
  component: lazyRouteComponent(() => import("./features/inventory/RolePage.tsx"), "RolePage"),
});

const graph = createRoute({
  getParentRoute: () => organisation,
  path: "/graph",
  validateSearch: parseGraphSearch,
  component: lazyRouteComponent(() => import("./features/metrics/GraphPage.tsx"), "GraphPage"),
});

const shares = createRoute({
  getParentRoute: () => organisation,
  path: "/shares",
  component: lazyRouteComponent(() => import("./features/sharing/SharesPage.tsx"), "SharesPage"),
});

const dashboards = createRoute({
  getParentRoute: () => organisation,
  path: "/dashboards",
  validateSearch: (search): { text?: string | undefined } => ({ text: textParam(search["text"]) }),
  component: lazyRouteComponent(() => import("./features/dashboards/DashboardsPage.tsx"), "DashboardsPage"),
});

const dashboard = createRoute({
  getParentRoute: () => organisation,
  path: "/dashboards/$id",
  validateSearch: parseRange,
  component: lazyRouteComponent(() => import("./features/dashboards/DashboardPage.tsx"), "DashboardPage"),
});

const history = createRoute({
  getParentRoute: () => organisation,
  path: "/history",
  validateSearch: parseHistorySearch,
  component: lazyRouteComponent(() => import("./features/ledger/HistoryPage.tsx"), "HistoryPage"),
});

const people = createRoute({
  getParentRoute: () => organisation,
  path: "/people",
  component: lazyRouteComponent(() => import("./features/identity/PeoplePage.tsx"), "PeoplePage"),
});

const keys = createRoute({
  getParentRoute: () => organisation,
  path: "/keys",
  component: lazyRouteComponent(() => import("./features/identity/KeysPage.tsx"), "KeysPage"),
});

const chatAccounts = createRoute({
  getParentRoute: () => organisation,
  path: "/chat-accounts",
  component: lazyRouteComponent(() => import("./features/acts/ChatAccountsPage.tsx"), "ChatAccountsPage"),
});

const channels = createRoute({
  getParentRoute: () => organisation,
  path: "/channels",
  component: lazyRouteComponent(() => import("./features/notify/ChannelsPage.tsx"), "ChannelsPage"),
});

const notificationGroups = createRoute({
  getParentRoute: () => organisation,
  path: "/notification-groups",
  component: lazyRouteComponent(() => import("./features/routing/NotificationGroupsPage.tsx"), "NotificationGroupsPage"),
});

const myNotifications = createRoute({
  getParentRoute: () => organisation,
  path: "/my-notifications",
  component: lazyRouteComponent(() => import("./features/notify/MyNotificationsPage.tsx"), "MyNotificationsPage"),
});

const policies = createRoute({
  getParentRoute: () => organisation,
  path: "/policies",
  component: lazyRouteComponent(() => import("./features/escalation/PoliciesPage.tsx"), "PoliciesPage"),
});

const newPolicy = createRoute({
  getParentRoute: () => organisation,
  path: "/policies/new",
  component: lazyRouteComponent(() => import("./features/escalation/PolicyPage.tsx"), "NewPolicyPage"),
});

const policy = createRoute({
  getParentRoute: () => organisation,
  path: "/policies/$id",
  component: lazyRouteComponent(() => import("./features/escalation/PolicyPage.tsx"), "PolicyPage"),
});

const pathDiagnosis = createRoute({
  getParentRoute: () => organisation,
  path: "/path",
  validateSearch: parsePathSearch,
  component: lazyRouteComponent(() => import("./features/probes/PathPage.tsx"), "PathPage"),
});

const zabbix = createRoute({
  getParentRoute: () => organisation,
  path: "/zabbix",
  component: lazyRouteComponent(() => import("./features/zabbix/ZabbixPage.tsx"), "ZabbixPage"),
});

const prometheus = createRoute({
  getParentRoute: () => organisation,
  path: "/prometheus",
  component: lazyRouteComponent(() => import("./features/prometheus/PrometheusPage.tsx"), "PrometheusPage"),
});

const sources = createRoute({
  getParentRoute: () => organisation,
  path: "/sources",
  component: lazyRouteComponent(() => import("./features/sources/SourcesPage.tsx"), "SourcesPage"),
});

const settings = createRoute({
  getParentRoute: () => organisation,
  path: "/settings",
  component: lazyRouteComponent(() => import("./features/identity/SettingsPage.tsx"), "SettingsPage"),
});

/** The shared pieces side by side; only in development builds. */
const gallery = createRoute({
  getParentRoute: () => root,
  path: "/kit",
  ...(import.meta.env.DEV ? { component: lazyRouteComponent(() => import("./kit/gallery/GalleryPage.tsx"), "GalleryPage") } : {}),
  ...(import.meta.env.DEV
    ? {}
    : {
        beforeLoad: () => {
          throw redirect({ to: "/" });
        },
      }),
});

const tree = root.addChildren([
  start,
  login,
  setup,
  invitation,
  act,
  signedIn.addChildren([
    account,
    organisation.addChildren([
      dashboards,
      dashboard,
      organisationStart,
      incidents,
      incident,
      alerts,
      alert,
      duty,
      newSchedule,
      schedule,
      editSchedule,
      teams,
      calendars,
      hosts,
      host,
      services,
      service,
      role,
      graph,
      shares,
      history,
      people,
      keys,
      chatAccounts,
      channels,
      notificationGroups,
      myNotifications,
      policies,
      newPolicy,
      policy,
      pathDiagnosis,
      zabbix,
      prometheus,
      sources,
      settings,
      ...monitoringRoutes,
      ...telephoneRoutes,
    ]),
  ]),
  gallery,
]);

export function makeRouter(context: RouterContext) {
  return createRouter({
    routeTree: tree,
    context,
    parseSearch,
    stringifySearch,
    defaultPreload: false,
    scrollRestoration: true,
    defaultErrorComponent: RouteFailure,
    defaultNotFoundComponent: RouteMissing,
    defaultPendingComponent: RoutePending,
    defaultPendingMs: 300,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
