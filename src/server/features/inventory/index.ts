export { namesOf, membersOfRole, type MemberRecord } from "./read-hosts.ts";
export { findRole, findService, demandHost, existingHosts, existingRoles, existingServices } from "./find.ts";
export { Inventory, onChange, openInventory } from "./inventory.ts";
export { registerInventory } from "./routes.ts";
export { registerInventoryV0 } from "./v0-routes.ts";
export { changeHost } from "./change-host.ts";
export { createService } from "./create-service.ts";
export { registerHost, type RegisterHost } from "./register-host.ts";
export { reportChecks } from "./report-checks.ts";
