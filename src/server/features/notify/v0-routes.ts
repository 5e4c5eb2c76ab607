import { sql } from "kysely";
import { findOrganisation, isAllowed } from "#features/identity";
import { parseJson, scopeOf, textOf, type Actor, type V0 } from "#http";
import type { Language } from "#wire/shapes";
import { changeChannel } from "./change-channel.ts";
import { opened } from "./channel.ts";
import { createChannel, demandChannel } from "./create-channel.ts";
import { deleteChannel } from "./delete-channel.ts";
import type { NotifyContext } from "./context.ts";
import { channelOfV0, v0Channel } from "./v0-channel.ts";

/** Serves Mackerel's interface to channels: e-mail, Slack and webhook can be written, others are only listed. */
export function registerNotifyV0(v0: V0, notify: NotifyContext): void {
  const { db, channelSeal: seal } = notify;
  v0.route({ method: "GET", path: "/channels", needs: "channel.view" }, ({ actor }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const rows = await tx
        .selectFrom("notify_channel")
        .selectAll()
        .orderBy("created_at")
        .orderBy(sql`id collate "C"`)
        .execute();
      const showsAddress = isAllowed(actor, "channel.change", notify.clock.now());
      return { channels: rows.map((row) => v0Channel(seal, row, showsAddress)) };
    }),
  );
  v0.route({ method: "POST", path: "/channels", needs: "channel.change" }, async ({ actor, body }) => {
    const { input, joinsDefaultGroup } = channelOfV0(parseJson(textOf(body)), undefined, await languageOf(notify, actor));
    return v0Channel(seal, await createChannel(notify, actor, input, joinsDefaultGroup));
  });
  v0.route({ method: "PUT", path: "/channels/:id", needs: "channel.change" }, async ({ actor, params, body }) => {
    const id = params["id"] ?? "";
    const kept = await db.tx(scopeOf(actor), async (tx) => opened(seal, await demandChannel(tx, id)));
    const { input } = channelOfV0(parseJson(textOf(body)), kept, kept.language);
    return v0Channel(seal, await changeChannel(notify, actor, id, input));
  });
  v0.route({ method: "DELETE", path: "/channels/:id", needs: "channel.change" }, async ({ actor, params }) =>
    v0Channel(seal, await deleteChannel(notify, actor, params["id"] ?? "")),
  );
}

/** Mackerel's clients say nothing of languages: that of the organisation's place is taken. */
async function languageOf(notify: NotifyContext, actor: Actor): Promise<Language> {
  const organisation = await notify.db.tx(scopeOf(actor), findOrganisation);
  return organisation?.timeZone === "Asia/Tokyo" ? "ja" : "en";
}
