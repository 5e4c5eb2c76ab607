import type { IncidentLine, PersonFigures, ReportModel, ServiceAvailability } from "../../src/server/features/reports/model.ts";
import { documentOf } from "../../src/server/features/reports/document/document.ts";
import { wallClock } from "#base/wall-time";
import { daysOf, periodRange } from "../../src/server/features/reports/figures/period.ts";
import { IncidentTally } from "../../src/server/features/reports/figures/incident-tally.ts";
import type { Severity } from "#wire/alerting";
import type { ReportDocument } from "#wire/reports";
import type { Language } from "#wire/shapes";

const minute = 60_000;
const hour = 60 * minute;
const clock = wallClock("Asia/Tokyo");
const range = periodRange("2026-10", clock);
const people = ["田中 太郎", "Sato Hanako", "鈴木 一郎", "高橋 美咲"];
const titles = [
  "web01: CPU % が 96.2 で、しきい値 90 を超えています",
  "shop-db-primary.production.example.co.jp: filesystem.var_lib_postgresql.used 93.4 % > 90 %",
  "決済 API の外形監視が応答しません（HTTP 503、3 回連続）。",
  "mail2: host is not reachable",
  "夜間バッチ「売上集計」のハートビートが途絶えました",
];
const severities: readonly Severity[] = ["critical", "warning", "error", "warning", "information"];

const incidents: IncidentLine[] = Array.from({ length: 42 }, (_, index) => {
  const openedAt = range.from + index * 17 * hour + ((index * 37) % 60) * minute;
  const isTaken = index % 7 !== 6;
  const isOpen = index === 11 || index === 41;
  return {
    id: `incident${index}`,
    number: 310 + index,
    title: titles[index % titles.length] ?? "",
    severity: severities[index % severities.length] ?? "warning",
    openedAt,
    services: index % 2 === 0 ? ["Shop"] : ["Mail", "Shop"],
    ...(isTaken
      ? {
          takenAt: openedAt + ((index % 9) + 1) * 3 * minute + 12_000,
          takenBy: people[index % people.length] ?? "",
          takenVia: "phone" as const,
        }
      : {}),
    ...(isOpen ? {} : { resolvedAt: openedAt + ((index % 12) + 1) * 19 * minute }),
  };
});

const person = (name: string, index: number): PersonFigures => ({
  id: `person${index}`,
  name,
  taken: 14 - index * 3,
  takenByPhone: 9 - index * 2,
  takeMedian: (4 + index * 3) * minute,
  held: (30 - index * 5) * hour,
  declined: index,
  requested: 30 - index * 6,
  rang: 28 - index * 6,
  answered: 20 - index * 4,
  nightCalls: 17 - index * 5,
  nights: 9 - index * 2,
});

const service = (name: string, more: Partial<ServiceAvailability>): ServiceAvailability => ({
  id: name,
  name,
  probes: 1,
  hosts: 3,
  existed: 31 * 24 * hour,
  planned: 0,
  down: 0,
  outages: 0,
  longest: [],
  share: 1,
  shareBefore: 0.9997,
  ...more,
});

const tally = new IncidentTally((at) => new Date(at + 9 * hour).toISOString().slice(0, 10));
for (const line of incidents)
  tally.add({
    line,
    takerId: line.takenBy === undefined ? undefined : `person${people.indexOf(line.takenBy)}`,
    services: line.services.map((name) => ({ id: name, name })),
    held: [],
    declinedBy: [],
    told: ["person0", "person1"],
    steps: [],
  });

/** Figures of a busy month, with names that are hard to print. */
export const sampleModel: ReportModel = {
  version: 1,
  organisation: { name: "example", displayName: "株式会社サンプル商事" },
  period: "2026-10",
  timeZone: "Asia/Tokyo",
  range,
  isComplete: true,
  madeAt: range.to + 9 * hour,
  totals: {
    incidents: 42,
    severe: 17,
    alerts: 96,
    takeMedian: 7 * minute,
    resolveMedian: 96 * minute,
    neverTaken: 6,
    callsRang: 76,
    nightCalls: 38,
    changes: 61,
  },
  before: {
    incidents: 35,
    severe: 9,
    alerts: 70,
    takeMedian: 5 * minute,
    resolveMedian: 80 * minute,
    neverTaken: 1,
    callsRang: 51,
    nightCalls: 12,
    changes: 40,
  },
  services: [
    service("Mail", { probes: 0 }),
    service("Shop", {
      share: 0.99913,
      down: 38 * minute + 40_000,
      outages: 3,
      planned: 4 * hour,
      longest: [
        { from: range.from + 50 * hour, to: range.from + 50 * hour + 25 * minute, alertId: "a1", causes: ["決済 API の外形監視"] },
        {
          from: range.from + 300 * hour,
          to: range.from + 300 * hour + 13 * minute,
          alertId: "a2",
          causes: ["web (3): connectivity: web01"],
        },
      ],
    }),
    { id: "Intra", name: "社内ポータル", probes: 0, hosts: 0, existed: 31 * 24 * hour, planned: 0, down: 0, outages: 0, longest: [] },
  ],
  ...tally.result(),
  days: daysOf("2026-10").map((day, index) => ({ ...day, ...tally.day(day.date), nightCalls: index % 4 })),
  media: [
    { medium: "channel", sent: 130, failed: 4, cancelled: 0, waiting: 0 },
    { medium: "mail", sent: 84, failed: 0, cancelled: 12, waiting: 1 },
    { medium: "phone", sent: 29, failed: 40, cancelled: 7, waiting: 0 },
  ],
  channels: [
    { id: "c1", name: "#alerts", sent: 96, failed: 0, isSuspended: false },
    { id: "c2", name: "運用チーム Mattermost", sent: 34, failed: 4, isSuspended: true },
  ],
  mediaArePartial: false,
  calls: { requested: 84, rang: 76, answered: 55, taken: 29, failed: 4, nightCalls: 38 },
  people: people.map(person),
  causes: [
    { kind: "monitor", id: "m1", name: "CPU %", alerts: 31, incidents: 12, openFor: 9 * hour, median: 6 * minute },
    { kind: "source", id: "s1", name: "Zabbix（大阪 DC）", alerts: 18, incidents: 9, openFor: 20 * hour, median: 40 * minute },
    { kind: "check", id: "k1", name: "check_log", alerts: 7, incidents: 7, openFor: 3 * hour, median: 12 * minute },
  ],
  hosts: [{ kind: "host", id: "h1", name: "web01", alerts: 31, incidents: 12, openFor: 9 * hour, median: 6 * minute }],
  changes: [
    { noun: "annotation", count: 22, verbs: [] },
    { noun: "monitor", count: 17, verbs: [] },
    { noun: "host", count: 12, verbs: [] },
    { noun: "schedule", count: 10, verbs: [] },
  ],
  suggestions: [
    { kind: "failing-channel", channel: { id: "c2", name: "運用チーム Mattermost", sent: 34, failed: 4, isSuspended: true } },
    { kind: "many-nights", person: person("田中 太郎", 0), ofAll: 38 },
    { kind: "unanswered-step", step: { policyId: "p1", policyName: "平日日中", step: 1, told: 8, taken: 0 } },
    {
      kind: "flapping",
      cause: { kind: "monitor", id: "m1", name: "CPU %", alerts: 31, incidents: 12, openFor: 9 * hour, median: 6 * minute },
    },
    { kind: "unwatched-service", service: { id: "Intra", name: "社内ポータル" } },
  ],
};

export const sampleDocument = (language: Language): ReportDocument => documentOf(sampleModel, language);
