import { HinobanError } from "#base/errors";
import type { PhoneLine } from "#ports/phone/port";
import type { LineSecrets } from "#wire/line-settings";
import type { CallsContext } from "./context.ts";
import type { LineAccess } from "./engine.ts";
import { settingsOf, type LineRow } from "./store.ts";

/** The secrets of a line. @throws "storage-damaged" when they were sealed with another server key */
export const secretsOf = ({ lineSeal }: Pick<CallsContext, "lineSeal">, { id, secrets }: Pick<LineRow, "id" | "secrets">): LineSecrets =>
  secrets === null ? {} : (JSON.parse(lineSeal.open(secrets, id).reveal()) as LineSecrets); // sealed by this feature

function findLine(calls: CallsContext, organisationId: string, id: string): Promise<LineRow | undefined> {
  return calls.db.tx({ organisationId }, (tx) =>
    tx.selectFrom("calls_line").selectAll().where("id", "=", id).where("deleted_at", "is", null).executeTakeFirst(),
  );
}

/**
 * Makes a line of its row; undefined when it is gone.
 * @throws HinobanError "unavailable" when this installation has nothing that opens its kind, "storage-damaged" for another server key's secrets
 */
export async function openLineRow(calls: CallsContext, organisationId: string, id: string): Promise<PhoneLine | undefined> {
  const row = await findLine(calls, organisationId, id);
  if (!row) return undefined;
  const open = calls.lines[row.kind];
  if (!open) throw new HinobanError("unavailable", `This server cannot use lines of kind ${row.kind}.`, { kind: row.kind });
  return open({
    id,
    organisationId,
    name: row.name,
    kind: row.kind,
    capacity: row.capacity,
    settings: settingsOf(row),
    secrets: secretsOf(calls, row),
    clock: calls.clock,
    voice: (language) => calls.speech.voiceFor(organisationId, language),
  });
}

/** See {@link CallEngine.lineFor}. */
export async function accessOf(
  calls: CallsContext,
  organisationId: string,
  id: string,
  open: PhoneLine | undefined,
): Promise<LineAccess | undefined> {
  const row = await findLine(calls, organisationId, id);
  return (
    row && {
      id,
      organisationId,
      name: row.name,
      kind: row.kind,
      isOn: row.is_on,
      settings: settingsOf(row),
      secrets: secretsOf(calls, row),
      open,
    }
  );
}
