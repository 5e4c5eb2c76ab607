import { sql } from "kysely";
import { seconds } from "#base/duration";
import { invalidInput, messageOf } from "#base/errors";
import { Secret } from "#base/secret";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import { installationScope, publish, type Tx } from "#store";
import type { OutgoingBeat, OutgoingState } from "#wire/sources";
import { sourcesTopic, type SourcesContext } from "./context.ts";

const timeout = seconds(10);
/** So many in a row and the people here are told, before the other side tells them that Hinoban is dead. */
const failuresBeforeAlert = 3;

/** @param showsAddress the address is as good as a password: without the right to change it only the server's name is shown */
export async function readOutgoing({ seal }: SourcesContext, tx: Tx, showsAddress: boolean): Promise<OutgoingState> {
  const row = await tx.selectFrom("sources_outgoing").selectAll().executeTakeFirst();
  if (!row) return {};
  const url = seal.open(row.sealed, row.organisation_id).reveal();
  return {
    beat: { url: showsAddress ? url : `${new URL(url).origin}/…`, intervalSeconds: row.interval_seconds, isEnabled: row.is_enabled },
    ...(row.last_at === null ? {} : { lastAt: row.last_at }),
    ...(row.last_error === null ? {} : { lastError: row.last_error }),
  };
}

/** Says where a heartbeat is sent. @throws "forbidden" */
export function setOutgoingBeat(sources: SourcesContext, actor: Actor, beat: OutgoingBeat | undefined): Promise<OutgoingState> {
  if (beat && !URL.canParse(beat.url))
    throw invalidInput([{ field: "beat.url", problem: "must be a URL that begins with http:// or https://" }]);
  return sources.db.tx(scopeOf(actor), async (tx) => {
    const at = sources.clock.now();
    demand(actor, "source.change", `organisation:${actor.organisationId}`, at);
    const before = await readOutgoing(sources, tx, true);
    if (JSON.stringify(before.beat) === JSON.stringify(beat)) return before;
    await tx.deleteFrom("sources_outgoing").execute();
    if (beat) {
      await tx
        .insertInto("sources_outgoing")
        .values({
          sealed: sources.seal.seal(new Secret(beat.url), actor.organisationId),
          interval_seconds: beat.intervalSeconds,
          is_enabled: beat.isEnabled,
          due_at: at,
          last_at: null,
          last_error: null,
          failures: 0,
        })
        .execute();
    }
    await record(tx, {
      at,
      actor: actorId(actor),
      verb: "outgoing-heartbeat.changed",
      object: `organisation:${actor.organisationId}`,
      outcome: "done",
      detail: { every: beat?.isEnabled === true ? beat.intervalSeconds : 0 },
      texts: { url: beat === undefined ? "" : new URL(beat.url).origin },
    });
    await sources.incidents.report(tx, at, [report(actor.organisationId, undefined)]);
    await publish(tx, sourcesTopic);
    return readOutgoing(sources, tx, true);
  });
}

/** Sends the heartbeats that are due. What goes wrong is kept and, after a few times, an alert. */
export async function sendBeats(sources: SourcesContext): Promise<void> {
  const due = await sources.db.tx(
    installationScope,
    async (tx) =>
      (
        await sql<{
          organisation_id: string;
          sealed: Uint8Array;
        }>`select * from hinoban_lease_outgoing_heartbeats(${sources.clock.now()})`.execute(tx)
      ).rows,
  );
  await Promise.all(due.map(({ organisation_id: organisationId, sealed }) => sendOne(sources, organisationId, sealed)));
}

async function sendOne(sources: SourcesContext, organisationId: string, sealed: Uint8Array): Promise<void> {
  const problem = await problemOf(sources, sources.seal.open(sealed, organisationId).reveal());
  await sources.db.tx({ organisationId }, async (tx) => {
    const at = sources.clock.now();
    const { rows } = await sql<{ failures: number }>`update sources_outgoing
      set last_at = case when ${problem ?? null}::text is null then ${at} else last_at end, last_error = ${problem ?? null}, failures = case when ${problem ?? null}::text is null then 0 else failures + 1 end
      where sealed = ${Buffer.from(sealed)} returning failures`.execute(tx);
    const failures = rows[0]?.failures ?? 0;
    if (problem === undefined || failures >= failuresBeforeAlert) await sources.incidents.report(tx, at, [report(organisationId, problem)]);
  });
}

async function problemOf(sources: SourcesContext, url: string): Promise<string | undefined> {
  try {
    const { status } = await sources.outgoing.send({
      method: "GET",
      url,
      headers: { "user-agent": "hinoban-heartbeat" },
      timeout,
      mostBytes: 65_536,
    });
    return status >= 200 && status < 300 ? undefined : `The other side answered ${status}.`;
  } catch (error) {
    return messageOf(error).slice(0, 500);
  }
}

const report = (organisationId: string, problem: string | undefined) =>
  ({
    origin: { kind: "system", id: "outgoing-heartbeat" },
    key: organisationId,
    status: problem === undefined ? "OK" : "WARNING",
    type: "heartbeat",
    name: "Outgoing heartbeat",
    message: problem === undefined ? "The heartbeat arrives again." : `Our heartbeat does not arrive: ${problem}`,
  }) as const;
