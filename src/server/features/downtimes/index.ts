export {
  downtimesTopic,
  openDowntimes,
  type Downtimes,
  type DowntimeListener,
  type DowntimesDeps,
  type DowntimesExtension,
  type EndedDowntime,
} from "./downtimes.ts";
export type { Thing } from "./model.ts";
export { namesOf } from "./rows.ts";
export { registerDowntimes } from "./routes.ts";
export { registerDowntimesV0 } from "./v0-routes.ts";
