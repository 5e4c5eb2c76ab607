import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import pg from "pg";
import { systemPostgres } from "../system-postgres.ts";
import { ensureProgram, familyCpuSeconds, familyPssMb, freeLowPort, freePort, packageVersion, pause, startProgram } from "../processes.ts";

const program = "/usr/sbin/zabbix_server";
const debianPackage = "zabbix-server-pgsql";
const sqlFolder = "/usr/share/zabbix-server-pgsql";

/** A Zabbix server with a PostgreSQL of its own, fresh, with hosts whose trapper items take what zabbix_sender sends. */
export interface ZabbixServer {
  readonly version: string;
  /** Where agents and senders connect. */
  readonly port: number;
  /** CPU seconds so far, its PostgreSQL's included: that is where its values go. */
  cpuSeconds(): number;
  memoryMb(): number;
  output(): string;
  /** Values in the history of one item, newest last. */
  stored(host: string, key: string): Promise<number[]>;
  readonly stop: () => Promise<void>;
}

export interface ZabbixOptions {
  /** An empty folder for its files. */
  readonly directory: string;
  readonly hosts: readonly string[];
  readonly keys: readonly string[];
}

/** Starts the Zabbix server of Debian as its packages configure it, apart from caches that are as large as its manual advises for the load. */
export async function startZabbix({ directory, hosts, keys }: ZabbixOptions): Promise<ZabbixServer> {
  ensureProgram(program, debianPackage);
  const database = await startDatabase(directory);
  try {
    await fill(database.client, hosts, keys);
    const port = await freeLowPort();
    const configFile = join(directory, "zabbix_server.conf");
    writeFileSync(configFile, configOf({ directory, port, databasePort: database.port }));
    const server = await startProgram(program, ["--foreground", "--config", configFile], `127.0.0.1:${port}`);
    await pause(3000); // its configuration cache is filled after its port is open
    return {
      version: packageVersion(debianPackage),
      port,
      cpuSeconds: () => familyCpuSeconds(server.pid) + familyCpuSeconds(database.pid),
      memoryMb: () => familyPssMb(server.pid) + familyPssMb(database.pid),
      output: server.output,
      stored: async (host, key) => {
        const { rows } = await database.client.query<{ value: number }>(
          `select y.value from history y join items i on i.itemid = y.itemid join hosts h on h.hostid = i.hostid
           where h.host = $1 and i.key_ = $2 order by y.clock, y.ns`,
          [host, key],
        );
        return rows.map((row) => row.value);
      },
      stop: async () => {
        await server.stop();
        await database.stop();
      },
    };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

interface Database {
  readonly port: number;
  readonly pid: number;
  readonly client: pg.Client;
  readonly stop: () => Promise<void>;
}

/** PostgreSQL refuses to run as root, so it runs as the account that its package made. */
async function startDatabase(directory: string): Promise<Database> {
  const bin = systemPostgres();
  const data = join(directory, "postgres");
  chmodSync(directory, 0o755);
  const as = ["--reuid=postgres", "--regid=postgres", "--clear-groups"];
  execFileSync("install", ["-d", "-o", "postgres", "-g", "postgres", "-m", "700", data]);
  execFileSync("setpriv", [...as, `${bin}/initdb`, "--pgdata", data, "--auth=trust", "--encoding=UTF8", "--locale=C"], {
    stdio: "ignore",
    cwd: "/",
  });
  const port = await freePort();
  const settings = ["-h", "127.0.0.1", "-p", String(port), "-k", data];
  const server = await startProgram("setpriv", [...as, `${bin}/postgres`, "-D", data, ...settings], `127.0.0.1:${port}`);
  const connection = { host: "127.0.0.1", port, user: "postgres" };
  const first = await connectWhenReady({ ...connection, database: "postgres" });
  await first.query("create database zabbix");
  await first.end();
  const client = await connectWhenReady({ ...connection, database: "zabbix" });
  return {
    port,
    pid: server.pid,
    client,
    stop: async () => {
      await client.end();
      await server.stop();
    },
  };
}

/** The port is open some moments before the database takes anybody in. */
async function connectWhenReady(config: pg.ClientConfig): Promise<pg.Client> {
  for (let left = 100; ; left--) {
    const client = new pg.Client(config);
    try {
      await client.connect();
      return client;
    } catch (error) {
      if (left === 0) throw error;
      await pause(100);
    }
  }
}

/** The schema of the package, and hosts with one trapper item for each key. */
async function fill(client: pg.Client, hosts: readonly string[], keys: readonly string[]): Promise<void> {
  for (const file of ["schema.sql.gz", "images.sql.gz", "data.sql.gz"]) {
    await client.query(gunzipSync(readFileSync(join(sqlFolder, file))).toString("utf8"));
  }
  await client.query(
    `insert into hosts (hostid, host, name, name_upper)
     select 1000000 + n, host, host, upper(host) from unnest($1::text[]) with ordinality as given (host, n)`,
    [hosts],
  );
  await client.query(
    `insert into items (itemid, type, hostid, name, key_, value_type)
     select 10000000 + (h.hostid - 1000000) * 1000 + k.n, 2, h.hostid, k.key, k.key, 0
     from hosts h cross join unnest($1::text[]) with ordinality as k (key, n) where h.hostid > 1000000`,
    [keys],
  );
  await client.query("insert into item_rtdata (itemid) select itemid from items where itemid > 10000000");
}

const configOf = ({ directory, port, databasePort }: { directory: string; port: number; databasePort: number }): string => `
ListenIP=127.0.0.1
ListenPort=${port}
AllowRoot=1
LogType=file
LogFile=${directory}/zabbix_server.log
PidFile=${directory}/zabbix_server.pid
SocketDir=${directory}
DBHost=127.0.0.1
DBPort=${databasePort}
DBName=zabbix
DBUser=postgres
StartPollers=1
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
StartTrappers=5
CacheSize=256M
HistoryCacheSize=64M
HistoryIndexCacheSize=32M
TrendCacheSize=32M
ValueCacheSize=64M
`;
