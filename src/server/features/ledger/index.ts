export type { NamesOf } from "./list-entries.ts";
export { record, recordAll, type Entry } from "./record.ts";
export { registerLedger } from "./routes.ts";
export { Sequencer } from "./sequencer.ts";
export { recordedOrganisations, verifyLedger } from "./verify-ledger.ts";
