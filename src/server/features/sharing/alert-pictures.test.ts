import { rmSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResvgRasteriser } from "#adapters/rasteriser/resvg/index";
import { addTime, days, minutes, seconds, type UnixMs } from "#base/duration";
import { Secret } from "#base/secret";
import type { PictureOf } from "#features/notify";
import { createApp } from "#http";
import { openFolder } from "#test/folder";
import { withRig } from "#test/inventory-rig";
import { bundlePictureWorker } from "#test/picture-worker";
import { pngSize } from "#test/png";
import { registerAlertPictures } from "./alert-picture-routes.ts";
import { AlertPictures } from "./alert-pictures.ts";
import { registerSharing } from "./routes.ts";
import { openSharing } from "./sharing.ts";

const rig = withRig();
const folder = openFolder("hinoban-alert-pictures-");
const serverKey = new Secret("a server key for tests");
let app: FastifyInstance;
let pictures: AlertPictures;
let another: AlertPictures;
let host = "";
let at: UnixMs;

beforeAll(async () => {
  const { people, metrics } = rig;
  const rasteriser = new ResvgRasteriser({ ...(await bundlePictureWorker(folder)), clock: people.clock });
  app = await createApp({ logger: pino({ level: "silent" }), version: "0.0.0", trustProxy: [] });
  const served = { app, gate: people.gate };
  const sharing = openSharing({ db: people.identity.db, clock: people.clock, metrics, rasteriser });
  pictures = new AlertPictures(sharing, serverKey, "https://hinoban.example/");
  another = new AlertPictures(sharing, new Secret("another key"), "https://hinoban.example");
  registerSharing(served, sharing);
  registerAlertPictures(served, sharing, pictures);
  await app.ready();
  host = (await rig.ask("POST", "/api/v0/hosts?", { body: { name: "db01", meta: {}, roleFullnames: ["Shop:db"] } })).json.id;
  await people.clock.advance(minutes(70));
  const times = Array.from({ length: 60 }, (_, back) => rig.now() - back * 60);
  for (const [name, value] of [
    ["cpu.user.percentage", (n: number) => 30 + n],
    ["cpu.idle.percentage", (n: number) => 170 - n],
    ["loadavg5", (n: number) => 1 + n / 20],
  ] as const)
    await rig.ask("POST", "/api/v0/tsdb?", { body: times.map((time, n) => ({ hostId: host, name, time, value: value(60 - n) })) });
  await rig.ask("POST", "/api/v0/services/Shop/tsdb?", { body: times.map((time) => ({ name: "orders.paid", time, value: 12 })) });
  at = people.clock.now();
});
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

const cpu = (): PictureOf => ({
  source: host,
  metric: "cpu%",
  at,
  thresholds: [
    { value: 35, status: "WARNING" },
    { value: 42, status: "CRITICAL" },
  ],
});
const organisationId = (): string => rig.people.first.actor.organisationId;
const pathOf = (picture: PictureOf, of = pictures): string => new URL(of.urlOf(organisationId(), picture) ?? "").pathname;
const open = (url: string, headers = {}, remoteAddress = "192.0.2.1") => app.inject({ method: "GET", url, headers, remoteAddress });

test("an alert's graph is seen by whoever has its address, and kept by those who fetch it", async () => {
  const url = pictures.urlOf(organisationId(), cpu()) ?? "";
  expect(url).toMatch(/^https:\/\/hinoban\.example\/embed\/public\/alert\/[\w-]+\.png$/u);
  expect(url.length).toBeLessThan(400);
  const first = await open(pathOf(cpu()));
  expect([first.statusCode, first.headers["content-type"], first.headers["cache-control"]]).toEqual([
    200,
    "image/png",
    "public, max-age=60",
  ]);
  expect(pngSize(first.rawPayload)).toEqual({ width: 600, height: 260 });
  // Two addresses of one picture are drawn once.
  const second = await open(pathOf(cpu()), { "if-none-match": first.headers["etag"] });
  expect(second.statusCode).toBe(304);
});

test("the address tells nothing and cannot be made up", async () => {
  const path = pathOf(cpu());
  expect(Buffer.from(path.split("/").at(-1) ?? "", "base64url").toString("latin1")).not.toContain(host);
  const changed = `${path.slice(0, 60)}${path.charAt(60) === "A" ? "B" : "A"}${path.slice(61)}`;
  for (const url of [
    changed,
    pathOf(cpu(), another),
    "/embed/public/alert/x.png",
    path.replace(".png", ".svg"),
    path.replace(".png", ""),
    `${path}/x`,
  ]) {
    const { statusCode, headers } = await open(url);
    expect([statusCode, headers["content-type"], headers["cache-control"]], url).toEqual([404, "image/png", "no-store"]);
  }
});

test("a service's own metric is drawn as well, and what was never posted is an empty graph", async () => {
  const { rows } = await rig.people.owner.query<{ id: string }>("select id from inventory_service where name = 'Shop'");
  const source = `service:${rows[0]?.id}`;
  expect((await open(pathOf({ source, metric: "orders.paid", at }))).statusCode).toBe(200);
  expect((await open(pathOf({ source: host, metric: "custom.never.was", at }))).statusCode).toBe(200);
});

test("nothing of another organisation is drawn, and a host that does not exist is no picture", async () => {
  const other = await rig.people.another("other-pictures");
  const token = pictures.tokenOf(other.actor.organisationId, cpu());
  expect((await open(`/embed/public/alert/${token}.png`)).statusCode).toBe(404);
  expect((await open(pathOf({ ...cpu(), source: "nobody" }))).statusCode).toBe(404);
  const reader = { organisationId: organisationId(), language: "ja", timeZone: "Asia/Tokyo" } as const;
  expect(await pictures.bytes({ ...cpu(), source: "nobody" }, reader)).toBeUndefined();
  const drawn = await pictures.bytes(cpu(), reader);
  expect(pngSize(Buffer.from(drawn ?? []))).toEqual({ width: 600, height: 260 });
});

test("without an address of this server there is none of a picture", () => {
  const nowhere = new AlertPictures(
    openSharing({ db: rig.people.identity.db, clock: rig.people.clock, metrics: rig.metrics, rasteriser: never }),
    serverKey,
    "",
  );
  expect(nowhere.urlOf("x", cpu())).toBeUndefined();
});

const never = {
  png: () => Promise.reject(new Error("nothing is drawn here")),
  close: async () => undefined,
};

test("whoever asks too often is told to wait", async () => {
  const path = pathOf(cpu());
  let refused = 0;
  for (let n = 0; n < 610; n += 1) if ((await open(path, {}, "198.51.100.9")).statusCode === 429) refused += 1;
  expect(refused).toBe(10);
});

test("an address ends after 30 days, and is kept long once the picture changes no more", async () => {
  const path = pathOf(cpu());
  await rig.people.clock.advance(minutes(16));
  expect((await open(path)).headers["cache-control"]).toBe("public, max-age=86400");
  rig.people.clock.jumpTo(addTime(at, days(29)));
  expect((await open(path)).statusCode).toBe(200);
  rig.people.clock.jumpTo(addTime(addTime(at, days(30)), seconds(1)));
  expect((await open(path)).statusCode).toBe(404);
});
