import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { newId } from "#base/ids";
import { maskedNumber } from "#base/phone-number";
import { smsLength, type SmsLength } from "#base/sms-text";
import type { SmsHandedOver } from "#ports/sms/port";
import { publish } from "#store";
import { signedName, smsPaths } from "./addresses.ts";
import { smsTopic, type CarriersContext } from "./context.ts";
import type { OpenSender } from "./sms-sender.ts";

interface OutgoingSms {
  readonly organisationId: string;
  /** E.164. */
  readonly to: string;
  readonly text: string;
  /** The same for every try. */
  readonly key: string;
  readonly personId: string | undefined;
}

/** Hands one message to a provider, and keeps what it costs and how it went. */
export async function sendSms(
  carriers: CarriersContext,
  sender: OpenSender,
  sms: OutgoingSms,
): Promise<SmsHandedOver & { readonly length: SmsLength }> {
  const { db, clock, serverKey, publicUrl, senders } = carriers;
  const { organisationId, to, text, key } = sms;
  const id = newId();
  const length = smsLength(text);
  const name = signedName(serverKey, "sms", [organisationId, id]);
  const callbackUrl = publicUrl === "" ? {} : { callbackUrl: `${publicUrl}${smsPaths[sender.kind]}/${name}` };
  const result = await senders[sender.kind].send({ to, text, key, ...callbackUrl }, sender.settings, sender.secrets);
  const at = clock.now();
  await db.tx({ organisationId }, async (tx) => {
    if (result.kind === "sent") {
      const { pricePerSegment, currency } = sender.settings;
      const cost = pricePerSegment === undefined ? null : pricePerSegment * length.segments;
      // A callback may have been quicker than we.
      await sql`insert into carriers_sms_message as m
          (id, person_id, number, provider_id, at, segments, encoding, cost, currency, state)
        values (${id}, ${sms.personId ?? null}, ${maskedNumber(to)}, ${result.id}, ${at}, ${length.segments}, ${length.encoding}, ${cost},
          ${cost === null ? null : (currency ?? null)}, 'sent')
        on conflict (id) do update set person_id = excluded.person_id, number = excluded.number, segments = excluded.segments,
          encoding = excluded.encoding, cost = excluded.cost, currency = excluded.currency`.execute(tx);
      await sql`update carriers_sms_sender set last_ok_at = ${at}, failing_since = null, last_problem = null`.execute(tx);
    } else if (result.blame === "sender") {
      await sql`update carriers_sms_sender set failing_since = coalesce(failing_since, ${at}),
        last_problem = ${result.problem.slice(0, 500)}`.execute(tx);
    }
    await publish(tx, smsTopic);
  });
  return { ...result, length };
}

/** What a provider says later. A word that comes late or twice takes nothing back. */
export async function noteSms(
  carriers: CarriersContext,
  organisationId: string,
  news: { readonly id: string; readonly providerId: string; readonly state: "sent" | "delivered" | "failed"; readonly problem?: string },
  at: UnixMs,
): Promise<void> {
  await carriers.db.tx({ organisationId }, async (tx) => {
    const { rows } = await sql`update carriers_sms_message
        set state = ${news.state}, told_at = ${at}, problem = ${news.problem?.slice(0, 500) ?? null}
      where id = ${news.id} and provider_id = ${news.providerId} and state = 'sent' and ${news.state} <> 'sent' returning id`.execute(tx);
    if (rows.length > 0) await publish(tx, smsTopic);
  });
}
