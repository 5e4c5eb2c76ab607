import { sql } from "kysely";
import type { NotifyListener } from "#features/notify";
import { publish } from "#store";
import { escalationTopic } from "./context.ts";
import { queueReport } from "./self-reports.ts";

/**
 * What became of notifications is written beside the attempts, and nothing else: this runs inside the transaction that notes it, whose rows
 * others wait for. The worker draws the consequences, within milliseconds, in a transaction of its own.
 */
export function notifyListener(): NotifyListener {
  return {
    delivered: async (tx, at, { key, state, problem, goesOn }) => {
      if (!key.startsWith("run:")) return;
      const isLost = state === "failed" || state === "unknown";
      const { rows } = await sql<{ incident_id: string; is_unanswered: boolean }>`update escalation_attempt a
        set state = ${state}, problem = ${problem ?? null}, changed_at = ${at}, goes_on = ${goesOn},
          is_unanswered = ${isLost} or (${state === "retrying"} and a.state <> 'retrying')
        where a.key = ${key} and a.organisation_id = hinoban_organisation() returning a.incident_id, a.is_unanswered`.execute(tx);
      const [row] = rows;
      if (!row) return;
      if (row.is_unanswered) await publish(tx, escalationTopic);
      await publish(tx, `incident:${row.incident_id}`);
    },
    channelSuspended: async (tx, at, { channelId, name, problem }) => {
      await queueReport(tx, at, {
        originId: `channel:${channelId}`,
        status: "CRITICAL",
        severity: "error",
        name: `Channel ${name}`,
        message: `The channel was suspended since it kept failing: ${problem}`,
      });
    },
    mailFailing: async (tx, at, problem) => {
      await queueReport(tx, at, {
        originId: "mail",
        status: problem === undefined ? "OK" : "CRITICAL",
        severity: "error",
        name: "Mail",
        message: problem === undefined ? "Mail goes out again." : `Mail does not go out: ${problem}`,
      });
    },
  };
}
