import { appendFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, giveAway, runOnce, startDaemon, withDaemons, type Daemon } from "#test/daemons";
import { openFolder } from "#test/folder";
import { IntegrationRig, withIntegrations } from "#test/integration-rig";
import { until } from "#test/until";

// Debian's own web servers on the loopback interface, each in a folder of its own.

const folder = openFolder("hinoban-real-integrations-");
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
withIntegrations();
withDaemons(); // ended first, since what is registered last runs first

const get = (url: string): Promise<number> =>
  new Promise((resolve, reject) => {
    http
      .get(url, { agent: false }, (reply) => {
        reply.resume();
        reply.on("end", () => resolve(reply.statusCode ?? 0));
      })
      .on("error", reject);
  });

describe("nginx", () => {
  let port = 0;
  let daemon: Daemon;

  beforeAll(async () => {
    port = await freePort();
    const own = at("nginx");
    mkdirSync(join(own, "www"), { recursive: true });
    giveAway(own);
    writeFileSync(join(own, "www", "index.html"), "hello\n");
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${own}/${kind};`);
    const configuration = `
      daemon off; worker_processes 1; pid ${own}/nginx.pid; error_log ${own}/error.log;
      events { worker_connections 64; }
      http {
        log_format timed '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" $request_time';
        log_format ltsv 'time:$time_iso8601\\thost:$remote_addr\\tstatus:$status\\tsize:$body_bytes_sent\\treq:$request\\treqtime:$request_time';
        log_format json escape=json '{"status":$status,"request":"$request","request_time":$request_time,"body_bytes_sent":$body_bytes_sent}';
        access_log ${own}/access.log timed; access_log ${own}/access.ltsv ltsv; access_log ${own}/access.json json;
        ${temporary.join("\n")}
        server {
          listen 127.0.0.1:${port};
          root ${own}/www;
          location = /status { stub_status; access_log off; }
          location = /closed { deny all; access_log off; }
          location = /moved { return 302 /; }
          location = /broken { return 503; }
        }
      }`;
    writeFileSync(join(own, "nginx.conf"), configuration);
    daemon = await startDaemon("nginx", ["-p", own, "-e", `${own}/error.log`, "-c", `${own}/nginx.conf`], { port });
  });

  test("stub_status gives connections, and requests per minute", async () => {
    const rig = new IntegrationRig("nginx", { url: `http://127.0.0.1:${port}/status` });
    const first = await rig.round();
    expect(first.metrics).toMatchObject({ "custom.nginx.connections.connections": 1, "custom.nginx.queue.writing": 1 });
    for (let request = 0; request < 5; request += 1) await get(`http://127.0.0.1:${port}/`);
    const second = await rig.round();
    expect(second.metrics).toMatchObject({
      "custom.nginx.requests.requests": 6,
      "custom.nginx.requests.accepts": 6,
      "custom.nginx.dropped.connections": 0,
    });
    expect(rig.undefinedNames(second)).toEqual([]);
  });

  test("a page that may not be read, does not exist, or is another one is told with what to do", async () => {
    const trouble = (path: string): Promise<string> => new IntegrationRig("nginx", { url: `http://127.0.0.1:${port}${path}` }).trouble();
    expect(await trouble("/closed")).toMatch(/may not be read from this address \(HTTP 403\)/u);
    expect(await trouble("/none")).toMatch(/does not exist \(HTTP 404\)/u);
    expect(await trouble("/")).toMatch(/no page of stub_status/u);
  });

  test.each([
    ["access.log", { time_unit: "s" }],
    ["access.ltsv", {}],
    ["access.json", {}],
  ])("%s is counted by status, through a real rotation and a restart of the agent", async (name, options) => {
    const own = at("nginx");
    const path = join(own, name);
    await get(`http://127.0.0.1:${port}/`);
    const rig = new IntegrationRig("access-log", { files: [path], ...options });
    const counts = async (): Promise<unknown> => {
      const { metrics = {} } = await rig.round();
      return ["total", "2xx", "3xx", "4xx", "5xx"].map((kind) => metrics[`custom.accesslog.access_num.${kind}_count`]);
    };
    expect(await counts()).toEqual([0, 0, 0, 0, 0]);
    for (const asked of ["/", "/moved", "/none", "/%22quoted%22", "/broken"]) await get(`http://127.0.0.1:${port}${asked}`);
    expect(await counts()).toEqual([5, 1, 1, 2, 1]);
    renameSync(path, `${path}.1`);
    await get(`http://127.0.0.1:${port}/broken`); // into the renamed file
    process.kill(daemon.pid, "SIGUSR1"); // open the logs again
    await until("nginx has opened its log again", 5000, async () => {
      await get(`http://127.0.0.1:${port}/moved`);
      return exists(path);
    });
    await get(`http://127.0.0.1:${port}/`);
    const [total, ok, , , broken] = (await counts()) as readonly number[];
    expect({ ok, broken, isAll: (total ?? 0) >= 3 }).toEqual({ ok: 1, broken: 1, isAll: true });
    const { metrics } = await rig.round();
    expect(metrics?.["custom.accesslog.access_num.total_count"]).toBe(0);
  });

  test("a server that is down is told", async () => {
    await daemon.stop();
    const rig = new IntegrationRig("nginx", { url: `http://127.0.0.1:${port}/status` });
    expect(await rig.trouble()).toMatch(/Cannot reach .*ECONNREFUSED/u);
  });
});

describe("Apache", () => {
  let port = 0;

  beforeAll(async () => {
    port = await freePort();
    const own = at("apache");
    mkdirSync(join(own, "www"), { recursive: true });
    writeFileSync(join(own, "www", "index.html"), "hello\n");
    const modules = ["mpm_event", "authz_core", "authn_core", "authn_file", "authz_user", "auth_basic", "status"];
    writeFileSync(join(own, "users"), `watcher:${runOnce("openssl", ["passwd", "-apr1", "secret"])}`);
    const configuration = [
      ...modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
      `ServerRoot ${own}`,
      `PidFile ${own}/apache.pid`,
      `Mutex file:${own}`,
      "ServerName 127.0.0.1",
      `Listen 127.0.0.1:${port}`,
      ...(process.getuid?.() === 0 ? ["User nobody", "Group nogroup"] : []),
      `ErrorLog ${own}/error.log`,
      `LogFormat "%v:%p %h %l %u %t \\"%r\\" %>s %O \\"%{Referer}i\\" \\"%{User-Agent}i\\" %D" timed`,
      `CustomLog ${own}/access.log timed`,
      `DocumentRoot ${own}/www`,
      "<Location /server-status>",
      "  SetHandler server-status",
      "  AuthType Basic",
      "  AuthName status",
      `  AuthUserFile ${own}/users`,
      "  Require valid-user",
      "</Location>",
    ];
    writeFileSync(join(own, "apache.conf"), `${configuration.join("\n")}\n`);
    await startDaemon("apache2", ["-DFOREGROUND", "-f", `${own}/apache.conf`], { port });
  });

  test("mod_status gives workers, and requests per minute", async () => {
    writeFileSync(at("apache/password"), "secret\n");
    const rig = new IntegrationRig("apache", {
      url: `http://127.0.0.1:${port}/server-status?auto`,
      user: "watcher",
      password_file: at("apache/password"),
    });
    await rig.round();
    for (let request = 0; request < 4; request += 1) await get(`http://127.0.0.1:${port}/index.html`);
    const found = await rig.round();
    expect(found.metrics?.["custom.apache2.req.requests"]).toBeGreaterThanOrEqual(4);
    expect(found.metrics?.["custom.apache2.workers.busy_workers"]).toBeGreaterThanOrEqual(1);
    expect(found.metrics?.["custom.apache2.scoreboard.score-"]).toBeGreaterThan(0);
    expect(rig.undefinedNames(found)).toEqual([]);
  });

  test("its log with a virtual host and microseconds is counted", async () => {
    const rig = new IntegrationRig("access-log", { files: [at("apache/access.log")], time_unit: "us" }, "shop");
    await rig.round();
    await get(`http://127.0.0.1:${port}/index.html`);
    await get(`http://127.0.0.1:${port}/none`);
    const { metrics = {} } = await rig.round();
    expect(metrics).toMatchObject({ "custom.accesslog.shop.access_num.2xx_count": 1, "custom.accesslog.shop.access_num.4xx_count": 1 });
    expect(metrics["custom.accesslog.shop.latency.max"]).toBeGreaterThan(0);
    expect(metrics["custom.accesslog.shop.latency.max"]).toBeLessThan(5);
  });

  test("a wrong password is told, without it", async () => {
    const rig = new IntegrationRig("apache", { url: `http://127.0.0.1:${port}/server-status?auto`, user: "watcher", password: "guessed" });
    const trouble = await rig.trouble();
    expect(trouble).toMatch(/another user or password \(HTTP 401\)/u);
    expect(trouble + rig.logged).not.toContain("guessed");
  });
});

const exists = (path: string): boolean => {
  try {
    appendFileSync(path, "");
    return true;
  } catch {
    return false;
  }
};
