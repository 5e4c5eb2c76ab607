import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { ClientConfig } from "pg";
import { rolldown } from "rolldown";
import type { EmbeddedOptions } from "../../src/server/store/embedded/index.ts";

/** What the child says: one JSON object a line. */
export type ChildEvent =
  | { readonly type: "log"; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }
  | {
      readonly type: "ready";
      readonly pid: number;
      readonly clusterDir: string;
      readonly binDir: string;
      readonly connection: ClientConfig;
    }
  | { readonly type: "failed"; readonly code: string; readonly message: string };

export interface SupervisorProcess {
  readonly child: ChildProcess;
  readonly events: readonly ChildEvent[];
  /** Resolves with the first "ready" or "failed". */
  readonly settled: Promise<ChildEvent>;
  readonly exited: Promise<void>;
}

/** Bundles the supervisor into one file that any account may read, and returns its path. */
export async function bundleSupervisor(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "hinoban-bundle-"));
  chmodSync(directory, 0o755);
  const file = join(directory, "supervisor.mjs");
  const bundle = await rolldown({
    input: resolve("test/support/embedded-child.ts"),
    platform: "node",
    external: ["pg-native"],
    logLevel: "silent",
  });
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
  return file;
}

/** Runs the bundled supervisor in a process of its own, as `as` when given. */
export function runSupervisor(
  file: string,
  options: Omit<EmbeddedOptions, "clock" | "log">,
  as?: { uid: number; gid: number },
): SupervisorProcess {
  const child = spawn(process.execPath, [file, JSON.stringify(options)], { stdio: ["ignore", "pipe", "inherit"], cwd: "/", ...as });
  const events: ChildEvent[] = [];
  const exited = new Promise<void>((done) => child.once("close", () => done()));
  const settled = new Promise<ChildEvent>((done, fail) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const event = JSON.parse(line) as ChildEvent; // written by embedded-child.ts
      events.push(event);
      if (event.type !== "log") done(event);
    });
    child.once("exit", () => fail(new Error(`the supervisor ended before it was ready: ${JSON.stringify(events)}`)));
  });
  settled.catch(() => undefined); // a test that kills the child on purpose does not ask
  return { child, events, settled, exited };
}
