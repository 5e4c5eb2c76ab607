import { unixMs, type UnixMs } from "#base/duration";
import { invalidInput } from "#base/errors";
import { record } from "#features/ledger";
import { Secret } from "#base/secret";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { Key } from "#wire/keys";
import type { KeyRights } from "#wire/permissions";
import { demand } from "./demand.ts";
import { readKey } from "./list-keys.ts";
import { networkProblem } from "./networks.ts";
import type { Identity } from "./settings.ts";
import { keyDigest, newKey } from "./tokens.ts";

export interface CreateKey {
  readonly name: string;
  readonly rights: KeyRights;
  readonly expiresAt?: number | undefined;
  readonly networks?: readonly string[] | undefined;
}

/**
 * Creates an API key of the organisation; its secret is returned once and cannot be found again.
 * @throws HinobanError "forbidden", or "invalid-input" for a network that is none or an expiry that is past.
 */
export async function createKey(identity: Identity, actor: Actor, input: CreateKey): Promise<{ key: Key; secret: Secret }> {
  const networks = (input.networks ?? []).map((network) => network.trim());
  const problems = networks.flatMap((network, i) => {
    const problem = networkProblem(network);
    return problem === undefined ? [] : [{ field: `networks.${i}`, problem }];
  });
  if (problems.length > 0) throw invalidInput(problems);
  return identity.db.tx(scopeOf(actor), async (tx) => {
    const now = identity.clock.now();
    demand(actor, "key.change", `organisation:${actor.organisationId}`, now);
    if (input.expiresAt !== undefined && input.expiresAt <= now)
      throw invalidInput([{ field: "expiresAt", problem: "Choose a time in the future." }]);
    const { id, secret } = await insertKey(identity, tx, actor, { ...input, networks, purpose: "general" }, now);
    return { key: await readKey(tx, id, now), secret };
  });
}

/**
 * A fresh key for the agent that the server runs on its own machine. Keep the secret in a file that nobody else can read.
 */
export async function ensureAgentKey(
  identity: Identity,
  { organisationId, name, purpose }: { readonly organisationId: string; readonly name: string; readonly purpose: "local-agent" },
): Promise<Secret> {
  const actor: Actor = { kind: "system", organisationId, name: "set-up" };
  return identity.db.tx(scopeOf(actor), async (tx) => {
    const { secret } = await insertKey(identity, tx, actor, { name, rights: "read-write", networks: [], purpose }, identity.clock.now());
    return secret;
  });
}

type InsertKey = CreateKey & { readonly networks: readonly string[]; readonly purpose: "general" | "local-agent" };

async function insertKey(identity: Identity, tx: Tx, actor: Actor, input: InsertKey, now: UnixMs): Promise<{ id: string; secret: Secret }> {
  const { id, secret } = newKey();
  await tx
    .insertInto("identity_key")
    .values({
      id,
      name: input.name.trim(),
      digest: keyDigest(identity.settings.serverKey, secret),
      rights: input.rights,
      networks: [...input.networks],
      expires_at: input.expiresAt === undefined ? null : unixMs(input.expiresAt),
      created_by: actorId(actor),
      created_at: now,
      last_used_at: null,
      revoked_at: null,
      purpose: input.purpose,
    })
    .execute();
  const detail = { rights: input.rights, expiresAt: input.expiresAt, networks: input.networks.length > 0 ? input.networks : undefined };
  await record(tx, { at: now, actor: actorId(actor), verb: "key.created", object: `key:${id}`, outcome: "done", detail });
  await publish(tx, "keys");
  return { id, secret: new Secret(secret) };
}
