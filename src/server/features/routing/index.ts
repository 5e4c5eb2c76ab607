export { openRouting, type Routing } from "./routing.ts";
export { namesOf } from "./read-groups.ts";
export { registerRouting } from "./routes.ts";
export { registerRoutingV0 } from "./v0-routes.ts";
