import type { ApiClient } from "#test/api-client";
import { button, dialog, say, type Screen } from "./screens.ts";
import { emptyOrg, join, org } from "./seed.ts";

const at = `/api/v1/orgs/${org}`;
const day = 86_400_000;
let watch = "";

/** A schedule with three layers, an override, an absence and a swap; one that nobody is on; a team; a calendar of the house. */
export async function seedDuty(url: string, owner: ApiClient): Promise<void> {
  const newPerson = { name: "山本 花子", password: "turns by the week 1", language: "ja", timeZone: "Asia/Tokyo" };
  await join(url, owner, { to: org, email: "yamamoto@example.jp", role: "collaborator", newPerson });
  const { members } = await owner.get<{ members: { id: string }[] }>("GET", `${at}/members`);
  const people = members.map(({ id }) => id);
  const [first = "", second = "", third = ""] = people;
  const team = await owner.get<{ id: string }>("POST", `${at}/teams`, { name: "基盤チーム", memberIds: people, leadId: first });
  const rules = { workdays: [1, 2, 3, 4, 5], holidays: "jp", hours: [{ from: "09:00", to: "17:30" }], working: [] };
  const obon = { from: "2026-08-13", to: "2026-08-15", name: "お盆", isYearly: true };
  await owner.get("POST", `${at}/calendars`, { name: "本社", memo: "Head office", versions: [{ ...rules, closed: [obon] }] });
  const rotation = { kind: "rotation", people, start: "2026-01-05T09:00", unit: "week", length: 1, handOver: "09:00" };
  const night = { hours: [{ weekdays: [1, 2, 3, 4, 5], from: "22:00", to: "07:00" }] };
  const office = { calendar: { id: "business-days", when: "working-time" } };
  const schedule = {
    name: "Night watch 夜間",
    memo: "Who answers for the shop.",
    timeZone: "Asia/Tokyo",
    tellsPeople: true,
    teamId: team.id,
    layers: [
      { ...rotation, name: "Weeks", restriction: { hours: [{ weekdays: [0, 1, 2, 3, 4, 5], from: "00:00", to: "24:00" }] } },
      { ...rotation, name: "Nights", people: [second, third], unit: "day", restriction: night },
      { ...rotation, name: "Office", people: [third], restriction: office },
    ],
  };
  ({ id: watch } = await owner.get<{ id: string }>("POST", `${at}/schedules`, schedule));
  await owner.get("POST", `${at}/schedules`, { name: "Weekend 週末", timeZone: "Asia/Tokyo", tellsPeople: true, layers: [] });
  const now = Date.now();
  const span = (from: number, to: number) => ({ from: now + from * day, to: now + to * day });
  await owner.get("POST", `${at}/schedules/${watch}/overrides`, { kind: "replace", personId: first, ...span(0, 0.4), reason: "Dentist" });
  await owner.get("POST", `${at}/duty/absences`, { personId: second, ...span(3, 5), note: "休暇" });
  const { shifts } = await owner.get<{ shifts: { scheduleId: string; from: number; to: number }[] }>(
    "GET",
    `${at}/duty/people/me/shifts?from=${now + day}&to=${now + 60 * day}`,
  );
  const own = shifts.find((shift) => shift.scheduleId === watch);
  if (own)
    await owner.get("POST", `${at}/schedules/${watch}/swaps`, { personId: first, otherId: second, give: { from: own.from, to: own.to } });
}

const title = say("Night watch 夜間", "Night watch 夜間");
const onDuty = say("On duty", "当番");

export const dutyScreens: readonly Screen[] = [
  { name: "who is on duty", path: () => `/o/${org}/duty`, title: onDuty },
  { name: "no schedule yet", path: () => `/o/${emptyOrg}/duty`, title: onDuty },
  {
    name: "taking a shift over",
    path: () => `/o/${org}/duty`,
    title: onDuty,
    open: async (page, word) => {
      await button(page, word(say("Take over Weekend 週末", "Weekend 週末 の当番を代わる"))).click();
      await page.getByRole("menuitem").first().waitFor();
    },
  },
  {
    name: "an absence",
    path: () => `/o/${org}/duty`,
    title: onDuty,
    open: async (page, word) => {
      await button(page, word(say("Note an absence", "不在を登録"))).click();
      await dialog(page);
    },
  },
  { name: "a schedule, a month", path: () => `/o/${org}/schedules/${watch}`, title },
  { name: "a schedule, a week with holidays", path: () => `/o/${org}/schedules/${watch}?view=week&day=2026-11-23`, title },
  {
    name: "an override",
    path: () => `/o/${org}/schedules/${watch}`,
    title,
    open: async (page, word) => {
      await button(page, word(say("Override", "代行を設定"))).click();
      await dialog(page);
    },
  },
  {
    name: "a calendar address",
    path: () => `/o/${org}/schedules/${watch}`,
    title,
    open: async (page, word) => {
      await button(page, word(say("Subscribe", "カレンダー購読"))).click();
      await dialog(page);
    },
  },
  {
    name: "the editor of a schedule",
    path: () => `/o/${org}/schedules/${watch}/edit`,
    title: say("Edit Night watch 夜間", "Night watch 夜間 を編集"),
    open: (page, word) => page.getByRole("heading", { name: word(say("Preview", "プレビュー")) }).waitFor(),
  },
  { name: "a new schedule", path: () => `/o/${org}/schedules/new`, title: say("New schedule", "当番表を作成") },
  { name: "teams", path: () => `/o/${org}/teams`, title: say("Teams", "チーム") },
  {
    name: "a team",
    path: () => `/o/${org}/teams`,
    title: say("Teams", "チーム"),
    open: async (page, word) => {
      await button(page, word(say("Edit 基盤チーム", "基盤チーム を編集"))).click();
      await dialog(page);
    },
  },
  { name: "no team yet", path: () => `/o/${emptyOrg}/teams`, title: say("Teams", "チーム") },
  { name: "calendars", path: () => `/o/${org}/calendars`, title: say("Calendars", "カレンダー") },
  {
    name: "a calendar",
    path: () => `/o/${org}/calendars`,
    title: say("Calendars", "カレンダー"),
    open: async (page, word) => {
      await button(page, word(say("Edit 本社", "本社 を編集"))).click();
      await dialog(page);
    },
  },
];
