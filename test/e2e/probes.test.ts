import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { certificate, privateKey } from "#test/agent/localhost-certificate";
import type { ApiClient } from "#test/api-client";
import { until } from "#test/until";
import { withHouse } from "./support/house.ts";
import { expectSound, settled } from "./support/look.ts";
import { join, mori, org, sato, settle, tanaka } from "./support/seed.ts";

const house = withHouse({ agent: false, env: { HINOBAN_OUTGOING_ALLOW: "127.0.0.0/8" } });
let owner: ApiClient;
let resetting: number;
let secure: number;
let monitorId: string;
const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  resetting = await listen(createServer((socket) => socket.on("error", () => undefined).resetAndDestroy()));
  const answering = tls.createServer({ cert: certificate, key: privateKey }, (socket) => {
    socket.on("error", () => undefined).once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
  });
  secure = await listen(answering.on("tlsClientError", () => undefined));
  ({ owner } = await settle(house.url, house.setupUrl));
  const newPerson = { name: "Mori", password: mori.password, language: "en", timeZone: "Asia/Tokyo" };
  await join(house.url, owner, { to: org, email: mori.email, role: "viewer", newPerson });
  const probe = { kind: "path", host: "localhost", family: "ipv4", port: secure, protocol: "https" };
  const made = await owner.get<{ id: string }>("POST", `/api/v1/orgs/${org}/monitors`, {
    settings: { type: "path", name: "Front page", probe, intervalSeconds: 10 },
  });
  monitorId = made.id;
  await until("the monitor was probed", 60_000, async () => {
    const { results } = await owner.get<{ results: unknown[] }>("GET", `/api/v1/orgs/${org}/monitors/${monitorId}/probes/results`);
    return results.length > 0;
  });
});

describe("path diagnosis", () => {
  test("goes the way by keyboard, says where it ends, and its address shows it again", async () => {
    const { page, context } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/path`);
    await page.getByLabel("Address", { exact: true }).fill(`localhost:${resetting}`);
    await page.keyboard.press("Enter");
    await page.getByText("TCP opens, then a reset comes before a word was said.").waitFor();
    expect(await page.getByRole("rowheader", { name: "TCP connection" }).count()).toBe(1);
    await until("the address names the run", 10_000, () => /[?&]run=/u.test(page.url()));
    await page.reload();
    await page.getByText("TCP opens, then a reset comes before a word was said.").waitFor();
    await page
      .getByRole("button", { name: `Show localhost:${resetting}` })
      .first()
      .waitFor();
    await page.getByLabel("Address", { exact: true }).fill("no address");
    await page.keyboard.press("Enter");
    await page.getByText("A host, host:port or URL.", { exact: true }).waitFor();
    await context.close();
  });

  test("is not offered to viewers, who see what others found", async () => {
    const { page, context } = await house.enter({ as: mori });
    await page.goto(`${house.url}/o/${org}/path`);
    await page.getByRole("heading", { name: "Recent probes" }).waitFor();
    expect(await page.getByRole("button", { name: "Diagnose" }).count()).toBe(0);
    await context.close();
  });
});

test("a monitor is tried before it is saved", async () => {
  const { page, context } = await house.enter({ as: sato });
  await page.goto(`${house.url}/o/${org}/monitors/${monitorId}/edit`);
  await page.getByRole("button", { name: "Try now" }).click();
  await page.getByText("self-signed certificate", { exact: true }).first().waitFor();
  await context.close();
});

describe.each(["light", "dark"] as const)("every page of probes is sound in the %s", (scheme) => {
  test.each([
    [1440, "en"],
    [1440, "ja"],
    [390, "en"],
    [390, "ja"],
  ] as const)("at %s pixels in %s", async (width, language) => {
    const run = await owner.get<{ id: string }>("POST", `/api/v1/orgs/${org}/probes/runs`, {
      spec: { kind: "path", host: "localhost", family: "ipv4", port: secure, protocol: "https" },
    });
    await until(
      "it is done",
      30_000,
      async () => (await owner.get<{ state: string }>("GET", `/api/v1/orgs/${org}/probes/runs/${run.id}`)).state === "done",
    );
    const tab = await house.enter({ as: language === "ja" ? tanaka : sato, scheme, width, language });
    const folder = process.env["HINOBAN_LOOK_FOLDER"];
    const picture = async (name: string): Promise<void> => {
      if (folder !== undefined) await tab.page.screenshot({ path: `${folder}/${name}-${width}-${language}-${scheme}.png`, fullPage: true });
    };
    await tab.page.goto(`${house.url}/o/${org}/path?address=localhost:${secure}&run=${run.id}`);
    await tab.page.getByRole("rowheader").first().waitFor();
    await settled(tab.page);
    await picture("path");
    await expectSound(tab, {
      title: `${language === "ja" ? "経路診断" : "Path diagnosis"} - Hinoban`,
      language,
    });
    await tab.page.goto(`${house.url}/o/${org}/monitors/${monitorId}`);
    await tab.page.getByRole("rowheader").first().waitFor();
    await settled(tab.page);
    await picture("monitor");
    await expectSound(tab, { title: "Front page - Hinoban", language });
    await tab.context.close();
  });
});
