import { describe, expect, test } from "vitest";
import { fuzz } from "#test/fuzz";
import { getDecoder, getEncoder } from "./charsets.ts";
import { capacity, parseChannels, parseVariables, replicationFigures } from "./figures.ts";
import { innodbVariables, parseInnodbStatus } from "./innodb-status.ts";

const text = `
------------
TRANSACTIONS
------------
Trx id counter 421935
History list length 12
LIST OF TRANSACTIONS FOR EACH SESSION:
---TRANSACTION 421934, ACTIVE 4 sec starting index read
mysql tables in use 1, locked 1
LOCK WAIT 2 lock struct(s), heap size 1128, 1 row lock(s)
MySQL thread id 9, OS thread handle 140, query id 55 localhost root updating
update t set a = 1
------- TRX HAS BEEN WAITING 4 SEC FOR THIS LOCK TO BE GRANTED:
---TRANSACTION 421933, ACTIVE 20 sec
1 lock struct(s), heap size 1128, 1 row lock(s)
---TRANSACTION 421479, not started
0 lock struct(s), heap size 1128, 0 row lock(s)
-------------------------------------
INSERT BUFFER AND ADAPTIVE HASH INDEX
-------------------------------------
Ibuf: size 1, free list len 5, seg size 7, 3 merges
Hash table size 34679, node heap has 1 buffer(s)
---
LOG
---
Log sequence number          19643450
Log flushed up to            19643400
Last checkpoint at           19643000
RW-shared spins 10, rounds 20, OS waits 3
RW-excl spins 1, rounds 30, OS waits 2
Total large memory allocated 137035776
2 read views open inside InnoDB
`;

describe("SHOW ENGINE INNODB STATUS", () => {
  test("log, transactions, locks and waits", () => {
    expect(parseInnodbStatus(text)).toMatchObject({
      innodb_transactions: 421_935,
      history_list: 12,
      current_transactions: 3,
      active_transactions: 2,
      locked_transactions: 1,
      innodb_lock_wait_secs: 4,
      innodb_lock_structs: 3,
      innodb_tables_in_use: 1,
      innodb_locked_tables: 1,
      unflushed_log: 50,
      uncheckpointed_bytes: 450,
      spin_waits: 11,
      spin_rounds: 50,
      os_waits: 5,
      ibuf_cell_count: 7,
      ibuf_merges: 3,
      hash_index_cells_total: 34_679,
      total_mem_alloc: 137_035_776,
      read_views: 2,
    });
  });

  test("MariaDB waits in microseconds, and has variables for what it does not print", () => {
    expect(parseInnodbStatus("------- TRX HAS BEEN WAITING 2500000 us FOR THIS LOCK TO BE GRANTED:")).toMatchObject({
      innodb_lock_wait_secs: 2.5,
    });
    expect(innodbVariables({ Innodb_history_list_length: 3, Innodb_checkpoint_age: 9 })).toEqual({
      history_list: 3,
      uncheckpointed_bytes: 9,
    });
  });

  test("any text gives finite numbers", () => {
    const parse = (input: Buffer): void => {
      if (!Object.values(parseInnodbStatus(input.toString("latin1"))).every(Number.isFinite)) throw new Error("a figure is no number");
    };
    expect(fuzz([text.slice(0, 700), text.slice(700)], parse, () => false, { runs: 50_000 }).refused).toBe(0);
  });
});

describe("SHOW STATUS and SHOW REPLICA STATUS", () => {
  test("values that are numbers count, others do not", () => {
    const rows = [
      { Variable_name: "Threads_connected", Value: "5" },
      { Variable_name: "Innodb_have_lz4", Value: "ON" },
      { Variable_name: "version", Value: "8.4.3" },
      { Variable_name: "long_query_time", Value: "10.000000" },
      { Variable_name: "empty", Value: null },
    ];
    expect(parseVariables(rows)).toEqual({ Threads_connected: 5, long_query_time: 10 });
  });

  test("shares are of what the server allows", () => {
    expect(
      capacity({ Threads_connected: 15, max_connections: 150, Innodb_buffer_pool_pages_data: 1, Innodb_buffer_pool_pages_total: 4 }),
    ).toEqual({
      PercentageOfConnections: 10,
      PercentageOfBufferPool: 25,
    });
    expect(capacity({})).toEqual({});
  });

  test("old and new column names mean the same; the slowest channel counts", () => {
    const old = parseChannels([{ Slave_IO_Running: "Yes", Slave_SQL_Running: "Yes", Seconds_Behind_Master: "7", Last_IO_Error: "" }]);
    const recent = parseChannels([
      { Channel_Name: "a", Replica_IO_Running: "Yes", Replica_SQL_Running: "Yes", Seconds_Behind_Source: "7" },
      {
        Channel_Name: "b",
        Replica_IO_Running: "Connecting",
        Replica_SQL_Running: "Yes",
        Seconds_Behind_Source: null,
        Last_IO_Error: "no route",
      },
    ]);
    expect(replicationFigures(old)).toEqual({ io_running: 1, sql_running: 1, Seconds_Behind_Master: 7 });
    expect(replicationFigures(recent)).toEqual({ io_running: 0, sql_running: 1, Seconds_Behind_Master: 7 });
    expect(recent[1]).toMatchObject({ name: "b", behind: undefined, error: "no route" });
    expect(replicationFigures([])).toEqual({});
  });
});

test("what iconv-lite would decode for the driver is decoded by the runtime", () => {
  const decoder = getDecoder("shift_jis");
  expect(decoder.write(Buffer.from([0x93, 0xfa])) + decoder.write(Buffer.from([0x96, 0x7b])) + (decoder.end() ?? "")).toBe("日本");
  expect(getDecoder("no such charset").write(Buffer.from("é"))).toBe("é");
  expect(getEncoder().write("é")).toEqual(Buffer.from("é"));
});
