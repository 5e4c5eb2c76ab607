export {
  openDuty,
  type Duty,
  type DutyDeps,
  type DutyExtension,
  type DutyListener,
  type GapAhead,
  type HandOver,
  type OnDutyNow,
} from "./duty.ts";
export { HandOverWatch } from "./hand-over.ts";
export { openHolidays } from "./holidays.ts";
export { namesOf } from "./names.ts";
export { registerDuty } from "./routes.ts";
