import { invalidInput, HinobanError } from "#base/errors";
import { unixMs } from "#base/duration";
import { record } from "#features/ledger";
import { actorId, depthOf, type Actor } from "#http";
import { publish } from "#store";
import type { HostInterface, HostStatus } from "#wire/inventory";
import { acting, organisationOf, type Act } from "./act.ts";
import { derivedColumns } from "./change-host.ts";
import { ensureRoles } from "./ensure-roles.ts";
import { changeRoles } from "./host-roles.ts";
import type { Inventory } from "./inventory.ts";
import type { RoleName } from "./model.ts";

/** A host as it stood elsewhere. */
export interface ImportHost {
  /** The id that its agent keeps in its id file. */
  readonly id: string;
  readonly name: string;
  readonly displayName?: string;
  readonly customIdentifier?: string;
  readonly memo?: string;
  /** The organisation's default when absent. */
  readonly status?: HostStatus;
  /** When it was registered there; now when absent. */
  readonly createdAt?: number;
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly interfaces?: readonly HostInterface[];
  readonly roles?: readonly RoleName[];
}

const deepestMeta = 64;

/**
 * Registers a host under the id that it had elsewhere, so that its agent goes on here without being registered anew. Creates the services
 * and roles that it names.
 * @throws "forbidden", "invalid-input", "conflict" when the id or the custom identifier is taken
 */
export function importHost(deps: Inventory, actor: Actor, input: ImportHost): Promise<{ readonly id: string }> {
  return acting(deps, actor, "host.import", organisationOf(actor), async (act) => {
    const { tx, at } = act;
    const { id } = input;
    if (input.createdAt !== undefined && input.createdAt > at)
      throw invalidInput([{ field: "createdAt", problem: "must not be in the future" }]);
    if (!(await insert(act, input, input.status ?? (await deps.defaultHostStatus(tx))))) throw await whyNot(act, input);
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "host.imported",
      object: `host:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: input.name, customIdentifier: input.customIdentifier },
    });
    if (input.roles && input.roles.length > 0) await changeRoles(act, id, { join: await ensureRoles(act, input.roles), leave: [] });
    await act.listeners?.tell(tx, at, { effect: "registered", hostId: id, by: actor });
    await publish(tx, "hosts");
    await publish(tx, `host:${id}`); // whoever looked it up in vain a moment ago may look again
    return { id };
  });
}

/** False when the id, here or in another organisation, or the custom identifier is taken: the unique indexes decide. */
async function insert({ tx, at }: Act, input: ImportHost, status: HostStatus): Promise<boolean> {
  const meta = JSON.stringify(input.meta ?? {});
  if (depthOf(meta) > deepestMeta) throw invalidInput([{ field: "meta", problem: `may be ${deepestMeta} levels deep` }]);
  const said = {
    name: input.name,
    display_name: input.displayName ?? "",
    custom_identifier: input.customIdentifier ?? null,
    memo: input.memo ?? "",
    meta,
    interfaces: JSON.stringify(input.interfaces ?? []),
  };
  const row = await tx
    .insertInto("inventory_host")
    .values({
      id: input.id,
      ...said,
      ...derivedColumns(input.id, said),
      status,
      created_at: unixMs(input.createdAt ?? at),
      retired_at: null,
    })
    .onConflict((on) => on.doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

async function whyNot({ tx }: Act, { id, customIdentifier }: ImportHost): Promise<HinobanError> {
  const here = await tx.selectFrom("inventory_host").select("retired_at").where("id", "=", id).executeTakeFirst();
  if (here)
    return new HinobanError("conflict", `The host ${id} exists here already${here.retired_at === null ? "" : " and is retired"}.`, { id });
  const holder =
    customIdentifier === undefined
      ? undefined
      : await tx
          .selectFrom("inventory_host")
          .select("id")
          .where("custom_identifier", "=", customIdentifier)
          .where("retired_at", "is", null)
          .executeTakeFirst();
  return holder
    ? new HinobanError("conflict", `The host ${holder.id} has the custom identifier ${customIdentifier}.`, { id: holder.id })
    : new HinobanError("conflict", `The id ${id} belongs to a host of another organisation of this server.`, { id });
}
