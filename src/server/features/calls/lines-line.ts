import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import type { Seal, Tx } from "#store";
import { lineSecretNames, type LineSecrets } from "#wire/line-settings";
import type { Line, LineUsage } from "#wire/lines";
import type { KeptLine } from "./lines-input.ts";
import { limitOf, usageNow, type CountedLine } from "./lines-usage.ts";
import { secretsOf } from "./open-line.ts";
import { liveStates, settingsOf, type LineRow } from "./store.ts";
import type { UnixMs } from "#base/duration";

/** @throws "not-found", also for a line that was deleted */
export async function demandLine(tx: Tx, id: string): Promise<LineRow> {
  const row = await tx.selectFrom("calls_line").selectAll().where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst();
  if (!row) throw new HinobanError("not-found", `There is no line ${id}.`, { id });
  return row;
}

/** @throws "storage-damaged" when the server key is another one */
export function keptLine(seal: Seal, row: LineRow): KeptLine {
  return { kind: row.kind, settings: settingsOf(row), secrets: secretsOf({ lineSeal: seal }, row) };
}

export const sealedSecrets = (seal: Seal, id: string, secrets: LineSecrets): Buffer | null =>
  Object.keys(secrets).length === 0 ? null : seal.seal(new Secret(JSON.stringify(secrets)), id);

export const countedLine = (row: LineRow): CountedLine => ({ id: row.id, name: row.name, settings: settingsOf(row) });

/** All lines of the organisation that were not deleted, as they are tried. */
export const linesOf = (tx: Tx): Promise<LineRow[]> =>
  tx.selectFrom("calls_line").selectAll().where("deleted_at", "is", null).orderBy("priority").orderBy("created_at").orderBy("id").execute();

/** Lines as the console shows them: what is secret is only named. */
export async function presentedLines(tx: Tx, at: UnixMs, seal: Seal, rows: readonly LineRow[]): Promise<Line[]> {
  const { month, of } = await usageNow(tx, at);
  const busy = await busyLines(tx);
  return rows.map((row) => presentedLine(seal, row, { busy: busy.get(row.id) ?? 0, usage: of.get(row.id) ?? unused(month) }));
}

export async function presentedOne(tx: Tx, at: UnixMs, seal: Seal, id: string): Promise<Line> {
  const [line] = await presentedLines(tx, at, seal, [await demandLine(tx, id)]);
  if (!line) throw new HinobanError("not-found", `There is no line ${id}.`, { id });
  return line;
}

const unused = (month: string): Omit<LineUsage, "limit"> => ({ month, calls: 0, answered: 0, minutes: 0, cost: 0 });

async function busyLines(tx: Tx): Promise<ReadonlyMap<string, number>> {
  const rows = await tx
    .selectFrom("calls_call")
    .select(["line_id", (of) => of.fn.countAll<string>().as("count")])
    .where("state", "in", [...liveStates])
    .where("line_id", "is not", null)
    .groupBy("line_id")
    .execute();
  return new Map(rows.map((row) => [row.line_id ?? "", Number(row.count)]));
}

interface Carrying {
  readonly busy: number;
  readonly usage: Omit<LineUsage, "limit">;
}

function presentedLine(seal: Seal, row: LineRow, { busy, usage }: Carrying): Line {
  const settings = settingsOf(row);
  const secrets = readable(seal, row);
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    priority: row.priority,
    capacity: row.capacity,
    isOn: row.is_on,
    ...settings,
    secrets: lineSecretNames.filter((field) => secrets[field] !== undefined),
    state: row.is_on ? row.state : "off",
    ...(row.problem === null ? {} : { problem: row.problem }),
    ...(row.state_at === 0 ? {} : { stateSince: row.state_at }),
    ...(row.registered_until === null ? {} : { registeredUntil: row.registered_until }),
    busy,
    usage: { ...usage, limit: limitOf(settings, usage) },
    createdAt: row.created_at,
  };
}

/** None when the server key is another one: the list of lines must show in spite of it. */
function readable(seal: Seal, row: LineRow): LineSecrets {
  try {
    return secretsOf({ lineSeal: seal }, row);
  } catch {
    return {};
  }
}
