import { scopeOf, serve, type Served } from "#http";
import { optional } from "#base/fields";
import { isAllowed } from "#features/identity";
import * as wire from "#wire/reports";
import { changeSettings } from "./change-settings.ts";
import { deleteReport } from "./delete-report.ts";
import { documentOf } from "./document/document.ts";
import { makeReport } from "./make-report.ts";
import { pageOfReports, readKeptModel, readSendings, readSummary, thisMonth } from "./read-reports.ts";
import { reportCsv } from "./render-csv.ts";
import { reportHtml } from "./render-html.ts";
import type { Reports } from "./reports.ts";
import { sendReport } from "./send-report.ts";
import { readSettings } from "./settings.ts";
import { fileNameOf } from "./write-messages.ts";

const usualPage = 50;
const mediaTypes = { pdf: "application/pdf", html: "text/html; charset=utf-8", csv: "text/csv; charset=utf-8" } as const;

/** Serves reports and when they are sent. */
export function registerReports(served: Served, reports: Reports): void {
  const { db, clock } = reports;
  serve(served, wire.listReports, ({ actor, query }) =>
    db.tx(scopeOf(actor), async (tx) => ({
      ...(await pageOfReports(tx, { period: query.period, offset: query.offset ?? 0, limit: query.limit ?? usualPage })),
      thisMonth: await thisMonth(tx, clock.now()),
      ...optional("nextAt", (await readSettings(tx)).nextAt),
    })),
  );
  serve(served, wire.makeReport, ({ actor, body }) => makeReport(reports, actor, body));
  serve(served, wire.getReport, ({ actor, params, query }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const { model, language } = await readKeptModel(tx, params.id);
      return {
        report: await readSummary(tx, params.id),
        document: documentOf(model, query.language ?? language),
        sendings: await readSendings(tx, params.id, isAllowed(actor, "report.change", clock.now())),
      };
    }),
  );
  serve(served, wire.getReportFigures, ({ actor, params }) =>
    db.tx(scopeOf(actor), async (tx) => ({
      report: await readSummary(tx, params.id),
      figures: { ...(await readKeptModel(tx, params.id)).model },
    })),
  );
  serve(served, wire.deleteReport, async ({ actor, params }) => {
    await deleteReport(reports, actor, params.id);
    return { success: true as const };
  });
  registerFiles(served, reports);
  registerSending(served, reports);
}

function registerFiles(served: Served, reports: Reports): void {
  const { db, printer, publicUrl } = reports;
  serve(served, wire.getReportFile, async ({ actor, params, query: { format, language: wanted } }) => {
    const { model, language: own } = await db.tx(scopeOf(actor), (tx) => readKeptModel(tx, params.id));
    const language = wanted ?? own;
    const content = async (): Promise<Uint8Array | string> => {
      if (format === "csv") return reportCsv(model, language);
      const document = documentOf(model, language);
      return format === "html" ? reportHtml(document, publicUrl) : printer.pdf(document, publicUrl);
    };
    return {
      fileName: fileNameOf(model, format),
      mediaType: mediaTypes[format],
      content: Buffer.from(await content()).toString("base64"),
    };
  });
  served.app.addHook("onClose", () => printer.close());
}

function registerSending(served: Served, reports: Reports): void {
  const { db } = reports;
  serve(served, wire.sendReport, async ({ actor, params, body }) => ({ count: await sendReport(reports, actor, params.id, body) }));
  serve(served, wire.getReportSettings, ({ actor }) => db.tx(scopeOf(actor), readSettings));
  serve(served, wire.changeReportSettings, async ({ actor, body }) => {
    await changeSettings(reports, actor, body);
    return db.tx(scopeOf(actor), readSettings);
  });
}
