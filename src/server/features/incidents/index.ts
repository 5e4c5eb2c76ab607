export { registerIncidentsV0 } from "./v0-routes.ts";
export { registerIncidents } from "./routes.ts";
export { namesOf } from "./names.ts";
export { openIncidents, type AddedLine, type Incidents, type IncidentsDeps } from "./incidents.ts";
export type { NoticeCause } from "./notice-words.ts";
export type { IncidentsListener } from "./work.ts";
export type { ActToken, ActTokens } from "./tokens.ts";
export type { ActOn } from "./act.ts";
export { commentIncident, type CommentIncident } from "./comment-incident.ts";
export { declineIncident, type DeclineIncident } from "./decline-incident.ts";
export { mergeIncident, type MergeIncident } from "./merge-incidents.ts";
export { openIncident, type OpenIncident } from "./open-incident.ts";
export { passIncident, type PassIncident } from "./pass-incident.ts";
export { releaseIncident, type ReleaseIncident } from "./release-incident.ts";
export { renameIncident, type RenameIncident } from "./rename-incident.ts";
export { reopenIncident, type ReopenIncident } from "./reopen-incident.ts";
export { resolveIncident, type ResolveIncident } from "./resolve-incident.ts";
export { snoozeIncident, type SnoozeIncident } from "./snooze-incident.ts";
export { splitIncident, type SplitIncident } from "./split-incident.ts";
export { takeIncident, type TakeIncident } from "./take-incident.ts";
export { wakeIncident } from "./wake-incident.ts";
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
export { lockGrouping } from "./grouping-lock.ts";
export { alertsById } from "./alerts-by-id.ts";
export { changeGroupSetting } from "./change-group-setting.ts";
export { createGroupSetting } from "./create-group-setting.ts";
export { deleteGroupSetting } from "./delete-group-setting.ts";
export { allGroupSettings, groupSettingOf, type KeptGroupSetting } from "./group-setting.ts";
