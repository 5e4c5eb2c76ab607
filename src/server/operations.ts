import * as metrics from "#features/metrics";
import type { Figure, Readiness } from "#http";
import type { Features } from "./open-features.ts";
import type { Parts } from "./parts.ts";
import { processFigures } from "./process-figures.ts";

/** What must work before this process takes requests. */
export function readiness({ db, metrics: store, sequencer }: Parts): Readiness[] {
  return [
    { name: "database", check: () => db.ping().then(() => undefined) },
    { name: "metrics", check: async () => store.status().problem },
    { name: "ledger", check: async () => sequencer.problem },
  ];
}

/** Everything that `/metrics` shows. */
export function figures({ metrics: store, feed }: Parts, { graphs, ladders, probes, rules }: Features): Figure[] {
  return [
    ...processFigures(),
    ...metrics.figures(graphs),
    ...rules.figures(),
    { name: "hinoban_metric_series", type: "gauge", help: "Series in the metric store.", value: () => store.status().series },
    {
      name: "hinoban_metric_store_bytes",
      type: "gauge",
      help: "Size of the metric store on disk in bytes.",
      value: () => store.status().bytesOnDisk,
    },
    { name: "hinoban_open_screens", type: "gauge", help: "Consoles that listen for changes.", value: () => feed.listeners },
    ...ladders.auditor.figures(),
    ...probes.figures(),
  ];
}
