import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { guarded, type Actor, type Gate } from "#http";
import { installationScope, publish } from "#store";
import type { Organisation } from "#wire/identity";
import { demand } from "./demand.ts";
import type { Self } from "./end-sessions.ts";
import { atLeast } from "./model.ts";
import { checkTimeZone, joinOrganisation } from "./people.ts";
import { forgetPerson, type Identity } from "./settings.ts";
import { findOrganisation, readAccount, readMemberships } from "./store.ts";

export interface CreateOrganisation {
  readonly name: string;
  readonly displayName: string;
  readonly timeZone?: string | undefined;
}

/**
 * Creates another organisation and makes its creator the owner. Takes an owner of any organisation.
 * @throws HinobanError "forbidden", or "conflict" when the name is taken.
 */
export async function createOrganisation(
  identity: Identity,
  gate: Gate,
  self: Self & { readonly address: string },
  input: CreateOrganisation,
): Promise<Organisation> {
  if (input.timeZone !== undefined) checkTimeZone(input.timeZone, "timeZone");
  const actor = await highestActor(identity, self);
  return guarded(gate, actor, async () => {
    demand(actor, "organisation.create", `organisation:${actor.organisationId}`, identity.clock.now());
    return create(identity, self, input);
  });
}

/** The person as a member of the organisation in which they may do most. */
async function highestActor(identity: Identity, { personId, sessionId, address }: Self & { readonly address: string }): Promise<Actor> {
  const memberships = await identity.db.tx({ ...installationScope, personId }, (tx) => readMemberships(tx, personId));
  const highest = memberships.find((m) => memberships.every((other) => atLeast(m.role, other.role)));
  const organisationId = highest?.organisationId ?? installationScope.organisationId;
  return { kind: "person", personId, sessionId, organisationId, state: "active", role: highest?.role, address };
}

async function create(identity: Identity, { personId }: Self, input: CreateOrganisation): Promise<Organisation> {
  const id = newId();
  const now = identity.clock.now();
  const created = await identity.db.tx({ organisationId: id, personId }, async (tx) => {
    const timeZone = input.timeZone ?? (await readAccount(tx, personId))?.timeZone ?? "UTC";
    const made = await tx
      .insertInto("identity_organisation")
      .values({
        id,
        name: input.name,
        display_name: input.displayName.trim(),
        default_host_status: "working",
        time_zone: timeZone,
        created_at: now,
      })
      .onConflict((conflict) => conflict.column("name").doNothing())
      .executeTakeFirst();
    if (made.numInsertedOrUpdatedRows === 0n)
      throw new HinobanError("conflict", "The name is taken. Choose another.", { name: input.name });
    const texts = { name: input.displayName.trim() };
    await record(tx, {
      at: now,
      actor: `person:${personId}`,
      verb: "organisation.created",
      object: `organisation:${id}`,
      outcome: "done",
      detail: {},
      texts,
    });
    await joinOrganisation(tx, personId, "owner", now);
    await publish(tx, "settings");
    return findOrganisation(tx);
  });
  forgetPerson(identity, personId);
  if (!created) throw new HinobanError("internal", "The organisation vanished while it was created.", { id });
  return created;
}
