// `npm run check`: everything that can be judged in seconds. `--no-tests` leaves out the unit and verb tests.
import { report, run, runAll, staticSteps, vitest } from "./steps.mjs";

const results = await runAll(staticSteps);
if (!process.argv.includes("--no-tests")) {
  const tests = await run({ name: "unit + verb tests", command: vitest(["unit", "verb"]) });
  report(tests);
  results.push(tests);
}

const failed = results.filter((result) => !result.isOk);
console.log(failed.length === 0 ? "All is well." : `Failed: ${failed.map((result) => result.name).join(", ")}`);
process.exit(failed.length === 0 ? 0 : 1);
