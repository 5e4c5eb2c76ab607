import { scopeOf, serve, type Served } from "#http";
import * as wire from "#wire/sms";
import { readersLanguage } from "./reader.ts";
import type { Carriers } from "./carriers.ts";
import { changeSmsSender, removeSmsSender } from "./change-sms-sender.ts";
import { registerHooks } from "./hooks.ts";
import { readSmsState } from "./read-sms.ts";
import { testSmsSender } from "./test-sms-sender.ts";

/** Serves the hooks of providers, and who carries short messages. */
export async function registerCarriers(served: Served, carriers: Carriers): Promise<void> {
  await registerHooks(served.app, carriers);
  serve(served, wire.getSmsSender, ({ actor }) => carriers.db.tx(scopeOf(actor), (tx) => readSmsState(carriers, tx, carriers.clock.now())));
  serve(served, wire.changeSmsSender, ({ actor, body }) => changeSmsSender(carriers, actor, body));
  serve(served, wire.removeSmsSender, ({ actor }) => removeSmsSender(carriers, actor));
  serve(served, wire.testSmsSender, async ({ actor, body: { to, sender } }) =>
    testSmsSender(carriers, actor, { to, ...(sender ? { sender } : {}), language: await readersLanguage(carriers, actor) }),
  );
  serve(served, wire.getTwilioFlow, async () => ({ flow: carriers.twilioFlow }));
}
