import { sql } from "kysely";
import type { Tx } from "#store";

/** A call that asked somebody to take incidents, as reports count it. Times in unix ms. */
interface ReportedCall {
  readonly personId: string | undefined;
  readonly askedAt: number;
  readonly rangAt: number | undefined;
  readonly answeredAt: number | undefined;
  /** They took at least one of the incidents that it told of. */
  readonly hasTaken: boolean;
  /** The line did not work, or the number is none. */
  readonly hasFailed: boolean;
}

interface Row {
  readonly seq: number;
  readonly person_id: string | null;
  readonly asked_at: number;
  readonly rang_at: number | null;
  readonly answered_at: number | null;
  readonly taken: boolean;
  readonly failed: boolean;
}

/** Calls that are in memory at a time. */
const batch = 2000;

/**
 * Calls about incidents that were asked for within [from, to), a batch at a time, in their order. Codes, tests and calls of people to us
 * are none of them, nor are calls that were taken back before they were dialled.
 */
export async function* reportedCalls(tx: Tx, { from, to }: { readonly from: number; readonly to: number }): AsyncGenerator<ReportedCall[]> {
  for (let after = 0; ;) {
    const { rows } = await sql<Row>`select c.seq, c.person_id, c.asked_at, c.rang_at, c.answered_at,
        exists (select from calls_topic t where t.call_id = c.id and t.state = 'taken') as taken,
        coalesce(c.cause in ('line-failed', 'wrong-number'), false) as failed
      from calls_call c
      where c.organisation_id = hinoban_organisation() and c.seq > ${after} and c.kind = 'incident'
        and c.asked_at >= ${from} and c.asked_at < ${to} and (c.cause is distinct from 'cancelled' or c.dialled_at is not null)
      order by c.seq limit ${batch}`.execute(tx);
    if (rows.length > 0) yield rows.map(reported);
    const last = rows.at(-1);
    if (!last || rows.length < batch) return;
    after = last.seq;
  }
}

const reported = (row: Row): ReportedCall => ({
  personId: row.person_id ?? undefined,
  askedAt: row.asked_at,
  rangAt: row.rang_at ?? undefined,
  answeredAt: row.answered_at ?? undefined,
  hasTaken: row.taken,
  hasFailed: row.failed,
});
