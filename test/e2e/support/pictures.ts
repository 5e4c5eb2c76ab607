import { mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import type { ApiClient } from "#test/api-client";
import { until } from "#test/until";
import { withHouse, type House } from "./house.ts";
import { settled } from "./look.ts";
import { furnish, join, org, sato, settle, tanaka } from "./seed.ts";

const folder = fileURLToPath(new URL("../../../docs/images/", import.meta.url));
const mostBytes = 300_000;
const languages = ["en", "ja"] as const;
type Language = (typeof languages)[number];

/** What people wrote themselves, in the language of the picture. */
const written: Readonly<Record<Language, Readonly<Record<"organisation" | "owner" | "memo", string>>>> = {
  en: { organisation: "Example University", owner: "Sato Hanako", memo: "Front of the shop. Call the campus office before a restart." },
  ja: { organisation: "サンプル大学", owner: "佐藤 花子", memo: "購買サイトの受付。再起動の前に情報センターへ連絡すること。" },
};

/** Writes what is on the screen into the documents. */
async function take(page: Page, name: string): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await settled(page);
  const path = `${folder}${name}.png`;
  await page.screenshot({ path, animations: "disabled" });
  expect(statSync(path).size, `${name} is small enough for a document`).toBeLessThan(mostBytes);
}

const fillings: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    "Name of the organisation": "Example University",
    "Name in addresses": "example",
    "Your name": "Sato Hanako",
    "E-mail address": "sato@example.jp",
    Password: "correct horse 42 battery",
  },
  ja: {
    組織名: "サンプル大学",
    "組織 ID": "sample",
    氏名: "佐藤 花子",
    メールアドレス: "sato@example.jp",
    パスワード: "correct horse 42 battery",
  },
};

async function takeSetup(house: House, language: Language): Promise<void> {
  const { page, context } = await house.enter({ language });
  await page.setViewportSize({ width: 1000, height: 1080 });
  await page.goto(house.setupUrl);
  for (const [label, text] of Object.entries(fillings[language])) await page.getByRole("textbox", { name: label, exact: true }).fill(text);
  await page.evaluate("document.activeElement.blur()");
  await take(page, `setup.${language}`);
  await context.close();
}

/** Each page of the documents: its name there, and where it is. */
type Places = Readonly<Record<"hosts" | "host" | "role" | "history", string>>;

async function takePages(house: House, language: Language, places: Places): Promise<void> {
  const { page, context } = await house.enter({ language, as: language === "ja" ? tanaka : sato });
  await page.setViewportSize({ width: 1440, height: 940 });
  for (const [name, path] of Object.entries(places)) {
    await page.goto(`${house.url}/o/${org}${path}`);
    await take(page, `${name}.${language}`);
  }
  await context.close();
}

async function rewrite(owner: ApiClient, hostId: string, language: Language): Promise<void> {
  const { organisation, owner: name, memo } = written[language];
  const timeZone = "Asia/Tokyo";
  await owner.get("PUT", `/api/v1/orgs/${org}`, { displayName: organisation, defaultHostStatus: "working", timeZone });
  await owner.get("PUT", "/api/v1/account", { name, language: "en", timeZone });
  await owner.get("PUT", `/api/v1/orgs/${org}/hosts/${hostId}`, { memo });
}

/** Takes the pictures of the documents anew, from a running server with invented hosts. */
export function describePictures(): void {
  describe("the pictures of the documents", () => {
    const house = withHouse({ agent: false });

    test("are taken in both languages", async () => {
      mkdirSync(folder, { recursive: true });
      for (const language of languages) await takeSetup(house, language);

      const { owner, key } = await settle(house.url, house.setupUrl);
      const hosts = await furnish(owner, key, { minutesBack: 360, minutesAhead: 180, step: 1 });
      const newPerson = { name: "Yamada Ren", password: "looks on only 1", language: "en", timeZone: "Asia/Tokyo" };
      const viewer = await join(house.url, owner, { to: org, email: "yamada@example.jp", role: "viewer", newPerson });
      const refusal = await viewer.call("POST", `/api/v1/orgs/${org}/hosts/${hosts[0]?.id}/retire`);
      expect(refusal.status).toBe(403);
      const now = Math.floor(Date.now() / 60_000) * 60;
      const places: Places = {
        hosts: "/hosts",
        host: `/hosts/${hosts[0]?.id}?range=6h`,
        role: `/services/shop/roles/app?from=${now + 60}&to=${now + 10_800}`,
        history: "/history",
      };
      await until("the refusal is in the history", 20_000, async () => {
        const { entries } = await owner.get<{ entries: unknown[] }>("GET", `/api/v1/orgs/${org}/ledger?outcome=refused`);
        return entries.length > 0;
      });
      for (const language of languages) {
        await rewrite(owner, hosts[0]?.id ?? "", language);
        await takePages(house, language, places);
      }
      await rewrite(owner, hosts[0]?.id ?? "", "en");
      const { page } = await house.enter({ scheme: "dark", as: sato });
      await page.setViewportSize({ width: 1440, height: 940 });
      await page.goto(`${house.url}/o/${org}${places.host}`);
      await take(page, "host-dark.en");
    });
  });
}
