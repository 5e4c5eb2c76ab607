import { record } from "#features/ledger";
import { installationScope } from "#store";
import type { ActVia } from "#wire/alerting";
import type { Acts } from "./acts.ts";

/** Why a link, button or command was refused before anything was done. */
export type RefusalCause =
  | "forged"
  | "expired"
  | "unsigned"
  | "stale"
  | "wrong"
  | "replayed"
  | "other-organisation"
  | "other-channel"
  | "other-post"
  | "other-server"
  | "other-person"
  | "unreadable";

export interface Refusal {
  readonly cause: RefusalCause;
  readonly via: Extract<ActVia, "mail" | "slack" | "mattermost">;
  readonly address: string;
  /** Unknown for what nobody can say whose it was meant to be: then the installation's history has it. */
  readonly organisationId?: string | undefined;
  readonly incidentId?: string | undefined;
  readonly action?: string | undefined;
  readonly channelId?: string | undefined;
  readonly personId?: string | undefined;
}

/** Writes a refusal down, at most so many a minute that nobody fills the history with rubbish. */
export async function recordRefusal(acts: Acts, refusal: Refusal): Promise<void> {
  if (!acts.mayRecordRefusal()) return;
  const { cause, via, address, organisationId, incidentId, action, channelId, personId } = refusal;
  const scope = organisationId === undefined ? installationScope : { organisationId };
  await acts.db.tx(scope, (tx) =>
    record(tx, {
      at: acts.clock.now(),
      actor: personId === undefined ? "system:acts" : `person:${personId}`,
      verb: "act.refused",
      object: incidentId === undefined ? `organisation:${scope.organisationId}` : `incident:${incidentId}`,
      outcome: "refused",
      detail: { via, cause, address, action, channel: channelId },
    }),
  );
}
