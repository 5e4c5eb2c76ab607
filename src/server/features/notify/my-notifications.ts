import { HinobanError } from "#base/errors";
import type { UnixMs } from "#base/duration";
import { isTimeZone } from "#base/wall-time";
import { invalidInput } from "#base/errors";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import { media, type Medium, type Severity } from "#wire/alerting";
import type { NotificationRules } from "#wire/notify";
import type { MyNotifications, WouldReach } from "#wire/notify-people";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { readMailServerState } from "./mail-server.ts";
import { loginContact, noDriver, usableContacts } from "./load-job.ts";
import { presentedContact } from "./present.ts";
import { quietUntil, reach } from "./rules.ts";
import { contactsOf, readersOf, type ContactRow, type Reader } from "./store.ts";

/** Only people have contacts. @throws "forbidden" for keys */
export function personOf(actor: Actor): string {
  if (actor.kind === "person") return actor.personId;
  throw new HinobanError("forbidden", "This is about a person: sign in instead of using an API key.", {
    permission: "organisation.view",
    object: `organisation:${actor.organisationId}`,
    rule: "person",
    missing: ["key-right"],
  });
}

/** @throws "not-found" for somebody who is no member */
export async function demandReader(tx: Tx, personId: string): Promise<Reader> {
  const reader = (await readersOf(tx, [personId])).get(personId);
  if (!reader?.isMember) throw new HinobanError("not-found", "You are no member of this organisation.");
  return reader;
}

/** Somebody's own contacts with the sign-in address, each kind in its order. */
export async function myContacts(tx: Tx, reader: Reader): Promise<ContactRow[]> {
  const rows = await contactsOf(tx, [reader.id]);
  return rows.some((row) => row.is_login) ? rows : [loginContact(reader), ...rows];
}

/** How somebody is reached, and what would reach them at that moment. */
export async function readMyNotifications(notify: NotifyContext, tx: Tx, personId: string, at: UnixMs): Promise<MyNotifications> {
  const reader = await demandReader(tx, personId);
  const { source } = await readMailServerState(notify, tx);
  const problems: MediumProblems = {
    ...(source === "none" ? { mail: "No mail server is set up." } : {}),
    ...(notify.drivers.has("phone") ? {} : { phone: noDriver.phone }),
    ...(notify.drivers.has("sms") ? {} : { sms: noDriver.sms }),
    ...(notify.drivers.has("push") ? {} : { push: noDriver.push }),
  };
  const contacts = await myContacts(tx, reader);
  const quiet = quietUntil(reader.rules, reader.timeZone, at);
  return {
    contacts: contacts.map((row) => presentedContact(row, reader)),
    rules: reader.rules,
    timeZone: reader.timeZone,
    ...(quiet === undefined ? {} : { quietUntil: quiet }),
    wouldReach: wouldReach(reader, contacts, problems, at),
  };
}

const asked: readonly (readonly [Severity, boolean])[] = [
  ["critical", true],
  ["critical", false],
  ["error", false],
  ["warning", false],
  ["information", false],
];

/** Media by which nobody can be reached. */
type MediumProblems = Partial<Record<Medium, string>>;

function wouldReach(reader: Reader, contacts: readonly ContactRow[], problems: MediumProblems, at: UnixMs): WouldReach[] {
  return asked.flatMap(([severity, isUrgent]) =>
    media.map((medium): WouldReach => {
      const { targets, problem } = usableContacts(contacts, reader, medium, at);
      const addresses = targets.map(({ contactId, address }) =>
        medium === "push" ? (contacts.find(({ id }) => id === contactId)?.label ?? "") : address,
      );
      const told = { severity, medium, isUrgent };
      const why = problems[medium] ?? problem;
      if (targets.length === 0 || problems[medium] !== undefined) return { ...told, outcome: "unreachable", addresses, problem: why };
      const verdict = reach(reader.rules, reader.timeZone, told, at);
      return { ...told, outcome: verdict.kind, addresses, ...(verdict.kind === "held" ? { until: verdict.until } : {}) };
    }),
  );
}

/** Changes somebody's own quiet hours and media; what was held for them is judged anew. @throws "forbidden", "invalid-input" */
export async function changeRules(notify: NotifyContext, actor: Actor, rules: NotificationRules): Promise<MyNotifications> {
  const personId = personOf(actor);
  if (rules.timeZone !== undefined && !isTimeZone(rules.timeZone)) {
    throw invalidInput([{ field: "timeZone", problem: "must be a name of the time zone database, such as Asia/Tokyo" }]);
  }
  return notify.db.tx(scopeOf(actor), async (tx) => {
    const at = notify.clock.now();
    const before = (await demandReader(tx, personId)).rules;
    const names = ["timeZone", "quiet", "media"] as const;
    const fields = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(rules[name]));
    if (fields.length > 0) {
      const row = { rules: JSON.stringify(rules), updated_at: at };
      await tx
        .insertInto("notify_rule")
        .values({ person_id: personId, ...row })
        .onConflict((conflict) => conflict.columns(["organisation_id", "person_id"]).doUpdateSet(row))
        .execute();
      await tx.updateTable("notify_delivery").set({ due_at: at }).where("person_id", "=", personId).where("state", "=", "held").execute();
      await record(tx, {
        at,
        actor: actorId(actor),
        verb: "notification-rules.changed",
        object: `person:${personId}`,
        outcome: "done",
        detail: { fields },
      });
      await publish(tx, channelsTopic);
      await publish(tx, "notify");
    }
    return readMyNotifications(notify, tx, personId, at);
  });
}
