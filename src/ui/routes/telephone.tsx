import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { parseCallsSearch } from "../features/calls/calls-search.ts";
import { parseSpeechSearch } from "../features/speech/speech-search.ts";
import { organisation } from "./parents.tsx";

const calls = createRoute({
  getParentRoute: () => organisation,
  path: "/calls",
  validateSearch: parseCallsSearch,
  component: lazyRouteComponent(() => import("../features/calls/CallsPage.tsx"), "CallsPage"),
});

const call = createRoute({
  getParentRoute: () => organisation,
  path: "/calls/$id",
  component: lazyRouteComponent(() => import("../features/calls/CallPage.tsx"), "CallPage"),
});

const telephone = createRoute({
  getParentRoute: () => organisation,
  path: "/telephone",
  component: lazyRouteComponent(() => import("../features/calls/LinesPage.tsx"), "LinesPage"),
});

const speech = createRoute({
  getParentRoute: () => organisation,
  path: "/speech",
  validateSearch: parseSpeechSearch,
  component: lazyRouteComponent(() => import("../features/speech/SpeechPage.tsx"), "SpeechPage"),
});

const reports = createRoute({
  getParentRoute: () => organisation,
  path: "/reports",
  component: lazyRouteComponent(() => import("../features/reports/ReportsPage.tsx"), "ReportsPage"),
});

const report = createRoute({
  getParentRoute: () => organisation,
  path: "/reports/$id",
  component: lazyRouteComponent(() => import("../features/reports/ReportPage.tsx"), "ReportPage"),
});

/** Calls, the lines that carry them, how they speak, and what a month came to. */
export const telephoneRoutes = [calls, call, telephone, speech, reports, report] as const;
