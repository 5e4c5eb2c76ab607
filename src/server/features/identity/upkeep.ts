import { sql } from "kysely";
import type { Timer } from "#base/clock";
import { addTime, hours, millis } from "#base/duration";
import { messageOf } from "#base/errors";
import { installationScope } from "#store";
import { attemptsForgottenAfter } from "./attempts.ts";
import type { Identity } from "./settings.ts";

const upkeepEvery = hours(1);

/** Deletes sessions that ran out and counters that no longer count. Late or twice does no harm: what ran out is refused anyway. @returns how many rows went. */
export function purge(identity: Identity): Promise<number> {
  const now = identity.clock.now();
  const idleSince = addTime(now, millis(-identity.settings.sessionIdle));
  const forgetBefore = addTime(now, millis(-attemptsForgottenAfter));
  return identity.db.tx(installationScope, async (tx) => {
    const { rows } = await sql<{ gone: number }>`select identity_purge(${now}, ${idleSince}, ${forgetBefore}) as gone`.execute(tx);
    return rows[0]?.gone ?? 0;
  });
}

/** Runs {@link purge} every hour until the timer is cancelled. */
export function startUpkeep(identity: Identity, onProblem: (message: string) => void): Timer {
  return identity.clock.every("identity.upkeep", upkeepEvery, () => {
    purge(identity).catch((error: unknown) => onProblem(messageOf(error)));
  });
}
