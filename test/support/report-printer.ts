import { createRequire } from "node:module";
import { printReport } from "../../src/adapters/report-printer/draw.ts";
import type { ReportPrinter } from "#ports/report-printer/port";

/** The font that reports are printed with, as it lies in its package. */
export const reportFont = createRequire(import.meta.url).resolve("@expo-google-fonts/m-plus-1p/400Regular/MPLUS1p_400Regular.ttf");

/** Prints where it is asked, without a thread of its own. */
export const directPrinter: ReportPrinter = {
  pdf: (document, publicUrl) => printReport(document, { font: reportFont, publicUrl }),
  close: async () => undefined,
};
