import type { Selectable } from "kysely";
import { Secret } from "#base/secret";
import type { Seal, Tx } from "#store";
import type { SmsSenderKind, SmsSenderSecrets, SmsSenderSettings } from "#wire/sms";
import type { CarriersSmsSenderTable } from "./tables.ts";

type SenderRow = Selectable<CarriersSmsSenderTable>;

/** A sender with its secrets. */
export interface OpenSender {
  readonly kind: SmsSenderKind;
  readonly settings: SmsSenderSettings;
  readonly secrets: SmsSenderSecrets;
}

const ownerOf = (organisationId: string): string => `sms-sender:${organisationId}`;

export const findSender = (tx: Tx): Promise<SenderRow | undefined> => tx.selectFrom("carriers_sms_sender").selectAll().executeTakeFirst();

/** @throws "storage-damaged" when the secrets were sealed with another server key */
export const openSender = (seal: Seal, row: SenderRow): OpenSender => ({
  kind: row.kind,
  settings: settingsOf(row),
  secrets: row.secrets ? (JSON.parse(seal.open(row.secrets, ownerOf(row.organisation_id)).reveal()) as SmsSenderSecrets) : {}, // written below
});

export const settingsOf = ({ settings }: SenderRow): SmsSenderSettings => JSON.parse(settings) as SmsSenderSettings; // checked when it was written

export const sealedSecrets = (seal: Seal, organisationId: string, secrets: SmsSenderSecrets): Buffer =>
  seal.seal(new Secret(JSON.stringify(secrets)), ownerOf(organisationId));

/** The sender of the organisation of this transaction. */
export async function senderIn(seal: Seal, tx: Tx): Promise<OpenSender | undefined> {
  const row = await findSender(tx);
  return row && openSender(seal, row);
}
