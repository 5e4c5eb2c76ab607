import { HinobanError } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { Organisation } from "#wire/identity";
import { demand } from "./demand.ts";
import { checkTimeZone } from "./people.ts";
import type { Identity } from "./settings.ts";
import { findOrganisation } from "./store.ts";

export type ChangeOrganisation = Pick<Organisation, "displayName" | "defaultHostStatus" | "timeZone"> & {
  /** Stays as it is when absent. */
  readonly noDataMinutes?: number;
};

/** Changes the organisation's settings. Nothing is recorded when nothing differs. */
export async function changeOrganisation(identity: Identity, actor: Actor, input: ChangeOrganisation): Promise<Organisation> {
  checkTimeZone(input.timeZone, "timeZone");
  return identity.db.tx(scopeOf(actor), async (tx) => {
    const now = identity.clock.now();
    const id = actor.organisationId;
    demand(actor, "organisation.change", `organisation:${id}`, now);
    await tx.selectFrom("identity_organisation").select("id").where("id", "=", id).forUpdate().execute();
    const before = await findOrganisation(tx);
    if (!before) throw new HinobanError("not-found", "There is no such organisation among yours.");
    const next = { noDataMinutes: before.noDataMinutes, ...input, displayName: input.displayName.trim() };
    const fields = (["displayName", "defaultHostStatus", "noDataMinutes", "timeZone"] as const).filter(
      (field) => before[field] !== next[field],
    );
    if (fields.length === 0) return before;
    await tx
      .updateTable("identity_organisation")
      .set({
        display_name: next.displayName,
        default_host_status: next.defaultHostStatus,
        no_data_minutes: next.noDataMinutes,
        time_zone: next.timeZone,
      })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at: now,
      actor: actorId(actor),
      verb: "organisation.changed",
      object: `organisation:${id}`,
      outcome: "done",
      detail: { fields },
    });
    await publish(tx, "settings");
    return { ...before, ...next };
  });
}
