import { namesOf as namesOfPeople } from "#features/identity";
import { namesOf as namesOfThings } from "#features/inventory";
import type { Tx } from "#store";
import type { Language } from "#wire/shapes";
import type { NamedThings } from "./speech.ts";

/** By id: in Japanese the reading where there is one, else the name. */
export async function spokenNames(tx: Tx, things: NamedThings, language: Language): Promise<ReadonlyMap<string, string>> {
  const { hostIds = [], serviceIds = [], personIds = [] } = things;
  const ids = [...hostIds.map((id) => `host:${id}`), ...serviceIds.map((id) => `service:${id}`), ...personIds.map((id) => `person:${id}`)];
  const names = { ...(await namesOfThings(tx, ids)), ...(await namesOfPeople(tx, ids)) };
  const spoken = new Map(ids.flatMap((id) => (names[id] === undefined ? [] : [[plainId(id), names[id]] as const])));
  if (language !== "ja" || spoken.size === 0) return spoken;
  const rows = await tx
    .selectFrom("speech_name")
    .select(["kind", "thing_id", "reading"])
    .where((of) => of("thing_id", "=", of.fn.any(of.val([...spoken.keys()]))))
    .execute();
  for (const { kind, thing_id: id, reading } of rows) if (names[`${kind}:${id}`] !== undefined) spoken.set(id, reading);
  return spoken;
}

const plainId = (object: string): string => object.slice(object.indexOf(":") + 1);
