import type { UnixMs } from "#base/duration";
import type { MonitorsContext } from "./context.ts";

/** Anomaly detection of all organisations. */
export class Anomalies {
  readonly #monitors: MonitorsContext;

  constructor(monitors: MonitorsContext) {
    this.#monitors = monitors;
  }

  async run(_organisationId: string, _at: UnixMs): Promise<void> {
    void this.#monitors;
  }
}
