import { sql } from "kysely";
import { newId } from "#base/ids";
import { demand, findOrganisation } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { publish, type Tx } from "#store";
import type { Medium } from "#wire/alerting";
import type { Verb } from "#wire/verbs";
import type { DeliveryState, TestOutcome } from "#wire/notify";
import type { Static } from "typebox";
import { channelsTopic, type NotifyContext } from "./context.ts";
import { demandChannel } from "./create-channel.ts";
import { testNotice } from "./example-notice.ts";
import { leaseFor } from "./lease.ts";
import type { Recipient } from "./model.ts";
import { insertClaimed } from "./outbox.ts";

export interface Tester extends NotifyContext {
  attempt(organisationId: string, id: string, claims: number): Promise<void>;
}

/** Sends a test through a channel now, even a suspended one, and tells how it went. @throws "forbidden", "not-found" */
export async function testChannel(notify: Tester, actor: Actor, id: string): Promise<TestOutcome> {
  const at = notify.clock.now();
  const name = await notify.db.tx(scopeOf(actor), async (tx) => {
    demand(actor, "channel.change", `channel:${id}`, at);
    return (await demandChannel(tx, id)).name;
  });
  const outcome = await sendTest(notify, actor, { kind: "channel", channelId: id });
  await noteTest(notify, actor, { verb: "channel.tested", object: `channel:${id}`, state: outcome.state, texts: { name } });
  return outcome;
}

/** Sends a test to the very person who asks. */
export async function testPerson(notify: Tester, actor: Actor, personId: string, medium: Medium): Promise<TestOutcome> {
  const outcome = await sendTest(notify, actor, { kind: "person", personId, medium });
  await noteTest(notify, actor, { verb: "contact.tested", object: `person:${personId}`, state: outcome.state, kind: medium });
  return outcome;
}

interface TestNoted {
  readonly verb: Verb;
  readonly object: string;
  readonly state: string;
  readonly kind?: string;
  readonly texts?: Readonly<Record<string, string>>;
}

async function noteTest(notify: NotifyContext, actor: Actor, { verb, object, state, kind, texts }: TestNoted): Promise<void> {
  await notify.db.tx(scopeOf(actor), async (tx) => {
    await record(tx, {
      at: notify.clock.now(),
      actor: actorId(actor),
      verb,
      object,
      outcome: "done",
      detail: { state, ...(kind === undefined ? {} : { kind }) },
      ...(texts ? { texts } : {}),
    });
    await publish(tx, channelsTopic);
  });
}

async function sendTest(notify: Tester, actor: Actor, to: Recipient): Promise<TestOutcome> {
  const { db, clock } = notify;
  const began = clock.mono();
  const at = clock.now();
  const key = `test:${newId()}`;
  const id = await db.tx(scopeOf(actor), async (tx) => {
    const organisation = await findOrganisation(tx);
    const write = ({ language }: { language: "en" | "ja" }) => testNotice(language, organisation?.displayName ?? "", at);
    return insertClaimed(notify, tx, at, { to, key, about: "test", isUrgent: true, write }, leaseFor);
  });
  await notify.attempt(actor.organisationId, id, 1);
  const { state, problem } = await db.tx(scopeOf(actor), (tx) => stateOf(tx, id));
  return {
    ok: state === "sent",
    state,
    ...(problem === null ? {} : { problem }),
    millis: Math.round(clock.mono() - began),
  };
}

async function stateOf(tx: Tx, id: string): Promise<{ state: Static<typeof DeliveryState>; problem: string | null }> {
  const { rows } = await sql<{
    state: Static<typeof DeliveryState>;
    problem: string | null;
  }>`select state, problem from notify_delivery where id = ${id}`.execute(tx);
  return rows[0] ?? { state: "unknown", problem: "The test is no longer there." };
}
