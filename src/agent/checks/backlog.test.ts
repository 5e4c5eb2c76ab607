import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { unixSeconds } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { createLog } from "../log.ts";
import { Backlog, backlogLimit, surplusOf, type WaitingReport } from "./backlog.ts";
import { checkStatuses, type CheckReport } from "./check.ts";

let folder = "";
let path = "";
const lines: string[] = [];
const log = createLog((text) => void lines.push(text), new FakeClock());
const opened: Backlog[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "agent-backlog-"));
  path = join(folder, "state", "reports.log");
  lines.length = 0;
});
afterEach(async () => {
  for (const backlog of opened.splice(0)) await backlog.close();
  rmSync(folder, { recursive: true, force: true });
});

async function open(): Promise<Backlog> {
  const backlog = await Backlog.open(path, log);
  opened.push(backlog);
  return backlog;
}

const report = (name: string, more: Partial<CheckReport> = {}): CheckReport => ({
  name,
  status: "CRITICAL",
  message: "日本語 \n",
  occurredAt: unixSeconds(1_800_000_000),
  ...more,
});
const names = (backlog: Backlog): readonly string[] => backlog.waiting.map((entry) => entry.report.name);
const numbers = (backlog: Backlog, ...wanted: readonly string[]): ReadonlySet<number> =>
  new Set(backlog.waiting.filter((entry) => wanted.includes(entry.report.name)).map((entry) => entry.number));

describe("the backlog of check results", () => {
  test("has after a kill what it had before, in order and whole", async () => {
    const first = await open();
    await first.add(report("a", { maxCheckAttempts: 3, notificationInterval: 10, customIdentifier: "x" }));
    for (const name of ["b", "c", "d"]) await first.add(report(name));
    await first.remove(numbers(first, "b"));
    const second = await open(); // the first one was never closed
    expect(names(second)).toEqual(["a", "c", "d"]);
    expect(second.waiting[0]?.report).toEqual(report("a", { maxCheckAttempts: 3, notificationInterval: 10, customIdentifier: "x" }));
    await second.add(report("e"));
    await second.remove(numbers(second, "a"));
    expect(names(await open())).toEqual(["c", "d", "e"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("goes on after a line that was cut off at any byte", async () => {
    const first = await open();
    await first.add(report("a"));
    const whole = statSync(path).size;
    await first.add(report("b"));
    const end = statSync(path).size;
    for (let size = whole; size < end; size += 7) {
      truncateSync(path, size);
      expect(names(await open())).toEqual(["a"]);
      appendFileSync(path, readFileSync(path));
    }
  });

  test("is empty on disk when nothing waits, and forgets what is too old for the server", async () => {
    const backlog = await open();
    await backlog.add(report("old"));
    await backlog.add(report("new", { occurredAt: unixSeconds(1_800_000_001) }));
    await backlog.expire(unixSeconds(1_800_000_000 + 6 * 3600));
    expect(names(backlog)).toEqual(["new"]);
    expect(lines.join("")).toContain("dropped=1");
    await backlog.remove(numbers(backlog, "new"));
    expect(statSync(path).size).toBe(0);
  });

  test("keeps results in memory when the disk refuses, and writes them down when it can again", async () => {
    const backlog = await open();
    await backlog.add(report("a"));
    await backlog.close();
    rmSync(join(folder, "state"), { recursive: true });
    await backlog.add(report("b"));
    await backlog.add(report("c"));
    expect(names(backlog)).toEqual(["a", "b", "c"]);
    expect(lines.filter((line) => line.includes("in memory only"))).toHaveLength(1);
    const again = await open(); // makes the folder
    await again.close();
    await backlog.add(report("d"));
    expect(names(await open())).toEqual(["a", "b", "c", "d"]);
  });

  test("survives whatever stands in its file", async () => {
    await (await open()).close();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.json(), fc.string(), fc.constant('{"n":1,"report":{}}'), fc.constant('{"done":[1,null]}'))),
        async (junk) => {
          appendFileSync(path, `\n${junk.join("\n")}\n`);
          await (await Backlog.open(path, log)).close();
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("when there is no room", () => {
  const waiting = (each: readonly (readonly [string, CheckReport["status"], number?])[]): WaitingReport[] =>
    each.map(([name, status, maxCheckAttempts], index) => ({
      number: index + 1,
      report: report(name, { status, ...(maxCheckAttempts === undefined ? {} : { maxCheckAttempts }) }),
    }));

  test("repetitions go, changes and the attempts that count stay", () => {
    const found = surplusOf(
      waiting([
        ["a", "OK"],
        ["a", "CRITICAL", 3],
        ["b", "WARNING"],
        ["a", "CRITICAL", 3],
        ["a", "CRITICAL", 3],
        ["a", "CRITICAL", 3],
        ["a", "CRITICAL", 3],
        ["b", "WARNING"],
        ["b", "WARNING"],
        ["a", "OK"],
      ]),
    );
    expect([...found].sort((x, y) => x - y)).toEqual([6, 8]);
  });

  test("no change is lost as long as changes alone fit", () => {
    const name = fc.constantFrom("a", "b", "c");
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.constantFrom(...checkStatuses)), { maxLength: 60 }), (each) => {
        const all = waiting(each);
        const left = all.filter((entry) => !surplusOf(all).has(entry.number));
        const changes = (entries: readonly WaitingReport[]): string => {
          const last = new Map<string, string>();
          return ["a", "b", "c"]
            .map((one) =>
              entries
                .filter((entry) => entry.report.name === one)
                .filter((entry) => last.get(one) !== entry.report.status && last.set(one, entry.report.status)),
            )
            .map((found) => found.map((entry) => entry.report.status).join())
            .join(";");
        };
        expect(changes(left)).toBe(changes(all));
      }),
    );
  });

  test("the oldest go in the end, and the file does not grow without end", async () => {
    const backlog = await open();
    const statuses = ["OK", "CRITICAL"] as const;
    for (let index = 0; index < backlogLimit + 20; index += 1)
      await backlog.add(report("flap", { status: statuses[index % 2] ?? "OK", message: String(index) }));
    expect(backlog.waiting).toHaveLength(backlogLimit);
    expect(backlog.waiting[0]?.report.message).toBe("20");
    expect(backlog.dropped).toBe(20);
  });
});
