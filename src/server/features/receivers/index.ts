export type { Reporter } from "./bindings.ts";
export { ratePerSecond, type CounterSample } from "./counter-rates.ts";
export { isMetricName, segmentOf, type PointBatch } from "./point-batch.ts";
export { openReceivers, type BatchReport, type Receivers, type ReceiversDeps } from "./receivers.ts";
export { registerReceivers } from "./routes.ts";
export { receiverKinds, type ReceiverKind } from "./tables.ts";
