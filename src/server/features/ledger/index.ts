export { record, type Entry } from "./record.ts";
export { Sequencer } from "./sequencer.ts";
export { recordedOrganisations, verifyLedger, type Verification } from "./verify-ledger.ts";
