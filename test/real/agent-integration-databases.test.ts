import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createConnection } from "mysql2";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildAgent } from "#test/agent/bundle";
import { FakeServer } from "#test/agent/fake-server";
import { freePort, giveAway, postgresPrograms, runOnce, startDaemon, withDaemons, type Daemon } from "#test/daemons";
import { openFolder } from "#test/folder";
import { IntegrationRig, withIntegrations } from "#test/integration-rig";
import { until } from "#test/until";

// Debian's own database servers on the loopback interface, each in a folder of its own.

const folder = openFolder("hinoban-real-integrations-");
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
withIntegrations();
withDaemons(); // ended first, since what is registered last runs first

describe("PostgreSQL", () => {
  const bin = postgresPrograms();
  let port = 0;
  let standbyPort = 0;
  let daemon: Daemon;

  const admin = async (...statements: readonly string[]): Promise<void> => {
    const client = new pg.Client({ host: "127.0.0.1", port, user: "owner", password: "owner's", database: "postgres" });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  };

  const start = (data: string, on: number): Promise<Daemon> =>
    startDaemon(
      join(bin, "postgres"),
      ["-D", data, "-p", String(on), "-c", "listen_addresses=127.0.0.1", "-c", `unix_socket_directories=`, "-c", "fsync=off"],
      {
        port: on,
        isUnprivileged: true,
        stopSignal: "SIGINT",
      },
    );

  beforeAll(async () => {
    port = await freePort();
    const own = at("postgres");
    mkdirSync(own);
    giveAway(own);
    writeFileSync(at("owner-password"), "owner's\n", { mode: 0o644 });
    runOnce(
      join(bin, "initdb"),
      ["-D", join(own, "data"), "-U", "owner", "-A", "scram-sha-256", `--pwfile=${at("owner-password")}`, "--no-sync"],
      true,
    );
    daemon = await start(join(own, "data"), port);
    await until("PostgreSQL takes connections", 20_000, () =>
      admin("select 1").then(
        () => true,
        () => false,
      ),
    );
    await admin(
      "create role hinoban login password 'watch me'",
      "grant pg_monitor to hinoban",
      "create role blind login password 'nothing'",
      "create role standby login replication password 'follow'",
      "create table things (id int)",
    );
  });

  test("sessions, transactions, cache, locks and sizes, as a role that may only watch", async () => {
    const rig = new IntegrationRig("postgresql", { port, password: "watch me" });
    const first = await rig.round();
    expect(first.checks).toEqual([{ name: "postgresql rights", status: "OK", message: "The role hinoban may see everything." }]);
    expect(first.metrics?.["custom.postgres.database_size.postgres.size"]).toBeGreaterThan(1_000_000);
    const holder = new pg.Client({ host: "127.0.0.1", port, user: "owner", password: "owner's", database: "postgres" });
    const waiter = new pg.Client({ host: "127.0.0.1", port, user: "owner", password: "owner's", database: "postgres" });
    await holder.connect();
    await waiter.connect();
    await holder.query("begin");
    await holder.query("insert into things select generate_series(1, 500)");
    await holder.query("lock table things");
    const waiting = waiter.query("select count(*) from things");
    await until("a session waits for the lock", 10_000, async () => {
      const { metrics } = await rig.round();
      return metrics?.["custom.postgres.locks.waiting"] === 1;
    });
    const found = await rig.round();
    expect(found.metrics).toMatchObject({
      "custom.postgres.connections.idle_in_transaction": 1,
      "custom.postgres.connections.active_waiting": 1,
      "custom.postgres.locks.sessions_waiting": 1,
      "custom.postgres.deadlocks.deadlocks": 0,
      "custom.postgres.replication.standbys": 0,
      "custom.postgres.slow.queries": 0,
    });
    expect(found.metrics?.["custom.postgres.longest.transaction"]).toBeGreaterThan(0);
    await holder.query("commit");
    await waiting;
    await Promise.all([holder.end(), waiter.end()]);
    const metrics: Record<string, number> = {};
    await until("the inserted rows are counted", 20_000, async () => {
      Object.assign(metrics, (await rig.round()).metrics);
      return metrics["custom.postgres.rows.tup_inserted"] === 500;
    });
    expect(metrics["custom.postgres.commits.xact_commit"]).toBeGreaterThan(0);
    expect(metrics["custom.postgres.cache.hit_percentage"]).toBeGreaterThan(50);
    expect(metrics["custom.postgres.xlog_location.xlog_location_bytes"]).toBeGreaterThanOrEqual(0);
    expect(rig.undefinedNames({ metrics })).toEqual([]);
  });

  test("a standby and what it is behind are seen from both sides", async () => {
    standbyPort = await freePort();
    const data = at("postgres/standby");
    runOnce(
      join(bin, "pg_basebackup"),
      ["-D", data, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", `host=127.0.0.1 port=${port} user=standby password=follow`],
      true,
    );
    await start(data, standbyPort);
    const primary = new IntegrationRig("postgresql", { port, password: "watch me" });
    await until("the standby streams", 20_000, async () => (await primary.round()).metrics?.["custom.postgres.replication.standbys"] === 1);
    const standby = new IntegrationRig("postgresql", { port: standbyPort, password: "watch me" }, "standby");
    await until("the standby has caught up", 20_000, async () => {
      const { metrics } = await standby.round();
      return (
        metrics?.["custom.postgres.standby.replication_lag.seconds"] === 0 && metrics["custom.postgres.standby.replication.receivers"] === 1
      );
    });
    expect((await primary.round()).metrics?.["custom.postgres.replication_bytes.behind"]).toBeGreaterThanOrEqual(0);
  });

  test("a role without pg_monitor still counts, with a warning that holds the line to run", async () => {
    const rig = new IntegrationRig("postgresql", { port, user: "blind", password: "nothing" });
    const { metrics, checks } = await rig.round();
    expect(checks?.[0]).toMatchObject({ status: "WARNING" });
    expect(checks?.[0]?.message).toContain("GRANT pg_monitor TO blind;");
    expect(metrics?.["custom.postgres.size.total_size"]).toBeGreaterThan(0);
  });

  test("wrong or missing passwords, unknown roles and databases, and a server that is down are told, without the password", async () => {
    const rig = (options: Readonly<Record<string, unknown>>): IntegrationRig => new IntegrationRig("postgresql", { port, ...options });
    const wrong = rig({ password: "guessed" });
    const trouble = await wrong.trouble();
    expect(trouble).toMatch(/refused the password of the role hinoban/u);
    expect(trouble + wrong.logged).not.toContain("guessed");
    expect(await rig({}).trouble()).toMatch(/password/u);
    expect(await rig({ password: "watch me", database: "none" }).trouble()).toMatch(/has no database none/u);
    expect(await rig({ password_file: at("no-such-file") }).trouble()).toMatch(/password file .* cannot be read/u);
    expect(await rig({ password: "watch me", tls: true }).trouble()).toMatch(/does not speak TLS/u);
    await daemon.stop();
    expect(await rig({ password: "watch me" }).trouble()).toMatch(/Nothing listens at 127\.0\.0\.1/u);
  });
});

describe("MariaDB", () => {
  let port = 0;
  let daemon: Daemon;

  const admin = (sql: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const connection = createConnection({ host: "127.0.0.1", port, user: "owner", password: "owner's", multipleStatements: true });
      connection.query(sql, (error) => {
        connection.destroy();
        if (error) reject(error);
        else resolve();
      });
    });

  beforeAll(async () => {
    port = await freePort();
    const own = at("mariadb");
    mkdirSync(own);
    giveAway(own);
    const data = `--datadir=${join(own, "data")}`;
    runOnce(
      "mariadb-install-db",
      ["--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-log-bin"],
      true,
    );
    const users = [
      "create user owner@'127.0.0.1' identified by 'owner''s'",
      "grant all on *.* to owner@'127.0.0.1'",
      "create user hinoban@'127.0.0.1' identified by 'watch me'",
      "grant process, replication client, slave monitor on *.* to hinoban@'127.0.0.1'",
      "create user blind@'127.0.0.1' identified by 'nothing'",
    ];
    const file = at("mariadb-users.sql");
    writeFileSync(file, users.map((line) => `${line};\n`).join(""), { mode: 0o644 });
    const args = [
      "--no-defaults",
      data,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      `--socket=${join(own, "mariadb.sock")}`,
      `--pid-file=${join(own, "mariadb.pid")}`,
      `--init-file=${file}`,
      "--skip-name-resolve",
      "--innodb-buffer-pool-size=16M",
      "--server-id=7",
    ];
    daemon = await startDaemon("mariadbd", args, { port, isUnprivileged: true });
  });

  test("queries, threads, InnoDB and sessions, as a user who may only watch", async () => {
    const rig = new IntegrationRig("mysql", { port, password: "watch me", extended: true });
    const first = await rig.round();
    expect(first.checks).toEqual([
      { name: "mysql rights", status: "OK", message: "The user hinoban may see everything." },
      { name: "mysql replication", status: "OK", message: "This server replicates from nobody." },
    ]);
    await admin(
      "create database shop; create table shop.things (id int primary key) engine=innodb; insert into shop.things values (1), (2), (3); select * from shop.things; select sleep(0)",
    );
    const found = await rig.round();
    expect(found.metrics).toMatchObject({ "custom.mysql.cmd.Com_insert": 1, "custom.mysql.threads.Threads_running": expect.any(Number) });
    expect(found.metrics?.["custom.mysql.handlers.Handler_write"]).toBeGreaterThanOrEqual(3);
    for (const name of [
      "capacity.PercentageOfConnections",
      "capacity.PercentageOfBufferPool",
      "innodb_transactions.history_list",
      "innodb_checkpoint_age.uncheckpointed_bytes",
      "traffic.Bytes_sent",
      "longest.query",
      "innodb_transactions_active_locked.read_views",
    ])
      expect(found.metrics).toHaveProperty([`custom.mysql.${name}`]);
    expect(rig.undefinedNames(found)).toEqual([]);
  });

  test("replication that does not run is critical, with what the server says", async () => {
    const silent = await freePort();
    await admin(`change master to master_host='127.0.0.1', master_port=${silent}, master_user='x', master_password='hidden'; start slave`);
    const rig = new IntegrationRig("mysql", { port, password: "watch me" });
    await until("the server has tried", 20_000, async () => {
      const { checks } = await rig.round();
      return checks?.some(({ name, message }) => name === "mysql replication" && /error connecting/u.test(message));
    });
    const { checks, metrics } = await rig.round();
    expect(checks?.[1]).toMatchObject({ name: "mysql replication", status: "CRITICAL" });
    expect(checks?.[1]?.message).toMatch(/receives nothing/u);
    expect(JSON.stringify(checks)).not.toContain("hidden");
    expect(metrics).toMatchObject({ "custom.mysql.replication_threads.io_running": 0, "custom.mysql.replication_threads.sql_running": 1 });
  });

  test("a user without rights still counts, with a warning that holds the lines to run", async () => {
    const { metrics, checks } = await new IntegrationRig("mysql", { port, user: "blind", password: "nothing" }).round();
    expect(checks?.[0]).toMatchObject({ name: "mysql rights", status: "WARNING" });
    expect(checks?.[0]?.message).toContain("GRANT PROCESS ON *.* TO blind;");
    expect(metrics?.["custom.mysql.threads.Threads_connected"]).toBeGreaterThan(0);
  });

  test("the agent as one file loads its drivers and sends what they found", async () => {
    const server = new FakeServer();
    await server.start();
    await buildAgent(at("hinoban-agent.mjs"));
    const sections = [
      "first_interval = 1",
      "[integrations.mysql]",
      `port = ${port}`,
      'password_env = "WATCH_PASSWORD"',
      "[integrations.postgresql.gone]",
      `port = ${await freePort()}`,
      'password = "guessed"',
    ];
    writeFileSync(at("agent.conf"), `${sections.join("\n")}\n`, { mode: 0o600 });
    const args = ["run", "--config", at("agent.conf"), "--server", server.url, "--state-dir", at("agent-state")];
    const agent = spawn(process.execPath, [at("hinoban-agent.mjs"), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"], HINOBAN_AGENT_KEY: server.key, WATCH_PASSWORD: "watch me" },
    });
    let output = "";
    for (const stream of [agent.stdout, agent.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
    try {
      await until("values of MariaDB arrive", 30_000, () =>
        server.points.some(({ name }) => name === "custom.mysql.threads.Threads_connected"),
      );
      const told = (name: string): unknown => server.reports.find((report) => report.name === name);
      await until(
        "the checks arrive",
        90_000,
        () => told("mysql rights") !== undefined && told("integration postgresql.gone") !== undefined,
      );
      expect(told("mysql rights")).toMatchObject({ status: "OK" });
      expect(told("integration postgresql.gone")).toMatchObject({
        status: "CRITICAL",
        message: expect.stringContaining("Nothing listens at"),
      });
      expect(output).not.toMatch(/guessed|watch me/u);
      expect(server.complaints).toEqual([]);
    } finally {
      agent.kill("SIGKILL");
      await server.stop();
    }
  });

  test("a wrong password and a server that is down are told, without the password", async () => {
    const rig = new IntegrationRig("mysql", { port, password: "guessed" });
    const trouble = await rig.trouble();
    expect(trouble).toMatch(/refused the user hinoban or its password/u);
    expect(trouble + rig.logged).not.toContain("guessed");
    await daemon.stop();
    expect(await rig.trouble()).toMatch(/Nothing listens at 127\.0\.0\.1/u);
  });
});
