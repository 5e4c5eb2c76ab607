import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish } from "#store";
import type { HostStatus } from "#wire/inventory";
import { acting, organisationOf, type Act } from "./act.ts";
import { applyChange, derivedColumns, replaceChecks } from "./change-host.ts";
import { ensureRoles } from "./ensure-roles.ts";
import { changeRoles } from "./host-roles.ts";
import type { Inventory } from "./inventory.ts";
import type { HostInput } from "./model.ts";

export interface RegisterHost extends HostInput {
  readonly name: string;
  /** The organisation's default when absent. */
  readonly status?: HostStatus;
  /** When a host that is not retired has this custom identifier already: change that one (a machine that lost its id file), or refuse. */
  readonly onExisting: "change" | "refuse";
}

export interface RegisteredHost {
  readonly id: string;
  readonly isNew: boolean;
}

/**
 * Registers a host, creates the services and roles that it names, and puts it into them.
 * @throws "forbidden", "conflict" when the custom identifier is taken and the input says to refuse then
 */
export function registerHost(deps: Inventory, actor: Actor, input: RegisterHost): Promise<RegisteredHost> {
  return acting(deps, actor, "host.register", organisationOf(actor), async (act) => {
    const id = await insertHost(act, input, input.status ?? (await deps.defaultHostStatus(act.tx)));
    if (id === undefined) return existing(act, input);
    await record(act.tx, {
      at: act.at,
      actor: actorId(actor),
      verb: "host.registered",
      object: `host:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: input.name, customIdentifier: input.customIdentifier ?? undefined },
    });
    if (input.checks) await replaceChecks(act, id, input.checks);
    if (input.roles && input.roles.length > 0) await changeRoles(act, id, { join: await ensureRoles(act, input.roles), leave: [] });
    await act.listeners?.tell(act.tx, act.at, { effect: "registered", hostId: id, by: actor });
    await publish(act.tx, "hosts");
    return { id, isNew: true };
  });
}

/** Undefined when the custom identifier is taken: the unique index decides, also between two that register at the same moment. */
async function insertHost({ tx, at }: Act, input: RegisterHost, status: HostStatus): Promise<string | undefined> {
  const id = newId();
  const said = {
    name: input.name,
    display_name: input.displayName ?? "",
    custom_identifier: input.customIdentifier ?? null,
    memo: input.memo ?? "",
    meta: input.meta ?? "{}",
    interfaces: JSON.stringify(input.interfaces ?? []),
  };
  const row = await tx
    .insertInto("inventory_host")
    .values({ id, ...said, ...derivedColumns(id, said), status, created_at: at, retired_at: null })
    .onConflict((on) =>
      on
        .columns(["organisation_id", "custom_identifier"])
        .where("custom_identifier", "is not", null)
        .where("retired_at", "is", null)
        .doNothing(),
    )
    .returning("id")
    .executeTakeFirst();
  return row?.id;
}

async function existing(act: Act, input: RegisterHost): Promise<RegisteredHost> {
  const customIdentifier = input.customIdentifier ?? "";
  const there = await act.tx
    .selectFrom("inventory_host")
    .select("id")
    .where("custom_identifier", "=", customIdentifier)
    .where("retired_at", "is", null)
    .executeTakeFirst();
  if (!there || input.onExisting === "refuse") {
    throw new HinobanError("conflict", `Another host has the custom identifier ${customIdentifier}.`, { id: there?.id });
  }
  await applyChange(act, there.id, input);
  return { id: there.id, isNew: false };
}
