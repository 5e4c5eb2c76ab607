import { gauge, perMinute, perSecond, stacked, type Graph } from "../common/graphs.ts";

/** The InnoDB graphs of mackerel-plugin-mysql, under its names for the figures. */
export const innodbGraphs: readonly Graph[] = [
  {
    name: "innodb_rows",
    title: "innodb Rows",
    unit: "float",
    lines: [
      perMinute("Innodb_rows_read", "Read"),
      perMinute("Innodb_rows_inserted", "Inserted"),
      perMinute("Innodb_rows_updated", "Updated"),
      perMinute("Innodb_rows_deleted", "Deleted"),
    ],
  },
  { name: "innodb_row_lock_time", title: "innodb Row Lock Time", unit: "float", lines: [perMinute("Innodb_row_lock_time", "Lock Time")] },
  {
    name: "innodb_row_lock_waits",
    title: "innodb Row Lock Waits",
    unit: "float",
    lines: [perMinute("Innodb_row_lock_waits", "Lock Waits")],
  },
  {
    name: "innodb_adaptive_hash_index",
    title: "innodb Adaptive Hash Index",
    unit: "integer",
    lines: [gauge("hash_index_cells_total", "Hash Index Cells Total")],
  },
  {
    name: "innodb_buffer_pool_read",
    title: "innodb Buffer Pool Read (/sec)",
    unit: "float",
    lines: [
      perSecond("read_ahead", "Pages Read Ahead", "Innodb_buffer_pool_read_ahead"),
      perSecond("read_evicted", "Evicted Without Access", "Innodb_buffer_pool_read_ahead_evicted"),
      perSecond("read_random_ahead", "Random Read Ahead", "Innodb_buffer_pool_read_ahead_rnd"),
    ],
  },
  {
    name: "innodb_buffer_pool_activity",
    title: "innodb Buffer Pool Activity (Pages)",
    unit: "integer",
    lines: [
      perMinute("pages_created", "Created", "Innodb_pages_created"),
      perMinute("pages_read", "Read", "Innodb_pages_read"),
      perMinute("pages_written", "Written", "Innodb_pages_written"),
    ],
  },
  {
    name: "innodb_buffer_pool_efficiency",
    title: "innodb Buffer Pool Efficiency",
    unit: "integer",
    lines: [perMinute("Innodb_buffer_pool_reads", "Reads"), perMinute("Innodb_buffer_pool_read_requests", "Read Requests")],
  },
  {
    name: "innodb_buffer_pool",
    title: "innodb Buffer Pool (Pages)",
    unit: "integer",
    lines: [
      gauge("pool_size", "Pool Size", "Innodb_buffer_pool_pages_total"),
      stacked("database_pages", "Used", "Innodb_buffer_pool_pages_data"),
      stacked("free_pages", "Free", "Innodb_buffer_pool_pages_free"),
      gauge("modified_pages", "Modified", "Innodb_buffer_pool_pages_dirty"),
    ],
  },
  {
    name: "innodb_checkpoint_age",
    title: "innodb Checkpoint Age",
    unit: "bytes",
    lines: [gauge("uncheckpointed_bytes", "Uncheckpointed")],
  },
  {
    name: "innodb_current_lock_waits",
    title: "innodb Current Lock Waits (secs)",
    unit: "integer",
    lines: [gauge("innodb_lock_wait_secs", "Innodb Lock Wait")],
  },
  {
    name: "innodb_io",
    title: "innodb I/O",
    unit: "integer",
    lines: [
      perMinute("file_reads", "File Reads", "Innodb_data_reads"),
      perMinute("file_writes", "File Writes", "Innodb_data_writes"),
      perMinute("file_fsyncs", "File fsyncs", "Innodb_data_fsyncs"),
      perMinute("log_writes", "Log Writes", "Innodb_log_writes"),
    ],
  },
  {
    name: "innodb_insert_buffer",
    title: "innodb Insert Buffer",
    unit: "integer",
    lines: [perMinute("ibuf_merges", "Merges")],
  },
  {
    name: "innodb_insert_buffer_usage",
    title: "innodb Insert Buffer Usage (Cells)",
    unit: "integer",
    lines: [gauge("ibuf_cell_count", "Cell Count"), stacked("ibuf_used_cells", "Used"), stacked("ibuf_free_cells", "Free")],
  },
  { name: "innodb_lock_structures", title: "innodb Lock Structures", unit: "integer", lines: [gauge("innodb_lock_structs", "Structures")] },
  {
    name: "innodb_log",
    title: "innodb Log",
    unit: "bytes",
    lines: [
      perMinute("log_bytes_written", "Written"),
      perMinute("log_bytes_flushed", "Flushed"),
      gauge("unflushed_log", "Unflushed"),
      stacked("innodb_log_buffer_size", "Buffer Size"),
    ],
  },
  {
    name: "innodb_memory_allocation",
    title: "innodb Memory Allocation",
    unit: "bytes",
    lines: [gauge("total_mem_alloc", "Total Memory Allocated")],
  },
  {
    name: "innodb_semaphores",
    title: "innodb Semaphores",
    unit: "integer",
    lines: [perMinute("spin_waits", "Spin Waits"), perMinute("spin_rounds", "Spin Rounds"), perMinute("os_waits", "OS Waits")],
  },
  {
    name: "innodb_tables_in_use",
    title: "innodb Tables In Use",
    unit: "integer",
    lines: [gauge("innodb_locked_tables", "Locked Tables"), gauge("innodb_tables_in_use", "Table in Use")],
  },
  {
    name: "innodb_transactions_active_locked",
    title: "innodb Transactions Active/Locked",
    unit: "integer",
    lines: [
      gauge("current_transactions", "Current"),
      gauge("active_transactions", "Active"),
      gauge("locked_transactions", "Locked"),
      gauge("read_views", "Read Views"),
    ],
  },
  {
    name: "innodb_transactions",
    title: "innodb Transactions",
    unit: "integer",
    lines: [gauge("history_list", "History List"), perMinute("innodb_transactions", "InnoDB Transactions")],
  },
];
