import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { messageOf } from "#base/errors";
import { Secret } from "#base/secret";
import { Api, type ApiSettings } from "./api.ts";
import type { Asked } from "./asked.ts";
import { readNamedFile } from "./files.ts";
import { CliFailure, exitCodes, usageError } from "./text.ts";
import type { World } from "./world.ts";

/** The server that a call goes to. */
export interface Connection {
  readonly api: Api;
  /** The same server and key, with patience. */
  with(patience: Pick<ApiSettings, "retries" | "onWait">): Api;
}

/** What one place says about server, key and host; a place may say only some of it. */
interface Place {
  readonly apibase?: string | undefined;
  readonly apikey?: string | undefined;
  readonly hostId?: string | undefined;
  /** Path of a PEM file. */
  readonly caFile?: string | undefined;
}

/**
 * Finds server and key. The key: --apikey-file, the environment, --conf, `hinoban login`, an agent's configuration. The server: --apibase,
 * the environment, the place that gave the key, then the others. A key that stands in a file never goes to a server that another file names.
 */
export async function connect(asked: Asked): Promise<Connection> {
  const { environment } = asked.world;
  const flagKey = asked.text("apikey-file");
  const places = [
    { apikey: flagKey === undefined ? undefined : (await readNamedFile(resolve(asked.world.cwd, flagKey), "apikey-file")).trim() },
    { apikey: environment.apikey },
    ...(await filePlaces(asked)),
  ];
  const holder = places.find((place) => place.apikey !== undefined);
  if (holder?.apikey === undefined) throw noKey();
  const isFromFile = places.indexOf(holder) > 1;
  const named = asked.text("apibase") ?? environment.apibase;
  const base = named ?? holder.apibase ?? (isFromFile ? undefined : places.find((place) => place.apibase !== undefined)?.apibase);
  if (base === undefined) throw noBase();
  const caFile = environment.caFile ?? places.find((place) => place.caFile !== undefined && place.apibase === base)?.caFile;
  const settings = { ...(await surroundings(asked.world, caFile)), base: checkBase(base), key: checkKey(holder.apikey) };
  return { api: new Api(settings), with: (patience) => new Api({ ...settings, ...patience }) };
}

/** What every connection shares: the clock, proxies and authorities of this machine. @throws CliFailure when the authority cannot be read */
export async function surroundings(
  { clock, environment, cwd }: World,
  caFile = environment.caFile,
): Promise<Pick<ApiSettings, "clock" | "proxies" | "ca">> {
  return { clock, proxies: environment.proxies, ca: caFile === undefined ? undefined : await readNamedFile(resolve(cwd, caFile)) };
}

/** The id of the host that this machine's agent registered; undefined when there is none. */
export async function hostIdHere(asked: Asked): Promise<string | undefined> {
  for (const place of await filePlaces(asked)) if (place.hostId !== undefined) return place.hostId;
  for (const folder of asked.world.environment.agentStateDirs) {
    const id = await idIn(folder);
    if (id !== undefined) return id;
  }
  return undefined;
}

/** The places that are files, in order. A file that was asked for must be there; the others may be missing or closed. */
async function filePlaces(asked: Asked): Promise<Place[]> {
  const { environment, cwd } = asked.world;
  const conf = asked.text("conf");
  if (conf !== undefined) return [await agentFile(resolve(cwd, conf), true)];
  const profile = asked.text("profile") ?? environment.profile;
  const { readProfile } = await import("./profile.ts");
  const places: Place[] = [await readProfile(environment.profileFile, profile)];
  if (profile !== undefined) return places;
  for (const file of environment.agentFiles) places.push(await agentFile(file, false));
  return places;
}

/** Server, key and host id of `hinoban-agent.conf` or `mackerel-agent.conf`, both of which are TOML. */
async function agentFile(path: string, isDemanded: boolean): Promise<Place> {
  const text = isDemanded ? await readNamedFile(path, "conf") : await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return {};
  const values = await tomlOf(path, text, isDemanded);
  const word = (...names: readonly string[]): string | undefined =>
    names
      .map((name) => values[name])
      .find((value) => typeof value === "string" && value !== "")
      ?.toString();
  const near = (file: string): string => resolve(dirname(path), file);
  const keyFile = word("key_file");
  const folder = word("state_dir", "root") ?? (path.includes("mackerel-agent") ? "/var/lib/mackerel-agent" : undefined);
  return {
    apibase: word("server", "apibase"),
    apikey: word("key", "apikey") ?? (keyFile === undefined ? undefined : (await readNamedFile(near(keyFile))).trim()),
    hostId: folder === undefined ? undefined : await idIn(near(folder)),
    caFile: word("ca_file") === undefined ? undefined : near(word("ca_file") ?? ""),
  };
}

async function tomlOf(path: string, text: string, isDemanded: boolean): Promise<Readonly<Record<string, unknown>>> {
  const { parse } = await import("smol-toml");
  try {
    return parse(text);
  } catch (cause) {
    if (!isDemanded) return {};
    throw usageError(`${path} is not TOML: ${firstLine(cause)}`, `${path} は TOML として読めません: ${firstLine(cause)}`);
  }
}

const firstLine = (error: unknown): string => messageOf(error).split("\n")[0] ?? "";

async function idIn(folder: string): Promise<string | undefined> {
  const text = await readFile(join(folder, "id"), "utf8").catch(() => "");
  return /^\S{1,64}$/u.exec(text.trim())?.[0];
}

/** It becomes an HTTP header. @throws CliFailure */
export function checkKey(key: string): Secret {
  if (/^[\u0021-\u007e]{1,512}$/u.test(key)) return new Secret(key);
  throw new CliFailure(
    {
      en: "The API key must be one line of visible ASCII characters without blanks.",
      ja: "APIキーは空白を含まない 1 行の ASCII 文字列でなければなりません。",
    },
    exitCodes.refused,
    "invalid-input",
  );
}

/** @throws CliFailure that says what would be right */
export function checkBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/u.test(url.protocol))
    throw usageError(
      `The server must be an address such as https://hinoban.example, not "${text}".`,
      `サーバーは https://hinoban.example のような URL で指定してください（"${text}" は使えません）。`,
    );
  if (url.username !== "" || url.pathname !== "/" || url.search !== "" || url.hash !== "")
    throw usageError(
      `The API lives at the root of its host: write ${url.origin}.`,
      `API はホストの直下にあります。${url.origin} と書いてください。`,
    );
  return url;
}

const noKey = (): CliFailure =>
  new CliFailure(
    {
      en: "No API key: run `hinoban login`, or set HINOBAN_APIKEY (MACKEREL_APIKEY works too), or give --apikey-file FILE or --conf FILE.",
      ja: "APIキーがありません。`hinoban login` を実行するか、HINOBAN_APIKEY（MACKEREL_APIKEY でも可）、--apikey-file FILE、--conf FILE のどれかで指定してください。",
    },
    exitCodes.refused,
    "unauthenticated",
  );

const noBase = (): CliFailure =>
  usageError(
    "Which server? Give --apibase https://hinoban.example, set HINOBAN_APIBASE, or run `hinoban login`.",
    "サーバーが分かりません。--apibase https://hinoban.example または HINOBAN_APIBASE で指定するか、`hinoban login` を実行してください。",
  );
