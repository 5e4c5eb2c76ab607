import { type Words } from "#base/reading/reading";
import { WordList, type Word } from "#base/reading/words";
import { membersNow } from "#features/identity";
import type { Tx } from "#store";

/** How an organisation wants its words read: its dictionary first, then the readings of its people, hosts and services. */
export async function wordsOf(tx: Tx): Promise<Words> {
  const rows = await tx.selectFrom("speech_word").select(["language", "written", "spoken"]).orderBy("id").execute();
  const names = await readNames(tx);
  const of = (language: "en" | "ja"): Word[] => rows.filter((row) => row.language === language);
  return {
    en: new WordList(of("en")),
    ja: new WordList([...of("ja"), ...names.flatMap(({ written, reading }) => written.flatMap((name) => parts(name, reading)))]),
  };
}

interface NameRead {
  readonly written: readonly string[];
  readonly reading: string;
}

/** Everything that has a reading, with the names under which it stands in texts. */
async function readNames(tx: Tx): Promise<NameRead[]> {
  const rows = await tx.selectFrom("speech_name").select(["kind", "thing_id", "reading"]).orderBy("thing_id").execute();
  if (rows.length === 0) return [];
  const idsOf = (kind: string): string[] => rows.filter((row) => row.kind === kind).map((row) => row.thing_id);
  const hosts = await tx
    .selectFrom("inventory_host")
    .select(["id", "name", "display_name"])
    .where((of) => of("id", "=", of.fn.any(of.val(idsOf("host")))))
    .where("retired_at", "is", null)
    .execute();
  const services = await tx
    .selectFrom("inventory_service")
    .select(["id", "name"])
    .where((of) => of("id", "=", of.fn.any(of.val(idsOf("service")))))
    .where("deleted_at", "is", null)
    .execute();
  const people = idsOf("person").length === 0 ? [] : await membersNow(tx);
  const written = new Map<string, readonly string[]>([
    ...hosts.map((host) => [`host:${host.id}`, [host.name, host.display_name].filter((name) => name !== "")] as const),
    ...services.map((service) => [`service:${service.id}`, [service.name]] as const),
    ...people.map((person) => [`person:${person.id}`, [person.name]] as const),
  ]);
  return rows.map((row) => ({ written: written.get(`${row.kind}:${row.thing_id}`) ?? [], reading: row.reading }));
}

/** A name, and where it has as many parts as its reading, each part that is long enough not to stand in other words. */
function parts(written: string, spoken: string): Word[] {
  const names = written.split(/[\s\u3000]+/u);
  const readings = spoken.split(/[\s\u3000]+/u);
  const whole = { written, spoken };
  if (names.length < 2 || names.length !== readings.length) return [whole];
  return [
    whole,
    { written: names.join(""), spoken: readings.join("") },
    ...names.flatMap((name, at) => (name.length < 2 ? [] : [{ written: name, spoken: readings[at] ?? name }])),
  ];
}
