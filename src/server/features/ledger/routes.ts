import { scopeOf, serve, type Served } from "#http";
import type { Db } from "#store";
import * as wire from "#wire/ledger";
import { listEntries, type NamesOf } from "./list-entries.ts";
import type { Sequencer } from "./sequencer.ts";
import { verifyLedger } from "./verify-ledger.ts";

export interface LedgerDeps {
  readonly db: Db;
  readonly sequencer: Sequencer;
  readonly namesOf: NamesOf;
}

export function registerLedger(served: Served, deps: LedgerDeps): void {
  serve(served, wire.listLedger, async ({ actor, query }) => listEntries(deps.db, scopeOf(actor), query, deps.namesOf));
  serve(served, wire.verifyLedger, async ({ actor }) => {
    await deps.sequencer.drain();
    const { checked, bad } = await verifyLedger(deps.db, actor.organisationId);
    return { checked, isIntact: bad === undefined, ...(bad ? { bad } : {}) };
  });
}
