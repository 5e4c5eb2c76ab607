import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish } from "#store";
import type { ChannelInput } from "#wire/notify";
import { checkChannel, type CheckedChannel } from "./channel-input.ts";
import { opened, sealedSecrets, workspaceOf, type ChannelRow, type OpenChannel } from "./channel.ts";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { demandChannel, demandMembers } from "./create-channel.ts";

/**
 * Changes a channel; failures before are forgotten, a suspension stays. Nothing is recorded when nothing differs.
 * @throws "forbidden", "not-found", "invalid-input"
 */
export function changeChannel(notify: NotifyContext, actor: Actor, id: string, input: ChannelInput): Promise<ChannelRow> {
  const { db, clock } = notify;
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "channel.change", `channel:${id}`, at);
    await tx.selectFrom("notify_channel").select("id").where("id", "=", id).forUpdate().execute();
    const row = await demandChannel(tx, id);
    const before = opened(notify.channelSeal, row);
    const checked = checkChannel(input, before, at);
    await demandMembers(tx, newMembers(before, checked));
    const name = input.name.trim();
    const fields = changedFields(before, { ...checked, name, language: input.language });
    if (fields.length === 0) return row;
    await tx
      .updateTable("notify_channel")
      .set({
        name,
        language: input.language,
        settings: JSON.stringify(checked.settings),
        secrets: sealedSecrets(notify.channelSeal, id, checked.secrets),
        workspace: workspaceOf(before.type, checked.settings, checked.secrets),
        revision: row.revision + 1,
        failures: 0,
        failing_since: null,
      })
      .where("id", "=", id)
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "channel.changed",
      object: `channel:${id}`,
      outcome: "done",
      detail: { fields },
      texts: { name },
    });
    await publish(tx, channelsTopic);
    return demandChannel(tx, id);
  });
}

/** Somebody who left may stay in the list: mail does not go to them, and the channel can still be changed. */
function newMembers(before: OpenChannel, { settings }: CheckedChannel): string[] {
  const known = new Set(before.settings.userIds);
  return (settings.userIds ?? []).filter((id) => !known.has(id));
}

function changedFields(before: OpenChannel, after: CheckedChannel & Pick<OpenChannel, "name" | "language">): string[] {
  const flat = ({ name, language, settings, secrets }: CheckedChannel & Pick<OpenChannel, "name" | "language">) => ({
    name,
    language,
    ...settings,
    ...secrets,
  });
  const [a, b]: Record<string, unknown>[] = [flat(before), flat(after)];
  const names = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])];
  return names
    .filter((name) => JSON.stringify(a?.[name]) !== JSON.stringify(b?.[name]))
    .filter((name) => !/^(?:previous|signingKeyChanged)/u.test(name));
}
