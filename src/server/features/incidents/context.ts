import type { Downtimes } from "#features/downtimes";
import type { Deps } from "#store";
import type { ActTokens } from "./tokens.ts";
import type { IncidentsListener } from "./work.ts";

/** What of the downtimes is asked. */
export type Covering = Pick<Downtimes, "covers" | "monitorNames">;

/** What acts and reports need of the feature. */
export interface IncidentsContext extends Deps {
  /** Where people reach this server, without a slash at the end; empty: nobody said so. */
  readonly publicUrl: string;
  readonly downtimes: Covering | undefined;
  readonly tokens: ActTokens;
  /** Who is told of changes, inside the transaction that makes them. */
  readonly listeners: readonly IncidentsListener[];
}
