import { invalidInput } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { NetworkMethod } from "#wire/identity";
import { demand } from "./demand.ts";
import { isInside, networkProblem } from "./networks.ts";
import { forgetEverything, type Identity } from "./settings.ts";

const column = { web: "web_networks", api: "api_networks" } as const;
export const mostNetworks = 100;

/** From where an organisation may be used. */
export type Networks = Readonly<Record<NetworkMethod, readonly string[]>>;

/** The networks of the organisation in scope; an empty list lets everybody in. */
export async function readNetworks(tx: Tx, organisationId: string): Promise<Networks> {
  const row = await tx
    .selectFrom("identity_organisation")
    .select(["web_networks as web", "api_networks as api"])
    .where("id", "=", organisationId)
    .executeTakeFirst();
  return row ?? { web: [], api: [] };
}

export interface RestrictNetworks {
  /** `web`: people with a session; `api`: API keys. */
  readonly method: NetworkMethod;
  /** Addresses and networks in CIDR notation; none lifts the restriction. */
  readonly networks: readonly string[];
}

/**
 * Says from where the organisation may be used, from this moment on. Who is let in by the same way cannot shut themselves out: a person
 * not people, a key not keys.
 * @throws HinobanError "forbidden", or "invalid-input" for a network that is none and for a list that leaves out the caller's own address.
 */
export async function restrictNetworks(identity: Identity, actor: Actor, input: RestrictNetworks): Promise<Networks> {
  const networks = [...new Set(input.networks.map((network) => network.trim()))];
  const { method } = input;
  const changed = await identity.db.tx(scopeOf(actor), async (tx) => {
    const at = identity.clock.now();
    const id = actor.organisationId;
    demand(actor, "network.change", `organisation:${id}`, at);
    checkNetworks(networks);
    checkOwnAddress(actor, method, networks);
    await tx.selectFrom("identity_organisation").select("id").where("id", "=", id).forUpdate().execute();
    const before = await readNetworks(tx, id);
    if (JSON.stringify(before[method]) === JSON.stringify(networks)) return before;
    await tx
      .updateTable("identity_organisation")
      .set({ [column[method]]: networks })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "organisation.networks-restricted",
      object: `organisation:${id}`,
      outcome: "done",
      detail: { method, networks },
    });
    await publish(tx, "settings");
    return { ...before, [method]: networks };
  });
  forgetEverything(identity);
  return changed;
}

function checkNetworks(networks: readonly string[]): void {
  if (networks.length > mostNetworks) throw invalidInput([{ field: "networks", problem: `may have ${mostNetworks} entries` }]);
  const problems = networks.flatMap((network, i) => {
    const problem = networkProblem(network);
    return problem === undefined ? [] : [{ field: `networks.${i}`, problem }];
  });
  if (problems.length > 0) throw invalidInput(problems);
}

function checkOwnAddress(actor: Actor, method: NetworkMethod, networks: readonly string[]): void {
  if (actor.kind === "system" || actor.kind !== (method === "web" ? "person" : "key")) return;
  if (isInside(actor.address, networks)) return;
  throw invalidInput([{ field: "networks", problem: `would shut you out: your own address, ${actor.address}, is in none of them` }]);
}
