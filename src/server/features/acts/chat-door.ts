import { sql } from "kysely";
import { addTime, millis, type UnixMs } from "#base/duration";
import { findOrganisation } from "#features/identity";
import type { OpenChannel } from "#features/notify";
import { installationScope } from "#store";
import { requestsRemembered, type Acts } from "./acts.ts";
import { signedWithin } from "./signatures.ts";

/** A channel to whose address a chat sent something: whose it is, and what it shares with the chat. */
export interface Door {
  readonly organisationId: string;
  readonly organisationName: string;
  readonly timeZone: string;
  readonly channel: OpenChannel;
}

/** Finds the channel of an address; undefined when there is none. */
export async function openDoor(acts: Acts, channelId: string): Promise<Door | undefined> {
  const organisationId = await acts.db.tx(installationScope, async (tx) => {
    const { rows } = await sql<{ organisation: string | null }>`select acts_channel_organisation(${channelId}) as organisation`.execute(tx);
    return rows[0]?.organisation ?? undefined;
  });
  if (organisationId === undefined) return undefined;
  return acts.db.tx({ organisationId }, async (tx) => {
    const channel = await acts.notify.openChannel(tx, channelId);
    const organisation = await findOrganisation(tx);
    if (!channel || !organisation) return undefined;
    return { organisationId, organisationName: organisation.name, timeZone: organisation.timeZone, channel };
  });
}

/**
 * Remembers that a request was let in. Old ones are forgotten on the way: their signature no longer counts.
 * @returns false when it had been let in before
 */
export async function remember(acts: Acts, { organisationId, channel }: Door, digest: Buffer, until?: UnixMs): Promise<boolean> {
  const now = acts.clock.now();
  const forgetAt = until ?? addTime(now, millis(signedWithin + requestsRemembered));
  return acts.db.tx({ organisationId }, async (tx) => {
    await sql`delete from acts_request where forget_at < ${now}`.execute(tx);
    const { rows } = await sql`insert into acts_request (channel_id, digest, forget_at) values (${channel.id}, ${digest}, ${forgetAt})
      on conflict do nothing returning channel_id`.execute(tx);
    return rows.length === 1;
  });
}

/** Whether a request was let in before. */
export async function isRemembered(acts: Acts, { organisationId, channel }: Door, digest: Buffer): Promise<boolean> {
  return acts.db.tx({ organisationId }, async (tx) => {
    const row = await tx
      .selectFrom("acts_request")
      .select("forget_at")
      .where("channel_id", "=", channel.id)
      .where("digest", "=", digest)
      .executeTakeFirst();
    return row !== undefined;
  });
}
