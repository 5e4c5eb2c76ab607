import { resolve } from "node:path";
import { listIn, textIn, v0 } from "../api.ts";
import { readAll } from "../ask.ts";
import type { Call } from "../call.ts";
import { readNamedFile } from "../files.ts";
import { exitCodes, usageError } from "../text.ts";

const mostBytes = 64 * 1024;

/** The note that the flags describe; what is absent is left out. */
async function annotationOf(call: Call): Promise<object> {
  const from = call.time("from");
  const to = call.time("to");
  if (from !== undefined && to !== undefined && from > to)
    throw usageError("--from must not be after --to.", "--from は --to より前でなければなりません。");
  const title = call.text("title");
  const description = await descriptionOf(call);
  const roles = call.list("role");
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    from,
    to,
    service: call.text("service"),
    ...(roles.length === 0 ? {} : { roles }),
  };
}

async function descriptionOf(call: Call): Promise<string | undefined> {
  const file = call.text("description-file");
  if (file === undefined) return call.text("description");
  if (call.has("description"))
    throw usageError("Give --description or --description-file, not both.", "--description と --description-file は同時に指定できません。");
  return file === "-" ? readAll(call.world.stdin, mostBytes) : readNamedFile(resolve(call.world.cwd, file), "description-file");
}

export async function createAnnotation(call: Call): Promise<number> {
  const body = await annotationOf(call);
  await call.print(await (await call.api()).call("POST", "/api/v0/graph-annotations", body));
  return exitCodes.done;
}

export async function listAnnotations(call: Call): Promise<number> {
  const query = { service: call.text("service"), from: call.time("from"), to: call.time("to") };
  await call.print(listIn(await (await call.api()).get("/api/v0/graph-annotations", query), "graphAnnotations"));
  return exitCodes.done;
}

/** The API replaces the whole note, so a title and a text that are not named are taken from the note as it is. */
export async function updateAnnotation(call: Call): Promise<number> {
  const id = call.text("id") ?? "";
  const body = await annotationOf(call);
  const api = await call.api();
  const before = await noteAround(call, id);
  const kept = before === undefined ? {} : { title: textIn(before, "title"), description: textIn(before, "description") };
  await call.print(await api.call("PUT", v0`graph-annotations/${id}`, { ...kept, ...body }));
  return exitCodes.done;
}

const week = 7 * 86_400;

/** The note itself, looked for around the given times; there is no call for a single one. */
async function noteAround(call: Call, id: string): Promise<unknown> {
  if (call.has("title") && (call.has("description") || call.has("description-file"))) return undefined;
  const query = { service: call.text("service"), from: Math.max(0, (call.time("from") ?? 0) - week), to: (call.time("to") ?? 0) + week };
  const notes = listIn(await (await call.api()).get("/api/v0/graph-annotations", query), "graphAnnotations");
  return notes.find((note) => textIn(note, "id") === id);
}

export async function deleteAnnotation(call: Call): Promise<number> {
  await call.print(await (await call.api()).call("DELETE", v0`graph-annotations/${call.text("id") ?? ""}`));
  return exitCodes.done;
}
