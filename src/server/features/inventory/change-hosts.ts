import { HinobanError } from "#base/errors";
import type { Actor } from "#http";
import type { Deps } from "#store";
import type { BulkResult, HostStatus } from "#wire/inventory";
import { acting, organisationOf, type Act } from "./act.ts";
import { applyStatus } from "./change-host-status.ts";
import { demandRoles, lockHosts, noHost, type HostRow } from "./find.ts";
import { changeRoles } from "./host-roles.ts";
import type { RoleName } from "./model.ts";
import { applyRetirement } from "./retire-host.ts";

/** What happens when one of many hosts cannot be changed: it is left out and named, or nothing at all is changed. */
export type BulkMode = "skip" | "all-or-nothing";

interface BulkInput {
  readonly ids: readonly string[];
  /** `skip` when absent. */
  readonly mode?: BulkMode;
}

/** @throws "forbidden"; with `all-or-nothing` also "not-found" and "gone" */
export function changeHostStatuses(deps: Deps, actor: Actor, input: BulkInput & { readonly status: HostStatus }): Promise<BulkResult> {
  return acting(deps, actor, "host.change", organisationOf(actor), (act) =>
    each(act, input, async (host) => {
      if (host.status === input.status) return false;
      await applyStatus(act, host.id, host.status, input.status);
      return true;
    }),
  );
}

/** @throws "forbidden"; with `all-or-nothing` also "not-found" */
export function retireHosts(deps: Deps, actor: Actor, input: BulkInput): Promise<BulkResult> {
  return acting(deps, actor, "host.retire", organisationOf(actor), (act) =>
    each(act, input, (host) => applyRetirement(act, host.id), true),
  );
}

/** @throws "forbidden", "invalid-input" for an unknown role */
export function changeHostRoles(
  deps: Deps,
  actor: Actor,
  input: BulkInput & { readonly add: readonly RoleName[]; readonly remove: readonly RoleName[] },
): Promise<BulkResult> {
  return acting(deps, actor, "host.assign", organisationOf(actor), async (act) => {
    const join = await demandRoles(act.tx, input.add, "add");
    const leave = await demandRoles(act.tx, input.remove, "remove");
    return each(act, input, (host) => changeRoles(act, host.id, { join, leave }));
  });
}

type LockedHost = Pick<HostRow, "id" | "status" | "retired_at">;

async function each(
  act: Act,
  { ids, mode = "skip" }: BulkInput,
  change: (host: LockedHost) => Promise<boolean>,
  isRetiredFine = false,
): Promise<BulkResult> {
  const hosts = new Map((await lockHosts(act.tx, ids)).map((host) => [host.id, host]));
  const result: BulkResult = { changed: [], unchanged: [], skipped: [] };
  for (const id of ids) {
    const host = hosts.get(id);
    if (host?.retired_at === null) result[(await change(host)) ? "changed" : "unchanged"].push(id);
    else if (host && isRetiredFine) result.unchanged.push(id);
    else if (mode === "skip") result.skipped.push({ id, reason: host ? "retired" : "not-found" });
    else throw host ? new HinobanError("gone", `The host ${id} is retired; nothing was changed.`, { id }) : noHost(id);
  }
  return result;
}
