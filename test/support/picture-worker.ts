import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import type { ResvgOptions } from "#adapters/rasteriser/resvg/index";

const find = createRequire(import.meta.url).resolve;

/** What drawing takes, as it lies in the packages. */
export const drawingFiles = {
  wasm: find("@resvg/resvg-wasm/index_bg.wasm"),
  font: find("@expo-google-fonts/m-plus-1p/400Regular/MPLUS1p_400Regular.ttf"),
};

/** Bundles the thread that draws into `folder`, as the build does. */
export async function bundlePictureWorker(folder: string): Promise<Pick<ResvgOptions, "wasm" | "font" | "workerUrl">> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL("../../src/adapters/rasteriser/resvg/worker.ts", import.meta.url)),
    platform: "node",
  });
  const file = `${folder}/picture-worker.js`;
  await bundle.write({ file, format: "esm", codeSplitting: false });
  await bundle.close();
  return { ...drawingFiles, workerUrl: pathToFileURL(file) };
}
