import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { days, unixMs } from "#base/duration";
import { testCertificates } from "#test/agent/certificates";
import { damaged, neverAborted, optionsOf, repeatable, sectionOf } from "#test/agent/integration-rig";
import { FixtureReader } from "#test/agent/fixture-reader";
import { FakeClock } from "#test/fake-clock";
import type { Integration } from "../integration.ts";
import { readCertificates, readKey } from "./certificates.ts";
import { glob, segmentPattern } from "./glob.ts";
import { tlsFile } from "./index.ts";

let folder: string;
const at = (...names: readonly string[]): string => join(folder, ...names);
const text = (name: string): string => readFileSync(at("made", name), "utf8");

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hinoban-tls-"));
  mkdirSync(at("made"));
  for (const [name, pem] of Object.entries(testCertificates)) writeFileSync(at("made", name), pem);
  writeFileSync(at("made", "leaf.der"), Buffer.from(testCertificates["leaf.pem"].replace(/-----[A-Z ]+-----|\s/gu, ""), "base64"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let clock: FakeClock;
beforeEach(() => {
  const file = readCertificates(Buffer.from(text("leaf.pem")));
  const end = typeof file === "string" ? Number.NaN : (file.certificates[0]?.validTo ?? Number.NaN);
  clock = new FakeClock(unixMs(end - days(60)));
  rmSync(at("live"), { recursive: true, force: true });
  mkdirSync(at("live", "www"), { recursive: true });
});

const write = (name: string, ...parts: readonly string[]): void => writeFileSync(at("live", "www", name), parts.map(text).join(""));
const make = (values: object = {}): Integration => {
  const options = { paths: [at("live", "*", "fullchain.pem")], ...values };
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const deps = { clock, reader: new FixtureReader(), platform: "linux", stateFolder: () => Promise.reject(new Error("none")), log };
  return tlsFile(optionsOf(options, "tls-file"), deps, sectionOf("tls-file", options));
};
const run = async (values: object = {}): Promise<{ metrics: Readonly<Record<string, number>>; checks: readonly string[] }> => {
  const { metrics = {}, checks = [] } = await make(values).collect(neverAborted());
  return {
    metrics,
    checks: checks.map(({ name, status, message }) => `${name.replace(folder, "")} ${status}: ${message.replaceAll(folder, "")}`),
  };
};

describe("a certificate with its chain", () => {
  test("is fine while it lasts and its key fits; its days are a metric", async () => {
    write("fullchain.pem", "leaf.pem", "middle.pem");
    copyFileSync(at("made", "leaf.key"), at("live", "www", "privkey.pem"));
    const { metrics, checks } = await run();
    expect(Object.entries(metrics)).toEqual([
      [expect.stringMatching(/^custom\.tls\.certificate\.[\w-]+_live_www_fullchain_pem\.days$/u), 60],
    ]);
    expect(checks[0]).toMatch(
      /^tls-file \/live\/www\/fullchain\.pem OK: www\.example\.jp: 60 days left, until \d{4}-\d\d-\d\d, its key fits$/u,
    );
    expect(checks[1]).toBe("tls-file files OK: 1 files watched");
  });

  test.each([
    [31, "OK"],
    [29, "WARNING"],
    [6, "CRITICAL"],
    [-1, "CRITICAL"],
  ])("with %d days left it is %s", async (left, status) => {
    write("fullchain.pem", "leaf.pem", "middle.pem");
    await clock.advance(days(60 - left));
    expect((await run()).checks[0]).toContain(` ${status}: `);
  });

  test("before its time it is critical", async () => {
    write("fullchain.pem", "leaf.pem");
    clock.jumpTo(unixMs(clock.now() - days(60)));
    expect((await run()).checks[0]).toContain("CRITICAL: www.example.jp is not valid before");
  });

  test("in the wrong order, or with an authority that did not issue it, it is a warning that names both", async () => {
    write("fullchain.pem", "leaf.pem", "root.pem");
    expect((await run()).checks[0]).toContain(
      "WARNING: the chain is out of order: www.example.jp is not issued by Example Root, which follows it",
    );
  });

  test("a collection of authorities has no order", async () => {
    write("fullchain.pem", "root.pem", "middle.pem", "root.pem");
    expect((await run()).checks[0]).toContain(" OK: Example Root");
  });

  test("what ends first counts, and says so when it is in the chain", async () => {
    write("fullchain.pem", "leaf.pem", "middle.pem");
    await clock.advance(days(60 + 900));
    expect((await run()).checks[0]).toContain("www.example.jp ended on");
  });
});

describe("the key", () => {
  test("of another certificate is critical: named, beside it, or in the file itself", async () => {
    write("fullchain.pem", "leaf.pem");
    expect((await run({ key: at("made", "other.key") })).checks[0]).toContain(
      "CRITICAL: the key /made/other.key belongs to another certificate",
    );
    copyFileSync(at("made", "other.key"), at("live", "www", "privkey.pem"));
    expect((await run()).checks[0]).toContain("CRITICAL: the key /live/www/privkey.pem belongs to another certificate");
    expect((await run({ check_keys: false })).checks[0]).toContain("OK");
    write("both.pem", "leaf.pem", "other.key");
    expect((await run({ paths: [at("live", "www", "both.pem")] })).checks[0]).toContain(
      "the key in the file belongs to another certificate",
    );
    write("both.pem", "leaf.key", "leaf.pem");
    expect((await run({ paths: [at("live", "www", "both.pem")] })).checks[0]).toContain("its key fits");
  });

  test("that was named must be there and open; a guessed one that is locked is passed over", async () => {
    write("fullchain.pem", "leaf.pem");
    expect((await run({ key: at("missing.key") })).checks[0]).toContain("UNKNOWN: the key /missing.key does not exist");
    expect((await run({ key: at("made", "locked.key") })).checks[0]).toContain("is locked with a passphrase");
    copyFileSync(at("made", "locked.key"), at("live", "www", "privkey.pem"));
    expect((await run()).checks[0]).toMatch(/OK: .*, its key was not compared$/u);
  });
});

describe("files", () => {
  test("in DER are read; others say what is wrong with them", async () => {
    copyFileSync(at("made", "leaf.der"), at("live", "www", "a.crt"));
    writeFileSync(at("live", "www", "b.crt"), "nonsense");
    write("c.crt", "leaf.key");
    mkdirSync(at("live", "www", "d.crt"));
    const { checks } = await run({ paths: [at("live", "www", "*.crt"), at("live", "www", "e.crt"), at("nothing", "*.pem")] });
    expect(checks.map((check) => check.replace(/OK: .*/u, "OK"))).toEqual([
      "tls-file /live/www/a.crt OK",
      "tls-file /live/www/b.crt UNKNOWN: /live/www/b.crt is not a certificate in PEM or DER",
      "tls-file /live/www/c.crt UNKNOWN: /live/www/c.crt holds no certificate",
      "tls-file /live/www/d.crt UNKNOWN: /live/www/d.crt is not a file",
      "tls-file /live/www/e.crt UNKNOWN: /live/www/e.crt does not exist",
      "tls-file files WARNING: no file fits /nothing/*.pem",
    ]);
  });

  test("that are removed do not stay as they were last seen", async () => {
    write("fullchain.pem", "leaf.pem");
    await clock.advance(days(61));
    const integration = make();
    expect((await integration.collect(neverAborted())).checks?.[0]?.status).toBe("CRITICAL");
    rmSync(at("live", "www", "fullchain.pem"));
    expect((await integration.collect(neverAborted())).checks?.[0]).toMatchObject({
      status: "OK",
      message: expect.stringContaining("is gone"),
    });
    expect((await integration.collect(neverAborted())).checks).toHaveLength(1);
  });

  test("that the agent's user may not read say so", async () => {
    write("fullchain.pem", "leaf.pem");
    chmodSync(at("live", "www", "fullchain.pem"), 0o000);
    const isRoot = process.getuid?.() === 0; // root may read everything
    expect((await run()).checks[0]).toContain(isRoot ? "OK" : "may not be read by the agent's user");
  });

  test("are found by patterns as a shell reads them", async () => {
    for (const [pattern, name, expected] of [
      ["*.pem", "a.pem", true],
      ["*.pem", ".a.pem", false],
      [".*", ".a", true],
      ["cert?.pem", "cert1.pem", true],
      ["cert[0-9].pem", "cert7.pem", true],
      ["cert[!0-9].pem", "cert7.pem", false],
      ["a+(b).pem", "a+(b).pem", true],
      ["[z-a]", "z", false],
    ] as const)
      expect([pattern, name, segmentPattern(pattern).test(name)]).toEqual([pattern, name, expected]);
    write("fullchain.pem", "leaf.pem");
    writeFileSync(at("live", "README"), "as certbot leaves it");
    expect((await glob(at("live", "*", "fullchain.pem"))).files).toEqual([at("live", "www", "fullchain.pem")]);
    expect((await glob(at("l*", "?ww", "[e-g]ullchain.*"))).files).toEqual([at("live", "www", "fullchain.pem")]);
  });

  test("wrong options are told with their lines", async () => {
    await expect(run({ paths: ["live/*.pem"], warning_days: 5, critical_days: 9 })).rejects.toThrow(
      /line 2, .*begin with \/.*line 4, .*at most warning_days \(5\)/su,
    );
  });
});

test("20,000 damaged certificates and keys, and 200,000 damaged patterns, are read or refused without an exception", () => {
  const random = repeatable(23);
  const chain = text("leaf.pem") + text("middle.pem");
  const key = text("leaf.key");
  // Certificates and keys are OpenSSL's to read, which takes its time; the patterns are ours.
  for (let round = 0; round < 10_000; round += 1) {
    readCertificates(Buffer.from(damaged(chain, random), "latin1"));
    readKey(Buffer.from(damaged(key, random), "latin1"));
  }
  for (let round = 0; round < 200_000; round += 1) segmentPattern(damaged("cert[!0-9]?*.pem", random)).test("cert1.pem");
});
