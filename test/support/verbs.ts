// Acts of features that other features may not call, for tests in which somebody does them.
export { createDowntime } from "../../src/server/features/downtimes/create-downtime.ts";
export { endDowntime } from "../../src/server/features/downtimes/end-downtime.ts";
export { changeBindings } from "../../src/server/features/escalation/change-bindings.ts";
export { createPolicy } from "../../src/server/features/escalation/create-policy.ts";
export { changeMember } from "../../src/server/features/identity/change-member.ts";
export { changeOrganisation } from "../../src/server/features/identity/change-organisation.ts";
export { createKey } from "../../src/server/features/identity/create-key.ts";
export { removeMember } from "../../src/server/features/identity/remove-member.ts";
export { restrictNetworks } from "../../src/server/features/identity/restrict-networks.ts";
export { changeHostStatus } from "../../src/server/features/inventory/change-host-status.ts";
export { createService } from "../../src/server/features/inventory/create-service.ts";
export { deleteService } from "../../src/server/features/inventory/delete-service.ts";
export { retireHost } from "../../src/server/features/inventory/retire-host.ts";
export { changeChannel } from "../../src/server/features/notify/change-channel.ts";
