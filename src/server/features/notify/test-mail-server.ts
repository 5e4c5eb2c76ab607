import { invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { isMailAddress } from "#base/mail-address";
import { demand, findOrganisation } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import type { Language } from "#wire/shapes";
import type { TestOutcome } from "#wire/notify";
import type { MailServerInput } from "#wire/notify-people";
import { checkMailServer, columnsOf, typedPassword } from "./change-mail-server.ts";
import { sendAtOnce } from "./contact-code.ts";
import type { NotifyContext } from "./context.ts";
import type { Job } from "./driver.ts";
import { testNotice } from "./example-notice.ts";
import { readMailSetup, setupOf } from "./mail-server.ts";
import { readersOf } from "./store.ts";

export interface MailTest {
  readonly to: string;
  /** As it is typed; the one that is set when absent. */
  readonly server?: MailServerInput;
}

/** Sends a test mail at once and tells how it went. @throws "forbidden", "invalid-input" */
export async function testMailServer(notify: NotifyContext, actor: Actor, { to, server }: MailTest): Promise<TestOutcome> {
  if (!isMailAddress(to.trim())) throw invalidInput([{ field: "to", problem: "must be a mail address" }]);
  if (server) checkMailServer(server);
  const began = notify.clock.mono();
  const job = await prepare(notify, actor, to.trim(), server);
  const result = await sendAtOnce(notify, job);
  const state = result.kind === "sent" ? "sent" : "failed";
  await notify.db.tx(scopeOf(actor), (tx) =>
    record(tx, {
      at: notify.clock.now(),
      actor: actorId(actor),
      verb: "mail-server.tested",
      object: `organisation:${actor.organisationId}`,
      outcome: "done",
      detail: { state },
    }),
  );
  const millis = Math.round(notify.clock.mono() - began);
  return result.kind === "sent" ? { ok: true, state, millis } : { ok: false, state, problem: result.problem, millis };
}

function prepare(notify: NotifyContext, actor: Actor, to: string, server: MailServerInput | undefined): Promise<Job> {
  return notify.db.tx(scopeOf(actor), async (tx): Promise<Job> => {
    const at = notify.clock.now();
    demand(actor, "mail-server.change", `organisation:${actor.organisationId}`, at);
    const organisation = (await findOrganisation(tx)) ?? { id: "", name: "", displayName: "", timeZone: "UTC" };
    const typed = server && setupOf(columnsOf(server), await typedPassword(notify, tx, actor.organisationId, server));
    const mail = typed ?? (await readMailSetup(notify, tx));
    const reader = actor.kind === "person" ? (await readersOf(tx, [actor.personId])).get(actor.personId) : undefined;
    const language: Language = reader?.language ?? "en";
    return {
      deliveryId: `test.${newId()}`,
      at,
      organisation,
      notice: testNotice(language, organisation.displayName, at),
      about: "test",
      isTest: true,
      language,
      timeZone: reader?.timeZone ?? organisation.timeZone,
      channel: undefined,
      personId: undefined,
      targets: [{ address: to, encoding: mail?.encoding ?? "utf-8", contactId: undefined, personId: undefined }],
      mail,
      mentioned: [],
      root: undefined,
      progress: [],
      picture: async () => undefined,
    };
  });
}
