import { rolldown } from "rolldown";

/** Builds the agent's one file, as the release does. */
export async function buildAgent(file: string): Promise<void> {
  const bundle = await rolldown({ input: new URL("../../../src/agent/entry.ts", import.meta.url).pathname, platform: "node" });
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
}
