import { HinobanError } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { Line, LineInput } from "#wire/lines";
import { linesTopic } from "./call-settings.ts";
import { callsTopic, type CallsContext } from "./context.ts";
import { checkLineInput } from "./lines-input.ts";
import { presentedOne, sealedSecrets } from "./lines-line.ts";

const mostLines = 50;

/**
 * Creates a telephone line; it is on, and connected at once.
 * @throws "forbidden", "invalid-input", "conflict" when there are too many
 */
export function createLine(calls: CallsContext, actor: Actor, input: LineInput): Promise<Line> {
  const { db, clock, lineSeal } = calls;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "line.change", `organisation:${actor.organisationId}`, at);
    const { settings, secrets } = checkLineInput(input, undefined);
    const { count } = await tx
      .selectFrom("calls_line")
      .select((of) => of.fn.countAll<string>().as("count"))
      .where("deleted_at", "is", null)
      .executeTakeFirstOrThrow();
    if (Number(count) >= mostLines) throw new HinobanError("conflict", `An organisation has at most ${mostLines} lines.`);
    const id = newId();
    const name = input.name.trim();
    await tx
      .insertInto("calls_line")
      .values({
        id,
        name,
        kind: input.kind,
        priority: input.priority,
        capacity: input.capacity,
        settings: JSON.stringify(settings),
        secrets: sealedSecrets(lineSeal, id, secrets),
        created_at: at,
        deleted_at: null,
        leased_by: null,
        problem: null,
        registered_until: null,
        failing_since: null,
      })
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "line.created",
      object: `line:${id}`,
      outcome: "done",
      detail: { kind: input.kind },
      texts: { name },
    });
    await publish(tx, callsTopic);
    await publish(tx, linesTopic);
    return presentedOne(tx, at, lineSeal, id);
  });
}
