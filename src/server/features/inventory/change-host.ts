import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import type { HostInterface } from "#wire/inventory";
import { acting, type Act } from "./act.ts";
import { ensureRoles } from "./ensure-roles.ts";
import { isUniqueViolation, lockHost, type HostRow } from "./find.ts";
import { changeRoles } from "./host-roles.ts";
import { searchText, sortKey, stableMeta, type DeclaredCheck, type HostInput } from "./model.ts";

/**
 * Changes what the input names and keeps the rest; roles are only added.
 * @throws "forbidden", "not-found", "gone" when the host is retired, "conflict" when another host has the custom identifier
 */
export function changeHost(deps: Deps, actor: Actor, id: string, input: HostInput): Promise<void> {
  return acting(deps, actor, "host.change", `host:${id}`, (act) => applyChange(act, id, input));
}

/** The change itself, for the transaction of an act that was already permitted. */
export async function applyChange(act: Act, id: string, input: HostInput): Promise<void> {
  const before = await lockHost(act.tx, id);
  const after = merged(before, input);
  const fields = changedFields(before, after);
  const isStored = columns.some((column) => before[column] !== after[column]);
  if (isStored) await store(act, id, after);
  if (input.checks && (await replaceChecks(act, id, input.checks))) fields.push("checks");
  if (fields.length > 0) {
    await record(act.tx, {
      at: act.at,
      actor: actorId(act.actor),
      verb: "host.changed",
      object: `host:${id}`,
      outcome: "done",
      detail: { fields },
    });
    await publish(act.tx, "hosts");
  }
  if (isStored || fields.length > 0) await publish(act.tx, `host:${id}`);
  if (input.roles && input.roles.length > 0) await changeRoles(act, id, { join: await ensureRoles(act, input.roles), leave: [] });
}

const columns = ["name", "display_name", "custom_identifier", "memo", "meta", "interfaces"] as const;

type Changeable = Pick<HostRow, (typeof columns)[number]>;

function merged(row: HostRow, input: HostInput): Changeable {
  return {
    name: input.name ?? row.name,
    display_name: input.displayName ?? row.display_name,
    custom_identifier: input.customIdentifier === undefined ? row.custom_identifier : input.customIdentifier,
    memo: input.memo ?? row.memo,
    meta: input.meta ?? row.meta,
    interfaces: input.interfaces ? JSON.stringify(input.interfaces) : row.interfaces,
  };
}

/** What the history is told. Free memory and the like change with every hourly report and are left out. */
function changedFields(before: Changeable, after: Changeable): string[] {
  const fields: string[] = [];
  if (before.name !== after.name) fields.push("name");
  if (before.display_name !== after.display_name) fields.push("displayName");
  if (before.custom_identifier !== after.custom_identifier) fields.push("customIdentifier");
  if (before.memo !== after.memo) fields.push("memo");
  if (before.interfaces !== after.interfaces) fields.push("interfaces");
  if (before.meta !== after.meta && stableMeta(before.meta) !== stableMeta(after.meta)) fields.push("meta");
  return fields;
}

async function store({ tx }: Act, id: string, after: Changeable): Promise<void> {
  try {
    await tx
      .updateTable("inventory_host")
      .set({ ...after, ...derivedColumns(id, after) })
      .where("id", "=", id)
      .execute();
  } catch (error) {
    if (isUniqueViolation(error))
      throw new HinobanError("conflict", `Another host has the custom identifier ${after.custom_identifier}.`, { id }, { cause: error });
    throw error;
  }
}

/** The columns that lists sort by and search in. */
export function derivedColumns(id: string, host: Changeable): { sort_name: string; search: string } {
  const interfaces = JSON.parse(host.interfaces) as HostInterface[]; // written by this feature alone
  return {
    sort_name: sortKey(host.display_name || host.name),
    // JSON may hold a NUL in an address or the name of an interface, a column of text may not.
    search: searchText({
      id,
      name: host.name,
      displayName: host.display_name,
      customIdentifier: host.custom_identifier,
      memo: host.memo,
      interfaces,
    }).replaceAll("\0", " "),
  };
}

/** Makes the host's checks those of the list; a check that is not OK stays until it is, for an alert hangs on it. */
export async function replaceChecks({ tx }: Act, hostId: string, checks: readonly DeclaredCheck[]): Promise<boolean> {
  const names = checks.map((check) => check.name);
  let gone = tx
    .deleteFrom("inventory_check")
    .where("host_id", "=", hostId)
    .where((either) => either.or([either("status", "is", null), either("status", "=", "OK")]));
  if (names.length > 0) gone = gone.where("name", "not in", names);
  const { numDeletedRows } = await gone.executeTakeFirst();
  if (checks.length === 0) return numDeletedRows > 0n;
  const written = await tx
    .insertInto("inventory_check")
    .values(
      checks.map((check) => ({
        id: newId(),
        host_id: hostId,
        name: check.name,
        memo: check.memo,
        status: null,
        message: null,
        occurred_at: null,
        received_at: null,
        notification_interval: null,
        max_check_attempts: null,
      })),
    )
    .onConflict((on) =>
      on
        .columns(["host_id", "name"])
        .doUpdateSet((set) => ({ memo: set.ref("excluded.memo") }))
        .whereRef("inventory_check.memo", "!=", "excluded.memo"),
    )
    .returning("id")
    .execute();
  return numDeletedRows > 0n || written.length > 0;
}
