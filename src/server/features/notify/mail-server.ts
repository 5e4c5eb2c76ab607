import type { Secret } from "#base/secret";
import type { Tx } from "#store";
import type { MailServerState } from "#wire/notify-people";
import type { Selectable } from "kysely";
import type { MailSetup } from "./driver.ts";
import type { NotifyContext } from "./context.ts";
import type { NotifyMailServerTable } from "./tables.ts";

export type MailServerRow = Selectable<NotifyMailServerTable>;

/** What the password of an organisation's mail server is sealed with. */
export const mailServerOwner = (organisationId: string): string => `mail-server:${organisationId}`;

/** The organisation's own server, else the installation's; undefined when there is neither. */
export async function readMailSetup(notify: NotifyContext, tx: Tx): Promise<MailSetup | undefined> {
  const row = await tx.selectFrom("notify_mail_server").selectAll().executeTakeFirst();
  return row
    ? setupOf(row, row.password ? notify.mailSeal.open(row.password, mailServerOwner(row.organisation_id)) : undefined)
    : notify.deps.mail;
}

export const setupOf = (
  row: Omit<MailServerRow, "password" | "updated_at" | "organisation_id">,
  password: Secret | undefined,
): MailSetup => ({
  server: {
    host: row.host,
    port: row.port,
    security: row.security,
    verifiesTls: row.verifies_tls,
    userName: row.user_name,
    password,
  },
  fromAddress: row.from_address,
  fromName: row.from_name,
  bounceAddress: row.bounce_address,
  encoding: row.encoding,
});

/** Which server carries the organisation's mail, and how it did of late. The installation's is only named: it is nobody's here. */
export async function readMailServerState(notify: NotifyContext, tx: Tx): Promise<MailServerState> {
  const row = await tx.selectFrom("notify_mail_server").selectAll().executeTakeFirst();
  const health = await tx.selectFrom("notify_mail_health").selectAll().executeTakeFirst();
  const server = row && {
    host: row.host,
    port: row.port,
    security: row.security,
    verifiesTls: row.verifies_tls,
    userName: row.user_name,
    fromAddress: row.from_address,
    fromName: row.from_name,
    bounceAddress: row.bounce_address,
    encoding: row.encoding,
    hasPassword: row.password !== null,
  };
  return {
    source: server ? "organisation" : notify.deps.mail ? "installation" : "none",
    ...(server ? { server } : {}),
    ...(health?.last_ok_at == null ? {} : { lastOkAt: health.last_ok_at }),
    ...(health?.failing_since == null ? {} : { failingSince: health.failing_since, problem: health.last_problem ?? "" }),
  };
}
