import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { parseDowntimesSearch } from "../features/downtimes/downtimes-search.ts";
import { parseMonitorsSearch, parseNewMonitor } from "../features/monitors/monitors-search.ts";
import { organisation } from "./parents.tsx";

const monitors = createRoute({
  getParentRoute: () => organisation,
  path: "/monitors",
  validateSearch: parseMonitorsSearch,
  component: lazyRouteComponent(() => import("../features/monitors/MonitorsPage.tsx"), "MonitorsPage"),
});

const newMonitor = createRoute({
  getParentRoute: () => organisation,
  path: "/monitors/new",
  validateSearch: parseNewMonitor,
  component: lazyRouteComponent(() => import("../features/monitors/EditMonitorPage.tsx"), "NewMonitorPage"),
});

const monitor = createRoute({
  getParentRoute: () => organisation,
  path: "/monitors/$id",
  component: lazyRouteComponent(() => import("../features/monitors/MonitorPage.tsx"), "MonitorPage"),
});

const editMonitor = createRoute({
  getParentRoute: () => organisation,
  path: "/monitors/$id/edit",
  component: lazyRouteComponent(() => import("../features/monitors/EditMonitorPage.tsx"), "EditMonitorPage"),
});

const downtimes = createRoute({
  getParentRoute: () => organisation,
  path: "/downtimes",
  validateSearch: parseDowntimesSearch,
  component: lazyRouteComponent(() => import("../features/downtimes/DowntimesPage.tsx"), "DowntimesPage"),
});

/** What is watched, and when nobody wants to hear of it. */
export const monitoringRoutes = [monitors, newMonitor, monitor, editMonitor, downtimes] as const;
