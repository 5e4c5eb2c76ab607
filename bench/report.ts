import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import pg from "pg";
import { SystemClock } from "#adapters/clock/system";
import { ThreadPrinter } from "#adapters/report-printer/index";
import { unixMs } from "#base/duration";
import { openDb, migrate } from "#store";
import { documentOf } from "../src/server/features/reports/document/document.ts";
import type { ReportModel } from "../src/server/features/reports/model.ts";
import { readModel } from "../src/server/features/reports/read-model.ts";
import { reportCsv } from "../src/server/features/reports/render-csv.ts";
import { reportHtml } from "../src/server/features/reports/render-html.ts";
import { startEmbedded } from "../src/server/store/embedded/index.ts";
import { keepHistory, printTable, replaceInDocs, tableText, takenOn } from "./support/report.ts";

// How long does a report take that counts a year, and how much memory, beside one that counts a month? A database with a year of a busy
// organisation's data, filled by SQL; read, put into words and printed as the server does.
//   npm run bench -- report [--incidents 20000] [--calls 5000] [--docs]

const year = 2026;
const start = Date.parse(`${year}-01-01T00:00:00+09:00`);
const length = 365 * 86_400_000;

interface Options {
  readonly incidents: number;
  readonly calls: number;
  readonly docs: boolean;
}

function optionsOf(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args: [...args], options: { incidents: text, calls: text, docs: { type: "boolean" } } });
  return { incidents: Number(values.incidents ?? 20_000), calls: Number(values.calls ?? 5000), docs: values.docs ?? false };
}

/** Twenty people, ten services with five hosts each; three alerts and twenty entries of the history for each incident. */
async function fill(owner: pg.Client, options: Options): Promise<void> {
  const { incidents } = options;
  const step = Math.floor(length / incidents);
  const run = (statement: string): Promise<unknown> => owner.query(statement);
  await run(
    `insert into identity_organisation (id, name, display_name, time_zone, created_at) values ('o', 'busy', '多忙株式会社', 'Asia/Tokyo', 0)`,
  );
  await run(`insert into identity_person (id, name, email, language, time_zone, created_at)
    select 'p' || n, '担当 ' || n, 'p' || n || '@example.jp', 'ja', 'Asia/Tokyo', 0 from generate_series(0, 19) n`);
  await run(
    `insert into identity_membership (organisation_id, person_id, role, joined_at) select 'o', 'p' || n, 'collaborator', 0 from generate_series(0, 19) n`,
  );
  await run(
    `insert into inventory_service (id, organisation_id, name, created_at) select 's' || n, 'o', 'service-' || n, 0 from generate_series(0, 9) n`,
  );
  await run(
    `insert into inventory_role (id, organisation_id, service_id, name, created_at) select 'r' || n, 'o', 's' || n, 'web', 0 from generate_series(0, 9) n`,
  );
  await run(`insert into inventory_host (id, organisation_id, name, status, sort_name, search, created_at)
    select 'h' || n, 'o', 'web-' || n, 'working', 'web-' || n, '', 0 from generate_series(0, 49) n`);
  await run(
    `insert into inventory_membership (organisation_id, host_id, role_id, from_at) select 'o', 'h' || n, 'r' || (n / 5), 0 from generate_series(0, 49) n`,
  );
  await run(`insert into monitors_monitor (id, organisation_id, type, name, is_muted, settings, version, created_at, updated_at)
    values ('alive', 'o', 'connectivity', 'connectivity', false, '{}', 1, 0, 0)`);
  const opened = `${start} + n::bigint * ${step}`;
  await run(`insert into incidents_incident (id, organisation_id, number, state, severity, title, is_manual, opened_by, taken_at, opened_at, joined_at, resolved_at)
    select 'i' || n, 'o', n + 1, 'resolved', (array['critical', 'error', 'warning', 'information'])[1 + n % 4],
      'web-' || n % 50 || ': CPU % 96.2 > 90', false, 'system:monitors', null, ${opened}, ${opened}, ${opened} + 60000 * (1 + n % 180)
    from generate_series(0, ${incidents - 1}) n`);
  const alerts = `generate_series(0, ${3 * incidents - 1}) k cross join lateral (select k / 3 as n) i`;
  await run(`insert into incidents_alert (id, organisation_id, origin_kind, origin_id, key, status, severity, type, name, message, host_id, means_down, detail,
      is_muted, was_critical, trigger, opened_at, changed_at, closed_at)
    select 'a' || k, 'o', 'monitor', case when k % 10 = 0 then 'alive' else 'm' || k % 200 end, 'k' || k, 'OK', 'critical',
      case when k % 10 = 0 then 'connectivity' else 'host' end, 'rule ' || k % 200, 'CPU', 'h' || n % 50, k % 10 = 0, '{}', false, true, 'monitoring',
      ${opened}, ${opened}, ${opened} + 60000 * (1 + n % 180) from ${alerts}`);
  await run(`insert into incidents_alert_log (id, organisation_id, alert_id, status, trigger, message, created_at)
    select 'l' || k || s, 'o', 'a' || k, s, 'monitoring', '', ${opened} + case when s = 'OK' then 60000 * (1 + n % 180) else 0 end
    from ${alerts} cross join unnest(array['CRITICAL', 'OK']) s`);
  await run(
    `insert into incidents_membership (organisation_id, alert_id, incident_id, why, joined_at) select 'o', 'a' || k, 'i' || n, 'first', ${opened} from ${alerts}`,
  );
  await fillResponses(run, opened, alerts, options);
}

/** Who was told and took them, and what the record has of it. */
async function fillResponses(
  run: (statement: string) => Promise<unknown>,
  opened: string,
  alerts: string,
  { incidents, calls }: Options,
): Promise<void> {
  const step = Math.floor(length / incidents);
  await run(`insert into incidents_responder_change (organisation_id, incident_id, n, to_id, by, via, at)
    select 'o', 'i' || n, 2, 'p' || n % 20, 'person:p', 'phone', ${opened} + 1000 * (30 + n % 900) from generate_series(0, ${incidents - 1}) n where n % 8 <> 0`);
  await run(`insert into escalation_run (id, organisation_id, incident_id, snapshot, policy_id, policy_name, policy_version, severity, state, ladder, round, step,
      target, is_delayed, has_told, acts, planned_at, is_anchored, started_at, ended_at)
    select 'u' || n, 'o', 'i' || n, '{}', 'policy', '夜間', 1, 'critical', 'done', 0, 0, 0, 0, false, true, 1, 0, false, ${opened}, ${opened}
    from generate_series(0, ${incidents - 1}) n`);
  await run(`insert into escalation_attempt (id, organisation_id, run_id, incident_id, ladder, round, step, pos, n, act, person_id, medium, state, is_fallback, created_at, changed_at)
    select 'e' || n || '-' || s, 'o', 'u' || n, 'i' || n, 0, 0, s, 0, 0, s, 'p' || (n + s) % 20, 'phone', 'sent', false, ${opened} + s * 30000, ${opened}
    from generate_series(0, ${incidents - 1}) n cross join generate_series(0, 2) s`);
  await run(`insert into calls_call (id, organisation_id, kind, person_id, number, language, time_zone, state, severity, rank, ring_ms, longest_ms, asked_at, due_at,
      dialled_at, rang_at, answered_at, ended_at, cause)
    select 'c' || n, 'o', 'incident', 'p' || n % 20, '+81312345678', 'ja', 'Asia/Tokyo', 'over', 'critical', 0, 25000, 180000, t, t, t, t + 4000,
      case when n % 2 = 0 then t + 9000 end, t + 30000, 'finished'
    from generate_series(0, ${calls - 1}) n cross join lateral (select ${start} + n::bigint * ${Math.floor(length / calls)} as t) w`);
  await run(`insert into notify_delivery (id, organisation_id, key, about, kind, person_id, medium, lane, lane_width, rank, is_urgent, severity, tone, title, state, created_at, due_at, ended_at)
    select 'd' || k, 'o', 'd' || k, 'incident:i' || n, 'post', 'p' || k % 20, 'mail', 'l', 1, 0, false, 'critical', 'bad', '', 'sent', ${opened}, ${opened}, ${opened} from ${alerts}`);
  await run(`insert into ledger_entry (organisation_id, seq, device, dseq, wall, verb, actor, object, outcome, hash, bytes)
    select 'o', k + 1, 'server:0', k + 1, ${start} + k::bigint * ${Math.floor(step / 20)}, (array['alert.opened', 'alert.closed', 'incident.taken', 'monitor.changed', 'session.opened'])[1 + k % 5],
      case when k % 5 = 3 then 'person:p1' else 'system:monitors' end, 'x', 'done', '\\x00', '{}' from generate_series(0, ${20 * incidents - 1}) k`);
  await run("analyze");
}

const megabytes = (bytes: number): number => Math.round(bytes / 1_048_576);

interface Measured {
  readonly millis: number;
  /** How much the process grew at most, MB. */
  readonly grown: number;
}

async function measured<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly cost: Measured }> {
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 10);
  const from = performance.now();
  const result = await work();
  const millis = Math.round(performance.now() - from);
  clearInterval(watch);
  most = Math.max(most, process.memoryUsage().rss);
  return { result, cost: { millis, grown: megabytes(most - before) } };
}

/** One period: counted, put into words, printed. */
async function measurePeriod(period: string, read: (period: string) => Promise<ReportModel>, printer: ThreadPrinter) {
  const { result: model, cost } = await measured(() => read(period));
  const html = await measured(async () => reportHtml(documentOf(model, "ja"), "https://hinoban.example"));
  const csv = await measured(async () => reportCsv(model, "ja"));
  await printer.pdf(documentOf(model, "en"), ""); // starts the thread
  const pdf = await measured(() => printer.pdf(documentOf(model, "ja"), "https://hinoban.example"));
  const kept = JSON.stringify(model).length;
  return {
    row: [
      String(model.totals.incidents),
      `${cost.millis} ms`,
      `${cost.grown} MB`,
      `${Math.round(kept / 1024)} KB`,
      `${html.cost.millis} ms`,
      `${csv.cost.millis} ms`,
      `${pdf.cost.millis} ms, ${Math.round(pdf.result.length / 1024)} KB`,
    ],
    figures: {
      incidents: model.totals.incidents,
      read: cost,
      kept,
      html: html.cost,
      csv: csv.cost,
      pdf: pdf.cost,
      bytes: pdf.result.length,
    },
  };
}

/** A database of its own with a year in it; `end` takes it away. */
async function openYear(options: Options) {
  const directory = mkdtempSync(join(tmpdir(), "hinoban-bench-report-"));
  chmodSync(directory, 0o711); // PostgreSQL runs as another account when this runs as root
  const clock = new SystemClock();
  const log = { debug: () => undefined, info: () => undefined, warn: console.warn, error: console.error };
  const postgres = await startEmbedded({ dataDir: join(directory, "postgres"), clock, log });
  const owner = new pg.Client(postgres.connection("owner"));
  await owner.connect();
  await migrate(postgres.connection("owner"));
  await fill(owner, options);
  await owner.end();
  const db = openDb({ connection: postgres.connection("app"), device: "server:0", clock, onError: console.error });
  const end = async (): Promise<void> => {
    await db.close();
    await postgres.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { clock, db, end };
}

async function main(options: Options): Promise<void> {
  const { clock, db, end } = await openYear(options);
  const dist = join(process.cwd(), "dist");
  const printer = new ThreadPrinter({ clock, workerUrl: pathToFileURL(join(dist, "report-worker.js")), font: join(dist, "m-plus-1p.ttf") });
  const now = unixMs(start + length + 86_400_000);
  const read = (period: string): Promise<ReportModel> => db.tx({ organisationId: "o" }, (tx) => readModel(tx, period, now));
  await read(`${year}-01`); // what is compiled and cached once
  const month = await measuredPeriodOf(`${year}-10`);
  const whole = await measuredPeriodOf(String(year));
  await printer.close();
  await end();
  const heading = ["report of", "incidents", "counted in", "process grew by", "kept as", "HTML", "CSV", "PDF"];
  const rows = [
    ["a month", ...month.row],
    ["the year", ...whole.row],
  ];
  printTable(heading, rows);
  keepHistory("report", { ...options, month: month.figures, year: whole.figures });
  const { incidents, calls } = options;
  const note = `${incidents} incidents, ${3 * incidents} alerts, ${calls} calls, ${20 * incidents} entries of the history in a year; counted together with the period before, for comparison. ${takenOn()}, beside other work.`;
  if (options.docs) replaceInDocs("report", `${tableText(heading, rows)}\n\n_${note}_`);

  function measuredPeriodOf(period: string) {
    return measurePeriod(period, read, printer);
  }
}

await main(optionsOf(process.argv.slice(2)));
