import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { ChannelInput } from "#wire/notify";
import { checkChannel } from "./channel-input.ts";
import { findChannel, sealedSecrets, workspaceOf, type ChannelRow } from "./channel.ts";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { readersOf } from "./store.ts";

const mostChannels = 500;

/**
 * Creates a channel.
 * @param joinsDefaultGroup whether it joins the default notification group
 * @throws "forbidden", "invalid-input", "conflict" when there are too many
 */
export function createChannel(notify: NotifyContext, actor: Actor, input: ChannelInput, joinsDefaultGroup = true): Promise<ChannelRow> {
  const { db, clock } = notify;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "channel.change", `organisation:${actor.organisationId}`, at);
    const checked = checkChannel(input, undefined, at);
    await demandMembers(tx, checked.settings.userIds ?? []);
    const { count } = await tx
      .selectFrom("notify_channel")
      .select((of) => of.fn.countAll<string>().as("count"))
      .executeTakeFirstOrThrow();
    if (Number(count) >= mostChannels) throw new HinobanError("conflict", `An organisation has at most ${mostChannels} channels.`);
    const id = newId();
    const name = input.name.trim();
    await tx
      .insertInto("notify_channel")
      .values({
        id,
        name,
        type: input.type,
        settings: JSON.stringify(checked.settings),
        secrets: sealedSecrets(notify.channelSeal, id, checked.secrets),
        workspace: workspaceOf(input.type, checked.settings, checked.secrets),
        language: input.language,
        created_at: at,
      })
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "channel.created",
      object: `channel:${id}`,
      outcome: "done",
      detail: { type: input.type },
      texts: { name },
    });
    for (const listener of notify.listeners) await listener.channelCreated?.(tx, at, { channelId: id, joinsDefaultGroup });
    await publish(tx, channelsTopic);
    return demandChannel(tx, id);
  });
}

/** @throws "not-found" */
export async function demandChannel(tx: Tx, id: string): Promise<ChannelRow> {
  const row = await findChannel(tx, id);
  if (!row) throw new HinobanError("not-found", `There is no channel ${id}.`, { id });
  return row;
}

/** @throws "invalid-input" for ids of strangers */
export async function demandMembers(tx: Tx, ids: readonly string[]): Promise<void> {
  const readers = await readersOf(tx, ids);
  const strange = ids.filter((id) => readers.get(id)?.isMember !== true);
  if (strange.length > 0) throw invalidInput([{ field: "personIds", problem: `no members: ${strange.slice(0, 5).join(", ")}` }]);
}
