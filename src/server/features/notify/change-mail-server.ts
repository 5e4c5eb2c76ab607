import { invalidInput, type FieldProblem } from "#base/errors";
import { isMailAddress } from "#base/mail-address";
import { Secret } from "#base/secret";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { MailServerInput, MailServerState } from "#wire/notify-people";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { mailServerOwner, readMailServerState, type MailServerRow } from "./mail-server.ts";

/** Sets the organisation's own mail server. @throws "forbidden", "invalid-input" */
export function changeMailServer(notify: NotifyContext, actor: Actor, input: MailServerInput): Promise<MailServerState> {
  checkMailServer(input);
  return notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "mail-server.change", `organisation:${actor.organisationId}`, at);
    const before = await tx.selectFrom("notify_mail_server").selectAll().forUpdate().executeTakeFirst();
    const password = passwordFor(notify, actor.organisationId, input, before);
    const after = columnsOf(input);
    const names = Object.keys(after) as (keyof typeof after)[]; // the very keys of the object
    const fields: string[] = names.filter((name) => before?.[name] !== after[name]);
    if (input.password !== undefined) fields.push("password");
    const row = { ...after, password, updated_at: at };
    await tx
      .insertInto("notify_mail_server")
      .values(row)
      .onConflict((conflict) => conflict.column("organisation_id").doUpdateSet(row))
      .execute();
    // What was measured of the server before says nothing about this one.
    await tx.deleteFrom("notify_mail_health").execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "mail-server.changed",
      object: `organisation:${actor.organisationId}`,
      outcome: "done",
      detail: { fields },
      texts: { host: input.host },
    });
    await publish(tx, channelsTopic);
    return readMailServerState(notify, tx);
  });
}

/** Goes back to the installation's mail server. @throws "forbidden" */
export function removeMailServer(notify: NotifyContext, actor: Actor): Promise<MailServerState> {
  return notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "mail-server.change", `organisation:${actor.organisationId}`, at);
    const gone = await tx.deleteFrom("notify_mail_server").returning("host").executeTakeFirst();
    if (gone) {
      await tx.deleteFrom("notify_mail_health").execute();
      await record(tx, {
        at,
        actor: actorId(actor),
        verb: "mail-server.removed",
        object: `organisation:${actor.organisationId}`,
        outcome: "done",
        detail: {},
      });
      await publish(tx, channelsTopic);
    }
    return readMailServerState(notify, tx);
  });
}

export const columnsOf = (input: MailServerInput) =>
  ({
    host: input.host.trim(),
    port: input.port,
    security: input.security,
    verifies_tls: input.verifiesTls,
    user_name: input.userName.trim(),
    from_address: input.fromAddress.trim(),
    from_name: input.fromName.trim(),
    bounce_address: input.bounceAddress.trim(),
    encoding: input.encoding,
  }) as const;

/** @throws "invalid-input" */
export function checkMailServer(input: MailServerInput): void {
  const problems: FieldProblem[] = [];
  if (!isMailAddress(input.fromAddress.trim())) problems.push({ field: "fromAddress", problem: "must be a mail address" });
  if (input.bounceAddress.trim() !== "" && !isMailAddress(input.bounceAddress.trim())) {
    problems.push({ field: "bounceAddress", problem: "must be a mail address" });
  }
  if (input.userName.trim() !== "" && input.security === "none") {
    problems.push({ field: "security", problem: "a password must not travel unprotected: choose TLS or STARTTLS" });
  }
  if (problems.length > 0) throw invalidInput(problems);
}

/**
 * A kept password goes only to the server that it was typed for.
 * @throws "invalid-input" when one is needed and must be typed
 */
function passwordFor(
  notify: NotifyContext,
  organisationId: string,
  input: MailServerInput,
  before: MailServerRow | undefined,
): Buffer | null {
  if (input.userName.trim() === "") return null;
  if (input.password !== undefined && input.password !== "") {
    return notify.mailSeal.seal(new Secret(input.password), mailServerOwner(organisationId));
  }
  const isSame = before?.host === input.host.trim() && before.port === input.port && before.user_name === input.userName.trim();
  if (isSame && before.password) return before.password;
  throw invalidInput([
    { field: "password", problem: before?.password ? "must be typed again, since the server is another one" : "must be given" },
  ]);
}

/** The password of a server as somebody typed it, or the kept one. @throws "invalid-input" */
export async function typedPassword(
  notify: NotifyContext,
  tx: Tx,
  organisationId: string,
  input: MailServerInput,
): Promise<Secret | undefined> {
  const before = await tx.selectFrom("notify_mail_server").selectAll().executeTakeFirst();
  const sealed = passwordFor(notify, organisationId, input, before);
  return sealed ? notify.mailSeal.open(sealed, mailServerOwner(organisationId)) : undefined;
}
