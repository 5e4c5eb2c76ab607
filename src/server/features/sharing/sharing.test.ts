import { rmSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ResvgRasteriser } from "#adapters/rasteriser/resvg/index";
import { days, hours, minutes, toSeconds } from "#base/duration";
import { registerIdentity } from "#features/identity";
import { registerInventory } from "#features/inventory";
import { registerMetrics } from "#features/metrics";
import { createApp } from "#http";
import { openFolder } from "#test/folder";
import { withRig } from "#test/inventory-rig";
import type { Somebody } from "#test/people";
import { bundlePictureWorker } from "#test/picture-worker";
import { pngSize } from "#test/png";
import type { GraphTarget, NewShareLink } from "#wire/sharing";
import { createShareLink } from "./create-share-link.ts";
import { namesOf } from "./list-share-links.ts";
import { registerSharing } from "./routes.ts";
import { revokeShareLink } from "./revoke-share-link.ts";
import { openSharing, type Sharing } from "./sharing.ts";

const rig = withRig();
const folder = openFolder("hinoban-sharing-");
let app: FastifyInstance;
let sharing: Sharing;
let host = "";
let viewer: Somebody;

beforeAll(async () => {
  const { people, inventory, metrics } = rig;
  const rasteriser = new ResvgRasteriser({ ...(await bundlePictureWorker(folder)), clock: people.clock });
  app = await createApp({ logger: pino({ level: "silent" }), version: "0.0.0", trustProxy: [] });
  const served = { app, gate: people.gate };
  sharing = openSharing({ db: people.identity.db, clock: people.clock, metrics, rasteriser });
  registerIdentity(served, people.identity);
  registerInventory(served, inventory);
  registerMetrics(served, metrics);
  registerSharing(served, sharing);
  await app.ready();
  host = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "<b>web</b>&\"'.example.jp", meta: {}, roleFullnames: ["Shop:web"] } }))
    .json.id;
  await people.clock.advance(minutes(30));
  await post(host, { loadavg1: 0.5, loadavg5: 0.7, "memory.used": 3e9, "memory.total": 8e9 });
  const time = rig.now() - 120;
  await rig.ask("POST", "/api/v0/services/Shop/tsdb?", { body: [{ name: "orders.paid", time, value: 12 }] });
  viewer = await people.join(people.first, "viewer");
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the OpenAPI plugin adds to the application. */
interface Described {
  swagger(): { readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>> };
}

/** Posts the values for each of the last ten minutes. */
const post = (hostId: string, values: Readonly<Record<string, number>>) =>
  rig.ask("POST", "/api/v0/tsdb?", {
    body: Array.from({ length: 10 }, (_, back) =>
      Object.entries(values).map(([name, value]) => ({ hostId, name, time: rig.now() - back * 60, value })),
    ).flat(),
  });

const look = { period: "1h", width: 400, height: 200, theme: "light", language: "en" } as const;
const memory = (): GraphTarget => ({ kind: "host", host, graph: "memory" });
const share = (input: Partial<NewShareLink> = {}, by = rig.people.first) =>
  createShareLink(sharing, by.actor, { target: memory(), label: "Memory for the boss", ...look, ...input });
const open = (url: string, headers: Record<string, string> = {}) => app.inject({ method: "GET", url, headers });
const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/gu)].map(([, text]) => text ?? "");

describe("creating a share link", () => {
  test("tells its path once, keeps only a hash of the token, and records what was shared", async () => {
    await rig.people.acts();
    const expiresAt = rig.people.clock.now() + days(30);
    const { link, path } = await share({ label: " Boss ", expiresAt });
    expect(path).toMatch(/^\/embed\/public\/embed\/[0-9a-f]{64}$/u);
    expect(link).toMatchObject({
      label: "Boss",
      target: memory(),
      owner: "<b>web</b>&\"'.example.jp",
      state: "active",
      period: "1h",
      createdByName: "Hanako Owner",
      expiresAt,
    });
    expect(await rig.people.acts()).toMatchObject([
      { verb: "share.created", object: `share:${link.id}`, outcome: "done", detail: { owner: `host:${host}`, period: "1h", expiresAt } },
    ]);
    const { rows } = await rig.people.owner.query<{ row: string }>("select l::text as row from sharing_link l");
    for (const { row } of rows) expect(row).not.toContain(path.split("/").at(-1));
    const names = await sharing.db.tx({ organisationId: rig.people.first.actor.organisationId }, (tx) =>
      namesOf(tx, [`share:${link.id}`, "share:x", "host:x"]),
    );
    expect(names).toEqual({ [`share:${link.id}`]: "Boss" });
  });

  test("is a collaborator's right; a viewer sees the list", async () => {
    await expect(share({}, viewer)).rejects.toMatchObject({ code: "forbidden", facts: { permission: "share.change", missing: ["role"] } });
    const collaborator = await rig.people.join(rig.people.first, "collaborator");
    const { link } = await share({}, collaborator);
    const cookie = `hinoban_session=${viewer.session.token}`;
    const { links } = (await open("/api/v1/orgs/first/share-links", { cookie })).json<{ links: { id: string }[] }>();
    expect(links.map(({ id }) => id)).toContain(link.id);
    const refused = await app.inject({
      method: "DELETE",
      url: `/api/v1/orgs/first/share-links/${link.id}`,
      headers: { cookie, "x-hinoban-csrf": viewer.session.signedIn.csrf },
    });
    expect(refused.statusCode).toBe(403);
    expect((await rig.people.acts()).at(-1)).toMatchObject({ verb: "permission.refused", outcome: "refused" });
  });

  test("is refused for graphs, periods and times that there are not", async () => {
    const missing = { code: "not-found" };
    await expect(share({ target: { kind: "host", host, graph: "nothing" } })).rejects.toMatchObject(missing);
    await expect(share({ target: { kind: "host", host: "nobody", graph: "memory" } })).rejects.toMatchObject(missing);
    await expect(share({ target: { kind: "service", service: "Shop", graph: "refunds" } })).rejects.toMatchObject(missing);
    await expect(share({ target: { kind: "role", service: "Shop", role: "db", graph: "cpu" } })).rejects.toMatchObject(missing);
    const field = (name: string) => ({ code: "invalid-input", facts: { fields: [{ field: name }] } });
    for (const period of ["1m", "9y", "x"]) await expect(share({ period })).rejects.toMatchObject(field("period"));
    for (const expiresAt of [0, rig.people.clock.now(), rig.people.clock.now() + days(99_999)])
      await expect(share({ expiresAt })).rejects.toMatchObject(field("expiresAt"));
    const other = await rig.people.another("not-theirs");
    await expect(share({}, other)).rejects.toMatchObject(missing);
  });
});

describe("a share link", () => {
  test("shows its graph to anybody, as a page, an SVG and a PNG of the size that is asked", async () => {
    const { path } = await share();
    const page = await open(path);
    expect(page.statusCode).toBe(200);
    expect(page.headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "public, no-cache",
      "x-robots-tag": "noindex",
    });
    expect(page.headers["set-cookie"]).toBeUndefined();
    expect(page.headers["x-frame-options"]).toBeUndefined();
    expect(page.headers["content-security-policy"]).toMatch(/^default-src 'none'; .*frame-ancestors \*$/u);
    expect(page.body).toContain('<meta http-equiv="refresh" content="60">');
    expect(page.body).toContain("<svg");
    expect(page.body).not.toMatch(/<script|<b>|javascript:|\bon\w+=|href=/u);
    const svg = await open(`${path}.svg`);
    expect(svg.headers).toMatchObject({ "content-type": "image/svg+xml; charset=utf-8", "cache-control": "public, max-age=60" });
    expect(texts(svg.body)).toContain("&lt;b&gt;web&lt;/b&gt;&amp;&quot;&#39;.example.jp");
    expect(texts(svg.body)).toEqual(expect.arrayContaining(["Memory", "used", "2.79 GiB"]));
    const png = await open(`${path}.png`);
    expect(png.headers["content-type"]).toBe("image/png");
    expect(pngSize(png.rawPayload)).toEqual({ width: 400, height: 200 });
    expect(pngSize((await open(`${path}.png?width=800&height=300`)).rawPayload)).toEqual({ width: 800, height: 300 });
    expect(pngSize((await open(`${path}.png?width=99999&height=1`)).rawPayload)).toEqual({ width: 2000, height: 100 });
  });

  test("speaks its language, or the one that is asked, and changes colours with the theme", async () => {
    const { path } = await share({ language: "ja", theme: "dark" });
    const japanese = (await open(`${path}.svg`)).body;
    expect(texts(japanese)).toEqual(expect.arrayContaining(["メモリ", "使用中", "合計"]));
    expect(japanese).toContain("#1f2226");
    const english = (await open(`${path}.svg?lang=en&theme=light`)).body;
    expect(texts(english)).toContain("Memory");
    expect(english).toContain("#ffffff");
    expect((await open(`${path}.svg?lang=xx&theme=pink&period=ever`)).body).toBe(japanese);
  });

  test("shows less time when asked to, and never more than was shared", async () => {
    const { path } = await share({ period: "1h" });
    const hour = (await open(`${path}.svg`)).body;
    expect((await open(`${path}.svg?period=1y`)).body).toBe(hour);
    expect((await open(`${path}.svg?t=2020-01-01T00:00:00Z,2030-01-01T00:00:00Z`)).body).toBe(hour);
    expect((await open(`${path}.svg?period=15m`)).body).not.toBe(hour);
  });

  test("is drawn once a minute and answers with 304 what is known", async () => {
    const { path } = await share();
    const first = await open(`${path}.svg`);
    const again = await open(`${path}.svg`, { "if-none-match": String(first.headers["etag"]) });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
    await rig.people.clock.advance(minutes(1));
    expect((await open(`${path}.svg`, { "if-none-match": String(first.headers["etag"]) })).statusCode).toBe(200);
  });

  test("notes when it was last used, to the minute", async () => {
    const { link, path } = await share();
    await open(path);
    const list = async () =>
      (await open("/api/v1/orgs/first/share-links", { "x-api-key": rig.key })).json<{ links: { id: string; lastUsedAt?: number }[] }>();
    const now = rig.people.clock.now();
    expect((await list()).links.find(({ id }) => id === link.id)?.lastUsedAt).toBe(now - (now % 60_000));
  });

  test("ends at its time and when it is revoked, which is recorded and happens once", async () => {
    const short = await share({ expiresAt: rig.people.clock.now() + hours(1) });
    const { link, path } = await share();
    await rig.people.clock.advance(minutes(59));
    expect((await open(short.path)).statusCode).toBe(200);
    await rig.people.clock.advance(minutes(1));
    expect((await open(short.path)).statusCode).toBe(404);
    expect((await open(path)).statusCode).toBe(200);
    await rig.people.acts();
    const results = await Promise.allSettled([1, 2].map(() => revokeShareLink(sharing, rig.people.first.actor, link.id)));
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(await rig.people.acts()).toMatchObject([{ verb: "share.revoked", object: `share:${link.id}`, outcome: "done" }]);
    expect((await open(path)).statusCode).toBe(404);
    await expect(revokeShareLink(sharing, viewer.actor, short.link.id)).rejects.toMatchObject({ code: "forbidden" });
    const query = async (search: string) =>
      (await open(`/api/v1/orgs/first/share-links${search}`, { "x-api-key": rig.key })).json<{ links: { id: string; state: string }[] }>()
        .links;
    const ids = (await query("")).map(({ id }) => id);
    expect(ids).not.toContain(link.id);
    expect(ids).not.toContain(short.link.id);
    const states = new Map((await query("?includeEnded=true&limit=200")).map(({ id, state }) => [id, state]));
    expect([states.get(link.id), states.get(short.link.id)]).toEqual(["revoked", "expired"]);
  });

  test("gives way to a page and pictures that say so in both languages when it is none", async () => {
    const { path } = await share();
    const wrong = `${path.slice(0, -1)}${path.endsWith("0") ? "1" : "0"}`;
    for (const one of [wrong, "/embed/public/embed/short", "/embed/public/embed/..%2F..", `${path}%00`, `${path}.gif`]) {
      const page = await open(one);
      expect(page.statusCode, one).toBe(404);
      expect(page.body).toContain("not shared");
      expect(page.body).toContain("共有");
      expect(page.headers["cache-control"]).toBe("no-store");
    }
    const png = await open(`${wrong}.png`);
    expect([png.statusCode, png.headers["content-type"]]).toEqual([404, "image/png"]);
    expect(pngSize(png.rawPayload)).toEqual({ width: 400, height: 200 });
    const svg = await open(`${wrong}.svg?theme=dark`);
    expect([svg.statusCode, texts(svg.body).length]).toEqual([404, 2]);
  });

  test("opens nothing else: every other address refuses its token, however it is presented", async () => {
    const { path } = await share();
    const token = path.split("/").at(-1) ?? "";
    const { paths } = (app as unknown as Described).swagger();
    const publicOnes = new Set(["GET /api/v1/session", "GET /api/v1/setup", "DELETE /api/v1/session"]);
    let tried = 0;
    for (const [template, methods] of Object.entries(paths)) {
      const url = template
        .replace("{org}", "first")
        .replace("{id}", host)
        .replace("{service}", "Shop")
        .replace("{role}", "web")
        .replaceAll(/\{\w+\}/gu, token);
      for (const method of Object.keys(methods).map((name) => name.toUpperCase() as "GET")) {
        if (publicOnes.has(`${method} ${template}`)) continue;
        for (const headers of [
          { "x-api-key": token },
          { authorization: `Bearer ${token}` },
          { cookie: `hinoban_session=${token}` },
          { cookie: `__Host-hinoban_session=${token}` },
        ]) {
          const { statusCode } = await app.inject({ method, url: `${url}?token=${token}`, headers });
          expect([400, 401, 404], `${method} ${url}`).toContain(statusCode);
          tried += 1;
        }
      }
    }
    expect(tried).toBeGreaterThan(200);
    const others = [
      `/embed/orgs/first/hosts/${host}?graph=memory`,
      "/embed/orgs/first/services/Shop?graph=orders",
      "/embed/orgs/first/services/Shop/web?graph=memory",
    ];
    for (const url of others) {
      expect((await open(url)).statusCode, url).toBe(401);
      expect((await open(url, { cookie: `hinoban_session=${token}` })).statusCode, url).toBe(401);
    }
    for (const ending of ["/", "/..", "/../../orgs/first/hosts", "?graph=loadavg", "?host=other&graph=cpu"]) {
      const { statusCode, body } = await open(path + ending);
      if (statusCode === 200) expect(body).not.toContain("Load average");
      else expect(statusCode).toBe(404);
    }
  });

  test("shows another thing under the same name to nobody", async () => {
    await rig.ask("POST", "/api/v1/orgs/first/services", { body: { name: "Gone", memo: "" } });
    const paid = (time: number) => rig.ask("POST", "/api/v0/services/Gone/tsdb?", { body: [{ name: "orders.paid", time, value: 1 }] });
    await paid(rig.now());
    const { path } = await share({ target: { kind: "service", service: "Gone", graph: "orders" } });
    expect((await open(path)).statusCode).toBe(200);
    await rig.ask("DELETE", "/api/v1/orgs/first/services/Gone");
    expect((await open(`${path}?width=401`)).statusCode).toBe(404);
    await rig.ask("POST", "/api/v1/orgs/first/services", { body: { name: "Gone", memo: "" } });
    await paid(rig.now());
    expect((await open(`${path}?width=402`)).statusCode).toBe(404);
  });

  test("keeps a retired host's graph", async () => {
    const { id } = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "old", meta: {} } })).json;
    await post(id, { loadavg5: 2 });
    const { path } = await share({ target: { kind: "host", host: id, graph: "loadavg5" } });
    await rig.ask("POST", `/api/v0/hosts/${id}/retire?`, { body: "null" });
    const { body } = await open(`${path}.svg`);
    expect(texts(body)).toEqual(expect.arrayContaining(["Load average", "loadavg5", "2"]));
  });
});

describe("a member's embedded graph", () => {
  const asMember = (url: string) => open(url, { cookie: `hinoban_session=${viewer.session.token}` });

  test("is seen by members and API keys, of hosts, services and roles", async () => {
    const page = await asMember(`/embed/orgs/first/hosts/${host}?graph=loadavg5&period=2d`);
    expect(page.statusCode).toBe(200);
    expect(page.headers).toMatchObject({ "cache-control": "private, no-cache", "cross-origin-resource-policy": "same-site" });
    expect(page.body).toContain(`href="/o/first/graph?host=${host}&amp;graph=loadavg5"`);
    const service = await open("/embed/orgs/first/services/Shop.svg?graph=orders&period=6h", { "x-api-key": rig.key });
    expect(texts(service.body)).toEqual(expect.arrayContaining(["orders", "paid", "12"]));
    const role = await asMember(
      "/embed/orgs/first/services/Shop/web.svg?graph=memory&stacked=true&simplified=true&t=2026-01-05T00:00:00Z,2026-01-05T03:00:00Z",
    );
    expect(texts(role.body)).toEqual(expect.arrayContaining(["Memory used", "Shop: web (1 host)", "Sum"]));
    const lines = await asMember("/embed/orgs/first/services/Shop/web.svg?graph=memory&stacked=false&simplified=true&period=3h");
    expect(texts(lines.body)).toEqual(expect.arrayContaining(["Max", "Average", "Min"]));
    const picture = await asMember("/embed/orgs/first/services/Shop/web.png?graph=loadavg5&width=300&height=150");
    expect(pngSize(picture.rawPayload)).toEqual({ width: 300, height: 150 });
  });

  test("draws what an expression computes, with its title and unit", async () => {
    const query = new URLSearchParams({ query: "scale(service(Shop, orders.paid), 10)", title: "Ten times", unit: "bytes", period: "6h" });
    const picture = await asMember(`/embed/orgs/first/advanced-graph.svg?${query.toString()}`);
    expect(picture.statusCode).toBe(200);
    expect(texts(picture.body)).toEqual(expect.arrayContaining(["Ten times", "scale(service(Shop, orders.paid), 10)", "120 B"]));
    expect((await asMember(`/embed/orgs/first/advanced-graph?${query.toString()}`)).headers["content-type"]).toContain("text/html");
    expect((await asMember("/embed/orgs/first/advanced-graph.svg?query=avg(")).statusCode).toBe(400);
    expect((await asMember("/embed/orgs/first/advanced-graph.svg")).statusCode).toBe(400);
    expect((await asMember("/embed/orgs/first/other-graph.svg?query=x")).statusCode).toBe(404);
    expect((await open(`/embed/orgs/first/advanced-graph.svg?${query.toString()}`)).statusCode).toBe(401);
  });

  test("is refused to strangers and found by no other organisation", async () => {
    const url = `/embed/orgs/first/hosts/${host}?graph=memory`;
    expect((await open(url)).statusCode).toBe(401);
    expect((await open(url)).body).toContain("ログイン");
    expect((await open(url, { cookie: "hinoban_session=nonsense" })).statusCode).toBe(401);
    const other = await rig.people.another("elsewhere");
    const key = await rig.newKey(other, "read");
    expect((await open(url, { "x-api-key": key })).statusCode).toBe(404);
    expect((await open(`/embed/orgs/elsewhere/hosts/${host}?graph=memory`, { "x-api-key": key })).statusCode).toBe(404);
    expect((await asMember(`/embed/orgs/first/hosts/${host}`)).statusCode).toBe(404);
    expect((await asMember(`/embed/orgs/first/hosts/${host}?graph=nothing`)).statusCode).toBe(404);
    const writer = await rig.newKey(rig.people.first, "write");
    expect((await open(url, { "x-api-key": writer })).statusCode).toBe(403);
  });
});

test("whoever asks too often is told to wait, and may come back after a minute", async () => {
  const { path } = await share();
  let refused = 0;
  for (let n = 0; n < 650; n += 1) {
    const { statusCode } = await app.inject({ method: "GET", url: `${path}.svg`, remoteAddress: "198.51.100.7" });
    if (statusCode === 429) refused += 1;
  }
  expect(refused).toBe(50);
  const told = await app.inject({ method: "GET", url: `${path}.png`, remoteAddress: "198.51.100.7" });
  expect([told.statusCode, told.headers["content-type"]]).toEqual([429, "image/png"]);
  expect(Number(told.headers["retry-after"])).toBeGreaterThan(0);
  expect((await app.inject({ method: "GET", url: path, remoteAddress: "198.51.100.8" })).statusCode).toBe(200);
  await rig.people.clock.advance(minutes(1));
  expect((await app.inject({ method: "GET", url: path, remoteAddress: "198.51.100.7" })).statusCode).toBe(200);
});

test("a role of many hosts is drawn together, and each for the time it belonged", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 35; n += 1)
    ids.push((await rig.ask("POST", "/api/v0/hosts?", { body: { name: `app-${n}`, meta: {}, roleFullnames: ["Shop:app"] } })).json.id);
  await rig.people.clock.advance(minutes(2));
  for (const id of ids)
    await rig.ask("POST", "/api/v0/tsdb?", { body: [{ hostId: id, name: "memory.used", time: rig.now(), value: 1024 ** 3 }] });
  const target: GraphTarget = { kind: "role", service: "Shop", role: "app", graph: "memory.used" };
  const { path } = await share({ target });
  expect(texts((await open(`${path}.svg`)).body)).toEqual(expect.arrayContaining(["Sum", "35 GiB", "Shop: app (35 hosts)"]));
  const all = await share({ target: { ...target, show: "all" } });
  expect(texts((await open(`${all.path}.svg?height=1200`)).body)).toEqual(expect.arrayContaining(["app-0", "app-34"]));
  await rig.ask("PUT", `/api/v0/hosts/${ids[0]}/role-fullnames?`, { body: { roleFullnames: [] } });
  await rig.people.clock.advance(minutes(3));
  await rig.ask("POST", "/api/v0/tsdb?", {
    body: ids.map((hostId) => ({ hostId, name: "memory.used", time: toSeconds(rig.people.clock.now()), value: 1024 ** 3 })),
  });
  expect(texts((await open(`${path}.svg`)).body)).toEqual(expect.arrayContaining(["34 GiB"]));
});
