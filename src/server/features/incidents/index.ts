export { namesOf } from "./names.ts";
export { openIncidents, type AddedLine, type Incidents, type IncidentsDeps } from "./incidents.ts";
export type { IncidentsListener } from "./work.ts";
export type { ActToken, ActTokens } from "./tokens.ts";
export {
  severityOf,
  type AlertChange,
  type AlertFacts,
  type AlertOrigin,
  type AlertOutcome,
  type AlertReport,
  type AlertTrigger,
  type IncidentChange,
  type IncidentEffect,
  type IncidentFacts,
} from "./model.ts";
export { alertsById } from "./alerts-by-id.ts";
