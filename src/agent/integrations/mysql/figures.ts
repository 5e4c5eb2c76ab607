import type { Figures } from "../common/graphs.ts";
import type { Row } from "./client.ts";

/** `Variable_name`, `Value` rows whose value is a number. */
export function parseVariables(rows: readonly Row[]): Figures {
  const figures: Record<string, number> = {};
  for (const row of rows) {
    const { Variable_name: name, Value: value } = row;
    if (typeof name === "string" && typeof value === "string" && /^-?\d{1,20}(?:\.\d{1,12})?$/u.test(value)) figures[name] = Number(value);
  }
  return figures;
}

/** What is derived from single figures. */
export function capacity(figures: Figures): Figures {
  const share = (part: number | undefined, whole: number | undefined): number | undefined =>
    part === undefined || whole === undefined || whole === 0 ? undefined : (100 * part) / whole;
  const connections = share(figures["Threads_connected"], figures["max_connections"]);
  const pool = share(figures["Innodb_buffer_pool_pages_data"], figures["Innodb_buffer_pool_pages_total"]);
  return {
    ...(connections === undefined ? {} : { PercentageOfConnections: connections }),
    ...(pool === undefined ? {} : { PercentageOfBufferPool: pool }),
  };
}

/** How replication from one source goes. */
export interface Channel {
  readonly name: string;
  readonly ioRunning: boolean;
  readonly sqlRunning: boolean;
  /** Seconds behind the source; undefined while it is not known. */
  readonly behind: number | undefined;
  readonly error: string;
}

/** Rows of SHOW REPLICA STATUS, or of SHOW SLAVE STATUS with its older column names. */
export function parseChannels(rows: readonly Row[]): readonly Channel[] {
  return rows.map((row) => {
    const pick = (...names: readonly string[]): string => names.map((name) => row[name]).find((value) => typeof value === "string") ?? "";
    const behind = pick("Seconds_Behind_Source", "Seconds_Behind_Master");
    return {
      name: pick("Channel_Name", "Connection_name"),
      ioRunning: pick("Replica_IO_Running", "Slave_IO_Running") === "Yes",
      sqlRunning: pick("Replica_SQL_Running", "Slave_SQL_Running") === "Yes",
      behind: /^\d{1,12}$/u.test(behind) ? Number(behind) : undefined,
      error: [pick("Last_IO_Error"), pick("Last_SQL_Error")].filter((text) => text !== "").join("; "),
    };
  });
}

/** The slowest channel counts; without a channel there are no figures. */
export function replicationFigures(channels: readonly Channel[]): Figures {
  if (channels.length === 0) return {};
  const known = channels.flatMap(({ behind }) => (behind === undefined ? [] : [behind]));
  return {
    io_running: channels.every(({ ioRunning }) => ioRunning) ? 1 : 0,
    sql_running: channels.every(({ sqlRunning }) => sqlRunning) ? 1 : 0,
    ...(known.length === 0 ? {} : { Seconds_Behind_Master: Math.max(...known) }),
  };
}
