import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { rolldown, type InputOptions, type OutputOptions } from "rolldown";

interface Bundle {
  readonly name: string;
}

/** The part of tools/bundle.mjs that is used here. */
interface BundleTools {
  readonly bundles: readonly Bundle[];
  inputOptions(bundle: Bundle): InputOptions;
  outputOptions(bundle: Bundle): OutputOptions;
  asciiOnly(code: string): string;
}

/** Builds the agent's one file, as the release does. */
export async function buildAgent(file: string): Promise<void> {
  const { bundles, inputOptions, outputOptions, asciiOnly }: BundleTools = await import(
    join(import.meta.dirname, "../../../tools/bundle.mjs")
  );
  const agent = bundles.find(({ name }) => name === "hinoban-agent");
  if (!agent) throw new Error("tools/bundle.mjs has no bundle hinoban-agent.");
  const bundle = await rolldown(inputOptions(agent));
  const { output } = await bundle.generate(outputOptions(agent));
  await bundle.close();
  if (output.length !== 1) throw new Error(`The agent is ${output.length} files, not one.`);
  writeFileSync(file, asciiOnly(output[0].code));
}
