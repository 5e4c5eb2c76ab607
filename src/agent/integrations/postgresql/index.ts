import { segment, type MetricValues } from "../../collectors/collector.ts";
import { graphDefinitions, GraphValues, type Figures } from "../common/graphs.ts";
import { readNaming } from "../common/names.ts";
import { readPassword } from "../common/password.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { IntegrationMaker } from "../integration.ts";
import type { Options } from "../options.ts";
import { withPostgres, type PostgresSession, type PostgresTarget, type Row } from "./client.ts";
import { databaseGraphs, postgresGraphs } from "./graphs.ts";
import {
  activityQuestion,
  databaseQuestion,
  lockQuestion,
  primaryQuestion,
  serverQuestion,
  sizeQuestion,
  standbyQuestion,
} from "./questions.ts";

/** Single databases that get a line of their own: the largest. */
const mostDatabases = 50;

/** `[integrations.postgresql]`: sessions, transactions, cache, locks, replication and sizes of a PostgreSQL 15 or later. */
export const postgresql: IntegrationMaker = (options, deps, config) => {
  const target = readTarget(options);
  const caFile = options.optionalText("ca_file");
  const password = readPassword(options, deps);
  const slow = options.integer("slow_query_seconds", 60, { least: 1, most: 86_400 });
  const { prefix, label } = readNaming(options, config, "postgres", "Postgres");
  options.done();
  const values = new GraphValues(prefix, postgresGraphs);
  return {
    kind: "postgresql",
    name: config.name,
    graphDefs: graphDefinitions(prefix, label, [...postgresGraphs, ...databaseGraphs]),
    collect: async () => {
      const ca = caFile === undefined ? undefined : await deps.reader.text(caFile);
      const found = await withPostgres(target.tls ? { ...target, tls: { ...target.tls, ca } } : target, await password(), (session) =>
        question(session, slow),
      );
      const metrics = { ...values.take(deps.clock.mono(), found.figures), ...sizeMetrics(prefix, found.sizes) };
      const check = checkOf(`${config.name} rights`, judge(found, target.user), `The role ${target.user} may see everything.`);
      return { metrics: { ...metrics, ...cacheHits(prefix, metrics) }, checks: [check] };
    },
  };
};

function readTarget(options: Options): PostgresTarget {
  const isTls = options.flag("tls", false);
  const verify = options.flag("tls_verify", true);
  return {
    host: options.text("host", "127.0.0.1"),
    port: options.integer("port", 5432, { least: 1, most: 65_535 }),
    user: options.text("user", "hinoban"),
    database: options.text("database", "postgres"),
    tls: isTls ? { ca: undefined, verify } : undefined,
    within: options.seconds("timeout", 10, { least: 1, most: 40 }),
  };
}

interface Found {
  readonly figures: Figures;
  readonly sizes: readonly Row[];
  readonly isMonitor: boolean;
  readonly isStandby: boolean;
}

async function question(session: PostgresSession, slow: number): Promise<Found> {
  const [server = {}] = await session.rows(serverQuestion);
  const isStandby = server["standby"] === true;
  const sizes = await session.rows(sizeQuestion);
  const rows = [server];
  for (const sql of [databaseQuestion, activityQuestion(slow), lockQuestion, isStandby ? standbyQuestion : primaryQuestion])
    rows.push(...(await session.rows(sql)));
  const figures = numbersOf(rows);
  const { sessions, max_connections: most } = figures;
  const capacity = sessions === undefined || most === undefined ? {} : { connections_percentage: (100 * (sessions + 1)) / most };
  const total = sizes.reduce((sum, { size }) => sum + (typeof size === "number" ? size : 0), 0);
  return { figures: { ...figures, ...capacity, total_size: total }, sizes, isMonitor: server["monitor"] === true, isStandby };
}

function numbersOf(rows: readonly Row[]): Figures {
  const figures: Record<string, number> = {};
  for (const row of rows) for (const [name, value] of Object.entries(row)) if (typeof value === "number") figures[name] = value;
  return figures;
}

function sizeMetrics(prefix: string, sizes: readonly Row[]): MetricValues {
  const metrics: Record<string, number> = {};
  for (const { name, size } of sizes.slice(0, mostDatabases)) {
    if (typeof name === "string" && typeof size === "number") metrics[`custom.${prefix}.database_size.${segment(name)}.size`] = size;
  }
  return metrics;
}

/** Of this minute's blocks, not of those since the server's start. */
function cacheHits(prefix: string, metrics: MetricValues): MetricValues {
  const hit = metrics[`custom.${prefix}.blocks.blks_hit`];
  const read = metrics[`custom.${prefix}.blocks.blks_read`];
  if (hit === undefined || read === undefined || hit + read === 0) return {};
  return { [`custom.${prefix}.cache.hit_percentage`]: (100 * hit) / (hit + read) };
}

function judge({ isMonitor }: Found, user: string): readonly Finding[] {
  if (isMonitor) return [];
  const text = `The role ${user} does not see other roles' sessions and sizes: sessions count without their state. GRANT pg_monitor TO ${user};`;
  return [{ status: "WARNING", text }];
}
