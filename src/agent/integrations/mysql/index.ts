import { HinobanError } from "#base/errors";
import { graphDefinitions, GraphValues, type Figures } from "../common/graphs.ts";
import { readNaming } from "../common/names.ts";
import { readPassword } from "../common/password.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { IntegrationMaker } from "../integration.ts";
import type { Options } from "../options.ts";
import { withMysql, type MysqlSession, type MysqlTarget, type Row } from "./client.ts";
import { capacity, parseChannels, parseVariables, replicationFigures, type Channel } from "./figures.ts";
import { extendedGraphs } from "./extended-graphs.ts";
import { mysqlGraphs } from "./graphs.ts";
import { innodbGraphs } from "./innodb-graphs.ts";
import { innodbVariables, parseInnodbStatus } from "./innodb-status.ts";

/** `[integrations.mysql]`: queries, threads, InnoDB and replication of a MySQL or MariaDB. */
export const mysql: IntegrationMaker = (options, deps, config) => {
  const target = readTarget(options);
  const caFile = options.optionalText("ca_file");
  const password = readPassword(options, deps);
  const slow = options.integer("slow_query_seconds", 60, { least: 1, most: 86_400 });
  const { prefix, label } = readNaming(options, config, "mysql", "MySQL");
  const isExtended = options.flag("extended", false);
  options.done();
  const graphs = [...mysqlGraphs, ...innodbGraphs, ...(isExtended ? extendedGraphs : [])];
  const values = new GraphValues(prefix, graphs);
  return {
    kind: "mysql",
    name: config.name,
    graphDefs: graphDefinitions(prefix, label, graphs),
    collect: async () => {
      const ca = caFile === undefined ? undefined : await deps.reader.text(caFile);
      const found = await withMysql(target.tls ? { ...target, tls: { ...target.tls, ca } } : target, await password(), (session) =>
        question(session, slow, target.user),
      );
      return {
        metrics: values.take(deps.clock.mono(), found.figures),
        checks: [
          checkOf(`${config.name} rights`, found.denied, `The user ${target.user} may see everything.`),
          ...(found.channels === undefined ? [] : [checkOf(`${config.name} replication`, judge(found.channels), say(found.channels))]),
        ],
      };
    },
  };
};

function readTarget(options: Options): MysqlTarget {
  const isTls = options.flag("tls", false);
  const verify = options.flag("tls_verify", true);
  return {
    host: options.text("host", "127.0.0.1"),
    port: options.integer("port", 3306, { least: 1, most: 65_535 }),
    socket: options.optionalText("socket"),
    user: options.text("user", "hinoban"),
    tls: isTls ? { ca: undefined, verify } : undefined,
    within: options.seconds("timeout", 10, { least: 1, most: 40 }),
  };
}

interface Found {
  readonly figures: Figures;
  /** What the user may not see. */
  readonly denied: readonly Finding[];
  /** Undefined when it may not see replication. */
  readonly channels: readonly Channel[] | undefined;
}

/** The answer, or undefined and a finding when the user lacks the right. Other failures are thrown. */
type Optional = (sql: string, lacks: string) => Promise<readonly Row[] | undefined>;

async function question(session: MysqlSession, slow: number, user: string): Promise<Found> {
  const denied: Finding[] = [];
  const optional: Optional = async (sql, lacks) => {
    try {
      return await session.rows(sql);
    } catch (error) {
      if (!isDenied(error)) throw error;
      denied.push({ status: "WARNING", text: `${lacks} are not seen: GRANT ${rightFor(sql)} ON *.* TO ${user};` });
      return undefined;
    }
  };
  const status = parseVariables(await session.rows("show global status"));
  const variables = parseVariables(await session.rows("show global variables"));
  const innodb = await optional("show engine innodb status", "InnoDB's transactions and log");
  const sessions = await optional(sessionsQuestion(slow), "Other users' queries");
  const replicas = await replicaStatus(session, optional);
  const channels = replicas === undefined ? undefined : parseChannels(replicas);
  const figures = {
    ...variables,
    ...status,
    ...innodbVariables(status),
    ...parseInnodbStatus(innodb?.[0]?.["Status"] ?? ""),
    ...(sessions?.[0] ? numbersOf(sessions[0]) : {}),
    ...replicationFigures(channels ?? []),
  };
  return { figures: { ...figures, ...capacity(figures) }, denied, channels };
}

/** Without the right PROCESS the list has the own session only, and no error. */
const sessionsQuestion = (slow: number): string => `
select coalesce(max(time), 0) as longest_query, coalesce(sum(time >= ${slow}), 0) as running_slow from information_schema.processlist
where command in ('Query', 'Execute') and id <> connection_id()`;

/** SHOW SLAVE STATUS is gone since MySQL 8.4; SHOW REPLICA STATUS came with MySQL 8.0.22 and MariaDB 10.5.1. */
async function replicaStatus(session: MysqlSession, optional: Optional): Promise<readonly Row[] | undefined> {
  try {
    return await optional("show replica status", "Replication");
  } catch (error) {
    if (!(error instanceof Error) || errorCode(error) !== "ER_PARSE_ERROR") throw error;
    return optional("show slave status", "Replication");
  }
}

const errorCode = (error: Error): unknown => ("code" in error ? error.code : undefined);

const deniedCodes: readonly unknown[] = ["ER_SPECIFIC_ACCESS_DENIED_ERROR", "ER_ACCESS_DENIED_ERROR", "ER_TABLEACCESS_DENIED_ERROR"];
const isDenied = (error: unknown): boolean =>
  error instanceof HinobanError ? error.code === "forbidden" : error instanceof Error && deniedCodes.includes(errorCode(error));

/** MariaDB knows REPLICATION CLIENT as the older name of its BINLOG MONITOR; SHOW REPLICA STATUS has a right of its own there. */
const rightFor = (sql: string): string =>
  sql.includes("replica") || sql.includes("slave") ? "REPLICATION CLIENT (MariaDB: SLAVE MONITOR)" : "PROCESS";

const numbersOf = (row: Row): Figures =>
  Object.fromEntries(Object.entries(row).flatMap(([name, value]) => (value === null || value === "" ? [] : [[name, Number(value)]])));

function judge(channels: readonly Channel[]): readonly Finding[] {
  return channels
    .filter(({ ioRunning, sqlRunning }) => !ioRunning || !sqlRunning)
    .map(({ name, ioRunning, error }) => {
      const what = ioRunning ? "applies nothing" : "receives nothing";
      return { status: "CRITICAL", text: `Replication${name === "" ? "" : ` ${name}`} ${what}${error === "" ? "." : `: ${error}`}` };
    });
}

const say = (channels: readonly Channel[]): string => (channels.length === 0 ? "This server replicates from nobody." : "Replication runs.");
