export { namesOf } from "./read-reports.ts";
export { openReports } from "./reports.ts";
export { registerReports } from "./routes.ts";
