import { addTime, unixMs, days, type UnixMs } from "#base/duration";
import { invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { findGraph } from "#features/metrics";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { NewShareLink, ShareLink } from "#wire/sharing";
import { readShareLink } from "./list-share-links.ts";
import { periodSeconds } from "./model.ts";
import type { Sharing } from "./sharing.ts";
import { newToken, tokenDigest } from "./tokens.ts";

/** Further ahead there is no difference to "never", which says so. */
const longestLife = days(20 * 365);

/**
 * Makes a link that shows one graph to anybody who has it. Its path is told this once: only a hash of the token is kept.
 * @throws HinobanError "forbidden", "not-found" when there is no such graph, "invalid-input" for a period or an expiry that makes no sense
 */
export function createShareLink(sharing: Sharing, actor: Actor, input: NewShareLink): Promise<{ link: ShareLink; path: string }> {
  return sharing.db.tx(scopeOf(actor), async (tx) => {
    const now = sharing.clock.now();
    demand(actor, "share.change", `organisation:${actor.organisationId}`, now);
    checkTimes(input, now);
    const { owner } = await findGraph(sharing.metrics, tx, input.target);
    const id = newId();
    const token = newToken();
    const label = input.label.trim();
    await tx
      .insertInto("sharing_link")
      .values({
        id,
        digest: tokenDigest(token),
        label,
        target: JSON.stringify(input.target),
        owner_id: owner.id,
        owner_name: owner.name,
        period: input.period,
        width: input.width,
        height: input.height,
        theme: input.theme,
        language: input.language,
        created_by: actorId(actor),
        created_at: now,
        expires_at: input.expiresAt === undefined ? null : unixMs(input.expiresAt),
        last_used_at: null,
        revoked_at: null,
      })
      .execute();
    await record(tx, {
      at: now,
      actor: actorId(actor),
      verb: "share.created",
      object: `share:${id}`,
      outcome: "done",
      detail: { owner: owner.id, period: input.period, expiresAt: input.expiresAt },
      texts: { label, graph: input.target.graph },
    });
    await publish(tx, "shares");
    return { link: await readShareLink(tx, id, now), path: `/embed/public/embed/${token}` };
  });
}

function checkTimes({ period, expiresAt }: NewShareLink, now: UnixMs): void {
  if (periodSeconds(period) === undefined)
    throw invalidInput([{ field: "period", problem: "Choose between 5 minutes (5m) and 2 years (2y)." }]);
  if (expiresAt === undefined) return;
  if (expiresAt <= now) throw invalidInput([{ field: "expiresAt", problem: "Choose a time in the future." }]);
  if (expiresAt > addTime(now, longestLife))
    throw invalidInput([{ field: "expiresAt", problem: "Choose a time within 20 years, or none." }]);
}
