import { gauge, perMinute, stacked, type Graph, type Line } from "../common/graphs.ts";

const stackedPerMinute = (name: string, title: string): Line => ({ ...perMinute(name, title), isStacked: true });

/** The graphs of mackerel-plugin-postgres, counters per minute as there, and after them what it does not show. */
export const postgresGraphs: readonly Graph[] = [
  {
    name: "connections",
    title: "Connections",
    unit: "integer",
    lines: [
      stacked("active", "Active"),
      stacked("active_waiting", "Active waiting"),
      stacked("idle", "Idle"),
      stacked("idle_in_transaction", "Idle in transaction"),
      stacked("idle_in_transaction_aborted", "Idle in transaction (aborted)"),
      stacked("fastpath_function_call", "fast-path function call"),
      stacked("disabled", "Disabled"),
    ],
  },
  {
    name: "commits",
    title: "Commits",
    unit: "integer",
    lines: [perMinute("xact_commit", "Xact Commit"), perMinute("xact_rollback", "Xact Rollback")],
  },
  {
    name: "blocks",
    title: "Blocks",
    unit: "integer",
    lines: [perMinute("blks_read", "Blocks Read"), perMinute("blks_hit", "Blocks Hit")],
  },
  {
    name: "rows",
    title: "Rows",
    unit: "integer",
    lines: [
      perMinute("tup_returned", "Returned Rows"),
      stackedPerMinute("tup_fetched", "Fetched Rows"),
      stackedPerMinute("tup_inserted", "Inserted Rows"),
      stackedPerMinute("tup_updated", "Updated Rows"),
      stackedPerMinute("tup_deleted", "Deleted Rows"),
    ],
  },
  { name: "size", title: "Data Size", unit: "bytes", lines: [gauge("total_size", "Total Size")] },
  { name: "deadlocks", title: "Dead Locks", unit: "integer", lines: [perMinute("deadlocks", "Deadlocks")] },
  {
    name: "iotime",
    title: "Block I/O time",
    unit: "float",
    lines: [perMinute("blk_read_time", "Block Read Time (ms)"), perMinute("blk_write_time", "Block Write Time (ms)")],
  },
  { name: "tempfile", title: "Temporary file", unit: "integer", lines: [perMinute("temp_bytes", "Temporary file size (byte)")] },
  {
    name: "xlog_location",
    title: "Amount of Transaction location change",
    unit: "integer",
    lines: [perMinute("xlog_location_bytes", "Amount of Transaction location change (byte)")],
  },
  { name: "cache", title: "Cache Hits", unit: "percentage", lines: [gauge("hit_percentage", "Blocks found in shared buffers")] },
  {
    name: "capacity",
    title: "Capacity",
    unit: "percentage",
    lines: [gauge("connections_percentage", "Connections of max_connections")],
  },
  {
    name: "locks",
    title: "Locks",
    unit: "integer",
    lines: [
      gauge("granted", "Granted", "locks_granted"),
      gauge("waiting", "Waiting", "locks_waiting"),
      gauge("sessions_waiting", "Sessions that wait for a lock", "lock_waits"),
    ],
  },
  {
    name: "longest",
    title: "Longest Running",
    unit: "seconds",
    lines: [gauge("query", "Query", "longest_query"), gauge("transaction", "Transaction", "longest_transaction")],
  },
  { name: "slow", title: "Slow Queries Now Running", unit: "integer", lines: [gauge("queries", "Queries", "slow_queries")] },
  {
    name: "replication_lag",
    title: "Replication Lag",
    unit: "seconds",
    lines: [gauge("seconds", "Slowest standby, or this one", "standby_lag")],
  },
  {
    name: "replication_bytes",
    title: "Replication Backlog",
    unit: "bytes",
    lines: [gauge("behind", "Not yet replayed", "standby_behind"), gauge("retained_by_slots", "Held back by slots", "slot_retained")],
  },
  {
    name: "replication",
    title: "Replication",
    unit: "integer",
    lines: [gauge("standbys", "Streaming standbys"), gauge("receivers", "Streams from the primary")],
  },
  {
    name: "transaction_age",
    title: "Age of the Oldest Transaction Id",
    unit: "integer",
    lines: [gauge("oldest", "Transactions; at 2.1 billion the server stops", "oldest_xid")],
  },
  { name: "conflicts", title: "Queries Cancelled by Replay", unit: "integer", lines: [perMinute("conflicts", "Conflicts")] },
  { name: "uptime", title: "Uptime", unit: "seconds", lines: [gauge("seconds", "Uptime", "uptime")] },
];

/** Sizes of single databases; their names are found at run time. */
export const databaseGraphs: readonly Graph[] = [
  {
    name: "database_size.#",
    title: "Database Size",
    unit: "bytes",
    lines: [{ name: "size", title: "%1", kind: "gauge", isStacked: true }],
  },
];
