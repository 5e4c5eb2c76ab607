import { sql } from "kysely";
import { minutes } from "#base/duration";
import { HinobanError } from "#base/errors";
import { installationScope, type Deps } from "#store";
import type { PictureScheme } from "#wire/sharing";
import type { Language } from "#wire/shapes";
import { stateOf } from "./model.ts";
import { isToken, tokenDigest } from "./tokens.ts";

/** A link as the one who opens it meets it. */
export interface UsedLink {
  readonly id: string;
  readonly organisation_id: string;
  readonly label: string;
  readonly target: string;
  readonly owner_id: string;
  readonly period: string;
  readonly width: number;
  readonly height: number;
  readonly theme: PictureScheme;
  readonly language: Language;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly revoked_at: number | null;
}

/**
 * Finds the link of a token and notes, once a minute at most, that it was used. Asks the database each time, so that a revoked link is
 * closed in every process at once. @throws HinobanError "not-found", the same for a link that never was, expired or was revoked
 */
export async function useLink({ db, clock }: Deps, token: string): Promise<UsedLink> {
  const now = clock.now();
  const link = isToken(token)
    ? await db.tx(
        installationScope,
        async (tx) => (await sql<UsedLink>`select * from sharing_find_link(${tokenDigest(token)})`.execute(tx)).rows[0],
      )
    : undefined;
  if (!link || stateOf(link, now) !== "active") throw new HinobanError("not-found", "There is no such link, or it has ended.");
  const minute = now - (now % minutes(1));
  if (link.last_used_at === null || link.last_used_at < minute) {
    await db.tx({ organisationId: link.organisation_id }, (tx) =>
      sql`update sharing_link set last_used_at = ${minute} where id = ${link.id} and (last_used_at is null or last_used_at < ${minute})`.execute(
        tx,
      ),
    );
  }
  return link;
}
