import { sql } from "kysely";
import { newId } from "#base/ids";
import { record } from "#features/ledger";
import { installationScope, type Tx } from "#store";
import { within } from "./within.ts";
import type { Identity } from "./settings.ts";
import { newToken, tokenDigest } from "./tokens.ts";
import { setupPath } from "#wire/identity";

/** The organisation that stands from the first start on, so that the server's own agent has somewhere to report before anybody set anything up. */
export interface LocalOrganisation {
  readonly organisationId: string;
  readonly name: string;
  readonly isClaimed: boolean;
}

const firstName = "main";

/** Creates the first organisation at the first start; finds it at every later one. Two servers that start together end up with one. */
export async function ensureLocalOrganisation(identity: Identity, timeZone: string): Promise<LocalOrganisation> {
  return identity.db.tx(installationScope, async (tx) => {
    const known = await readSetup(tx);
    if (known) return known;
    // The second server waits here for the first one's commit, and then finds what it made.
    await sql`select pg_advisory_xact_lock(hashtext('hinoban.identity.set-up'))`.execute(tx);
    return (await readSetup(tx)) ?? createFirst(identity, tx, timeZone);
  });
}

async function createFirst(identity: Identity, tx: Tx, timeZone: string): Promise<LocalOrganisation> {
  const id = newId();
  const now = identity.clock.now();
  await within(tx, id, async () => {
    await tx
      .insertInto("identity_organisation")
      .values({ id, name: firstName, display_name: firstName, default_host_status: "working", time_zone: timeZone, created_at: now })
      .execute();
    await record(tx, {
      at: now,
      actor: "system:set-up",
      verb: "organisation.created",
      object: `organisation:${id}`,
      outcome: "done",
      detail: {},
      texts: { name: firstName },
    });
  });
  await tx.insertInto("identity_setup").values({ first_organisation: id, digest: null, claimed_at: null }).execute();
  return { organisationId: id, name: firstName, isClaimed: false };
}

async function readSetup(tx: Tx): Promise<LocalOrganisation | undefined> {
  const setup = await tx.selectFrom("identity_setup").select(["first_organisation", "claimed_at"]).executeTakeFirst();
  if (!setup) return undefined;
  const organisation = await within(tx, setup.first_organisation, () =>
    tx.selectFrom("identity_organisation").select("name").where("id", "=", setup.first_organisation).executeTakeFirstOrThrow(),
  );
  return { organisationId: setup.first_organisation, name: organisation.name, isClaimed: setup.claimed_at !== null };
}

/** Whether somebody has set the installation up. */
export async function isClaimed(identity: Identity): Promise<boolean> {
  return identity.db.tx(installationScope, async (tx) => {
    const setup = await tx.selectFrom("identity_setup").select("claimed_at").executeTakeFirst();
    return setup !== undefined && setup.claimed_at !== null;
  });
}

/**
 * A fresh one-time link for setting the installation up, which makes the former one useless; undefined once somebody has used one.
 * @param baseUrl where the console is reached, without a slash at the end.
 */
export async function issueSetupLink(identity: Identity, baseUrl: string): Promise<string | undefined> {
  const token = newToken();
  const issued = await identity.db.tx(installationScope, async (tx) => {
    // No act of anybody's and no right of anything: the link counts when it is used, and that is recorded.
    const { rows } = await sql`update identity_setup set digest = ${tokenDigest(token)} where claimed_at is null returning id`.execute(tx);
    return rows.length > 0;
  });
  return issued ? baseUrl + setupPath(token) : undefined;
}
