import type { MetricStore } from "#ports/metric-store/port";
import type { Deps } from "#store";
import type { Verdict } from "./verdicts.ts";

export interface EngineDeps extends Deps {
  readonly store: MetricStore;
  readonly onError: (error: unknown) => void;
  /** Takes verdicts that are news. */
  readonly report: (organisationId: string, verdicts: readonly Verdict[]) => void;
  /** A host that was gone is heard of again. */
  readonly heard: (organisationId: string) => void;
}
