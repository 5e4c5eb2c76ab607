import type { Actor } from "#http";
import type { Deps } from "#store";
import { acting } from "./act.ts";
import { demandRoles, lockHost } from "./find.ts";
import { changeRoles, presentRoles } from "./host-roles.ts";
import { roleText, type RoleName } from "./model.ts";

/**
 * Replaces the roles of a host; the roles must exist. Returns them as `service:role`, sorted.
 * @throws "forbidden", "not-found", "gone" when the host is retired, "invalid-input" for an unknown role
 */
export function setHostRoles(
  deps: Deps,
  actor: Actor,
  input: { readonly id: string; readonly roles: readonly RoleName[] },
): Promise<string[]> {
  return acting(deps, actor, "host.assign", `host:${input.id}`, async (act) => {
    await lockHost(act.tx, input.id);
    const wanted = await demandRoles(act.tx, input.roles, "roles");
    const ids = new Set(wanted.map((role) => role.id));
    const leave = (await presentRoles(act, input.id)).filter((role) => !ids.has(role.id));
    await changeRoles(act, input.id, { join: wanted, leave });
    return wanted.map(roleText).toSorted();
  });
}
