import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { SmsSenderInput, SmsState } from "#wire/sms";
import { smsTopic, type CarriersContext } from "./context.ts";
import { readSmsState } from "./read-sms.ts";
import { checkSender } from "./sms-input.ts";
import { findSender, openSender, sealedSecrets, type OpenSender } from "./sms-sender.ts";

/** Sets who carries short messages. Nothing is recorded when nothing differs. @throws "forbidden", "invalid-input" */
export function changeSmsSender(carriers: CarriersContext, actor: Actor, input: SmsSenderInput): Promise<SmsState> {
  const { db, clock, smsSeal } = carriers;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    const object = `organisation:${actor.organisationId}`;
    demand(actor, "line.change", object, at);
    const row = await findSender(tx);
    const before = row && openSender(smsSeal, row);
    const after = checkSender(input, before);
    const fields = changedFields(before, after);
    if (fields.length === 0) return readSmsState(carriers, tx, at);
    const values = {
      kind: after.kind,
      settings: JSON.stringify(after.settings),
      secrets: sealedSecrets(smsSeal, actor.organisationId, after.secrets),
      changed_at: at,
      // What was seen of the sender before says nothing about this one.
      last_ok_at: null,
      failing_since: null,
      last_problem: null,
    };
    await tx
      .insertInto("carriers_sms_sender")
      .values(values)
      .onConflict((of) => of.column("organisation_id").doUpdateSet(values))
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "sms-sender.changed",
      object,
      outcome: "done",
      detail: { kind: after.kind, fields },
    });
    await publish(tx, smsTopic);
    return readSmsState(carriers, tx, at);
  });
}

function changedFields(before: OpenSender | undefined, after: OpenSender): string[] {
  const flat = (of: OpenSender | undefined): Record<string, unknown> => (of ? { kind: of.kind, ...of.settings, ...of.secrets } : {});
  const [a, b] = [flat(before), flat(after)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);
}

/** From then on nobody is written to. @throws "forbidden" */
export function removeSmsSender(carriers: CarriersContext, actor: Actor): Promise<SmsState> {
  const { db, clock } = carriers;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    const object = `organisation:${actor.organisationId}`;
    demand(actor, "line.change", object, at);
    const gone = await tx.deleteFrom("carriers_sms_sender").returning("kind").executeTakeFirst();
    if (gone) {
      await record(tx, { at, actor: actorId(actor), verb: "sms-sender.removed", object, outcome: "done", detail: { kind: gone.kind } });
      await publish(tx, smsTopic);
    }
    return readSmsState(carriers, tx, at);
  });
}
