export { readCallSettings, whyNotCallable } from "./call-settings.ts";
export { Calls, openCalls } from "./calls.ts";
export type { LineOpeners, OpenLine } from "./context.ts";
export { registerLines } from "./lines-routes.ts";
export { codeCallsOf, linesExtension, LinesWatch } from "./lines-watch.ts";
export { namesOf } from "./names.ts";
export { reportedCalls } from "./read-for-report.ts";
