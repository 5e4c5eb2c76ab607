import { hours, minutes, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { demand, standInFor } from "#features/identity";
import { record } from "#features/ledger";
import { personOf, type CodeCall } from "#features/notify";
import { actorId, scopeOf, type Actor } from "#http";
import type { Tx } from "#store";
import { demandCallable } from "./call-settings.ts";
import type { LinesContext } from "./lines-context.ts";

/** A number that somebody typed wrong belongs to a stranger, whom nobody rings again and again through us. */
const mostWithin = 6;
const within = hours(1);
/** Longer than a call rings and talks. */
const between = minutes(1);

export interface CallMe {
  /** Which of one's own numbers; absent: the first. */
  readonly contactId?: string;
  readonly lineId?: string;
  /** Who, when an API key asks. */
  readonly personId?: string;
}

/**
 * Has somebody called at their own number, to hear how it sounds. An API key is nobody: it names who, and only numbers that they verified
 * are called then.
 * @returns id of the call
 * @throws "forbidden", "not-found", "invalid-input", "too-many-requests", "unavailable" when no line is ready
 */
export function callMe(lines: LinesContext, actor: Actor, { contactId, lineId, personId: named }: CallMe): Promise<string> {
  const personId = actor.kind === "person" ? actor.personId : (named ?? personOf(actor));
  return lines.db.tx(scopeOf(actor), async (tx) => {
    const at = lines.clock.now();
    demand(actor, "call.make", `person:${personId}`, at);
    if (named !== undefined && named !== personId)
      throw new HinobanError("forbidden", "Only your own numbers are called to try out lines.");
    const contact = await ownNumber(tx, personId, { contactId, isVerified: actor.kind !== "person" });
    await demandReadyLine(tx, at, lineId);
    await demandCallable(tx, contact.address, "contactId");
    await demandCalm(tx, at, personId, contact.address);
    const id = await place(lines, tx, at, {
      kind: "test",
      personId,
      contactId: contact.id,
      to: contact.address,
      ...(lineId === undefined ? {} : { lineId }),
    });
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "call.requested",
      object: `call:${id}`,
      outcome: "done",
      detail: { person: personId, ...(lineId === undefined ? {} : { line: lineId }) },
    });
    return id;
  });
}

/** Asks for the call that reads a code, for {@link CodeCalls}. */
export async function placeCode(lines: LinesContext, tx: Tx, at: UnixMs, { personId, contactId, number, code }: CodeCall): Promise<void> {
  await demandReadyLine(tx, at);
  await demandCallable(tx, number);
  await demandCalm(tx, at, personId, number);
  await place(lines, tx, at, { kind: "code", personId, contactId, to: number, code });
}

interface Place {
  readonly kind: "code" | "test" | "weekly";
  readonly personId: string;
  readonly contactId: string;
  readonly to: string;
  readonly lineId?: string;
  readonly code?: string;
}

/** Asks for a call in the language and the time zone of who is called. @throws "not-found" for somebody who is no member */
export async function place(lines: LinesContext, tx: Tx, at: UnixMs, call: Place): Promise<string> {
  const who = await standInFor(tx, call.personId, undefined);
  if (who?.actor.role === undefined) throw new HinobanError("not-found", "This is no member of the organisation.");
  return lines.engine.place(tx, at, { ...call, language: who.language, timeZone: who.timeZone });
}

interface WhichNumber {
  readonly contactId: string | undefined;
  readonly isVerified: boolean;
}

async function ownNumber(tx: Tx, personId: string, { contactId, isVerified }: WhichNumber): Promise<{ id: string; address: string }> {
  const rows = await tx
    .selectFrom("notify_contact")
    .select(["id", "address", "verified_at"])
    .where("person_id", "=", personId)
    .where("kind", "=", "phone")
    .orderBy("position")
    .orderBy("id")
    .execute();
  const usable = rows.filter((row) => !isVerified || row.verified_at !== null);
  const found =
    contactId === undefined ? (usable.find((row) => row.verified_at !== null) ?? usable[0]) : usable.find(({ id }) => id === contactId);
  if (found) return found;
  throw new HinobanError(
    "not-found",
    "There is no telephone number of that person. Numbers are added on the page of one's own notifications.",
  );
}

/** @throws "unavailable" with what is wrong, "not-found" for a line that does not exist */
export async function demandReadyLine(tx: Tx, at: UnixMs, lineId?: string): Promise<void> {
  const lines = await tx
    .selectFrom("calls_line")
    .select(["id", "name", "is_on", "state", "problem", "suspended_until"])
    .where("deleted_at", "is", null)
    .execute();
  const wanted = lineId === undefined ? lines : lines.filter(({ id }) => id === lineId);
  if (wanted.length === 0 && lineId !== undefined) throw new HinobanError("not-found", `There is no line ${lineId}.`, { id: lineId });
  if (wanted.some((line) => line.is_on && line.state === "ready" && line.suspended_until <= at)) return;
  const [first] = wanted.filter(({ is_on: isOn }) => isOn);
  if (wanted.length === 0) throw new HinobanError("unavailable", "No telephone line is set up yet.");
  if (!first) throw new HinobanError("unavailable", "The telephone line is switched off.");
  const why = first.problem === null ? "" : `: ${first.problem}`;
  throw new HinobanError(
    "unavailable",
    `No telephone line is ready. Line "${first.name}" ${first.state === "failed" ? "fails" : "is still connecting"}${why}`,
  );
}

/** @throws "too-many-requests" */
async function demandCalm(tx: Tx, at: UnixMs, personId: string, number: string): Promise<void> {
  const recent = await tx
    .selectFrom("calls_call")
    .select(["asked_at", "state"])
    .where("kind", "in", ["code", "test"])
    .where((of) => of.or([of("person_id", "=", personId), of("number", "=", number)]))
    .where("asked_at", ">", at - within)
    .orderBy("asked_at")
    .execute();
  const open = recent.find(({ state, asked_at: asked }) => state !== "over" && asked > at - between);
  if (open) throw new HinobanError("too-many-requests", "A call is on its way already.", { retryAfter: 60 });
  const [oldest] = recent;
  if (recent.length < mostWithin || !oldest) return;
  const retryAfter = Math.ceil((oldest.asked_at + within - at) / 1000);
  throw new HinobanError("too-many-requests", `At most ${mostWithin} such calls are made in an hour. Try again later.`, { retryAfter });
}
