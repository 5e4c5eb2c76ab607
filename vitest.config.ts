import { defineConfig } from "vitest/config";

/** Tests that start, kill and copy whole PostgreSQLs: too slow for the quick check. */
const ownProcesses = "src/server/store/{embedded,backup}/**/*.unit.test.ts";

/**
 * One set of modules serves all files of a worker: to load the server anew for each costs as much time as its tests. Nothing of ours keeps
 * state in a module, so files do not see each other.
 */
const always = { environment: "node", isolate: false, testTimeout: 30_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    reporters: ["default", "./tools/closing-line.ts"],
    // Otherwise one core is left alone, which of two is half of them.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          ...always,
          name: "unit",
          include: ["src/{base,wire,ports,adapters,agent,cli}/**/*.test.ts", "src/server/**/*.unit.test.ts", "tools/**/*.test.ts"],
          exclude: [ownProcesses],
        },
      },
      { test: { ...always, name: "process", include: [ownProcesses], testTimeout: 120_000 } },
      {
        test: {
          ...always,
          name: "verb",
          include: ["src/server/**/*.test.ts"],
          exclude: ["src/server/**/*.unit.test.ts"],
          globalSetup: ["test/support/cluster.ts"],
        },
      },
      { test: { ...always, name: "ui", environment: "happy-dom", isolate: true, include: ["src/ui/**/*.test.{ts,tsx}"] } },
      { test: { ...always, name: "compat", include: ["test/compat/**/*.test.ts"], globalSetup: ["test/support/cluster.ts"] } },
      {
        test: {
          ...always,
          name: "real",
          include: ["test/real/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          globalSetup: ["test/support/cluster.ts"],
        },
      },
      {
        test: {
          ...always,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...always,
          name: "failure",
          include: ["test/failure/**/*.test.ts"],
          testTimeout: 900_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
