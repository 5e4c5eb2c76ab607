import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
let place = "";

/** A small tree of its own that breaks every wall and rule once. */
const broken: Readonly<Record<string, string>> = {
  "src/base/plain.ts": "export const plain = 1;",
  "src/base/ring-a.ts": 'import { b } from "./ring-b.ts"; export const a = (): unknown => b;',
  "src/base/ring-b.ts": 'import { a } from "./ring-a.ts"; export const b = (): unknown => a;',
  "src/base/lost.ts": 'import { gone } from "#base/nowhere"; export const lost: unknown = gone;',
  "src/base/typebox.ts": 'import { Type } from "typebox"; export const a: unknown = Type;',
  "src/base/leans-on-tests.ts": 'import { support } from "#test/support"; export const a: unknown = support;',
  "src/base/time.ts":
    "export const a = (): unknown => [Date.now(), new Date(), setTimeout, globalThis.setTimeout(() => 1, 2), AbortSignal.timeout(1)];",
  "src/base/environment.ts": 'export const a: unknown = process.env["HOME"];',
  "src/base/assertion.ts":
    "export const a = (b: unknown): string => b as string;\n\n// the caller checked it\nexport const c = (b: unknown): string => b as string;",
  "src/wire/os.ts": 'import os from "node:os"; export const a: unknown = os;',
  "src/wire/base.ts": 'import type { plain } from "#base/plain"; export type A = typeof plain;',
  "src/ports/door/port.ts": 'import { readFileSync } from "node:fs"; export const a: unknown = readFileSync;',
  "src/ports/door/fake.ts": "export const fake = 1;",
  "src/adapters/door/relay.ts": 'import { inside } from "../../server/inside.ts"; export const a: unknown = inside;',
  "src/server/inside.ts": "export const inside = 1;",
  "src/server/http/clock.ts": 'import type { a } from "#adapters/door/relay"; export type A = typeof a;',
  "src/server/main.ts": "export const main = 1;",
  "src/server/features/blog/index.ts": 'import { plain } from "#base/plain"; export const a: unknown = plain;',
  "src/server/features/ledger/deep.ts": "export const deep = 1;",
  "src/server/features/identity/model.ts": 'import os from "node:os"; export const a: unknown = os;',
  "src/server/features/identity/tables.ts": 'import { helper } from "./helper.ts"; export const a: unknown = helper;',
  "src/server/features/identity/helper.ts":
    'import { deep } from "../ledger/deep.ts"; import pg from "pg"; export const helper: unknown = [deep, pg];',
  "src/server/features/incidents/up.ts": 'import type { monitor } from "#features/monitors"; export type A = typeof monitor;',
  "src/server/features/incidents/late.ts": 'export const a = (): unknown => import("#features/monitors");',
  "src/server/features/incidents/writes.ts":
    'export const a = (tx: { insertInto: (t: string) => unknown; deleteFrom: (t: string) => unknown }): unknown => [tx.insertInto("incidents_incident"), tx.deleteFrom("identity_person")];',
  "src/server/features/monitors/index.ts": "export const monitor = 1;",
  "src/server/store/reads.ts": 'import { helper } from "../features/identity/helper.ts"; export const a: unknown = helper;',
  "src/agent/web.ts": 'import type { FastifyInstance } from "fastify"; export type A = FastifyInstance;',
  "src/agent/driver.ts": 'import pg from "pg"; export const a: unknown = pg;',
  "src/agent/fake.ts": 'import { fake } from "#ports/door/fake"; export const a: unknown = fake;',
  "src/agent/door.ts": 'import { edge } from "../edge/edge.ts"; export const a: unknown = edge;',
  "src/edge/edge.ts": "export const edge = 1;",
  "src/cli/early.ts": 'import { main } from "../server/main.ts"; export const a: unknown = main;',
  "src/cli/inside.ts": 'import { inside } from "../server/inside.ts"; export const a: unknown = inside;',
  "src/ui/server.ts": 'import { inside } from "../server/inside.ts"; export const a: unknown = inside;',
  "src/ui/node.ts": 'import os from "node:os"; export const a: unknown = os;',
  "src/ui/Text.tsx": "export const Text = () => <p>Hello {new Intl.NumberFormat().format(1)} {(1).toLocaleString()}</p>;",
  "test/support/support.ts": "export const support = 1;",
};

const needed = [
  ".dependency-cruiser.mjs",
  ".oxlintrc.json",
  ".gitignore",
  "feature-ranks.json",
  "tsconfig.base.json",
  "package.json",
  "tools/oxlint-hinoban.js",
];

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "hinoban-walls-"));
  for (const file of needed) cpSync(join(root, file), join(place, file), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(place, "node_modules"), "junction");
  for (const [file, text] of Object.entries(broken)) {
    mkdirSync(dirname(join(place, file)), { recursive: true });
    writeFileSync(join(place, file), `${text}\n`);
  }
});

afterAll(() => rmSync(place, { recursive: true, force: true }));

const run = (script: string, ...words: readonly string[]): string => {
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, "node_modules", script), ...words], {
    cwd: place,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return stdout + stderr;
};

test("every wall between the worlds and features reports its own breach", async () => {
  const output = run("dependency-cruiser/bin/dependency-cruise.mjs", "--config", ".dependency-cruiser.mjs", "src", "test");
  const reported = new Set([...output.matchAll(/error ([a-z0-9-]+):/g)].map(([, name]) => name));
  const { default: config }: { default: { forbidden: { name: string }[] } } = await import(join(root, ".dependency-cruiser.mjs"));
  const walls = config.forbidden.map(({ name }) => name).filter((name) => !name.startsWith("rank-") || name.startsWith("rank-4-"));
  expect(walls.filter((name) => !reported.has(name))).toEqual([]);
});

describe("the lint", () => {
  let found: string[] = [];
  beforeAll(() => {
    found = run("oxlint/bin/oxlint", "-f", "unix")
      .split("\n")
      .map((line) => /([^/\\]+):\d+:\d+: .*\[Error\/([^\]]+)\]$/.exec(line))
      .flatMap((match) => (match === null ? [] : [`${match[1]} ${match[2]}`]));
  });

  test("reports every way to read the machine's clock", () => {
    expect(found.filter((line) => line === "time.ts hinoban(no-ambient-time)")).toHaveLength(4);
  });

  test.each([
    ["environment.ts", "node(no-process-env)"],
    ["assertion.ts", "hinoban(stated-assertions)"],
    ["writes.ts", "hinoban(recorded-mutations)"],
    ["writes.ts", "hinoban(own-tables)"],
    ["Text.tsx", "react(jsx-no-literals)"],
    ["Text.tsx", "eslint(no-restricted-globals)"],
    ["Text.tsx", "eslint(no-restricted-properties)"],
  ])("reports %s for %s", (file, rule) => {
    expect(found).toContain(`${file} ${rule}`);
  });

  test("accepts an assertion whose reason is stated", () => {
    expect(found.filter((line) => line.startsWith("assertion.ts"))).toHaveLength(1);
  });
});

test("each feature has exactly one rank", () => {
  const ranks = Object.entries<unknown>(JSON.parse(readFileSync(join(root, "feature-ranks.json"), "utf8")));
  expect(ranks.every(([, rank]) => Number.isInteger(rank))).toBe(true);
  expect(new Set(ranks.map(([name]) => name)).size).toBe(ranks.length);
});
