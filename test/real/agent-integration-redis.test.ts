import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, runOnce, startDaemon, withDaemons, type Daemon } from "#test/daemons";
import { openFolder } from "#test/folder";
import { IntegrationRig, withIntegrations } from "#test/integration-rig";
import { until } from "#test/until";

// Debian's own Redis on the loopback interface, with a password, rules and TLS.

const folder = openFolder("hinoban-real-integrations-");
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
withIntegrations();
withDaemons(); // ended first, since what is registered last runs first

describe("Redis", () => {
  let port = 0;
  let tlsPort = 0;
  let daemon: Daemon;

  beforeAll(async () => {
    port = await freePort();
    tlsPort = await freePort();
    const own = at("redis");
    mkdirSync(own);
    const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    runOnce("openssl", [
      "req",
      "-x509",
      ...ec,
      "-keyout",
      join(own, "key.pem"),
      "-out",
      join(own, "cert.pem"),
      "-days",
      "2",
      "-subj",
      "/CN=127.0.0.1",
      "-addext",
      "subjectAltName=IP:127.0.0.1",
    ]);
    const configuration = [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${own}`,
      'save ""',
      'requirepass "watch me"',
      "maxmemory 64mb",
      `tls-port ${tlsPort}`,
      `tls-cert-file ${own}/cert.pem`,
      `tls-key-file ${own}/key.pem`,
      "tls-auth-clients no",
      "user careful on >slow +@connection",
      "user watcher on >look +info +auth",
    ];
    writeFileSync(join(own, "redis.conf"), `${configuration.join("\n")}\n`);
    daemon = await startDaemon("redis-server", [join(own, "redis.conf")], { port });
  });

  const redisCli = (...words: readonly string[]): string =>
    runOnce("redis-cli", ["-p", String(port), "--no-auth-warning", "-a", "watch me", ...words]);

  test("INFO gives clients, memory, keys, and commands per minute", async () => {
    const rig = new IntegrationRig("redis", { port, password: "watch me" });
    await rig.round();
    redisCli("set", "a", "1");
    redisCli("set", "b", "1", "EX", "1000");
    redisCli("get", "a");
    redisCli("get", "none");
    const found = await rig.round();
    expect(found.metrics).toMatchObject({
      "custom.redis.keys.keys": 2,
      "custom.redis.keys.expires": 1,
      "custom.redis.keyspace.keyspace_hits": 1,
      "custom.redis.keyspace.keyspace_misses": 1,
      "custom.redis.clients.connected_clients": 1,
    });
    expect(found.metrics?.["custom.redis.capacity.percentage_of_memory"]).toBeGreaterThan(0.5);
    expect(found.metrics?.["custom.redis.queries.total_commands_processed"]).toBeGreaterThanOrEqual(4);
    expect(rig.undefinedNames(found)).toEqual([]);
  });

  test("a replica is seen from both sides, and a lost master is critical", async () => {
    const replicaPort = await freePort();
    mkdirSync(at("replica"));
    const args = [
      "--port",
      String(replicaPort),
      "--bind",
      "127.0.0.1",
      "--dir",
      at("replica"),
      "--replicaof",
      `127.0.0.1 ${port}`,
      "--save",
      "",
      "--masterauth",
      "watch me",
      "--repl-diskless-sync-delay",
      "0",
    ];
    await startDaemon("redis-server", args, { port: replicaPort });
    const master = new IntegrationRig("redis", { port, password: "watch me" });
    const replica = new IntegrationRig("redis", { port: replicaPort }, "replica");
    await until(
      "the replica hears its master",
      20_000,
      async () => (await replica.round()).metrics?.["custom.redis.replica.replication.master_link_up"] === 1,
    );
    const found = await master.round();
    expect(found.metrics).toMatchObject({ "custom.redis.clients.connected_slaves": 1 });
    expect(found.metrics).toHaveProperty(["custom.redis.offset_delay.slave0_offset_delay"]);
    expect(master.undefinedNames(found)).toEqual([]);
    runOnce("redis-cli", ["-p", String(replicaPort), "replicaof", "127.0.0.1", String(await freePort())]);
    const { checks } = await replica.round();
    expect(checks?.[0]).toMatchObject({ name: "redis.replica replication", status: "CRITICAL" });
  });

  test("TLS with the server's authority, and not without it", async () => {
    const options = { port: tlsPort, password: "watch me", tls: true };
    expect((await new IntegrationRig("redis", { ...options, ca_file: at("redis/cert.pem") }).round()).metrics).toHaveProperty([
      "custom.redis.keys.keys",
    ]);
    expect(await new IntegrationRig("redis", options).trouble()).toMatch(/self.signed/u);
  });

  test("a user who may call INFO alone is enough; others are told what they lack", async () => {
    const watcher = await new IntegrationRig("redis", { port, user: "watcher", password: "look" }).round();
    expect(watcher.metrics?.["custom.redis.capacity.percentage_of_memory"]).toBeGreaterThan(0.5);
    expect(await new IntegrationRig("redis", { port, user: "careful", password: "slow" }).trouble()).toMatch(
      /may not call INFO: ACL SETUSER/u,
    );
    expect(await new IntegrationRig("redis", { port }).trouble()).toMatch(/wants a password/u);
    const wrong = new IntegrationRig("redis", { port, password: "guessed" });
    const trouble = await wrong.trouble();
    expect(trouble).toMatch(/user or password is wrong/u);
    expect(trouble + wrong.logged).not.toContain("guessed");
  });

  test("a server that is down, and something that is no Redis, are told", async () => {
    const other = http.createServer((_request, reply) => reply.end("hello"));
    const otherPort = await freePort();
    await new Promise<void>((resolve) => other.listen(otherPort, "127.0.0.1", resolve));
    expect(await new IntegrationRig("redis", { port: otherPort }).trouble()).toMatch(/no Redis|closed the connection/u);
    other.close();
    await daemon.stop();
    expect(await new IntegrationRig("redis", { port, password: "watch me" }).trouble()).toMatch(/Nothing listens/u);
  });
});
