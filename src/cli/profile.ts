import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "#base/errors";
import { asObject } from "./api.ts";
import { nearest } from "./nearest.ts";
import { CliFailure, exitCodes, usageError } from "./text.ts";

/** A server with a key for it, as `hinoban login` keeps it. */
export interface Profile {
  readonly apibase: string;
  readonly apikey: string;
}

/** The name that is meant when none is said. */
export const defaultProfile = "default";

/** @throws CliFailure when the file is damaged */
export async function readProfiles(file: string): Promise<ReadonlyMap<string, Profile>> {
  const text = await readFile(file, "utf8").catch(() => "{}"); // nobody logged in yet
  let stored: Readonly<Record<string, unknown>>;
  try {
    stored = asObject(JSON.parse(text));
  } catch (cause) {
    throw new CliFailure(
      {
        en: `${file} is damaged: ${messageOf(cause)}. Remove it and log in again.`,
        ja: `${file} が壊れています。削除してログインし直してください。`,
      },
      exitCodes.failed,
      "storage-damaged",
      { cause },
    );
  }
  const profiles = new Map<string, Profile>();
  for (const [name, value] of Object.entries(stored)) {
    const { apibase, apikey } = asObject(value);
    if (typeof apibase === "string" && typeof apikey === "string") profiles.set(name, { apibase, apikey });
  }
  return profiles;
}

/** The named profile, or the default one if it exists. @throws CliFailure for a name that does not */
export async function readProfile(file: string, name: string | undefined): Promise<Partial<Profile>> {
  const profiles = await readProfiles(file);
  const found = profiles.get(name ?? defaultProfile);
  if (found) return found;
  if (name === undefined) return {};
  const guess = nearest(name, [...profiles.keys()]);
  throw usageError(
    `There is no profile "${name}"${guess ? `; did you mean "${guess}"?` : "; `hinoban login --profile NAME` makes one."}`,
    `プロファイル "${name}" はありません。${guess ? `"${guess}" のことですか？` : "`hinoban login --profile NAME` で作れます。"}`,
  );
}

/** Replaces the file whole, readable by its owner only. */
export async function writeProfiles(file: string, profiles: ReadonlyMap<string, Profile>): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}.next`;
  await writeFile(next, `${JSON.stringify(Object.fromEntries(profiles), undefined, 2)}\n`, { mode: 0o600 });
  await chmod(next, 0o600);
  await rename(next, file);
}
