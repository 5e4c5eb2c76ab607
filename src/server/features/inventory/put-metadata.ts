import { HinobanError, invalidInput } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, type Actor } from "#http";
import { publish, type Deps } from "#store";
import { mostMetadataBytes } from "#wire/services";
import { acting, organisationOf, type Act } from "./act.ts";
import { changeableOwner, mostDocuments, type MetadataOwner } from "./metadata-owner.ts";

export interface PutMetadata {
  readonly owner: MetadataOwner;
  readonly namespace: string;
  /** JSON text; kept exactly as it is. */
  readonly document: string;
}

/**
 * Writes a document. Writing the same again only renews its time.
 * @throws "forbidden", "not-found", "gone" for a retired host, "invalid-input" for what is not JSON or one document too many, "too-large"
 */
export function putMetadata(deps: Deps, actor: Actor, input: PutMetadata): Promise<void> {
  demandDocument(input);
  return acting(deps, actor, "metadata.change", organisationOf(actor), async (act) => {
    const owner = await changeableOwner(act, input.owner);
    const before = await act.tx
      .selectFrom("inventory_metadata")
      .select("document")
      .where("owner", "=", owner)
      .where("namespace", "=", input.namespace)
      .executeTakeFirst();
    if (!before) await demandRoom(act, owner);
    await act.tx
      .insertInto("inventory_metadata")
      .values({ owner, namespace: input.namespace, document: input.document, updated_at: act.at })
      .onConflict((on) =>
        on.columns(["organisation_id", "owner", "namespace"]).doUpdateSet({ document: input.document, updated_at: act.at }),
      )
      .execute();
    if (before?.document === input.document) return;
    await record(act.tx, {
      at: act.at,
      actor: actorId(actor),
      verb: "metadata.changed",
      object: owner,
      outcome: "done",
      detail: {},
      texts: { namespace: input.namespace },
    });
    await publish(act.tx, owner.startsWith("host:") ? owner : "services");
  });
}

function demandDocument({ document, namespace }: PutMetadata): void {
  if (Buffer.byteLength(document) > mostMetadataBytes) {
    throw new HinobanError("too-large", `A metadata document may have ${mostMetadataBytes} bytes.`, { limit: mostMetadataBytes });
  }
  if (!/^[-a-zA-Z0-9_]{1,255}$/u.test(namespace))
    throw invalidInput([{ field: "namespace", problem: 'must be letters, digits, "-" and "_"' }]);
  if (namespace.startsWith("mackerel"))
    throw invalidInput([{ field: "namespace", problem: 'names that begin with "mackerel" are reserved' }]);
  try {
    JSON.parse(document);
  } catch {
    throw invalidInput([{ field: "document", problem: "must be JSON" }]);
  }
}

async function demandRoom({ tx }: Act, owner: string): Promise<void> {
  const { count } = await tx
    .selectFrom("inventory_metadata")
    .select((of) => of.fn.countAll<number>().as("count"))
    .where("owner", "=", owner)
    .executeTakeFirstOrThrow();
  const kind = owner.slice(0, owner.indexOf(":")) as keyof typeof mostDocuments; // made by changeableOwner
  if (count >= mostDocuments[kind])
    throw invalidInput([{ field: "namespace", problem: `a ${kind} may have ${mostDocuments[kind]} metadata documents` }]);
}
