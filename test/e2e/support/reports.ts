import type { ApiClient } from "#test/api-client";
import { button, dialog, say, type Screen, type Words } from "./screens.ts";
import { org } from "./seed.ts";

const at = `/api/v1/orgs/${org}`;

/** A report of the month that goes on, with incidents that people opened and took, and one that is sent. */
export interface SeededReport {
  readonly id: string;
  readonly title: Words;
}

export async function seedReports(owner: ApiClient): Promise<SeededReport> {
  for (const [index, severity] of (["critical", "error", "warning"] as const).entries()) {
    const title = `Report: shop-db-primary.production.example.co.jp answers slowly, part ${index + 1}`;
    const { id } = await owner.get<{ id: string }>("POST", `${at}/incidents`, { title, severity, description: "" });
    await owner.get("POST", `${at}/incidents/${id}/take`, {});
    await owner.get("POST", `${at}/incidents/${id}/resolve`, {});
  }
  const { id, period } = await owner.get<{ id: string; period: string }>("POST", `${at}/reports`, { language: "ja" });
  await owner.get("POST", `${at}/reports/${id}/send`, { addresses: ["auditor@example.com"] });
  const [year = "", month = ""] = period.split("-");
  const name = new Date(`${period}-15T00:00:00Z`).toLocaleString("en-US", { month: "long", timeZone: "UTC" });
  return {
    id,
    title: { en: `Monthly operations report, ${name} ${year}`, ja: `運用月次レポート ${year}年${Number(month)}月` },
  };
}

/** The list with the form of when reports are sent, and a report. */
export const reportScreens = (report: () => SeededReport | undefined): readonly Screen[] => [
  {
    name: "reports, when they are sent",
    path: () => `/o/${org}/reports`,
    title: say("Reports", "レポート"),
    open: async (page, text) => {
      await button(page, text(say("Sending: Change", "自動送付: 変更"))).click();
      await dialog(page);
    },
  },
  {
    name: "a report",
    path: () => `/o/${org}/reports/${report()?.id}`,
    get title() {
      return report()?.title ?? say("", "");
    },
    open: (page) => page.locator("#changes").waitFor(),
  },
];
