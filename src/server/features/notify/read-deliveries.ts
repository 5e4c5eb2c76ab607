import type { Tx } from "#store";
import type { Severity } from "#wire/alerting";
import type { Delivery, listDeliveries } from "#wire/notify";
import type { QueryOf } from "#wire/contract";

const defaultLimit = 50;
const open = ["pending", "held", "claimed", "calling", "retrying"] as const;

/** A page of messages, newest first; by the indexes of channel, person, about or age. */
export async function readDeliveries(
  tx: Tx,
  { channel, person, about, state, before, limit = defaultLimit }: QueryOf<typeof listDeliveries>,
): Promise<{ deliveries: Delivery[]; next?: number }> {
  let query = tx
    .selectFrom("notify_delivery as d")
    .leftJoin("notify_channel as c", "c.id", "d.channel_id")
    .leftJoin("identity_person as p", "p.id", "d.person_id")
    .selectAll("d")
    .select(["c.name as channel_name", "p.name as person_name"]);
  if (channel !== undefined) query = query.where("d.channel_id", "=", channel);
  if (person !== undefined) query = query.where("d.person_id", "=", person);
  if (about !== undefined) query = query.where("d.about", "=", about);
  if (state === "open") query = query.where("d.state", "in", [...open]);
  else if (state !== undefined) query = query.where("d.state", "=", state);
  if (before !== undefined) query = query.where("d.seq", "<", before);
  const rows = await query
    .orderBy("d.seq", "desc")
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const deliveries = page.map((row): Delivery => {
    const name = row.channel_name ?? row.person_name;
    return {
      id: row.id,
      key: row.key,
      about: row.about,
      kind: row.kind,
      ...(row.channel_id === null ? {} : { channelId: row.channel_id }),
      ...(row.person_id === null ? {} : { personId: row.person_id }),
      ...(name === null ? {} : { recipientName: name }),
      ...(row.medium === null ? {} : { medium: row.medium }),
      severity: row.severity as Severity, // written from a notice
      title: row.title,
      isUrgent: row.is_urgent,
      state: row.state,
      tries: row.tries,
      createdAt: row.created_at,
      dueAt: row.due_at,
      ...(row.ended_at === null ? {} : { endedAt: row.ended_at }),
      ...(row.problem === null ? {} : { problem: row.problem }),
    };
  });
  return { deliveries, ...(rows.length > limit && last ? { next: last.seq } : {}) };
}
