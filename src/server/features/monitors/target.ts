import type { AlertStatus } from "#wire/alerting";
import { judge, judgedWithin, pointsNeeded, type Judgement, type PointRule } from "./model.ts";
import type { PointWindow } from "./point-window.ts";
import type { PointedRule } from "./rules.ts";

/** How a metric is computed of others, from the values that they have in one minute. */
export interface Computation {
  /** The inputs that must have a value. */
  readonly required: number;
  readonly compute: (values: readonly number[]) => number;
}

export interface TargetParts {
  readonly rule: PointedRule;
  /** Host's id, or empty: a rule about a service has one target. */
  readonly key: string;
  readonly hostId: string | undefined;
  readonly serviceId: string | undefined;
  readonly serviceIds: readonly string[];
  readonly roleIds: readonly string[];
  readonly inputNames: readonly string[];
  /** In the order of the names. */
  readonly inputs: readonly PointWindow[];
  readonly computation: Computation | undefined;
}

/** An input that reported this recently is waited for, in seconds: its value of the minute is on its way. */
const waitsFor = 180;

/** One thing that a rule judges by its points. */
export class Target {
  readonly rule: PointedRule;
  readonly key: string;
  readonly hostId: string | undefined;
  readonly serviceId: string | undefined;
  readonly serviceIds: readonly string[];
  readonly roleIds: readonly string[];
  /** The names of its inputs: `memory.used memory.total`. */
  readonly inputs: string;
  readonly #inputs: readonly PointWindow[];
  readonly #computation: Computation | undefined;
  /** What is known of it outside this process. */
  status: AlertStatus = "OK";
  /** Time of the newest point that was judged, in unix seconds. */
  judgedAt = 0;
  /** Something else than `status` was said of it, and is on its way. */
  isPending = false;
  /** Its points are being read: it cannot be judged yet. */
  isReady = false;

  constructor(parts: TargetParts) {
    this.rule = parts.rule;
    this.key = parts.key;
    this.hostId = parts.hostId;
    this.serviceId = parts.serviceId;
    this.serviceIds = parts.serviceIds;
    this.roleIds = parts.roleIds;
    this.inputs = parts.inputNames.join(" ");
    this.#inputs = parts.inputs;
    this.#computation = parts.computation;
  }

  /** Time of the newest point of any input; 0 when there is none. */
  get newest(): number {
    let newest = 0;
    for (const input of this.#inputs) newest = Math.max(newest, input.newest);
    return newest;
  }

  /**
   * Judges the newest point, unless it is no news: not newer than the one that was judged last, or more than 20 minutes away.
   * @param now unix seconds
   */
  judgeNewest(now: number): Judgement | undefined {
    if (!this.isReady) return undefined;
    const { times, values, count } = this.#computation ? computed(this.#inputs, this.#computation, this.rule.points) : single(this.#inputs);
    const newest = count === 0 ? 0 : (times[0] ?? 0);
    if (newest <= this.judgedAt || Math.abs(now - newest) > judgedWithin) return undefined;
    this.judgedAt = newest;
    return judge(times, values, count, this.rule.points);
  }
}

interface Points {
  readonly times: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly count: number;
}

const none: Points = { times: [], values: [], count: 0 };
const single = ([input]: readonly PointWindow[]): Points => input ?? none;

/** The newest computed points: minutes in which all that is waited for has a value. */
function computed(inputs: readonly PointWindow[], { required, compute }: Computation, rule: PointRule): Points {
  const needed = pointsNeeded(rule);
  const [first] = inputs;
  if (!first) return none;
  const times: number[] = [];
  const values: number[] = [];
  for (let i = 0; i < first.count && times.length < needed; i++) {
    const time = first.times[i] ?? 0;
    const found = inputs.map((input) => input.valueAt(time));
    if (found.slice(0, required).some(Number.isNaN)) continue;
    if (i === 0 && inputs.some((input, n) => Number.isNaN(found[n]) && input.newest < time && input.newest > time - waitsFor)) continue;
    const value = compute(found);
    if (!Number.isFinite(value)) continue;
    times.push(time);
    values.push(value);
  }
  return { times, values, count: times.length };
}
