import { gauge, perMinute, type Graph, type Line } from "../common/graphs.ts";

const stackedPerMinute = (name: string, title: string): Line => ({ ...perMinute(name, title), isStacked: true });

/** What mackerel-plugin-mysql adds with -enable_extended, without its counts of sessions by the text of their state. Counters per minute, as there. */
export const extendedGraphs: readonly Graph[] = [
  {
    name: "query_cache",
    title: "query Cache",
    unit: "float",
    lines: [
      gauge("Qcache_queries_in_cache", "Qcache Queries In Cache"),
      perMinute("Qcache_hits", "Qcache Hits"),
      perMinute("Qcache_inserts", "Qcache Inserts"),
      perMinute("Qcache_not_cached", "Qcache Not Cached"),
      perMinute("Qcache_lowmem_prunes", "Qcache Lowmem Prunes"),
    ],
  },
  {
    name: "query_cache_memory",
    title: "query Cache Memory",
    unit: "float",
    lines: [
      gauge("query_cache_size", "Query Cache Size"),
      gauge("Qcache_free_memory", "Qcache Free Memory"),
      gauge("Qcache_total_blocks", "Qcache Total Blocks"),
      gauge("Qcache_free_blocks", "Qcache Free Blocks"),
    ],
  },
  {
    name: "temporary_objects",
    title: "temporary Objects",
    unit: "float",
    lines: [
      perMinute("Created_tmp_tables", "Created Tmp Tables"),
      perMinute("Created_tmp_disk_tables", "Created Tmp Disk Tables"),
      perMinute("Created_tmp_files", "Created Tmp Files"),
    ],
  },
  {
    name: "files_and_tables",
    title: "files and Tables",
    unit: "float",
    lines: [
      gauge("table_cache", "Table Cache", "table_open_cache"),
      gauge("Open_tables", "Open Tables"),
      gauge("Open_files", "Open Files"),
      perMinute("Opened_tables", "Opened Tables"),
    ],
  },
  {
    name: "sorts",
    title: "sorts",
    unit: "float",
    lines: [
      perMinute("Sort_rows", "Sort Rows"),
      perMinute("Sort_range", "Sort Range"),
      perMinute("Sort_merge_passes", "Sort Merge Passes"),
      perMinute("Sort_scan", "Sort Scan"),
    ],
  },
  {
    name: "handlers",
    title: "handlers",
    unit: "float",
    lines: [
      stackedPerMinute("Handler_write", "Handler Write"),
      stackedPerMinute("Handler_update", "Handler Update"),
      stackedPerMinute("Handler_delete", "Handler Delete"),
      stackedPerMinute("Handler_read_first", "Handler Read First"),
      stackedPerMinute("Handler_read_key", "Handler Read Key"),
      stackedPerMinute("Handler_read_last", "Handler Read Last"),
      stackedPerMinute("Handler_read_next", "Handler Read Next"),
      stackedPerMinute("Handler_read_prev", "Handler Read Prev"),
      stackedPerMinute("Handler_read_rnd", "Handler Read Rnd"),
      stackedPerMinute("Handler_read_rnd_next", "Handler Read Rnd Next"),
    ],
  },
  {
    name: "transaction_handler",
    title: "transaction Handler",
    unit: "float",
    lines: [
      perMinute("Handler_commit", "Handler Commit"),
      perMinute("Handler_rollback", "Handler Rollback"),
      perMinute("Handler_savepoint", "Handler Savepoint"),
      perMinute("Handler_savepoint_rollback", "Handler Savepoint Rollback"),
    ],
  },
  {
    name: "myisam_indexes",
    title: "MyISAM Indexes",
    unit: "float",
    lines: [
      perMinute("Key_read_requests", "Key Read Requests"),
      perMinute("Key_reads", "Key Reads"),
      perMinute("Key_write_requests", "Key Write Requests"),
      perMinute("Key_writes", "Key Writes"),
    ],
  },
  {
    name: "myisam_key_cache",
    title: "MyISAM Key Cache",
    unit: "bytes",
    lines: [gauge("key_buffer_size", "Key Buffer Size")],
  },
];
