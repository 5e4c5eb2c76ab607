import { addTime, type UnixMs } from "#base/duration";
import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { isMailAddress } from "#base/mail-address";
import { phoneNumber } from "#base/phone-number";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { TestOutcome } from "#wire/notify";
import type { MyNotifications, NewContact } from "#wire/notify-people";
import { codeDigest, codeJob, codeValid, newCode, sendAtOnce } from "./contact-code.ts";
import { channelsTopic, type NotifyContext } from "./context.ts";
import type { Job } from "./driver.ts";
import { demandReader, personOf, readMyNotifications } from "./my-notifications.ts";
import { contactsOf, type ContactRow, type Reader } from "./store.ts";

const mostContacts = 20;
/** Codes to one address within that time: nobody's mailbox is filled through us. */
const codesEvery = 60_000;

/**
 * Adds a way to reach somebody themselves. A mail address must be verified by the code that is sent to it; a telephone number by a call.
 * @throws "forbidden", "invalid-input", "conflict" when it is there already
 */
export async function addContact(notify: NotifyContext, actor: Actor, input: NewContact): Promise<MyNotifications> {
  const personId = personOf(actor);
  const { job, mine } = await notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    const reader = await demandReader(tx, personId);
    const address = await checkedAddress(notify, tx, input);
    const before = await contactsOf(tx, [personId]);
    demandRoom(before, input, address, reader);
    const id = newId();
    await tx
      .insertInto("notify_contact")
      .values({
        id,
        person_id: personId,
        kind: input.kind,
        address,
        label: input.label.trim(),
        workspace: null,
        encoding: input.encoding ?? "utf-8",
        position: Math.max(0, ...before.map(({ position }) => position)) + 1,
        created_at: at,
        verified_at: null,
        code_digest: null,
        code_expires_at: null,
        muted_until: null,
        invalid_since: null,
      })
      .execute();
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "contact.added",
      object: `person:${personId}`,
      outcome: "done",
      detail: { kind: input.kind },
    });
    await publish(tx, channelsTopic);
    const row = (await contactsOf(tx, [personId])).find((one) => one.id === id);
    return {
      job: row && input.kind === "mail" ? await prepareCode(notify, tx, row, reader, at) : undefined,
      mine: await readMyNotifications(notify, tx, personId, at),
    };
  });
  // Whether the mail went out shows when the code is typed, or is asked for again.
  if (job) await sendAtOnce(notify, job);
  return mine;
}

/** @throws "invalid-input" for what is no mail address, no telephone number, or a number that must not be called */
async function checkedAddress(notify: NotifyContext, tx: Tx, { kind, address }: NewContact): Promise<string> {
  const text = address.trim();
  if (kind === "mail" && !isMailAddress(text)) throw invalidInput([{ field: "address", problem: "must be a mail address" }]);
  if (kind === "mail") return text;
  if (notify.codeCalls) return notify.codeCalls.readNumber(tx, text);
  const read = phoneNumber(text);
  if (!read.ok) throw invalidInput([{ field: "address", problem: read.problem }]);
  return read.number;
}

function demandRoom(before: readonly ContactRow[], { kind }: NewContact, address: string, reader: Reader): void {
  const same = address.toLowerCase();
  const isThere =
    before.some((row) => row.kind === kind && row.address.toLowerCase() === same) || (kind === "mail" && reader.email === same);
  if (isThere) throw new HinobanError("conflict", "This address is there already.", { field: "address" });
  if (before.length >= mostContacts) throw new HinobanError("conflict", `Nobody has more than ${mostContacts} contacts.`);
}

/** Makes a new code and the mail that carries it. */
async function prepareCode(notify: NotifyContext, tx: Tx, row: ContactRow, reader: Reader, at: UnixMs): Promise<Job> {
  return codeJob(notify, tx, row, reader, await makeCode(notify, tx, row, reader, at), at);
}

/** @throws "too-many-requests" */
async function makeCode(notify: NotifyContext, tx: Tx, row: ContactRow, reader: Reader, at: UnixMs): Promise<string> {
  notify.codes.take(reader.id);
  notify.codes.take(row.address.toLowerCase());
  const code = newCode();
  await tx
    .updateTable("notify_contact")
    .set({ code_digest: codeDigest(notify, row.id, code), code_expires_at: addTime(at, codeValid), code_tries: 0 })
    .where("id", "=", row.id)
    .execute();
  return code;
}

/** Asks for a call that reads a new code. */
async function placeCode(notify: NotifyContext, tx: Tx, row: ContactRow, reader: Reader, at: UnixMs): Promise<void> {
  if (!notify.codeCalls) throw new HinobanError("unavailable", "Nobody can be called here.");
  const code = await makeCode(notify, tx, row, reader, at);
  const { language, timeZone } = reader;
  await notify.codeCalls.place(tx, at, { personId: reader.id, contactId: row.id, number: row.address, code, language, timeZone });
}

/**
 * Sends a new code to a mail address, or has a number called that hears it; the one before is no longer right.
 * @throws "forbidden", "not-found", "conflict", "too-many-requests", "unavailable" when nobody can be called at present
 */
export async function sendContactCode(notify: NotifyContext, actor: Actor, id: string): Promise<TestOutcome> {
  const personId = personOf(actor);
  const began = notify.clock.mono();
  const job = await notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    const reader = await demandReader(tx, personId);
    const row = (await contactsOf(tx, [personId])).find((one) => one.id === id);
    if (!row || (row.kind !== "mail" && row.kind !== "phone") || row.is_login) {
      throw new HinobanError("not-found", `You have no address ${id} that is proven by a code.`, { id });
    }
    if (row.verified_at !== null) throw new HinobanError("conflict", "The address is verified already.");
    if (row.code_expires_at !== null && row.code_expires_at - codeValid > at - codesEvery) {
      throw new HinobanError("too-many-requests", "A code was sent less than a minute ago.", { retryAfter: 60 });
    }
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "contact.code-sent",
      object: `person:${personId}`,
      outcome: "done",
      detail: { kind: row.kind },
    });
    if (row.kind === "mail") return prepareCode(notify, tx, row, reader, at);
    await placeCode(notify, tx, row, reader, at);
    return undefined;
  });
  if (!job) return { ok: true, state: "pending", millis: Math.round(notify.clock.mono() - began) };
  const result = await sendAtOnce(notify, job);
  const millis = Math.round(notify.clock.mono() - began);
  return result.kind === "sent" ? { ok: true, state: "sent", millis } : { ok: false, state: "failed", problem: result.problem, millis };
}
