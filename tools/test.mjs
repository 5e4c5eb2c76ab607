// `npm test`: everything. Ends with one line `N passed, N failed` that adds up all tests; the build and each static step count as a test too.
import { report, run, runAll, staticSteps, vitest } from "./steps.mjs";
import { provideTestPackages, systemPostgres } from "./test-packages.mjs";
import { root } from "./paths.mjs";

let passed = 0;
let failed = 0;

/** @param {import("./steps.mjs").Result} result */
function count(result) {
  if (result.isOk) passed += 1;
  else failed += 1;
}

/**
 * A test run says its own sum in its last line. One that says nothing, or fails although no test did, counts as one failure.
 * @param {import("./steps.mjs").Result} result
 */
function countTests(result) {
  const sums = [...result.output.matchAll(/^(\d+) passed, (\d+) failed$/gm)];
  const [, ok = "0", bad = "0"] = sums.at(-1) ?? [];
  passed += Number(ok);
  failed += Number(bad);
  if (!result.isOk && Number(bad) === 0) failed += 1;
  console.log(
    `${result.isOk ? "ok    " : "FAILED"} ${result.name.padEnd(18)} ${result.seconds.toFixed(1).padStart(6)} s  ${ok} passed, ${bad} failed`,
  );
}

const advice = provideTestPackages();
if (advice !== "") {
  console.error(advice);
  failed += 1;
}

const postgres = systemPostgres();

/** `deadline` is the longest that each may take, in minutes; together with the rest they stay below the 45 that a run may last. */
const testRuns = [
  { name: "fast tests", projects: ["unit", "verb", "process", "compat", "ui"], deadline: 10 },
  // The same statements on the oldest PostgreSQL we promise to run on: what only the embedded, newer one understands fails here.
  ...(postgres === undefined
    ? []
    : [{ name: "external database", projects: ["verb"], deadline: 4, environment: { HINOBAN_TEST_DATABASE_BIN: postgres } }]),
  { name: "real programs", projects: ["real"], deadline: 9 },
  { name: "browser tests", projects: ["e2e"], deadline: 13 },
  { name: "failure tests", projects: ["failure"], deadline: 8 },
];

const build = await run({ name: "build", command: [process.execPath, `${root}/tools/build.mjs`] });
report(build);
count(build);

for (const result of await runAll(staticSteps)) count(result);

if (build.isOk) {
  for (const { projects, ...rest } of testRuns) {
    console.log(`\n${rest.name} (${projects.join(", ")})`);
    countTests(await run({ ...rest, command: vitest(projects), isLoud: true }));
  }
} else {
  console.error("No tests were run, since the build failed.");
}

console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
