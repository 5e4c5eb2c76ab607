/**
 * Settings of the embedded server: one product on a small machine, at most a few dozen connections.
 * Durability (fsync, synchronous_commit, full_page_writes) stays at PostgreSQL's safe defaults.
 */
export function defaultSettings(major: number): Record<string, string> {
  const settings: Record<string, string> = {
    listen_addresses: "", // a socket only: no port to collide with, nothing to reach from the network
    unix_socket_permissions: "0700",
    max_connections: "40",
    shared_buffers: "32MB",
    work_mem: "4MB",
    maintenance_work_mem: "64MB",
    huge_pages: "off",
    jit: "off",
    // Parallel queries need /dev/shm, of which containers have 64 MB; the tables are small.
    max_parallel_workers_per_gather: "0",
    max_worker_processes: "4",
    max_logical_replication_workers: "0", // saves a process
    autovacuum_max_workers: "2",
    wal_level: "replica", // what an online backup needs
    max_wal_senders: "2",
    max_replication_slots: "4", // an online backup keeps its log with a temporary slot
    wal_compression: "pglz",
    max_wal_size: "512MB",
    min_wal_size: "64MB",
    timezone: "UTC",
    log_timezone: "UTC",
    log_destination: "stderr",
    logging_collector: "off",
    log_line_prefix: "%m [%p] %q%u@%d ",
    log_checkpoints: "off",
    lc_messages: "C",
  };
  if (major >= 18) settings["io_method"] = "sync"; // saves three worker processes
  return settings;
}

/** Settings as arguments of the `postgres` program. */
export const asArguments = (settings: Readonly<Record<string, string>>): string[] =>
  Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
