import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ApiClient, claim, signIn, withNewKey } from "#test/api-client";
import { freePort, isAlive, postmasterPid, startServer, type ServerProcess } from "#test/server-process";
import { openFolder } from "#test/folder";
import { until } from "#test/until";

const rounds = 20;
const victims = ["node", "postgres", "both"] as const;

const folder = openFolder("hinoban-kill-");
const dataDir = join(folder, "data");
let port: number;
let server: ServerProcess;
let key: ApiClient;
let hostId: string;

beforeAll(async () => {
  port = await freePort();
  server = await start();
  const owner = await claim(server.url, server.setupUrl);
  key = await withNewKey(owner);
  hostId = (await key.get<{ id: string }>("POST", "/api/v0/hosts", { name: "under-fire", meta: {} })).id;
});
afterAll(async () => {
  await server.end();
  rmSync(folder, { recursive: true, force: true });
});

const start = (): Promise<ServerProcess> => startServer({ dataDir, port, args: ["--no-agent"] });

/** What the server acknowledged, and so must know for ever. */
class Acknowledged {
  readonly points = new Map<string, number>();
  readonly services = new Set<string>();
  attempts = 0;
}

/** Posts points and makes services as fast as the server takes them, until told to stop; remembers only what was acknowledged. */
function load(known: Acknowledged, writers: number, minute: number): { stop: () => Promise<void> } {
  let isOn = true;
  const write = async (writer: number): Promise<void> => {
    while (isOn) {
      const n = (known.attempts += 1);
      try {
        if (writer % 4 === 0) await makeService(known, n);
        else await postPoints(known, n, minute);
      } catch {
        // The connection was cut: nothing was acknowledged, nothing is owed.
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const all = Promise.all(Array.from({ length: writers }, (_, i) => write(i)));
  return {
    stop: async () => {
      isOn = false;
      await all;
    },
  };
}

async function makeService(known: Acknowledged, n: number): Promise<void> {
  const name = `load-${n}`;
  const { status } = await key.call("POST", "/api/v0/services", { name, memo: "" });
  if (status === 200) known.services.add(name);
}

async function postPoints(known: Acknowledged, n: number, minute: number): Promise<void> {
  const points = Array.from({ length: 35 }, (_, i) => ({ hostId, name: `custom.load.m${n}_${i}`, time: minute, value: n + i / 8 }));
  const { status } = await key.call("POST", "/api/v0/tsdb", points);
  if (status === 200) for (const point of points) known.points.set(point.name, point.value);
}

async function strike(victim: (typeof victims)[number]): Promise<void> {
  const postgres = postmasterPid(dataDir);
  if (victim !== "node") process.kill(postgres, "SIGKILL");
  if (victim === "postgres") {
    // Without this wait, answers that were already on their way would pass for a recovery.
    await until("another postgres runs", 30_000, () => ![postgres, undefined].includes(runningPostmaster()));
    return;
  }
  await server.end("SIGKILL");
  await until("no postgres outlives its server", 15_000, () => !isAlive(postgres));
  server = await start();
}

/** The postmaster's process; none while the server starts another. */
function runningPostmaster(): number | undefined {
  try {
    return postmasterPid(dataDir);
  } catch {
    return undefined;
  }
}

async function lostPoints(known: Acknowledged): Promise<string[]> {
  const lost: string[] = [];
  const names = [...known.points.keys()];
  for (let i = 0; i < names.length; i += 100) {
    const some = names.slice(i, i + 100);
    const query = some.map((name) => `name=${name}`).join("&");
    const { tsdbLatest } = await key.get<{ tsdbLatest: Record<string, Record<string, { value: number } | null>> }>(
      "GET",
      `/api/v0/tsdb/latest?hostId=${hostId}&${query}`,
    );
    lost.push(...some.filter((name) => tsdbLatest[hostId]?.[name]?.value !== known.points.get(name)));
  }
  return lost;
}

/** Services that were acknowledged but are not in the inventory, or whose creation the history does not tell. */
async function lostServices(known: Acknowledged): Promise<string[]> {
  const { services } = await key.get<{ services: { name: string }[] }>("GET", "/api/v0/services");
  const stored = new Set(services.map((service) => service.name));
  const told = new Set<unknown>();
  for (let before = ""; ;) {
    const page = await key.get<{ entries: { detail: { name?: unknown } }[]; next?: number }>(
      "GET",
      `/api/v1/orgs/main/ledger?verb=service.created&limit=200${before}`,
    );
    for (const entry of page.entries) told.add(entry.detail.name);
    if (page.next === undefined) break;
    before = `&before=${page.next}`;
  }
  return [...known.services].filter((name) => !stored.has(name) || !told.has(name));
}

test(`no acknowledged point and no acknowledged act is lost in ${rounds} rounds of kill -9 under load`, async () => {
  const known = new Acknowledged();
  const minute = Math.floor(Date.now() / 60_000) * 60;
  for (let round = 0; round < rounds; round++) {
    const before = known.points.size + known.services.size;
    const fire = load(known, 8, minute);
    await until("the load runs", 20_000, () => known.points.size + known.services.size > before + 300);
    await strike(victims[round % victims.length] ?? "both");
    const after = known.services.size;
    await until("acts and points are taken again", 30_000, () => known.services.size > after + 1);
    await fire.stop();
  }
  expect(await lostPoints(known)).toEqual([]);
  await until("the history has caught up", 10_000, async () => (await lostServices(known)).length === 0);
  const verification = await key.get<{ isIntact: boolean; checked: number }>("POST", "/api/v1/orgs/main/ledger/verification");
  expect(verification).toMatchObject({ isIntact: true });
  expect(verification.checked).toBeGreaterThan(known.services.size);
  expect(known.points.size).toBeGreaterThan(rounds * 200);
  await signIn(server.url); // the session store survived as well
});

test("a second start on the same data directory says so and ends, and the first goes on", async () => {
  const second = startServer({ dataDir, port: await freePort(), args: ["--no-agent"] });
  await expect(second).rejects.toThrow(/already|another|running/iu);
  expect((await new ApiClient(server.url).call("GET", "/readyz")).status).toBe(200);
});

test("a clean stop leaves no process behind, exits with 0 and tells so in the history", async () => {
  const postgres = postmasterPid(dataDir);
  expect(await server.end("SIGTERM")).toBe(0);
  expect(isAlive(postgres)).toBe(false);
  server = await start();
});
