import type { Secret } from "#base/secret";
import type { Tx } from "#store";
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
