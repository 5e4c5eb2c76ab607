export { namesOf } from "./read-reports.ts";
export { openReports, type Reports } from "./reports.ts";
export { registerReports } from "./routes.ts";
