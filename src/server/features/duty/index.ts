export { openDuty, type Duty, type DutyDeps, type DutyListener, type GapAhead, type HandOver, type OnDutyNow } from "./duty.ts";
export { openHolidays } from "./holidays.ts";
