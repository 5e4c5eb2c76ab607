export { openRouting, type Routing, type RoutingDeps } from "./routing.ts";
export type { PictureUrl } from "./context.ts";
export type { MonitorChange } from "./events.ts";
export { namesOf } from "./read-groups.ts";
export { registerRouting } from "./routes.ts";
export { registerRoutingV0 } from "./v0-routes.ts";
