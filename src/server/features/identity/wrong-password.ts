import { record } from "#features/ledger";
import { installationScope } from "#store";
import type { Attempt } from "./attempts.ts";
import type { Identity } from "./settings.ts";
import { recordForPerson } from "./within.ts";

export interface WrongPassword {
  /** Undefined when nobody has the name that was typed. */
  readonly personId: string | undefined;
  readonly attempt: Attempt;
  readonly method: "password" | "password-change";
  readonly cause: "wrong-password" | "unknown-name" | "suspended" | "left";
  readonly address: string;
}

/**
 * Records a refused password, and the lock if this one turned it, where the person's organisations see it. Of an unknown name only where
 * it came from is kept, in the installation's own history: people type passwords into the wrong field.
 */
export async function recordWrongPassword(identity: Identity, { personId, attempt, method, cause, address }: WrongPassword): Promise<void> {
  const at = identity.clock.now();
  const refused = {
    at,
    actor: "anonymous",
    verb: "session.refused",
    outcome: "refused",
    detail: { method, cause },
    texts: { address },
  } as const;
  await identity.db.tx({ ...installationScope, personId }, async (tx) => {
    if (personId === undefined) {
      await record(tx, { ...refused, object: "installation:sign-in" });
      return;
    }
    const object = `person:${personId}`;
    await recordForPerson(tx, personId, { ...refused, object });
    if (attempt.lockedUntil === undefined) return;
    const detail = { until: attempt.lockedUntil };
    await recordForPerson(tx, personId, { at, actor: "system:sign-in", verb: "person.locked", object, outcome: "done", detail });
  });
}
