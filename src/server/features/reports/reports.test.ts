import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unixMs, type UnixMs } from "#base/duration";
import { openDuty, openHolidays } from "#features/duty";
import { takeIncident } from "#features/incidents";
import { Sequencer } from "#features/ledger";
import { withIncidents } from "#test/incidents-rig";
import { openNotifyRig, type NotifyRig } from "#test/notify-rig";
import type { Somebody } from "#test/people";
import { directPrinter } from "#test/report-printer";
import { createDowntime } from "#test/verbs";
import { openDowntimes } from "#features/downtimes";
import type { ReportSettings } from "#wire/reports";
import { changeSettings } from "./change-settings.ts";
import { deleteReport } from "./delete-report.ts";
import { makeReport } from "./make-report.ts";
import { readModel } from "./read-model.ts";
import { namesOf, pageOfReports, readKeptModel, readSendings } from "./read-reports.ts";
import { reportCsv } from "./render-csv.ts";
import { openReports, type Reports } from "./reports.ts";
import { sendReport } from "./send-report.ts";
import { readSettings } from "./settings.ts";

const rig = withIncidents();
let mail: NotifyRig;
let reports: Reports;
let sato: Somebody;
let viewer: Somebody;

const tokyo = (text: string): UnixMs => unixMs(Date.parse(`${text}+09:00`));
const minute = 60_000;
const jump = (text: string): void => rig.people.clock.jumpTo(tokyo(text));
const us = () => rig.people.first.actor;
const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

let shop = "";
let mailService = "";

/** February 2026: a role with two hosts, a service behind a probe, a downtime, calls, and an alert in January to compare with. */
beforeAll(async () => {
  const { people } = rig;
  mail = await openNotifyRig(people);
  const { db } = people.identity;
  reports = openReports({
    db,
    clock: people.clock,
    notify: mail.notify,
    duty: openDuty({ db, clock: people.clock, holidays: await openHolidays("", () => undefined) }),
    mailer: mail.notify.deps.mailer,
    printer: directPrinter,
    publicUrl: "https://hinoban.example",
    onError: (error) => {
      throw error;
    },
  });
  sato = await people.join(people.first, "collaborator", "sato@example.jp");
  viewer = await people.join(people.first, "viewer");
  const [web01, web02, mx] = [await rig.host("web01", "Shop:web"), await rig.host("web02", "Shop:web"), await rig.host("mx", "Mail:mx")];
  const { rows } = await people.owner.query<{ id: string; name: string }>("select id, name from inventory_service");
  shop = rows.find(({ name }) => name === "Shop")?.id ?? "";
  mailService = rows.find(({ name }) => name === "Mail")?.id ?? "";
  await people.owner.query(
    `insert into monitors_monitor (id, organisation_id, type, name, is_muted, settings, version, created_at, updated_at)
     select 'alive', id, 'connectivity', 'connectivity', false, '{}', 1, 0, 0 from identity_organisation
     union all select 'smtp', id, 'smtp', 'SMTP', false, '{"service":"Mail"}', 1, 0, 0 from identity_organisation`,
  );
  const silent = (host: string, status: "CRITICAL" | "OK" = "CRITICAL") =>
    rig.report([{ origin: { kind: "monitor", id: "alive" }, key: host, type: "connectivity", name: "connectivity", hostId: host, status }]);
  jump("2026-01-20T12:00:00");
  await silent(mx);
  jump("2026-01-20T13:00:00");
  await silent(mx, "OK");

  jump("2026-02-03T02:00:00");
  const [first] = await silent(web01);
  jump("2026-02-03T02:02:00");
  await silent(web02);
  jump("2026-02-03T02:14:00");
  await takeIncident(rig.incidents, us(), { incidentId: first?.incidentId ?? "", via: "phone" });
  jump("2026-02-03T02:30:00");
  await silent(web01, "OK");
  jump("2026-02-03T02:40:00");
  await silent(web02, "OK");

  const downtimes = openDowntimes({ db, clock: people.clock, onError: () => undefined });
  jump("2026-02-10T09:00:00");
  await createDowntime(downtimes, us(), {
    name: "move",
    start: tokyo("2026-02-10T10:30:00") / 1000,
    duration: 60,
    serviceScopes: ["Mail"],
  });
  jump("2026-02-10T10:00:00");
  const smtp = (status: "CRITICAL" | "OK") =>
    rig.report([{ origin: { kind: "monitor", id: "smtp" }, key: "", type: "smtp", name: "SMTP", serviceId: mailService, status }]);
  await smtp("CRITICAL");
  jump("2026-02-10T11:00:00");
  await smtp("OK");

  const call = (at: string, answered: boolean, cause: string): Promise<unknown> =>
    people.owner.query(
      `insert into calls_call (id, organisation_id, kind, person_id, number, language, time_zone, state, severity, rank, ring_ms, longest_ms, asked_at, due_at, dialled_at, rang_at, answered_at, ended_at, cause, result)
       select $1, organisation_id, 'incident', person_id, '+81312345678', 'ja', 'Asia/Tokyo', 'over', 'critical', 0, 25000, 180000, $2::bigint, $2::bigint, $2::bigint, $3::bigint, $4::bigint, $2::bigint, $5, $5 from identity_membership where person_id = $6`,
      [at, tokyo(at), cause === "line-failed" ? null : tokyo(at), answered ? tokyo(at) : null, cause, sato.actor.personId],
    );
  await call("2026-02-03T02:01:00", true, "finished");
  await call("2026-02-03T03:00:00", false, "no-answer");
  await call("2026-02-05T23:30:00", false, "no-answer");
  await call("2026-02-06T12:00:00", false, "no-answer");
  await call("2026-02-06T12:30:00", false, "line-failed");
  const sequencer = new Sequencer({ db, clock: people.clock, device: "server:test", onProblem: (problem) => console.warn(problem) });
  await sequencer.drain();
  jump("2026-02-27T10:00:00");
});
afterAll(() => mail.close());

const february = (at = tokyo("2026-03-02T08:00:00")) => rig.tx((tx) => readModel(tx, "2026-02", at));

describe("a month", () => {
  test("has each service's availability: a role is down while none of its hosts can be reached, and plans are counted apart", async () => {
    const { services } = await february();
    const month = 28 * 24 * 60 * minute;
    expect(services.find(({ name }) => name === "Shop")).toMatchObject({
      id: shop,
      hosts: 2,
      probes: 0,
      existed: month,
      planned: 0,
      down: 28 * minute,
      outages: 1,
      share: (month - 28 * minute) / month,
    });
    // An hour of plan; of the hour in which SMTP was down, half lay within it.
    expect(services.find(({ name }) => name === "Mail")).toMatchObject({
      probes: 1,
      planned: 60 * minute,
      down: 30 * minute,
      share: (month - 90 * minute) / (month - 60 * minute),
      longest: [{ from: tokyo("2026-02-10T10:00:00"), to: tokyo("2026-02-10T10:30:00"), causes: ["SMTP"] }],
    });
    const before = services.find(({ name }) => name === "Mail")?.shareBefore ?? 1;
    expect(before).toBeLessThan(0.999);
  });

  test("has its incidents with who took them and how long it took, and compares them with the month before", async () => {
    const { incidents, totals, before, times, people, byService } = await february();
    expect(incidents.map(({ title, services }) => [title, services])).toEqual([
      [expect.stringContaining("connectivity"), ["Shop"]],
      [expect.stringContaining("SMTP"), ["Mail"]],
    ]);
    expect(totals).toMatchObject({ incidents: 2, severe: 2, alerts: 3, takeMedian: 14 * minute, neverTaken: 1 });
    expect(before).toMatchObject({ incidents: 1, neverTaken: 1 });
    expect(times[0]).toMatchObject({ severity: "all", take: { count: 1, worst: 14 * minute }, resolve: { count: 2 }, open: 0 });
    expect(people.find(({ id }) => id === us().personId)).toMatchObject({ taken: 1, takenByPhone: 1, held: 26 * minute });
    expect(byService.map(({ name, incidents: count }) => [name, count])).toEqual([
      ["Mail", 1],
      ["Shop", 1],
    ]);
  });

  test("has the calls, and the nights of those who were called on their own clock", async () => {
    const { calls, people, days } = await february();
    expect(calls).toEqual({ requested: 5, rang: 4, answered: 1, taken: 0, failed: 1, nightCalls: 3 });
    expect(people.find(({ id }) => id === sato.actor.personId)).toMatchObject({ requested: 5, rang: 4, nightCalls: 3, nights: 2 });
    expect(days.filter(({ nightCalls }) => nightCalls > 0).map(({ date, nightCalls }) => [date, nightCalls])).toEqual([
      ["2026-02-03", 2],
      ["2026-02-05", 1],
    ]);
  });

  test("names what opened most alerts, and counts what people changed", async () => {
    const { causes, hosts, changes, totals } = await february();
    expect(changes).toEqual([{ noun: "downtime", count: 1, verbs: [{ verb: "downtime.created", count: 1 }] }]);
    expect(totals.changes).toBe(1);
    expect(causes.map(({ id, alerts, incidents }) => [id, alerts, incidents])).toEqual([
      ["alive", 2, 1],
      ["smtp", 1, 1],
    ]);
    // As many alerts each: the one that was gone for longer comes first.
    expect(hosts.map(({ name }) => name)).toEqual(["web02", "web01"]);
  });

  test("that goes on reaches to now, one that has not begun is refused", async () => {
    const now = tokyo("2026-02-03T02:20:00");
    const { services, isComplete, totals } = await february(now);
    expect(isComplete).toBe(false);
    expect(totals.incidents).toBe(1);
    expect(services.find(({ name }) => name === "Shop")).toMatchObject({ existed: now - tokyo("2026-02-01T00:00:00"), down: 18 * minute });
    await expect(rig.tx((tx) => readModel(tx, "2026-03", now))).rejects.toMatchObject({ code: "invalid-input" });
  });

  test("may be a year, whose bars are months", async () => {
    const { days, totals } = await rig.tx((tx) => readModel(tx, "2026", tokyo("2027-01-04T10:00:00")));
    expect(days.map(({ severe }) => severe)).toEqual([1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(totals.incidents).toBe(3);
  });
});

const settings = (more: Partial<ReportSettings> = {}): ReportSettings => ({
  isOn: true,
  day: "first-working-day",
  calendarId: "business-days",
  time: "09:00",
  timeZone: "Asia/Tokyo",
  language: "ja",
  personIds: [sato.actor.personId],
  addresses: ["customer@example.com"],
  channelIds: [],
  ...more,
});

describe("acts", () => {
  test("are recorded once each, and a report that was sent stays", async () => {
    await rig.people.acts();
    const { id, period, isComplete } = await makeReport(reports, us(), { period: "2026-01" });
    expect([period, isComplete]).toEqual(["2026-01", true]);
    const other = await makeReport(reports, us(), {});
    expect(other).toMatchObject({ period: "2026-02", isComplete: false, language: "ja" });
    await deleteReport(reports, us(), other.id);
    expect(await codeOf(sendReport(reports, us(), id, {}))).toBe("invalid-input");
    expect(await sendReport(reports, us(), id, { addresses: ["auditor@example.com"] })).toBe(1);
    expect(await codeOf(deleteReport(reports, us(), id))).toBe("conflict");
    expect(await codeOf(deleteReport(reports, us(), other.id))).toBe("not-found");
    await changeSettings(reports, us(), settings());
    await changeSettings(reports, us(), settings());
    const acts = await rig.people.acts();
    expect(acts.map(({ verb, object }) => [verb, object])).toEqual([
      ["report.made", `report:${id}`],
      ["report.made", `report:${other.id}`],
      ["report.deleted", `report:${other.id}`],
      ["report.sent", `report:${id}`],
      ["report-settings.changed", `organisation:${us().organisationId}`],
    ]);
    expect(acts[3]?.detail).toMatchObject({ period: "2026-01", addresses: 1, persons: 0, channels: 0 });
    expect(await rig.tx((tx) => namesOf(tx, [`report:${id}`]))).toEqual({ [`report:${id}`]: "2026-01" });
  });

  test("are refused to those who may only look, and nonsense is refused to everybody", async () => {
    const { id } = await makeReport(reports, us(), { period: "2026-01" });
    const by = viewer.actor;
    const acts = [
      makeReport(reports, by, {}),
      sendReport(reports, by, id, {}),
      deleteReport(reports, by, id),
      changeSettings(reports, by, settings()),
    ];
    expect(await Promise.all(acts.map(codeOf))).toEqual(acts.map(() => "forbidden"));
    for (const wrong of [
      { timeZone: "Mars/Base" },
      { calendarId: "none" },
      { personIds: ["nobody"] },
      { addresses: ["no address"] },
      { channelIds: ["none"] },
      { personIds: [], addresses: [] },
    ])
      expect(await codeOf(changeSettings(reports, us(), settings(wrong))), JSON.stringify(wrong)).toBe("invalid-input");
    const strangers = await rig.people.another("strangers");
    expect(await codeOf(deleteReport(reports, strangers.actor, id))).toBe("not-found");
    expect((await rig.tx((tx) => pageOfReports(tx, { offset: 0, limit: 10 }), strangers)).total).toBe(0);
  });
});

test("on the first working day the report of the month before is made and sent, once, with the PDF in each one's language", async () => {
  await changeSettings(reports, us(), settings());
  // 2026-03-01 is a Sunday.
  expect((await rig.tx(readSettings)).nextAt).toBe(tokyo("2026-03-02T09:00:00"));
  const stop = reports.start();
  await reports.settled();
  mail.mailbox.received.length = 0;
  mail.mailbox.refusedAddresses.set("customer@example.com", { code: 451, text: "4.7.1 Come again" });
  jump("2026-03-02T09:00:01");
  reports.wake();
  await reports.settled();
  const made = await rig.tx((tx) => pageOfReports(tx, { period: "2026-02", offset: 0, limit: 10 }));
  expect(made).toMatchObject({ total: 1, reports: [{ madeBy: "system:reports", isComplete: true, sent: 1, failed: 0, incidents: 2 }] });
  expect((await rig.tx(readSettings)).nextAt).toBe(tokyo("2026-04-01T09:00:00"));
  mail.mailbox.refusedAddresses.clear();
  jump("2026-03-02T09:02:00");
  reports.wake();
  await reports.settled();
  await stop();
  const id = made.reports[0]?.id ?? "";
  expect((await rig.tx((tx) => readSendings(tx, id))).map(({ kind, state }) => [kind, state])).toEqual([
    ["person", "sent"],
    ["address", "sent"],
  ]);
  // To whom it went is for those who may change it.
  expect((await rig.tx((tx) => readSendings(tx, id, false))).map(({ name }) => name)).toEqual(["Name of sato@example.jp", "…@example.com"]);
  const [toSato, toCustomer] = mail.mailbox.received;
  expect(toSato?.to).toEqual(["sato@example.jp"]);
  expect(toSato?.mail.subject).toBe("First: Monthly operations report, February 2026");
  expect(toCustomer?.mail.subject).toBe("【First】運用月次レポート 2026年2月");
  const [file] = toCustomer?.mail.attachments ?? [];
  expect([file?.filename, file?.mimeType]).toEqual(["hinoban-first-2026-02.pdf", "application/pdf"]);
  const text = execFileSync("pdftotext", ["-layout", "-", "-"], { input: Buffer.from(file?.content as ArrayBuffer), encoding: "utf8" });
  expect(text).toContain("運用月次レポート 2026年2月");
  expect(text).toMatch(/Shop\s+99\.93 %/u);
  expect(text).toMatch(/1 \/ \d+ ページ/u);
});

test("what changes afterwards does not change a report that was made", async () => {
  const { id } = await makeReport(reports, us(), { period: "2026-02", language: "en" });
  const before = await rig.tx((tx) => readKeptModel(tx, id));
  await rig.people.owner.query("update incidents_incident set title = 'changed'");
  expect(before.model.incidents).toHaveLength(2);
  expect(await rig.tx((tx) => readKeptModel(tx, id))).toEqual(before);
  const lines = reportCsv(before.model, "en").split("\r\n");
  expect(lines.findLast((line) => line.includes("SMTP"))).toMatch(/^\d+,2026-02-10 10:00,Critical,/u);
});
