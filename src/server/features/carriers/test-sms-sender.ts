import { invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { phoneNumber } from "#base/phone-number";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import type { ResponseOf } from "#wire/contract";
import type { SmsSenderInput, testSmsSender as contract } from "#wire/sms";
import type { CarriersContext } from "./context.ts";
import { sendSms } from "./send-sms.ts";
import { checkSender } from "./sms-input.ts";
import { senderIn, type OpenSender } from "./sms-sender.ts";

const texts = {
  en: "Hinoban: this is a test. Messages about incidents will look like this one.",
  ja: "Hinoban: テスト送信です。インシデントの通知はこの形で届きます。",
} as const;

export interface SmsTest {
  readonly to: string;
  /** As it is typed; the one that is set when absent. */
  readonly sender?: SmsSenderInput;
  readonly language: keyof typeof texts;
}

/** Sends a short message at once and tells how it went. @throws "forbidden", "invalid-input" */
export async function testSmsSender(
  carriers: CarriersContext,
  actor: Actor,
  { to, sender: typed, language }: SmsTest,
): Promise<ResponseOf<typeof contract>> {
  const began = carriers.clock.mono();
  const { organisationId } = actor;
  const { sender, number } = await carriers.db.tx(scopeOf(actor), async (tx) => {
    demand(actor, "line.change", `organisation:${organisationId}`, carriers.clock.now());
    const read = phoneNumber(to);
    if (!read.ok) throw invalidInput([{ field: "to", problem: read.problem }]);
    const wrong = await carriers.whyNotCallable(tx, read.number);
    if (wrong !== undefined) throw invalidInput([{ field: "to", problem: wrong }]);
    const kept = await senderIn(carriers.smsSeal, tx);
    const used: OpenSender | undefined = typed ? checkSender(typed, kept) : kept;
    if (!used) throw invalidInput([{ field: "sender", problem: "must be given, since none is set" }]);
    return { sender: used, number: read.number };
  });
  const personId = actor.kind === "person" ? actor.personId : undefined;
  const result = await sendSms(carriers, sender, { organisationId, to: number, text: texts[language], key: `test.${newId()}`, personId });
  const state = result.kind === "sent" ? "sent" : "failed";
  await carriers.db.tx(scopeOf(actor), (tx) =>
    record(tx, {
      at: carriers.clock.now(),
      actor: actorId(actor),
      verb: "sms-sender.tested",
      object: `organisation:${organisationId}`,
      outcome: "done",
      detail: { kind: sender.kind, state },
    }),
  );
  const millis = Math.round(carriers.clock.mono() - began);
  const problem = result.kind === "sent" ? {} : { problem: result.problem };
  return { ok: result.kind === "sent", state, ...problem, millis, ...result.length };
}
