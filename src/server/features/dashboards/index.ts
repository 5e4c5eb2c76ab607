export { namesOf } from "./names.ts";
export { registerDashboards } from "./routes.ts";
export { registerDashboardsV0 } from "./v0-routes.ts";
