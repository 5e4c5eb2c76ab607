import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { withCli, type CliCall, type CliEnd } from "#test/cli";
import { withRig } from "#test/inventory-rig";

const rig = withRig();
const url = (): string => `http://127.0.0.1:${(rig.app.server.address() as AddressInfo).port}`; // it listens on a port
const cli = withCli(() => ({ HINOBAN_APIBASE: url(), HINOBAN_APIKEY: rig.key, TZ: "Asia/Tokyo" }));
const call = (line: string, how?: CliCall): Promise<CliEnd> => cli.call(line.split(" "), how);

let id = "";
beforeAll(async () => {
  const made = await cli.call([
    "create",
    "--status",
    "standby",
    "-R",
    "Shop:db,Shop:web",
    "--customIdentifier",
    "i-1",
    "--memo",
    "a memo",
    "mydb001",
  ]);
  id = /created (\S+)/u.exec(made.err)?.[1] ?? "";
  await rig.ask("PUT", `/api/v0/hosts/${id}?`, {
    body: {
      interfaces: [
        { name: "eth0", ipAddress: "192.0.2.2" },
        { name: "bond0", ipAddress: "192.0.2.3" },
      ],
      meta: { "agent-version": "0.85.2" },
    },
  });
});

describe("hosts", () => {
  test("are printed as mkr prints them", async () => {
    const { code, out, err } = await call("hosts --service Shop --role db");
    expect(code).toBe(0);
    expect(err).toBe("");
    expect(JSON.parse(out)).toEqual([
      {
        id,
        name: "mydb001",
        status: "standby",
        roleFullnames: ["Shop:db", "Shop:web"],
        isRetired: false,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$/u),
        ipAddresses: { bond0: "192.0.2.3", eth0: "192.0.2.2" },
      },
    ]);
    expect(out).toMatch(/^\[\n {4}\{\n {8}"id": "/u);
  });

  test("are found by name, several statuses, and flags spelled with one dash", async () => {
    expect((await call("hosts -n mydb001")).json).toHaveLength(1);
    expect((await call("hosts -n nobody")).out).toBe("[]\n");
    expect((await call("hosts -st working,maintenance")).json).toEqual([]);
    expect((await call("hosts -status=standby --st working")).json).toHaveLength(1);
    expect((await call("hosts --customIdentifier i-1")).json).toHaveLength(1);
  });

  test("are printed whole with --verbose", async () => {
    const [host] = (await call("hosts -v")).json;
    expect(host).toMatchObject({
      id,
      memo: "a memo",
      customIdentifier: "i-1",
      roles: { Shop: ["db", "web"] },
      meta: { "agent-version": "0.85.2" },
    });
  });

  test("are printed by the templates that mkr's users have", async () => {
    const template = '{{range .}}{{if (len .Interfaces)}}{{(index .Interfaces 0).IPAddress}}{{end}}{{"\\t"}}{{.Name}}{{"\\n"}}{{end}}';
    expect((await cli.call(["hosts", "-f", template])).out).toBe("192.0.2.2\tmydb001\n");
  });

  test("are printed as a table and as lines of JSON", async () => {
    const table = await call("hosts --table");
    expect(table.out.split("\n")[0]).toMatch(/^ID\s+NAME\s+STATUS\s+ROLEFULLNAMES/u);
    expect(table.out).toContain("Shop:db, Shop:web");
    const lines = (await call("hosts --format jsonl")).out.trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).id)).toEqual([id]);
  });

  test("go through jq as with mkr", async () => {
    expect((await cli.call(["hosts", "--jq", ".[] | .name"])).out).toBe("mydb001\n");
    expect((await cli.call(["hosts", "--jq", ".[] | {id}"])).out).toBe(`{"id":"${id}"}\n`);
    const wrong = await cli.call(["hosts", "--jq", ".[", "--apibase", url()]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("jq: ");
  });

  test("of a role need its service", async () => {
    const { code, err } = await call("hosts --role db");
    expect(code).toBe(2);
    expect(err).toContain("--role needs --service");
  });
});

test("flags may stand before the command, as in mkr --apibase URL hosts", async () => {
  const { code, json } = await cli.call(["--apibase", url(), "hosts"], { env: { HINOBAN_APIBASE: "" } });
  expect(code).toBe(0);
  expect(json).toHaveLength(1);
});

describe("status", () => {
  test("shows one host, and with --verbose its metric names", async () => {
    await rig.ask("POST", "/api/v0/tsdb?", { body: [{ hostId: id, name: "loadavg5", time: rig.now(), value: 1 }] });
    expect((await call(`status ${id}`)).json).toMatchObject({ id, status: "standby" });
    expect((await call(`status -v ${id}`)).json).toMatchObject({ id, size: "standard", metrics: ["loadavg5"] });
  });

  test("of a host that does not exist says so and ends with 1", async () => {
    const { code, out, err } = await call("status 123456789AB");
    expect([code, out]).toEqual([1, ""]);
    expect(err).toBe("hinoban: There is no host 123456789AB. (404, GET /api/v0/hosts/123456789AB)\n");
  });

  test("without an id is about the host of this machine's agent, whichever agent it is", async () => {
    const root = join(cli.folder, "mackerel-agent");
    mkdirSync(root);
    writeFileSync(join(root, "id"), `${id}\n`);
    const conf = join(cli.folder, "mackerel-agent.conf");
    writeFileSync(conf, `apibase = "${url()}/"\napikey = "${rig.key}"\nroot = "${root}"\n[plugin.checks.x]\ncommand = "true"\n`);
    const bare = { env: { HINOBAN_APIBASE: "", HINOBAN_APIKEY: "" } };
    expect((await cli.call(["status", "--conf", conf], bare)).json).toMatchObject({ id });
    const ours = join(cli.folder, "hinoban-agent.conf");
    writeFileSync(join(cli.folder, "key"), `${rig.key}\n`);
    writeFileSync(ours, `server = "${url()}"\nkey_file = "key"\nstate_dir = "mackerel-agent"\n`);
    expect((await cli.call(["status"], { env: { ...bare.env, HINOBAN_AGENT_CONFIG: ours } })).json).toMatchObject({ id });
  });
});

describe("create, update and retire", () => {
  test("change a host and tell what was done on stderr, in mkr's way", async () => {
    const made = await call("create -st maintenance short");
    const made_id = /^ {3}created (\S+)\n {3}updated \1 maintenance\n$/u.exec(made.err)?.[1] ?? "";
    expect(made.out).toBe("");
    const updated = await cli.call(["update", "--displayName", "A B", "-st", "working", "-R", "Shop:db", "--memo=x=y", made_id]);
    expect(updated).toMatchObject({ code: 0, out: "", err: `   updated ${made_id}\n` });
    expect((await call(`status -v ${made_id}`)).json).toMatchObject({
      displayName: "A B",
      status: "working",
      memo: "x=y",
      roles: { Shop: ["db"] },
    });
    await call(`update -R Shop:web ${made_id}`);
    expect((await call(`status ${made_id}`)).json.roleFullnames).toEqual(["Shop:db", "Shop:web"]);
    await call(`update -o -R Shop:web ${made_id}`);
    expect((await call(`status ${made_id}`)).json.roleFullnames).toEqual(["Shop:web"]);
    expect(await call(`retire --force ${made_id}`)).toMatchObject({ code: 0, err: `   retired ${made_id}\n` });
    expect((await call(`status ${made_id}`)).json.isRetired).toBe(true);
    expect((await call(`hosts -n short`)).json).toEqual([]);
    const late = await call(`update --memo x ${made_id}`);
    expect(late.code).toBe(1);
    expect(late.err).toContain("is retired");
  });

  test("are silent with --quiet, and create prints the host when a form is asked for", async () => {
    const quiet = await call("create -q --format json silent");
    expect(quiet.err).toBe("");
    expect(quiet.json).toMatchObject({ name: "silent", status: "working" });
  });

  test("retiring asks, and only yes is yes", async () => {
    const { json } = await call("create -q -f json asked");
    const no = await call(`retire ${json.id}`, { typed: "\n" });
    expect(no.code).toBe(1);
    expect(no.err).toContain(`${json.id}  asked`);
    expect((await call(`status ${json.id}`)).json.isRetired).toBe(false);
    expect((await call(`retire ${json.id}`)).code).toBe(2);
    expect((await call(`retire ${json.id}`, { typed: "y\n" })).code).toBe(0);
    expect((await call(`status ${json.id}`)).json.isRetired).toBe(true);
  });

  test("update with nothing to change says what it could change", async () => {
    const { code, err } = await call(`update ${id}`);
    expect(code).toBe(2);
    expect(err).toContain("--displayName");
  });
});

describe("metrics", () => {
  test("are thrown from standard input, in the form of Sensu and Mackerel plugins", async () => {
    const now = rig.now();
    const stdin = `tcp.CLOSING\t0\t${now}\ncustom.tcp.OPEN  3.5 ${now}\nnot a point at all\nbad x ${now}\nbad 1 yesterday\n`;
    const { code, err } = await call(`throw --host ${id}`, { stdin });
    expect(code).toBe(0);
    expect(err).toContain("bad x");
    expect(err).toContain(`    thrown ${id} 'custom.tcp.OPEN\t3.500000\t${now}'`);
    expect(rig.store.pointsOf(id, "custom.tcp.CLOSING")).toHaveLength(1);
    expect(rig.store.pointsOf(id, "custom.tcp.OPEN").map((point) => point.value)).toEqual([3.5]);
  });

  test("of a service are thrown, listed and printed", async () => {
    const now = rig.now();
    expect((await call("throw -s Shop", { stdin: `orders.count 42 ${now}\n` })).code).toBe(0);
    expect((await call("metric-names -s Shop")).json).toEqual(["orders.count"]);
    const { json } = await cli.call(["metrics", "-s", "Shop", "-n", "orders.count", "--from", String(now - 60), "--to", String(now)]);
    expect(json).toEqual([{ time: expect.any(Number), value: 42 }]);
  });

  test("that the server does not take are told, and end with 1", async () => {
    const now = rig.now();
    const { code, err } = await call(`throw -q -H ${id}`, { stdin: `good.one 1 ${now}\nbad..name 1 ${now}\n` });
    expect(code).toBe(1);
    expect(err).toContain("did not take a point");
    expect((await call(`throw -H ${id}`)).err).toContain("nothing to post");
  });

  test("of 9,000 lines go in several posts", async () => {
    const now = rig.now();
    const stdin = Array.from({ length: 9000 }, (_, at) => `many.m${at} ${at} ${now}`).join("\n");
    expect((await call(`throw -q -H ${id}`, { stdin })).code).toBe(0);
    expect(rig.store.pointsOf(id, "custom.many.m8999").map((point) => point.value)).toEqual([8999]);
  });

  test("are fetched newest first for many hosts", async () => {
    expect((await call(`fetch -n loadavg5,nothing ${id} 123456789AB`)).json).toEqual({
      [id]: { loadavg5: { time: expect.any(Number), value: 1 }, nothing: null },
    });
    const none = await call(`fetch ${id}`);
    expect([none.code, none.err]).toEqual([2, "hinoban: `fetch` needs --name <metric>.\n"]);
  });
});

describe("services, org and users", () => {
  test("are printed", async () => {
    expect((await call("services")).json).toContainEqual({ name: "Shop", memo: "", roles: ["db", "web"] });
    expect((await call("org")).json).toMatchObject({ name: "first" });
    const [user] = (await call("users")).json;
    expect(user).toMatchObject({ email: "owner@example.jp", authority: "owner", joinedAt: expect.stringMatching(/^\d{4}-/u) });
    expect((await call("users -v")).json[0].joinedAt).toEqual(expect.any(Number));
  });
});

describe("dashboards", () => {
  test("are pushed, listed, pulled to files and pushed again", async () => {
    const dashboard = {
      title: "Board",
      memo: "",
      urlPath: "board",
      widgets: [{ type: "markdown", title: "", markdown: "# hi", layout: { x: 0, y: 0, width: 6, height: 4 } }],
    };
    writeFileSync(join(cli.folder, "new.json"), `\uFEFF${JSON.stringify(dashboard)}`);
    const made = await call("dashboards push --file-path new.json");
    const board = /created (\S+) Board/u.exec(made.err)?.[1] ?? "";
    expect(made.code).toBe(0);
    expect((await call("dashboards")).json).toMatchObject([{ id: board, urlPath: "board", widgets: [{ markdown: "# hi" }] }]);
    const pulled = await call("dashboards pull");
    const file = join(cli.folder, `dashboard-${board}.json`);
    expect(pulled.err).toContain(`dashboard-${board}.json`);
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("# hi", "# changed"));
    expect((await call(`dashboards push -F dashboard-${board}.json`)).err).toContain(`updated ${board}`);
    expect((await call("dashboards --jq .[].widgets[].markdown")).out).toBe("# changed\n");
    expect((await call(`dashboards pull --id ${board}`)).code).toBe(0);
    writeFileSync(file, text.replace(board, "123456789AB"));
    expect((await call(`dashboards push -F dashboard-${board}.json`)).code).toBe(1);
  });

  test("from a file that is none are refused with what is wrong", async () => {
    writeFileSync(join(cli.folder, "bad.json"), "{");
    expect(await call("dashboards push -F bad.json")).toMatchObject({ code: 2, err: expect.stringContaining("is not JSON") });
    expect(await call("dashboards push -F nowhere.json")).toMatchObject({ code: 2, err: expect.stringContaining("--file-path: ") });
    expect(await call("dashboards push")).toMatchObject({ code: 2, err: expect.stringContaining("--file-path <file>") });
  });
});

test("annotations are written, listed, changed and deleted", async () => {
  const now = rig.now();
  const made = await cli.call(
    [
      "annotations",
      "create",
      "-s",
      "Shop",
      "--title",
      "Release",
      "--description-file",
      "-",
      "--from",
      String(now),
      "--to",
      String(now + 60),
      "-r",
      "db",
    ],
    {
      stdin: "notes",
    },
  );
  expect(made.json).toMatchObject({ title: "Release", description: "notes", service: "Shop", roles: ["db"], from: now });
  const span = ["--from", String(now - 10), "--to", String(now + 100), "-s", "Shop"];
  expect((await cli.call(["annotations", "list", ...span])).json).toHaveLength(1);
  const changed = await cli.call(["annotations", "update", "--id", made.json.id, ...span, "--title", "Again"]);
  expect(changed.json).toMatchObject({ id: made.json.id, title: "Again", description: "notes", from: now - 10 });
  expect((await cli.call(["annotations", "delete", "--id", made.json.id])).json.id).toBe(made.json.id);
  expect((await cli.call(["annotations", "list", ...span])).json).toEqual([]);
  const missing = await call("annotations create --title x");
  expect(missing.err).toBe("hinoban: `annotations create` needs --from <time>, --to <time>, --service <service>.\n");
});

describe("the key", () => {
  test("is kept by login, for its owner only, after the server took it", async () => {
    const bare = { HINOBAN_APIBASE: "", HINOBAN_APIKEY: "" };
    const refused = await cli.call(["login", "--apibase", url()], { env: bare, stdin: "wrong" });
    expect(refused.code).toBe(3);
    const done = await cli.call(["login", "--apibase", url()], { env: bare, stdin: `${rig.key}\n` });
    expect([done.code, done.out]).toEqual([0, ""]);
    expect(done.err).not.toContain(rig.key);
    const file = join(cli.folder, ".config", "hinoban", "profiles.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await cli.call(["org"], { env: bare })).json).toMatchObject({ name: "first" });
    chmodSync(file, 0o644);
    await cli.call(["login", "--apibase", url(), "--profile", "other"], { env: bare, stdin: rig.key });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect((await cli.call(["org", "--profile", "other"], { env: bare })).code).toBe(0);
    expect((await cli.call(["org", "--profile", "othr"], { env: bare })).err).toContain('did you mean "other"?');
    expect((await cli.call(["logout"], { env: bare })).code).toBe(0);
    const none = await cli.call(["org"], { env: bare });
    expect([none.code, none.err]).toEqual([3, expect.stringContaining("hinoban login")]);
  });

  test("that is unknown, or may not do it, ends with 3", async () => {
    expect((await call("hosts", { env: { HINOBAN_APIKEY: "nobody" } })).code).toBe(3);
    const reader = await rig.newKey(rig.people.first, "read");
    const { code, err } = await call("create nothing", { env: { HINOBAN_APIKEY: reader } });
    expect(code).toBe(3);
    expect(err).toContain("(403, POST /api/v0/hosts)");
  });

  test("of a file never goes to a server that the file does not name", async () => {
    const conf = join(cli.folder, "only-key.conf");
    writeFileSync(conf, 'apikey = "secret"\n');
    const { code, err } = await cli.call(["hosts"], { env: { HINOBAN_APIBASE: "", HINOBAN_APIKEY: "", HINOBAN_AGENT_CONFIG: conf } });
    expect([code, err]).toEqual([2, expect.stringContaining("Which server?")]);
  });

  test("is not taken as a flag, and MACKEREL_APIKEY works", async () => {
    expect((await call("hosts --apikey x")).err).toContain("every user of the machine can read it");
    expect((await call("org", { env: { HINOBAN_APIKEY: "", MACKEREL_APIKEY: rig.key } })).code).toBe(0);
  });
});

test("a server that is not there ends with 4, and something that is no server is told", async () => {
  const gone = await cli.call(["hosts", "--apibase", "http://127.0.0.1:1"]);
  expect([gone.code, gone.err]).toEqual([4, expect.stringContaining("http://127.0.0.1:1 cannot be reached")]);
  expect((await cli.call(["hosts", "--apibase", `${url()}/hinoban`])).err).toContain(`write ${url()}`);
  expect((await cli.call(["hosts", "--apibase", "example"])).code).toBe(2);
});
