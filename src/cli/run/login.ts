import { resolve } from "node:path";
import { Api, asObject, textIn } from "../api.ts";
import { askLine, askSecret, readAll } from "../ask.ts";
import type { Call } from "../call.ts";
import { checkBase, checkKey, surroundings } from "../connection.ts";
import { readNamedFile } from "../files.ts";
import { defaultProfile, readProfiles, writeProfiles } from "../profile.ts";
import { exitCodes, usageError } from "../text.ts";

const longestKey = 4096;

const profileName = (call: Call): string => call.text("profile") ?? call.world.environment.profile ?? defaultProfile;

/** Keeps server and key only after the server has accepted the key. */
export async function logIn(call: Call): Promise<number> {
  const { environment, stdin } = call.world;
  const base = checkBase(call.text("apibase") ?? environment.apibase ?? (await askBase(call)));
  const keyFile = call.text("apikey-file");
  const text =
    keyFile !== undefined
      ? await readNamedFile(resolve(call.world.cwd, keyFile), "apikey-file")
      : stdin.isTTY
        ? await askSecret(call.world, call.say({ en: "API key (not shown): ", ja: "APIキー（表示しません）: " }))
        : await readAll(stdin, longestKey);
  const key = checkKey(text.trim());
  const api = new Api({ ...(await surroundings(call.world)), base, key });
  try {
    const organisation = asObject(await api.get("/api/v0/org"));
    const profiles = new Map(await readProfiles(environment.profileFile));
    const name = profileName(call);
    profiles.set(name, { apibase: base.origin, apikey: key.reveal() });
    await writeProfiles(environment.profileFile, profiles);
    const where = `${textIn(organisation, "displayName") || textIn(organisation, "name")}, ${base.origin}`;
    call.log("info", call.say({ en: `profile "${name}": ${where}`, ja: `プロファイル "${name}": ${where}` }));
    return exitCodes.done;
  } finally {
    api.close();
  }
}

async function askBase(call: Call): Promise<string> {
  const { stdin } = call.world;
  const typed = stdin.isTTY
    ? await askLine(call.world, call.say({ en: "Server (https://…): ", ja: "サーバー（https://…）: " }))
    : undefined;
  if (typed !== undefined && typed.trim() !== "") return typed.trim();
  throw usageError(
    "Which server? Give --apibase https://hinoban.example.",
    "サーバーを --apibase https://hinoban.example で指定してください。",
  );
}

export async function logOut(call: Call): Promise<number> {
  const { profileFile } = call.world.environment;
  const profiles = new Map(await readProfiles(profileFile));
  const name = profileName(call);
  if (!profiles.delete(name)) throw usageError(`There is no profile "${name}".`, `プロファイル "${name}" はありません。`);
  await writeProfiles(profileFile, profiles);
  call.log("deleted", call.say({ en: `profile "${name}"`, ja: `プロファイル "${name}"` }));
  return exitCodes.done;
}
