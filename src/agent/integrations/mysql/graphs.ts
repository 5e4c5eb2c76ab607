import { gauge, perMinute, perSecond, type Graph, type Line } from "../common/graphs.ts";

const stackedPerMinute = (name: string, title: string): Line => ({ ...perMinute(name, title), isStacked: true });

/** The graphs of mackerel-plugin-mysql: counters per minute, but bytes and pages read ahead per second, as there. */
export const mysqlGraphs: readonly Graph[] = [
  {
    name: "cmd",
    title: "Command",
    unit: "float",
    lines: [
      stackedPerMinute("Com_insert", "Insert"),
      stackedPerMinute("Com_insert_select", "Insert Select"),
      stackedPerMinute("Com_select", "Select"),
      stackedPerMinute("Com_update", "Update"),
      stackedPerMinute("Com_update_multi", "Update Multi"),
      stackedPerMinute("Com_delete", "Delete"),
      stackedPerMinute("Com_delete_multi", "Delete Multi"),
      stackedPerMinute("Com_replace", "Replace"),
      stackedPerMinute("Com_replace_select", "Replace Select"),
      stackedPerMinute("Com_load", "Load"),
      stackedPerMinute("Com_set_option", "Set Option"),
      perMinute("Qcache_hits", "Query Cache Hits"),
      perMinute("Questions", "Questions"),
    ],
  },
  {
    name: "join",
    title: "Join/Scan",
    unit: "float",
    lines: [
      perMinute("Select_full_join", "Select Full JOIN"),
      perMinute("Select_full_range_join", "Select Full Range JOIN"),
      perMinute("Select_range", "Select Range"),
      perMinute("Select_range_check", "Select Range Check"),
      perMinute("Select_scan", "Select SCAN"),
    ],
  },
  {
    name: "threads",
    title: "Threads",
    unit: "integer",
    lines: [
      gauge("thread_cache_size", "Cache Size"),
      gauge("Threads_connected", "Connected"),
      gauge("Threads_running", "Running"),
      perMinute("Threads_created", "Created"),
      gauge("Threads_cached", "Cached"),
    ],
  },
  {
    name: "connections",
    title: "Connections",
    unit: "float",
    lines: [
      gauge("max_connections", "Max Connections"),
      gauge("Max_used_connections", "Max Used Connections"),
      perMinute("Connections", "Connections"),
      gauge("Threads_connected", "Threads Connected"),
      perMinute("Aborted_clients", "Aborted Clients"),
      perMinute("Aborted_connects", "Aborted Connects"),
    ],
  },
  {
    name: "seconds_behind_master",
    title: "Slave status",
    unit: "integer",
    lines: [gauge("Seconds_Behind_Master", "Seconds Behind Master")],
  },
  {
    name: "table_locks",
    title: "Table Locks/Slow Queries",
    unit: "float",
    lines: [
      perMinute("Table_locks_immediate", "Table Locks Immediate"),
      perMinute("Table_locks_waited", "Table Locks Waited"),
      perMinute("Slow_queries", "Slow Queries"),
    ],
  },
  {
    name: "traffic",
    title: "Traffic",
    unit: "bytes/sec",
    lines: [perSecond("Bytes_sent", "Sent Bytes"), perSecond("Bytes_received", "Received Bytes")],
  },
  {
    name: "capacity",
    title: "Capacity",
    unit: "percentage",
    lines: [gauge("PercentageOfConnections", "Percentage Of Connections"), gauge("PercentageOfBufferPool", "Percentage Of Buffer Pool")],
  },
  {
    name: "replication_threads",
    title: "Replication Threads",
    unit: "integer",
    lines: [gauge("io_running", "Receives (1: yes, 0: no)"), gauge("sql_running", "Applies (1: yes, 0: no)")],
  },
  {
    name: "longest",
    title: "Longest Running",
    unit: "seconds",
    lines: [gauge("query", "Query", "longest_query")],
  },
  { name: "slow", title: "Slow Queries Now Running", unit: "integer", lines: [gauge("queries", "Queries", "running_slow")] },
  { name: "uptime", title: "Uptime", unit: "seconds", lines: [gauge("seconds", "Uptime", "Uptime")] },
];
