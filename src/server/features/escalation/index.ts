export { openEscalation, type Escalation, type EscalationDeps } from "./escalation.ts";
export { registerEscalation } from "./routes.ts";
export { namesOf } from "./names.ts";
