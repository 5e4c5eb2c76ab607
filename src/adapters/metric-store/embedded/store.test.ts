import { describe } from "vitest";
import { metricStoreContract } from "#ports/metric-store/contract";
import { startEmbedded, vitestApi } from "#test/embedded-metric-store";

describe("the embedded metric store", () => {
  metricStoreContract(vitestApi, startEmbedded);
});

describe("the embedded metric store with a log of tiny segments and hardly any memory", () => {
  metricStoreContract(vitestApi, () => startEmbedded({ segmentBytes: 200, headBytes: 1, indexCacheBytes: 1 }));
});
