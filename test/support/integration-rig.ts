import { rmSync } from "node:fs";
import { afterAll } from "vitest";
import { minutes, unixMs } from "#base/duration";
import { FakeClock } from "#test/fake-clock";
import { createLog } from "../../src/agent/log.ts";
import { createIntegration } from "../../src/agent/integrations/registry.ts";
import type { Collected, Integration, IntegrationDeps } from "../../src/agent/integrations/integration.ts";
import { MachineReader } from "../../src/agent/system.ts";
import { openFolder } from "./folder.ts";

const made = new Set<IntegrationRig>();

/** Closes every integration at the end of the test file, and removes what it wrote down. */
export function withIntegrations(): void {
  afterAll(async () => {
    for (const rig of made) await rig.end();
  });
}

/** One integration of the agent as its section would make it, with a clock that moves a minute from round to round. */
export class IntegrationRig {
  readonly clock = new FakeClock(unixMs(Date.UTC(2026, 10, 22, 5, 0, 0)));
  readonly integration: Integration;
  /** All that was logged. */
  logged = "";
  #folder: string | undefined;

  constructor(kind: string, options: Readonly<Record<string, unknown>>, instance = "") {
    const name = instance === "" ? kind : `${kind}.${instance}`;
    const deps: IntegrationDeps = {
      clock: this.clock,
      log: createLog((text) => (this.logged += text), this.clock, "debug"),
      reader: new MachineReader(this.clock),
      platform: process.platform,
      stateFolder: () => Promise.resolve((this.#folder ??= openFolder("hinoban-integration-"))),
    };
    this.integration = createIntegration({ kind, name, options, file: "agent.conf", line: 1, lineOf: () => 2 }, deps);
    made.add(this);
  }

  async end(): Promise<void> {
    made.delete(this);
    await this.integration.close?.();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** One round, a minute after the one before. */
  async round(): Promise<Collected> {
    const found = await this.integration.collect(new AbortController().signal);
    await this.clock.advance(minutes(1));
    return found;
  }

  /** The message of a round that fails. */
  async trouble(): Promise<string> {
    const found: unknown = await this.round().catch((error: unknown) => error);
    return found instanceof Error ? found.message : `It did not fail: ${JSON.stringify(found)}`;
  }

  /** Names of metrics that no graph definition has. */
  undefinedNames({ metrics = {} }: Collected): readonly string[] {
    const patterns = (this.integration.graphDefs ?? []).flatMap((graph) => {
      const lines = graph["metrics"];
      return Array.isArray(lines)
        ? lines.map((line: { name: string }) => new RegExp(`^${line.name.replaceAll(".", "\\.").replaceAll("#", "[-\\w]+")}$`, "u"))
        : [];
    });
    return Object.keys(metrics).filter((name) => !patterns.some((pattern) => pattern.test(name)));
  }
}
