export { openEscalation, type Escalation } from "./escalation.ts";
export { registerEscalation } from "./routes.ts";
export { namesOf } from "./names.ts";
