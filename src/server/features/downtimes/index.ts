export { openDowntimes, type Downtimes } from "./downtimes.ts";
export { plannedTimes, type PlannedTimes } from "./read-for-report.ts";
export { namesOf } from "./rows.ts";
export { registerDowntimes } from "./routes.ts";
export { registerDowntimesV0 } from "./v0-routes.ts";
