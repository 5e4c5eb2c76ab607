export { registerIncidentsV0 } from "./v0-routes.ts";
export { registerIncidents } from "./routes.ts";
export { namesOf } from "./names.ts";
export { openIncidents, type Incidents, type IncidentsDeps } from "./incidents.ts";
export type { IncidentsListener } from "./work.ts";
export type { ActToken } from "./tokens.ts";
export { declineIncident } from "./decline-incident.ts";
export { passIncident } from "./pass-incident.ts";
export { releaseIncident } from "./release-incident.ts";
export { reopenIncident } from "./reopen-incident.ts";
export { resolveIncident } from "./resolve-incident.ts";
export { snoozeIncident } from "./snooze-incident.ts";
export { takeIncident } from "./take-incident.ts";
export {
  severityOf,
  type AlertChange,
  type AlertFacts,
  type AlertOutcome,
  type AlertReport,
  type AlertTrigger,
  type IncidentChange,
  type IncidentEffect,
  type IncidentFacts,
} from "./model.ts";
export { lockGrouping } from "./grouping-lock.ts";
export { alertsById } from "./alerts-by-id.ts";
export { changeGroupSetting } from "./change-group-setting.ts";
export { createGroupSetting } from "./create-group-setting.ts";
export { deleteGroupSetting } from "./delete-group-setting.ts";
export { allGroupSettings, groupSettingOf, type KeptGroupSetting } from "./group-setting.ts";
