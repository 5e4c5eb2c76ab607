import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { Line, LineInput } from "#wire/lines";
import { linesTopic } from "./call-settings.ts";
import { callsTopic, type CallsContext } from "./context.ts";
import { checkLineInput, type CheckedLine } from "./lines-input.ts";
import { countedLine, demandLine, keptLine, linesOf, presentedOne, sealedSecrets } from "./lines-line.ts";
import { lookAtLimits } from "./lines-usage.ts";
import type { LineRow } from "./store.ts";

/**
 * Changes a line; whoever has it open opens it anew. Nothing is recorded when nothing differs.
 * @throws "forbidden", "not-found", "invalid-input"
 */
export function changeLine(calls: CallsContext, actor: Actor, id: string, input: LineInput): Promise<Line> {
  const { db, clock, lineSeal } = calls;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "line.change", `line:${id}`, at);
    await tx.selectFrom("calls_line").select("id").where("id", "=", id).forUpdate().execute();
    const row = await demandLine(tx, id);
    const before = keptLine(lineSeal, row);
    const checked = checkLineInput(input, before);
    const fields = changedFields(row, before, input, checked);
    if (fields.length === 0) return presentedOne(tx, at, lineSeal, id);
    const name = input.name.trim();
    await tx
      .updateTable("calls_line")
      .set({
        name,
        priority: input.priority,
        capacity: input.capacity,
        settings: JSON.stringify(checked.settings),
        secrets: sealedSecrets(lineSeal, id, checked.secrets),
        // Prices, limits and the order of lines need no new connection.
        ...(fields.some((field) => !keepsConnection.has(field)) ? { revision: row.revision + 1, suspended_until: 0 } : {}),
      })
      .where("id", "=", id)
      .execute();
    await lookAtLimits(tx, at, (await linesOf(tx)).map(countedLine));
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "line.changed",
      object: `line:${id}`,
      outcome: "done",
      detail: { fields },
      texts: { name },
    });
    await publish(tx, callsTopic);
    await publish(tx, linesTopic);
    return presentedOne(tx, at, lineSeal, id);
  });
}

const keepsConnection: ReadonlySet<string> = new Set([
  "name",
  "priority",
  "preset",
  "pricePerMinute",
  "currency",
  "monthlyCost",
  "monthlyCalls",
]);

function changedFields(row: LineRow, before: CheckedLine, input: LineInput, after: CheckedLine): string[] {
  const flat = (of: Pick<LineInput, "name" | "priority" | "capacity">, { settings, secrets }: CheckedLine): Record<string, unknown> => ({
    name: of.name.trim(),
    priority: of.priority,
    capacity: of.capacity,
    ...settings,
    ...secrets,
  });
  const [a, b] = [flat(row, before), flat(input, after)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);
}
