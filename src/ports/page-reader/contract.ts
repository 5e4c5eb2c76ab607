import { millis } from "#base/duration";
import type { ErrorCode } from "#base/errors";
import type { Page, PageReader, PageRequest } from "./port.ts";

/** The little that a contract asks of a test runner. */
export interface TestApi {
  test(name: string, body: () => Promise<void>): void;
  equal(actual: unknown, expected: unknown): void;
  /** Fails the test unless the promise rejects with a HinobanError of this code. */
  rejects(promise: Promise<unknown>, code: ErrorCode): Promise<void>;
}

/** A reader and pages for it. */
export interface Rig {
  readonly reader: PageReader;
  /** Serves a page. @returns its address */
  serve(path: string, page: Page): Promise<string>;
  /** An address where nothing answers. */
  nowhere(): Promise<string>;
  /** From now on whoever is asked says nothing. */
  fallSilent(): void;
  close(): Promise<void>;
}

const ask = (url: string, more: Partial<PageRequest> = {}): PageRequest => ({
  url,
  headers: {},
  timeout: millis(5000),
  mostBytes: 1000,
  verifiesTls: true,
  ...more,
});

/** What every page reader must do. */
export function pageReaderContract(t: TestApi, start: () => Promise<Rig>): void {
  const each = (name: string, body: (rig: Rig) => Promise<void>): void =>
    t.test(name, async () => {
      const rig = await start();
      try {
        await body(rig);
      } finally {
        await rig.close();
      }
    });

  each("gives a page with its status and type", async (rig) => {
    const page = { status: 200, contentType: "text/plain; version=0.0.4", text: "up 1\n温度 2\n" };
    t.equal(await rig.reader.read(ask(await rig.serve("/metrics", page))), page);
    const gone = { status: 404, contentType: "text/plain", text: "no" };
    t.equal(await rig.reader.read(ask(await rig.serve("/gone", gone))), gone);
  });
  each("refuses a page that is larger than asked for", async (rig) => {
    const url = await rig.serve("/large", { status: 200, contentType: "text/plain", text: "x".repeat(2000) });
    await t.rejects(rig.reader.read(ask(url)), "too-large");
  });
  each("says when nobody answers", async (rig) => {
    await t.rejects(rig.reader.read(ask(await rig.nowhere())), "unavailable");
    const url = await rig.serve("/slow", { status: 200, contentType: "text/plain", text: "late" });
    rig.fallSilent();
    await t.rejects(rig.reader.read(ask(url, { timeout: millis(50) })), "timeout");
  });
  each("refuses what is no address of the web, and addresses that are not allowed", async (rig) => {
    await t.rejects(rig.reader.read(ask("ftp://127.0.0.1/")), "invalid-input");
    await t.rejects(rig.reader.read(ask("http://169.254.169.254/latest/meta-data/")), "invalid-input");
  });
}
