import { HinobanError } from "#base/errors";
import type { MetricValues } from "../../collectors/collector.ts";
import { gauge, graphDefinitions, GraphValues, type Figures, type Graph } from "../common/graphs.ts";
import { readNaming } from "../common/names.ts";
import { readPassword } from "../common/password.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { IntegrationMaker } from "../integration.ts";
import type { Options } from "../options.ts";
import { RedisClient, type RedisTarget } from "./client.ts";
import { redisGraphs } from "./graphs.ts";
import { parseClusterInfo, parseInfo, type RedisInfo } from "./info.ts";
import { RedisRefusal, type Reply } from "./resp.ts";

// A line's name may be a wildcard only when its graph's name has one, and the plugin's names have none: more replicas have no title.
const replicaNames = Array.from({ length: 8 }, (_, index) => `slave${index}`);
const replicaGraphs: readonly Graph[] = [
  {
    name: "lag",
    title: "Slave Lag",
    unit: "seconds",
    lines: replicaNames.map((name) => gauge(`${name}_lag`, `Replication lag to ${name}`)),
  },
  {
    name: "offset_delay",
    title: "Slave Offset Delay",
    unit: "integer",
    lines: replicaNames.map((name) => gauge(`${name}_offset_delay`, `Offset delay to ${name}`)),
  },
];

/** `[integrations.redis]`: what INFO tells. Valkey and KeyDB speak the same. */
export const redis: IntegrationMaker = (options, deps, config) => {
  const target = readTarget(options);
  const caFile = options.optionalText("ca_file");
  const password = readPassword(options, deps);
  const configCommand = options.text("config_command", "CONFIG");
  const { prefix, label } = readNaming(options, config, "redis", "Redis");
  options.done();
  const values = new GraphValues(prefix, redisGraphs);
  return {
    kind: "redis",
    name: config.name,
    graphDefs: graphDefinitions(prefix, label, [...redisGraphs, ...replicaGraphs]),
    collect: async () => {
      const ca = caFile === undefined ? undefined : await deps.reader.text(caFile);
      const client = await RedisClient.connect(
        target.tls ? { ...target, tls: { ...target.tls, ca } } : target,
        await password(),
        deps.clock,
      );
      try {
        const info = parseInfo(textOf(await client.send("INFO"), "INFO"));
        const limits = await askLimits(client, configCommand);
        const cluster =
          info.figures["cluster_enabled"] === 1 ? parseClusterInfo(textOf(await client.send("CLUSTER", "INFO"), "CLUSTER INFO")) : {};
        const figures = { ...info.figures, ...cluster, ...capacity(info.figures, limits) };
        const metrics = { ...values.take(deps.clock.mono(), figures), ...replicaMetrics(prefix, info) };
        return { metrics, checks: [checkOf(`${config.name} replication`, judge(info), "Replication is as it should be.")] };
      } finally {
        client.close();
      }
    },
  };
};

function readTarget(options: Options): RedisTarget {
  const isTls = options.flag("tls", false);
  const verify = options.flag("tls_verify", true);
  return {
    host: options.text("host", "127.0.0.1"),
    port: options.integer("port", 6379, { least: 1, most: 65_535 }),
    socket: options.optionalText("socket"),
    tls: isTls ? { ca: undefined, verify } : undefined,
    user: options.optionalText("user"),
    within: options.seconds("timeout", 10, { least: 1, most: 40 }),
  };
}

/** @throws HinobanError "wrong-credentials" or "forbidden" with what is to be done, when Redis refused */
function textOf(reply: Reply, command: string): string {
  if (typeof reply === "string") return reply;
  if (!(reply instanceof RedisRefusal)) throw new HinobanError("bad-request", `Redis answered ${command} with something that is no text.`);
  if (reply.code === "NOAUTH") throw new HinobanError("wrong-credentials", "Redis wants a password; set password_file.");
  if (reply.code === "NOPERM")
    throw new HinobanError("forbidden", `This user of Redis may not call ${command}: ACL SETUSER NAME +info +cluster|info +config|get.`);
  throw new HinobanError("unavailable", `Redis refused ${command}: ${reply.text.slice(0, 200)}`);
}

type Limits = Readonly<Partial<Record<"maxmemory" | "maxclients", number>>>;

/** Managed services have no CONFIG, and a careful user may not call it: INFO tells most of the same. */
async function askLimits(client: RedisClient, command: string): Promise<Limits> {
  const limits: Partial<Record<"maxmemory" | "maxclients", number>> = {};
  if (command === "none") return limits;
  for (const name of ["maxmemory", "maxclients"] as const) {
    const reply = await client.send(command, "GET", name);
    const value = Array.isArray(reply) ? Number(reply[1]) : NaN;
    if (Number.isFinite(value)) limits[name] = value;
  }
  return limits;
}

function capacity(figures: Figures, limits: Limits): Figures {
  const { used_memory: memory, connected_clients: clients } = figures;
  const most = limits.maxmemory ?? figures["maxmemory"];
  const mostClients = limits.maxclients ?? figures["maxclients"];
  return {
    ...(memory === undefined || most === undefined ? {} : { percentage_of_memory: most === 0 ? 0 : (100 * memory) / most }),
    ...(clients === undefined || mostClients === undefined || mostClients === 0
      ? {}
      : { percentage_of_clients: (100 * clients) / mostClients }),
  };
}

function replicaMetrics(prefix: string, { replicas }: RedisInfo): MetricValues {
  const metrics: Record<string, number> = {};
  for (const { name, lag, behind } of replicas) {
    if (lag !== undefined) metrics[`custom.${prefix}.lag.${name}_lag`] = lag;
    if (behind !== undefined) metrics[`custom.${prefix}.offset_delay.${name}_offset_delay`] = behind;
  }
  return metrics;
}

function judge({ role, figures }: RedisInfo): readonly Finding[] {
  if (role !== "slave" || figures["master_link_up"] !== 0) return [];
  const since = figures["master_link_down_since_seconds"];
  const text = `This replica does not hear its master${since === undefined || since < 0 ? "" : ` since ${since} s`}.`;
  return [{ status: "CRITICAL", text }];
}
