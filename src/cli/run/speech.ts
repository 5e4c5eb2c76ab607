import { readFile, writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { messageOf } from "#base/errors";
import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { ownApi, type OwnApi } from "../own-api.ts";
import { CliFailure, exitCodes } from "../text.ts";

type Row = Readonly<Record<string, unknown>>;

const languageOf = (call: Call): string => call.text("language") ?? "ja";
const nothingCalled = (name: string): CliFailure =>
  new CliFailure({ en: `There is nothing called ${name}.`, ja: `「${name}」は見つかりません。` }, exitCodes.failed, "not-found");

/** The reading goes to stdout, the sound to a file. */
export async function say(call: Call): Promise<number> {
  const [text = ""] = call.operands;
  const answer = await (await ownApi(call)).send("POST", ["speech", "preview"], { text, language: languageOf(call) });
  const { audio, ...rest } = answer;
  const file = call.text("out");
  if (file !== undefined && typeof audio === "string") {
    await writeFile(resolve(call.world.cwd, file), Buffer.from(audio, "base64"));
    call.log("created", file);
  }
  await call.print(rest);
  return exitCodes.done;
}

/** For scripts: fails while a language has recorded words only. */
export async function listPrograms(call: Call): Promise<number> {
  const programs = listIn(await (await ownApi(call)).get(["speech", "programs"]), "programs").map(asObject);
  await call.print(programs);
  return programs.every(({ isReady }) => isReady === true) ? exitCodes.done : exitCodes.failed;
}

const wordsOf = async (api: OwnApi): Promise<Row[]> => listIn(await api.get(["speech", "words"]), "words").map(asObject);

export async function listWords(call: Call): Promise<number> {
  await call.print(await wordsOf(await ownApi(call)));
  return exitCodes.done;
}

export async function setWord(call: Call): Promise<number> {
  const [written = "", spoken = ""] = call.operands;
  await (await ownApi(call)).send("PUT", ["speech", "words"], { language: languageOf(call), written, spoken });
  call.log("updated", `${written}: ${spoken}`);
  return exitCodes.done;
}

export async function removeWord(call: Call): Promise<number> {
  const [written = ""] = call.operands;
  const api = await ownApi(call);
  const found = (await wordsOf(api)).find((word) => word["written"] === written && word["language"] === languageOf(call));
  if (!found) throw nothingCalled(written);
  await api.send("DELETE", ["speech", "words", textIn(found, "id")]);
  call.log("deleted", written);
  return exitCodes.done;
}

const mostNames = 200;

export async function listNames(call: Call): Promise<number> {
  const query = { kind: call.text("kind"), text: call.text("text"), limit: call.integer("limit") ?? mostNames };
  await call.print(listIn(await (await ownApi(call)).get(["speech", "names"], query), "names"));
  return exitCodes.done;
}

export async function setName(call: Call): Promise<number> {
  const [idOrName = "", reading = ""] = call.operands;
  const kind = call.text("kind") ?? "";
  const api = await ownApi(call);
  const byId = listIn(await api.get(["speech", "names"], { kind, id: idOrName }), "names");
  const byName = listIn(await api.get(["speech", "names"], { kind, text: idOrName, limit: mostNames }), "names").filter(
    (one) => asObject(one)["name"] === idOrName,
  );
  const [found, second] = byId.length > 0 ? byId : byName;
  if (found === undefined) throw nothingCalled(idOrName);
  if (second !== undefined)
    throw new CliFailure(
      { en: `Several are called ${idOrName}; give an id.`, ja: `「${idOrName}」が複数あります。ID で指定してください。` },
      exitCodes.usage,
      "invalid-input",
    );
  await api.send("PUT", ["speech", "names", kind, textIn(asObject(found), "id")], { reading });
  call.log("updated", `${idOrName}: ${reading}`);
  return exitCodes.done;
}

const recordingsOf = async (api: OwnApi): Promise<Row[]> => listIn(await api.get(["speech", "recordings"]), "recordings").map(asObject);

export async function listRecordings(call: Call): Promise<number> {
  await call.print(await recordingsOf(await ownApi(call)));
  return exitCodes.done;
}

export async function uploadRecording(call: Call): Promise<number> {
  const [key = "", file = ""] = call.operands;
  const bytes = await readFile(resolve(call.world.cwd, file)).catch((cause: unknown) => {
    const why = messageOf(cause);
    throw new CliFailure({ en: `${file} cannot be read: ${why}.`, ja: `${file} を読めません: ${why}` }, exitCodes.usage, "invalid-input");
  });
  const format = /\.(?:ul|ulaw|mulaw|pcmu)$/iu.test(file) ? "mu-law" : "wav";
  const body = { language: languageOf(call), fileName: basename(file), format, sound: bytes.toString("base64") };
  await (await ownApi(call)).send("PUT", ["speech", "recordings", key], body);
  call.log("updated", key);
  return exitCodes.done;
}

export async function removeRecording(call: Call): Promise<number> {
  const [key = ""] = call.operands;
  const api = await ownApi(call);
  const found = (await recordingsOf(api)).find((one) => one["key"] === key && one["language"] === languageOf(call));
  if (!found) throw nothingCalled(key);
  await api.send("DELETE", ["speech", "recordings", textIn(found, "id")]);
  call.log("deleted", key);
  return exitCodes.done;
}
