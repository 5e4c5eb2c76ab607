import { gauge, perMinute, stacked, type Graph, type Line } from "../common/graphs.ts";

const stackedPerMinute = (name: string, title: string): Line => ({ ...perMinute(name, title), isStacked: true });

/** The graphs of mackerel-plugin-redis, counters per minute as there, and after them what it does not show. */
export const redisGraphs: readonly Graph[] = [
  { name: "queries", title: "Queries", unit: "integer", lines: [perMinute("total_commands_processed", "Queries")] },
  {
    name: "connections",
    title: "Connections",
    unit: "integer",
    lines: [
      stackedPerMinute("total_connections_received", "Connections"),
      stackedPerMinute("rejected_connections", "Rejected Connections"),
    ],
  },
  {
    name: "clients",
    title: "Clients",
    unit: "integer",
    lines: [
      stacked("connected_clients", "Connected Clients"),
      stacked("blocked_clients", "Blocked Clients"),
      stacked("connected_slaves", "Connected Slaves"),
    ],
  },
  {
    name: "keys",
    title: "Keys",
    unit: "integer",
    lines: [
      gauge("keys", "Keys"),
      gauge("expires", "Keys with expiration"),
      perMinute("expired", "Expired Keys", "expired_keys"),
      perMinute("evicted_keys", "Evicted Keys"),
    ],
  },
  {
    name: "keyspace",
    title: "Keyspace",
    unit: "integer",
    lines: [perMinute("keyspace_hits", "Keyspace Hits"), perMinute("keyspace_misses", "Keyspace Missed")],
  },
  {
    name: "memory",
    title: "Memory",
    unit: "bytes",
    lines: [
      gauge("used_memory", "Used Memory"),
      gauge("used_memory_rss", "Used Memory RSS"),
      gauge("used_memory_peak", "Used Memory Peak"),
      gauge("used_memory_lua", "Used Memory Lua engine"),
    ],
  },
  {
    name: "capacity",
    title: "Capacity",
    unit: "percentage",
    lines: [gauge("percentage_of_memory", "Percentage of memory"), gauge("percentage_of_clients", "Percentage of clients")],
  },
  { name: "uptime", title: "Uptime", unit: "integer", lines: [gauge("uptime_in_seconds", "Uptime In Seconds")] },
  {
    name: "cluster",
    title: "Cluster",
    unit: "integer",
    lines: [gauge("cluster_known_nodes", "Known Nodes"), gauge("cluster_size", "Size")],
  },
  { name: "cluster_state", title: "Cluster State", unit: "integer", lines: [gauge("cluster_state", "State (1: ok, 0: fail)")] },
  {
    name: "cluster_slots",
    title: "Cluster Slots",
    unit: "integer",
    lines: [
      gauge("cluster_slots_assigned", "Slots Assigned"),
      gauge("cluster_slots_ok", "Slots OK"),
      gauge("cluster_slots_pfail", "Slots PFAIL"),
      gauge("cluster_slots_fail", "Slots FAIL"),
    ],
  },
  {
    name: "traffic",
    title: "Traffic",
    unit: "bytes/sec",
    lines: [
      { name: "received", title: "Received", kind: "perSecond", from: "total_net_input_bytes" },
      { name: "sent", title: "Sent", kind: "perSecond", from: "total_net_output_bytes" },
    ],
  },
  {
    name: "persistence",
    title: "Changes Not Yet on Disk",
    unit: "integer",
    lines: [gauge("rdb_changes_since_last_save", "Changes since the last snapshot")],
  },
  {
    name: "replication",
    title: "Link to the Master",
    unit: "integer",
    lines: [gauge("master_link_up", "1: up, 0: down"), gauge("seconds_since_heard", "Seconds since heard", "master_last_io_seconds_ago")],
  },
];
