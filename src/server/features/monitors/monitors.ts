import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import { probedMonitors, type JudgedProbe, type ProbedMonitor } from "./probed.ts";

export interface MonitorsDeps {
  readonly dummy?: never;
}
/** Rules of all organisations and what is known about their targets. */
export class Monitors {
  /** All rules of the transaction's organisation whose targets are asked over the network. */
  probed(tx: Tx): Promise<ProbedMonitor[]> {
    return probedMonitors(tx);
  }

  /** Takes in what a probe found, in the caller's transaction. A rule that was deleted meanwhile is no error. */
  async judge(_tx: Tx, _at: UnixMs, _monitorId: string, _outcome: JudgedProbe): Promise<void> {}
}
export const openMonitors = (_deps: MonitorsDeps): Monitors => new Monitors();
