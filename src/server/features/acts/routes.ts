import { serve, servePublic, type Served } from "#http";
import * as wire from "#wire/acts";
import { confirmAct, readAct } from "./act-page.ts";
import type { Acts } from "./acts.ts";
import { connectChatAccount, disconnectChatAccount, listChatAccounts, readChatInvitation } from "./chat-accounts.ts";
import { registerHooks } from "./hook.ts";
import { registerPlainPage } from "./plain-page.ts";

/** Serves links of notifications, chat accounts, and what chats send. */
export async function registerActs(served: Served, acts: Acts): Promise<void> {
  servePublic(served, wire.getAct, ({ params, origin }) => readAct(acts, params.token, origin.address));
  servePublic(served, wire.confirmAct, ({ params, origin }) => confirmAct(acts, params.token, origin.address));
  serve(served, wire.listChatAccounts, async ({ actor }) => ({ accounts: await listChatAccounts(acts, actor) }));
  serve(served, wire.getChatInvitation, ({ actor, params }) => readChatInvitation(acts, actor, params.token));
  serve(served, wire.connectChatAccount, ({ actor, params }) => connectChatAccount(acts, actor, params.token));
  serve(served, wire.disconnectChatAccount, async ({ actor, params }) => {
    await disconnectChatAccount(acts, actor, params.id);
    return { success: true as const };
  });
  // What was promised to somebody in a chat is said before the server goes.
  served.app.addHook("onClose", () => acts.settled());
  await registerPlainPage(served.app, acts);
  await registerHooks(served.app, acts);
}
