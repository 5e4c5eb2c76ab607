import { addTime, type UnixMs } from "#base/duration";
import { HinobanError, invalidInput } from "#base/errors";
import { newId } from "#base/ids";
import { isMailAddress } from "#base/mail-address";
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
  const address = checkedAddress(input);
  const { job, mine } = await notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    const reader = await demandReader(tx, personId);
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

function checkedAddress({ kind, address }: NewContact): string {
  const text = address.trim();
  if (kind === "mail" && !isMailAddress(text)) throw invalidInput([{ field: "address", problem: "must be a mail address" }]);
  if (kind === "mail") return text;
  const number = text.replaceAll(/[\s().-]/gu, "");
  if (!/^\+[1-9]\d{6,14}$/u.test(number)) {
    throw invalidInput([{ field: "address", problem: "must be a number with its country, such as +81 90 1234 5678" }]);
  }
  return number;
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
  notify.codes.take(reader.id);
  notify.codes.take(row.address.toLowerCase());
  const code = newCode();
  await tx
    .updateTable("notify_contact")
    .set({ code_digest: codeDigest(notify, row.id, code), code_expires_at: addTime(at, codeValid), code_tries: 0 })
    .where("id", "=", row.id)
    .execute();
  return codeJob(notify, tx, row, reader, code, at);
}

/** Sends a new code; the one before is no longer right. @throws "forbidden", "not-found", "conflict", "too-many-requests" */
export async function sendContactCode(notify: NotifyContext, actor: Actor, id: string): Promise<TestOutcome> {
  const personId = personOf(actor);
  const began = notify.clock.mono();
  const job = await notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    demand(actor, "organisation.view", `person:${personId}`, at);
    const reader = await demandReader(tx, personId);
    const row = (await contactsOf(tx, [personId])).find((one) => one.id === id);
    if (row?.kind !== "mail" || row.is_login) throw new HinobanError("not-found", `You have no mail address ${id}.`, { id });
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
      detail: { kind: "mail" },
    });
    return prepareCode(notify, tx, row, reader, at);
  });
  const result = await sendAtOnce(notify, job);
  const millis = Math.round(notify.clock.mono() - began);
  return result.kind === "sent" ? { ok: true, state: "sent", millis } : { ok: false, state: "failed", problem: result.problem, millis };
}
