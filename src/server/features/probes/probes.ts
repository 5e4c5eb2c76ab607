import type { Clock } from "#base/clock";
import { minutes, type UnixMs } from "#base/duration";
import { probedMonitor, type MonitorChange } from "#features/monitors";
import type { Receivers } from "#features/receivers";
import { RateLimit, type Figure } from "#http";
import type { Prober } from "#ports/prober/port";
import type { Change, Db, Tx } from "#store";
import { Assignments } from "./assignments.ts";
import { probesTopic, type ProbesContext, type ProbesLog, type RunsContext } from "./context.ts";
import { Runs } from "./runs.ts";
import { Scheduler } from "./scheduler.ts";
import { syncTasks } from "./sync-tasks.ts";

export type ProbesDeps = ProbesContext;

/** Probes that one person or key may ask for in a minute. */
const mostRunsPerMinute = 30;

/** What is probed, by whom, and what was found, of all organisations. */
export class Probes implements RunsContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly receivers: Receivers;
  readonly monitors: ProbesContext["monitors"];
  readonly prober: Prober;
  readonly log: ProbesLog;
  readonly assignments: Assignments;
  readonly runs: Runs;
  readonly scheduler: Scheduler;
  readonly limit: RateLimit;

  constructor(deps: ProbesDeps) {
    this.db = deps.db;
    this.clock = deps.clock;
    this.receivers = deps.receivers;
    this.monitors = deps.monitors;
    this.prober = deps.prober;
    this.log = deps.log;
    this.assignments = new Assignments(this);
    this.runs = new Runs(this);
    this.scheduler = new Scheduler(this);
    this.limit = new RateLimit(deps.clock, mostRunsPerMinute);
  }

  /** What is to be probed follows the monitors, inside the transaction that changes them. */
  monitorChanged(tx: Tx, at: UnixMs, { effect, monitor }: MonitorChange): Promise<void> {
    return syncTasks(tx, at, monitor.id, effect === "deleted" ? undefined : probedMonitor(monitor));
  }

  onChange(change: Change | undefined): void {
    if (!change) this.assignments.forgetAll();
    else if (change.topic === probesTopic) this.assignments.forget(change.organisationId);
  }

  figures(): Figure[] {
    return this.scheduler.figures();
  }

  /** Starts periodic work; the result ends it and waits for the probes that run. */
  start(): () => Promise<void> {
    this.scheduler.start();
    const tidying = this.clock.every("probes.tidy", minutes(30), () => void this.runs.tidy());
    return async () => {
      tidying.cancel();
      this.assignments.end();
      await this.scheduler.stop();
      await this.runs.settled();
    };
  }
}
