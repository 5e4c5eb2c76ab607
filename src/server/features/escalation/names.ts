import type { Tx } from "#store";
import { namesFor } from "./present.ts";

/** Names for the history: escalation policies, also deleted ones. */
export const namesOf = (tx: Tx, ids: readonly string[]): Promise<Record<string, string>> =>
  namesFor(
    tx,
    ids.filter((id) => id.startsWith("escalation-policy:")),
  );
