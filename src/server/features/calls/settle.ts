import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { CallsContext } from "./context.ts";
import type { TopicRow } from "./store.ts";

/** What became of a notification that was handed on to the telephone. */
export type Settlement =
  | { readonly kind: "sent"; readonly note?: string }
  | {
      readonly kind: "failed";
      readonly problem: string;
      readonly blame: "address" | "server" | "message";
      /** The person was asked: the next one. Otherwise the same person by another way. */
      readonly goesOn: boolean;
    };

/** Notes what a topic of a call came to, and tells whoever sent its notification. */
export async function closeTopic(
  calls: CallsContext,
  tx: Tx,
  at: UnixMs,
  { call_id: callId, incident_id: incidentId, delivery_id: deliveryId }: Pick<TopicRow, "call_id" | "incident_id" | "delivery_id">,
  to: { readonly state: TopicRow["state"]; readonly settlement: Settlement | undefined },
): Promise<void> {
  const settlement = deliveryId === null || !to.settlement ? null : JSON.stringify(to.settlement);
  await sql`update calls_topic set state = ${to.state}, settlement = ${settlement}
    where call_id = ${callId} and incident_id = ${incidentId}`.execute(tx);
  if (deliveryId !== null && to.settlement) await tell(calls, tx, at, deliveryId, to.settlement);
}

/** What nobody could be told yet, since the handing on was not noted when the call was over already. */
export async function settleLeft(calls: CallsContext, tx: Tx, at: UnixMs): Promise<void> {
  const rows = await tx
    .selectFrom("calls_topic")
    .selectAll()
    .where("settlement", "is not", null)
    .orderBy("delivery_id")
    .limit(200)
    .execute();
  for (const { settlement, delivery_id: deliveryId } of rows) {
    if (settlement === null || deliveryId === null) continue;
    await tell(calls, tx, at, deliveryId, JSON.parse(settlement) as Settlement); // written above
  }
}

async function tell(calls: CallsContext, tx: Tx, at: UnixMs, deliveryId: string, settlement: Settlement): Promise<void> {
  if (!(await settle(calls, tx, at, deliveryId, settlement))) return; // a later look tells it
  await sql`update calls_topic set settlement = null where delivery_id = ${deliveryId}`.execute(tx);
}

/** States in which it is still on its way into the one in which it waits for us. */
const onTheWay: ReadonlySet<string> = new Set(["pending", "held", "claimed", "retrying"]);

/** Tells whoever sent a notification what became of it. @returns false when that cannot be done yet */
export async function settle({ notify }: CallsContext, tx: Tx, at: UnixMs, deliveryId: string, settlement: Settlement): Promise<boolean> {
  const { rows } = await sql<{ state: string }>`select state from notify_delivery where id = ${deliveryId}`.execute(tx);
  const state = rows[0]?.state ?? "";
  if (onTheWay.has(state)) return false;
  if (state === "calling") await notify.settle(tx, at, deliveryId, settlement);
  return true;
}
