import type { Clock } from "#base/clock";
import type { Monitors } from "#features/monitors";
import type { Receivers } from "#features/receivers";
import type { RateLimit } from "#http";
import type { Prober } from "#ports/prober/port";
import type { Db, Deps } from "#store";
import type { ProbeOutcome, ProbeStep } from "#wire/probe-outcomes";
import type { ProbeSpec } from "#wire/probe-specs";

/** What agents are to probe changed, or somebody wants something probed at once. */
export const probesTopic = "probes";
/** A monitor's probe ended otherwise than before. */
export const resultTopic = (monitorId: string): string => `probe:${monitorId}`;

export interface ProbesLog {
  warn(facts: object, message: string): void;
}

/** What somebody's probe found so far. */
export interface FoundSoFar {
  readonly steps: readonly ProbeStep[];
  readonly outcome?: ProbeOutcome | undefined;
}

/** What the parts of this feature are handed. */
export interface ProbesContext extends Deps {
  readonly db: Db;
  readonly clock: Clock;
  readonly receivers: Receivers;
  readonly monitors: Pick<Monitors, "judge">;
  /** Asks the network from the server. */
  readonly prober: Prober;
  readonly log: ProbesLog;
}

/** What the verbs of people and agents need besides. */
export interface RunsContext extends ProbesContext {
  readonly limit: RateLimit;
  readonly runs: {
    begin(organisationId: string, id: string, spec: ProbeSpec): void;
    note(organisationId: string, run: { readonly id: string; readonly vantage: string }, found: FoundSoFar): Promise<boolean>;
  };
}
