import type { UnixSeconds } from "#base/duration";

/**
 * Where a series belongs: a host or a service. Opaque to the store: the id of the host, or `service:<id>`.
 * Ids are unique over all organisations, so the store itself needs to know nothing about tenants.
 */
export type SourceId = string;

/** A number that stands for one (source, metric name) in this process. Not stable over restarts. */
export type SeriesRef = number & { readonly brand: "SeriesRef" };

/** Points in columns, the cheapest form to hand over: entry i of each array is one point. Only the first `count` entries count. */
export interface PointColumns {
  readonly count: number;
  readonly series: Uint32Array; // SeriesRef
  readonly times: Uint32Array; // unix seconds
  readonly values: Float64Array; // finite; -0 is stored as 0
}

/** What became of an append: points out of the accepted window are dropped and counted, never an error. */
export interface AppendReport {
  readonly accepted: number;
  readonly tooOld: number;
  readonly tooNew: number;
}

/** One series in columns, ascending by time; a minute without a point is absent. */
export interface SeriesColumns {
  readonly times: Uint32Array; // unix seconds; for buckets the start of the bucket
  readonly values: Float64Array;
}

/** A series cut into equal buckets: entry i covers [from + i*step, from + (i+1)*step). NaN where the bucket holds no point. */
export interface BucketColumns {
  readonly from: UnixSeconds;
  /** Width of one bucket in seconds, a multiple of 60. */
  readonly step: number;
  readonly avg: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly count: Uint32Array;
}

export interface TimeRange {
  /** Inclusive. */
  readonly from: UnixSeconds;
  /** Exclusive. */
  readonly to: UnixSeconds;
}

/** A member of a group graph: the series of `source`, but only while it belonged (half-open intervals; none = always). */
export interface GroupMember {
  readonly source: SourceId;
  readonly during?: readonly TimeRange[];
}

export interface GroupQuery extends TimeRange {
  readonly name: string;
  readonly members: readonly GroupMember[];
  /** At most this many buckets; the step is the smallest that keeps within it, see `chooseGrid`: a divisor of a day from 60 s on, then whole days. */
  readonly buckets: number;
}

/** One row per member that has any point in the range, in the order of the query; row i is values[i*width, (i+1)*width). */
export interface GroupColumns {
  readonly from: UnixSeconds;
  readonly step: number;
  readonly width: number;
  readonly sources: readonly SourceId[];
  /** Averages per bucket, row by row; NaN = no point. */
  readonly values: Float64Array;
}

/** The sum, minimum, maximum over members of each bucket's averages, for graphs with too many lines to draw one by one. */
export interface GroupSummary {
  readonly from: UnixSeconds;
  readonly step: number;
  readonly sum: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  /** How many members had a point in the bucket. */
  readonly members: Uint32Array;
}

export interface LatestPoint {
  readonly time: UnixSeconds;
  readonly value: number;
}

export interface MetricStoreStatus {
  readonly series: number;
  /** Points accepted since the process started. */
  readonly pointsReceived: number;
  readonly bytesOnDisk: number;
  /** Undefined while healthy; otherwise a sentence for the operator. */
  readonly problem: string | undefined;
}

/**
 * Keeps metrics: one-minute points exactly for the retention (460 days by default), daily summaries for ever.
 * A point is identified by (source, name, minute of its time): a later append of the same minute overwrites.
 */
export interface MetricStore {
  /** The number of a series; a new series is made when there is none. Cheap: two map look-ups. Nothing is written until a point is appended. */
  seriesOf(source: SourceId, name: string): SeriesRef;
  /** Resolves when the points survive a crash of the process and of the machine. @throws HinobanError "unavailable" | "storage-full" and then nothing of this call counts as stored. */
  append(points: PointColumns): Promise<AppendReport>;
  /** Names of all metrics that `source` ever had, sorted by code unit. */
  names(source: SourceId): Promise<readonly string[]>;
  /** The newest point, or undefined when the series never had one. */
  latest(source: SourceId, name: string): Promise<LatestPoint | undefined>;
  /** Exact points as they were appended. Undefined when the series does not exist. */
  read(source: SourceId, name: string, range: TimeRange): Promise<SeriesColumns | undefined>;
  /**
   * At most `buckets` whole buckets that cover the range, on the grid of `chooseGrid`: the first may begin before the range. Beyond the retention daily summaries are used. Undefined when the series does not exist. */
  buckets(source: SourceId, name: string, range: TimeRange, buckets: number): Promise<BucketColumns | undefined>;
  /** Many series of one name, each in buckets. */
  group(query: GroupQuery): Promise<GroupColumns>;
  /** The same, added up over the members. */
  groupSummary(query: GroupQuery): Promise<GroupSummary>;
  /** Forgets every point of a source for good. */
  drop(source: SourceId): Promise<void>;
  status(): MetricStoreStatus;
  /**
   * Writes a consistent copy of everything appended before the call into the empty folder `directory`, while appends go on.
   * Opening a store on the copy gives exactly those points (and perhaps some newer ones).
   */
  snapshot(directory: string): Promise<void>;
  /** Flushes and releases the files. */
  close(): Promise<void>;
}
