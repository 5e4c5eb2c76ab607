export { openDuty, type Duty, type DutyListener, type GapAhead, type HandOver } from "./duty.ts";
export { HandOverWatch } from "./hand-over.ts";
export { openHolidays } from "./holidays.ts";
export { namesOf } from "./names.ts";
export { workingDays } from "./read-for-report.ts";
export { registerDuty } from "./routes.ts";
