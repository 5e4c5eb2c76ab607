import type { Figures } from "../common/graphs.ts";

const number = String.raw`(\d{1,20})`;

/** What is taken from a line, by the names of mackerel-plugin-mysql. */
const patterns: readonly (readonly [pattern: RegExp, ...names: readonly string[]])[] = [
  [new RegExp(`^Trx id counter ${number}`, "mu"), "innodb_transactions"],
  [new RegExp(`^History list length ${number}`, "mu"), "history_list"],
  [new RegExp(`^${number} read views open inside InnoDB`, "mu"), "read_views"],
  [new RegExp(`^Log sequence number\\s+${number}`, "mu"), "log_bytes_written"],
  [new RegExp(`^Log flushed up to\\s+${number}`, "mu"), "log_bytes_flushed"],
  [new RegExp(`^Last checkpoint at\\s+${number}`, "mu"), "last_checkpoint"],
  [new RegExp(`^Mutex spin waits ${number}, rounds ${number}, OS waits ${number}`, "mu"), "spin_waits", "spin_rounds", "os_waits"],
  [new RegExp(`^RW-shared spins ${number}, rounds ${number}, OS waits ${number}`, "mu"), "spin_waits", "spin_rounds", "os_waits"],
  [new RegExp(`^RW-excl spins ${number}, rounds ${number}, OS waits ${number}`, "mu"), "spin_waits", "spin_rounds", "os_waits"],
  [new RegExp(`^Total (?:large )?memory allocated ${number}`, "mu"), "total_mem_alloc"],
  [
    new RegExp(`^Ibuf: size ${number}, free list len ${number}, seg size ${number}, ${number} merges`, "mu"),
    "ibuf_used_cells",
    "ibuf_free_cells",
    "ibuf_cell_count",
    "ibuf_merges",
  ],
  [new RegExp(`^Hash table size ${number},`, "mu"), "hash_index_cells_total"],
];

/** Figures of `SHOW ENGINE INNODB STATUS` that no status variable has. Lines that a version does not print are left out. */
export function parseInnodbStatus(text: string): Figures {
  const figures: Record<string, number> = {};
  for (const [pattern, ...names] of patterns) {
    const match = pattern.exec(text);
    if (match) for (const [index, name] of names.entries()) figures[name] = (figures[name] ?? 0) + Number(match[index + 1]);
  }
  const { log_bytes_written: written, log_bytes_flushed: flushed, last_checkpoint: checkpoint } = figures;
  if (written !== undefined && flushed !== undefined) figures["unflushed_log"] = Math.max(0, written - flushed);
  if (written !== undefined && checkpoint !== undefined) figures["uncheckpointed_bytes"] = Math.max(0, written - checkpoint);
  return { ...figures, ...countTransactions(text) };
}

/** The list of transactions: one `---TRANSACTION` each, with what it waits for below it. */
function countTransactions(text: string): Figures {
  const figures = {
    current_transactions: 0,
    active_transactions: 0,
    locked_transactions: 0,
    innodb_lock_wait_secs: 0,
    innodb_lock_structs: 0,
    innodb_tables_in_use: 0,
    innodb_locked_tables: 0,
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("---TRANSACTION")) {
      figures.current_transactions += 1;
      if (line.includes(", ACTIVE ")) figures.active_transactions += 1;
      continue;
    }
    const wait = /^-+ TRX HAS BEEN WAITING (\d{1,15}) (SEC|us)/u.exec(line);
    if (wait) figures.innodb_lock_wait_secs += Number(wait[1]) / (wait[2] === "us" ? 1e6 : 1);
    const tables = /^mysql tables in use (\d{1,9}), locked (\d{1,9})/u.exec(line);
    if (tables) {
      figures.innodb_tables_in_use += Number(tables[1]);
      figures.innodb_locked_tables += Number(tables[2]);
    }
    const locks = /^(LOCK WAIT )?(\d{1,9}) lock struct\(s\)/u.exec(line);
    if (!locks) continue;
    figures.innodb_lock_structs += Number(locks[2]);
    if (locks[1] !== undefined) figures.locked_transactions += 1;
  }
  return figures;
}

/** Status variables of MariaDB that hold what MySQL tells only in the text. */
const variables: Readonly<Record<string, string>> = {
  Innodb_history_list_length: "history_list",
  Innodb_max_trx_id: "innodb_transactions",
  Innodb_lsn_current: "log_bytes_written",
  Innodb_lsn_flushed: "log_bytes_flushed",
  Innodb_checkpoint_age: "uncheckpointed_bytes",
  Innodb_ibuf_merges: "ibuf_merges",
  Innodb_ibuf_size: "ibuf_used_cells",
  Innodb_ibuf_free_list: "ibuf_free_cells",
  Innodb_ibuf_segment_size: "ibuf_cell_count",
};

/** The figures of {@link parseInnodbStatus} that a server has as status variables: they need no right. */
export function innodbVariables(status: Figures): Figures {
  const figures: Record<string, number> = {};
  for (const [variable, name] of Object.entries(variables)) {
    const value = status[variable];
    if (value !== undefined) figures[name] = value;
  }
  return figures;
}
