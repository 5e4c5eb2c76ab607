import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { acting, organisationOf } from "./act.ts";
import { findRole } from "./find.ts";
import type { RoleName } from "./model.ts";

export interface ChangeRole extends RoleName {
  readonly memo?: string;
  /** Minutes without data that the role's hosts are allowed; null = as the organisation has it. */
  readonly noDataMinutes?: number | null;
}

/** Changes what is given of a role; its name never changes. @throws "forbidden", "not-found" */
export function changeRole(deps: Deps, actor: Actor, input: ChangeRole): Promise<void> {
  return acting(deps, actor, "service.change", organisationOf(actor), async ({ tx, at }) => {
    const { id } = await findRole(tx, input);
    const before = await tx
      .selectFrom("inventory_role")
      .select(["memo", "no_data_minutes as noDataMinutes"])
      .where("id", "=", id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const next = {
      memo: input.memo ?? before.memo,
      noDataMinutes: input.noDataMinutes === undefined ? before.noDataMinutes : input.noDataMinutes,
    };
    const fields = (["memo", "noDataMinutes"] as const).filter((field) => before[field] !== next[field]);
    if (fields.length === 0) return;
    await tx.updateTable("inventory_role").set({ memo: next.memo, no_data_minutes: next.noDataMinutes }).where("id", "=", id).execute();
    const texts = { service: input.service, name: input.role };
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "role.changed",
      object: `role:${id}`,
      outcome: "done",
      detail: { fields },
      texts,
    });
    await publish(tx, "services");
  });
}
