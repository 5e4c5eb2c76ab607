import { HinobanError, invalidInput } from "#base/errors";
import { isEmergency } from "#base/phone-number";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Deps, type Tx } from "#store";
import type { CallSettings } from "#wire/lines";

/** Announces to screens that lines, what they cost or whom they may call changed. */
export const linesTopic = "lines";

/** Japan alone: whoever has people abroad says so, and nobody else pays for a number that was typed wrong. */
const defaults: CallSettings = { countries: ["81"] };

/** Which countries may be called. */
export async function readCallSettings(tx: Tx): Promise<CallSettings> {
  const row = await tx.selectFrom("calls_setting").select("countries").executeTakeFirst();
  return row ? { countries: JSON.parse(row.countries) as string[] } : defaults; // written below in this shape
}

/** Changes which countries may be called. Nothing is recorded when nothing differs. @throws "forbidden", "invalid-input" */
export function changeCallSettings({ db, clock }: Deps, actor: Actor, input: CallSettings): Promise<CallSettings> {
  return db.tx(scopeOf(actor), async (tx) => {
    const at = clock.now();
    demand(actor, "line.change", `organisation:${actor.organisationId}`, at);
    if (input.countries.length === 0) throw invalidInput([{ field: "countries", problem: "at least one country must be given" }]);
    const before = await readCallSettings(tx);
    const countries = JSON.stringify(input.countries);
    if (JSON.stringify(before.countries) === countries) return before;
    await tx
      .insertInto("calls_setting")
      .values({ countries, updated_at: at })
      .onConflict((of) => of.column("organisation_id").doUpdateSet({ countries, updated_at: at }))
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "call-settings.changed",
      object: `organisation:${actor.organisationId}`,
      outcome: "done",
      detail: { fields: ["countries"], countries: [...input.countries] },
    });
    await publish(tx, linesTopic);
    return input;
  });
}

/**
 * Why a number must not be called: it is an emergency number, or of a country that the organisation does not call; undefined when it may be.
 * @param number E.164
 */
export function whyNotCallable({ countries }: CallSettings, number: string): string | undefined {
  if (isEmergency(number)) return "This is an emergency or service number: these are never called by a machine.";
  if (countries.some((code) => number.startsWith(`+${code}`))) return undefined;
  return `Numbers of this country are not called. Allowed: ${countries.map((code) => `+${code}`).join(", ")}.`;
}

/** @throws "invalid-input" for a number that must not be called */
export async function demandCallable(tx: Tx, number: string, field = "address"): Promise<void> {
  const problem = whyNotCallable(await readCallSettings(tx), number);
  if (problem !== undefined) throw new HinobanError("invalid-input", problem, { fields: [{ field, problem }] });
}
