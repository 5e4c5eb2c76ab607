import { access, constants, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { SpeechProgram } from "#ports/speech/port";

/** Where programs usually lie. The path of whoever started the server is not asked: services often have a short one. */
const programFolders = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin", "/opt/local/bin", "/run/current-system/sw/bin"];
const dictionaryFolders = [
  "/var/lib/mecab/dic/open-jtalk/naist-jdic",
  "/usr/share/open_jtalk/dic",
  "/usr/local/share/open_jtalk/dic",
  "/usr/local/dic",
  "/opt/homebrew/opt/open-jtalk/dic",
];
const voiceFolders = ["/usr/share/hts-voice", "/usr/local/share/hts-voice", "/opt/homebrew/opt/open-jtalk/voice"];

/** Where to look; what is absent is looked for in the usual places. */
export interface Places {
  /** A folder of one's own: `*.htsvoice` in it is preferred, and so is a dictionary in `dic`. */
  readonly own?: string;
  readonly programs?: readonly string[];
  readonly dictionaries?: readonly string[];
  readonly voices?: readonly string[];
}

/** Looks for what Japanese takes: the engine, its dictionary, and a voice. */
export async function findJapanese(places: Places): Promise<SpeechProgram> {
  const own = places.own === undefined ? [] : [places.own];
  const program = await firstFile(places.programs ?? programFolders, "open_jtalk", constants.X_OK);
  const dictionary = await firstFile(
    [...own.map((folder) => join(folder, "dic")), ...(places.dictionaries ?? dictionaryFolders)],
    "sys.dic",
  );
  const voice = await firstVoice([...own, ...(places.voices ?? voiceFolders)]);
  return foundOf("ja", "open_jtalk", { program, dictionary: dictionary?.replace(/[/\\]sys\.dic$/u, ""), voice });
}

/** espeak-ng brings its voices along. */
export async function findEnglish(places: Places): Promise<SpeechProgram> {
  return foundOf("en", "espeak-ng", { program: await firstFile(places.programs ?? programFolders, "espeak-ng", constants.X_OK) });
}

type Part = "program" | "dictionary" | "voice";

function foundOf(
  language: SpeechProgram["language"],
  program: SpeechProgram["program"],
  parts: Readonly<Partial<Record<Part, string | undefined>>>,
): SpeechProgram {
  const found: Partial<Record<Part, string>> = {};
  const missing: Part[] = [];
  for (const part of ["program", "dictionary", "voice"] as const) {
    if (!(part in parts)) continue;
    const at = parts[part];
    if (at === undefined) missing.push(part);
    else found[part] = at;
  }
  return { language, program, missing, found };
}

async function firstFile(folders: readonly string[], name: string, mode: number = constants.R_OK): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, name);
    if (await can(file, mode)) return file;
  }
  return undefined;
}

const can = (file: string, mode: number): Promise<boolean> =>
  access(file, mode).then(
    () => true,
    () => false,
  );

/** The first voice by name in the folder or one below it. */
async function firstVoice(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const below = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
    const files = [folder, ...below.toSorted()];
    for (const place of files) {
      const names = await readdir(place).catch((): string[] => []);
      const name = names.filter((one) => one.endsWith(".htsvoice")).toSorted()[0];
      if (name !== undefined && (await can(join(place, name), constants.R_OK))) return join(place, name);
    }
  }
  return undefined;
}
