import { beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { ApiClient } from "#test/api-client";
import { otlpJson, snappy, writeRequest } from "#test/protobuf-bodies";
import { until } from "#test/until";
import { toast, withHouse } from "./support/house.ts";
import { expectSound, settled } from "./support/look.ts";
import { org, sato, settle, tanaka } from "./support/seed.ts";

const house = withHouse({ agent: false });
let owner: ApiClient;

/** Sends what Prometheus and OpenTelemetry would. */
async function furnish(): Promise<void> {
  const made = await settle(house.url, house.setupUrl);
  ({ owner } = made);
  const key = made.key.apiKey;
  const mapping = await owner.get<{ settings: object }>("GET", `/api/v1/orgs/${org}/prometheus/mapping`);
  await owner.get("PUT", `/api/v1/orgs/${org}/prometheus/mapping`, {
    ...mapping,
    settings: { ...mapping.settings, seriesPerHost: 3 },
    rules: [
      { metric: "debug_*", labels: [{ name: "env", value: "test*" }], action: "drop", as: "auto", combine: "sum" },
      { metric: "orders_total", labels: [], action: "service", service: "Shop", as: "auto", keepLabels: ["method"], combine: "sum" },
    ],
  });
  const labels = { instance: "web1:9100", job: "node" };
  const series = Array.from({ length: 12 }, (_, order) => ({
    labels: { ...labels, __name__: "queue", order: String(order) },
    samples: [[Date.now(), 1] as const],
  }));
  await fetch(`${house.url}/api/v1/write`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/x-protobuf", "content-encoding": "snappy" },
    body: snappy(writeRequest(series)),
  });
  const metrics = [{ name: "heap", kind: "gauge", points: [{ at: Date.now(), asDouble: 1 }] }] as const;
  await fetch(`${house.url}/v1/metrics`, {
    method: "POST",
    headers: { "x-api-key": key, "content-type": "application/json" },
    body: otlpJson([{ attributes: { "host.name": "app1" }, metrics }]),
  });
}

const open = async (page: Page): Promise<void> => {
  await page.goto(`${house.url}/o/${org}/prometheus`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await settled(page);
};

beforeAll(furnish);

describe("the page of Prometheus and OpenTelemetry", () => {
  test("makes a key on the spot, and the lines hold it", async () => {
    const { page, context } = await house.enter({ as: sato });
    await open(page);
    await page.getByRole("button", { name: "Make a key" }).click();
    const lines = page.getByLabel("Prometheus: lines of prometheus.yml", { exact: true });
    await until("the lines hold a key", 10_000, async () => /credentials: [\w-]{20,}$/u.test(await lines.inputValue()));
    const secret = /credentials: (\S+)$/u.exec(await lines.inputValue())?.[1] ?? "";
    const answer = await fetch(`${house.url}/v1/metrics`, {
      method: "POST",
      headers: { "x-api-key": secret, "content-type": "application/json" },
      body: "{}",
    });
    expect(answer.status).toBe(200);
    await context.close();
  });

  test("adds a target by keyboard, tries it first, says what is wrong, and deletes it", async () => {
    const { page, context } = await house.enter({ as: sato });
    await open(page);
    await page.getByRole("button", { name: "Add target" }).first().press("Enter");
    const dialog = page.getByRole("dialog");
    await page.keyboard.type(`${house.url}/nothing-here`);
    await dialog.getByRole("button", { name: "Try" }).click();
    await dialog.getByText(/It failed: /u).waitFor();
    await dialog.getByLabel("Address").fill(`${house.url}/metrics`);
    await dialog.getByRole("button", { name: "Try" }).click();
    await dialog.getByText(/\d+ samples came in/u).waitFor();
    await dialog.getByLabel("Host name").fill("hinoban1");
    await dialog.getByRole("button", { name: "Add target" }).click();
    await toast(page, "is scraped from now on").waitFor();
    const row = page.getByRole("row", { name: /\/metrics/u });
    await until("the target is up", 20_000, async () => (await row.getByText("Up", { exact: true }).count()) === 1);
    await row.getByRole("link", { name: "hinoban1" }).waitFor();
    await row.getByRole("button", { name: /^Delete/u }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "No targets" }).waitFor();
    await context.close();
  });

  test("changes a rule and shows at once what it does", async () => {
    const { page, context } = await house.enter({ as: sato });
    await open(page);
    await page.getByRole("button", { name: "Edit rule 2" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("New name").fill("orders.made");
    await dialog.getByRole("button", { name: "Save" }).click();
    await toast(page, "Saved.").waitFor();
    await page.getByLabel("Lines", { exact: true }).fill('orders_total{instance="web1:1",method="GET",path="/x"} 1');
    await page
      .getByRole("region", { name: /^Try with lines/u })
      .getByRole("button", { name: "Try" })
      .click();
    await page.getByText("Shop · orders.made.GET · per second").waitFor();
    await page.getByText("rule 2", { exact: true }).waitFor();
    await context.close();
  });

  test.each([
    ["en", "light", 1440],
    ["ja", "dark", 390],
  ] as const)("looks right in %s, %s, %i pixels wide", async (language, scheme, width) => {
    const url = `${house.url}/nothing-here`;
    const target = {
      url,
      isEnabled: true,
      intervalSeconds: 60,
      timeoutSeconds: 5,
      hostName: "web1",
      auth: "none",
      userName: "",
      verifiesTls: true,
      labels: [],
    };
    const { id } = await owner.get<{ id: string }>("POST", `/api/v1/orgs/${org}/prometheus/targets`, target);
    const tab = await house.enter({ as: language === "ja" ? tanaka : sato, language, scheme, width });
    await until("it was scraped", 20_000, async () => {
      const { down } = await owner.get<{ down: number }>("GET", `/api/v1/orgs/${org}/prometheus/targets`);
      return down === 1;
    });
    await open(tab.page);
    const title = language === "en" ? "Prometheus and OpenTelemetry" : "Prometheus・OpenTelemetry";
    await expectSound(tab, { title: `${title} - Hinoban`, language });
    await tab.page
      .getByRole("button", { name: language === "en" ? /^Edit http/u : /を編集$/u })
      .first()
      .click();
    await tab.page.getByRole("dialog").waitFor();
    await expectSound(tab, { title: `${title} - Hinoban`, language });
    await tab.page.keyboard.press("Escape");
    await tab.page.getByRole("button", { name: language === "en" ? "Edit rule 2" : "規則 2 を編集" }).click();
    await tab.page.getByRole("dialog").waitFor();
    await expectSound(tab, { title: `${title} - Hinoban`, language });
    await tab.context.close();
    await owner.get("DELETE", `/api/v1/orgs/${org}/prometheus/targets/${id}`);
  });
});
