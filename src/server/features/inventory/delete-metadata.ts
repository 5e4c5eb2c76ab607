import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { acting, organisationOf, type Act } from "./act.ts";
import { changeableOwner, noDocument, type MetadataOwner } from "./metadata-owner.ts";

/** @throws "forbidden", "not-found", "gone" for a retired host */
export function deleteMetadata(
  deps: Deps,
  actor: Actor,
  input: { readonly owner: MetadataOwner; readonly namespace: string },
): Promise<void> {
  return acting(deps, actor, "metadata.change", organisationOf(actor), async (act) => {
    const owner = await changeableOwner(act, input.owner);
    const { numDeletedRows } = await act.tx
      .deleteFrom("inventory_metadata")
      .where("owner", "=", owner)
      .where("namespace", "=", input.namespace)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw noDocument(input.namespace);
    await record(act.tx, {
      at: act.at,
      actor: actorId(actor),
      verb: "metadata.deleted",
      object: owner,
      outcome: "done",
      detail: {},
      texts: { namespace: input.namespace },
    });
    await publish(act.tx, owner.startsWith("host:") ? owner : "services");
  });
}

/** Deletes all documents of something that is deleted itself; the entry of that deletion covers them. */
export async function forgetMetadata({ tx }: Act, owner: string): Promise<void> {
  await tx.deleteFrom("inventory_metadata").where("owner", "=", owner).execute();
}
