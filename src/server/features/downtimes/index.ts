export { openDowntimes, type Downtimes } from "./downtimes.ts";
export { namesOf } from "./rows.ts";
export { registerDowntimes } from "./routes.ts";
export { registerDowntimesV0 } from "./v0-routes.ts";
