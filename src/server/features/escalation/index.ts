export type { Snapshot } from "./model.ts";
