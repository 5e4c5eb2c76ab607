import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with the one plain line that continuous integration reads: `N passed, N failed`. Everything that went wrong outside a test counts as failed. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandled.length;
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      passed += [...module.children.allTests("passed")].length;
      failed += [...module.children.allTests("failed")].length;
    }
    // On exit, since the coverage table is printed after this hook.
    process.once("exit", () => console.log(`${passed} passed, ${failed} failed`));
  }
}
