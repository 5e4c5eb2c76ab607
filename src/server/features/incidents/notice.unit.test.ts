import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unixMs } from "#base/duration";
import { noticeWords, type NoticeCause } from "./notice-words.ts";
import { textOf, type NoticeInput } from "./notice.ts";

const at = Date.UTC(2026, 10, 21, 23, 8);

const alert = (change: Partial<NoticeInput["alerts"][number]> = {}): NoticeInput["alerts"][number] => ({
  id: "a",
  organisation_id: "o",
  seq: 1,
  origin_kind: "monitor",
  origin_id: "m",
  key: "",
  status: "CRITICAL",
  severity: "critical",
  type: "host",
  name: "CPU %",
  message: "CPU % 96.2 > 90",
  value: 96.2,
  host_id: "h",
  service_id: null,
  group_key: null,
  means_down: false,
  inhibited_by: null,
  detail: JSON.stringify({ monitorOperator: ">", warningThreshold: 80, criticalThreshold: 90 }),
  is_muted: false,
  was_critical: true,
  memo: "",
  reason: null,
  trigger: "monitoring",
  opened_at: at,
  changed_at: at,
  closed_at: null,
  incident_id: "i",
  host_name: "web01",
  ...change,
});

const input = (change: Partial<NoticeInput> = {}, incident: Partial<NoticeInput["incident"]> = {}): NoticeInput => ({
  incident: {
    id: "i",
    number: 12,
    title: "web01: CPU %",
    severity: "critical",
    state: "open",
    responderId: undefined,
    openedAt: unixMs(at),
    snoozedUntil: undefined,
    version: 1,
    serviceIds: [],
    ...incident,
  },
  cause: "opened",
  description: "",
  alerts: [alert()],
  openCount: 1,
  serviceNames: ["Shop"],
  responderName: "",
  to: { language: "ja", timeZone: "Asia/Tokyo" },
  ...change,
});

describe("a notice", () => {
  test("says what, where, how much, since when, in Japanese and in the reader's zone", () => {
    expect(textOf(input())).toEqual({
      severity: "critical",
      tone: "bad",
      mention: "critical",
      title: "[重大] web01: CPU % #12",
      summary: "CPU % 96.2 > 90",
      facts: [
        { label: "ホスト", value: "web01" },
        { label: "サービス", value: "Shop" },
        { label: "値", value: "96.2" },
        { label: "しきい値", value: "警告 > 80、重大 > 90" },
        { label: "発生", value: "11月22日 08:08" },
        { label: "担当者", value: "なし" },
      ],
    });
  });

  test("says the same in English", () => {
    const text = textOf(input({ to: { language: "en", timeZone: "Europe/Berlin" } }));
    expect(text.title).toBe("[Critical] web01: CPU % #12");
    expect(text.facts).toEqual([
      { label: "Host", value: "web01" },
      { label: "Service", value: "Shop" },
      { label: "Value", value: "96.2" },
      { label: "Thresholds", value: "warning > 80, critical > 90" },
      { label: "Since", value: "22 Nov, 00:08" },
      { label: "Responder", value: "nobody" },
    ]);
  });

  test("of many alerts lists the first and counts the rest", () => {
    const alerts = [alert(), alert({ id: "b", name: "Disk", message: "", host_name: "web02", closed_at: at })];
    const text = textOf(input({ alerts, openCount: 41 }));
    expect(text.summary).toBe("CPU % 96.2 > 90 (ほか 40 件)");
    expect(text.facts.filter((fact) => fact.label === "アラート").map((fact) => fact.value)).toEqual([
      "web01: CPU % - CPU % 96.2 > 90",
      "✓ web02: Disk",
      "ほか 39 件",
    ]);
  });

  test("says who has it, and who had it", () => {
    const taken = textOf(input({ cause: "taken", responderName: "佐藤" }, { state: "taken", responderId: "p" }));
    expect([taken.tone, taken.mention, taken.title, taken.summary]).toEqual([
      "neutral",
      undefined,
      "[重大 担当決定] web01: CPU % #12",
      "佐藤 さんが担当します。",
    ]);
    const over = textOf(input({ cause: "resolved", responderName: "佐藤" }, { state: "resolved" }));
    expect([over.tone, over.mention, over.summary]).toEqual(["good", "ok", "すべて正常に戻りました(担当: 佐藤 さん)。"]);
    expect(over.facts.some((fact) => fact.label === "担当者")).toBe(false);
  });

  test("without alerts says what the person wrote who opened it", () => {
    const text = textOf(input({ alerts: [], openCount: 0, description: "電源が落ちた\n2 号機も" }, { severity: "warning", title: "停電" }));
    expect([text.title, text.summary, text.mention]).toEqual(["[警告] 停電 #12", "電源が落ちた", "warning"]);
  });
});

test("a title keeps severity and number and is at most 60 characters long, whatever it is about", () => {
  const causes = Object.keys(noticeWords.ja.cause) as NoticeCause[];
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 300 }),
      fc.constantFrom(...causes),
      fc.constantFrom("ja" as const, "en" as const),
      fc.nat(10_000_000),
      (title, cause, language, number) => {
        const text = textOf(input({ cause, to: { language, timeZone: "Asia/Tokyo" } }, { title, number }));
        expect([...text.title].length).toBeLessThanOrEqual(60);
        expect(text.title.endsWith(`#${number}`)).toBe(true);
        expect(text.title.startsWith(language === "ja" ? "[重大" : "[Critical")).toBe(true);
        expect(text.title).not.toMatch(/[\r\n]/u);
      },
    ),
  );
});
