import { sql } from "kysely";
import type { Tx } from "#store";
import type { ChannelEvent, ChannelType } from "#wire/notify";
import { settingsOf, typeOf } from "./channel.ts";

/** What those who decide where messages go know of a channel. */
export interface ChannelFacts {
  readonly id: string;
  readonly name: string;
  readonly type: ChannelType;
  /** What it wants to hear of. */
  readonly events: readonly ChannelEvent[];
  /** Pictures of graphs go with its messages. */
  readonly hasPictures: boolean;
  readonly isSuspended: boolean;
}

/** What a channel hears of when nobody chose. */
const usualEvents: readonly ChannelEvent[] = ["alert", "alertGroup"];

/** All channels of the transaction's organisation, by name. The index notify_channel_by_organisation serves it. */
export async function channelFacts(tx: Tx): Promise<ChannelFacts[]> {
  const rows = await tx
    .selectFrom("notify_channel")
    .select(["id", "name", "type", "settings", "suspended_at"])
    .orderBy(sql`name collate "C"`)
    .orderBy("id")
    .execute();
  return rows.map((row) => {
    const settings = settingsOf(row);
    return {
      id: row.id,
      name: row.name,
      type: typeOf(row),
      events: settings.events ?? usualEvents,
      hasPictures: settings.enabledGraphImage ?? row.type !== "webhook",
      isSuspended: row.suspended_at !== null,
    };
  });
}
