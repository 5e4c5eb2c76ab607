import { sql } from "kysely";
import { seconds, type Millis } from "#base/duration";
import type { Driver } from "#features/notify";
import { repeated, type Tx } from "#store";
import type { CallsContext } from "./context.ts";
import { queueIncident } from "./place.ts";
import { callWords } from "./words.ts";

/** However long somebody may think about it, nobody's telephone rings longer. */
const longestRing = seconds(60);

type Job = Parameters<Driver["send"]>[0];

/** Reaches people by telephone: the message becomes a call that lasts, and its end says what became of it. */
export const phoneDriver = (calls: CallsContext): Driver => ({
  pace: "quick",
  send: async (job) => {
    const [first, ...others] = job.targets.flatMap(({ address, contactId }) =>
      contactId === undefined ? [] : [{ contactId, number: address }],
    );
    const incidentId = /^incident:(.+)$/u.exec(job.about)?.[1];
    if (!first || job.personId === undefined) return lost("There is no telephone number.", "address");
    if (incidentId === undefined) return lost("Only incidents are told by telephone.", "message");
    const { personId } = job;
    const organisationId = job.organisation.id;
    return repeated(calls.db).tx({ organisationId }, async (tx) => {
      if (!(await hasLine(tx))) return lost("No telephone line is set up.", "server");
      const isAsked = await queueIncident(calls, tx, calls.clock.now(), organisationId, {
        incidentId,
        deliveryId: job.deliveryId,
        personId,
        contactId: first.contactId,
        number: first.number,
        further: others,
        language: job.language,
        timeZone: job.timeZone,
        severity: job.notice.severity,
        ringFor: await ringOf(tx, job.deliveryId),
      });
      if (isAsked) return { kind: "handed-on" } as const;
      return { kind: "sent", note: "They are called about it already." } as const;
    });
  },
  preview: async (job: Job) => ({
    text: [callWords[job.language].hello(job.organisation.displayName), job.notice.title, job.notice.summary].join("\n"),
  }),
});

const lost = (problem: string, blame: "address" | "message" | "server") => ({ kind: "failed", problem, isForGood: true, blame }) as const;

async function hasLine(tx: Tx): Promise<boolean> {
  const row = await tx
    .selectFrom("calls_line")
    .select("id")
    .where("is_on", "=", true)
    .where("deleted_at", "is", null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

interface Step {
  readonly waitSeconds?: unknown;
}

/** What the step of the policy gives each person, where the call is one of an escalation. */
async function ringOf(tx: Tx, deliveryId: string): Promise<Millis | undefined> {
  const { rows } = await sql<{ step: Step | null }>`select r.snapshot::jsonb -> 'ladders' -> a.ladder -> 'steps' -> a.step as step
    from notify_delivery d join escalation_attempt a on a.key = d.key and a.organisation_id = d.organisation_id
      join escalation_run r on r.id = a.run_id
    where d.id = ${deliveryId}`.execute(tx);
  const wait = rows[0]?.step?.waitSeconds;
  return typeof wait === "number" && wait > 0 ? seconds(Math.min(wait, longestRing / 1000)) : undefined;
}
