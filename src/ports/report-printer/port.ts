import type { ReportDocument } from "#wire/reports";

/** Puts reports on paper. */
export interface ReportPrinter {
  /**
   * A PDF of A4 pages.
   * @param publicUrl where the console is, for what opens it; empty: nothing does
   * @throws HinobanError "unavailable" when too many wait or it takes too long, "internal" for one that cannot be printed
   */
  pdf(document: ReportDocument, publicUrl: string): Promise<Uint8Array>;
  close(): Promise<void>;
}
