import { sql } from "kysely";
import { days, unixMs, type UnixMs } from "#base/duration";
import type { Tx } from "#store";
import type { SmsState } from "#wire/sms";
import type { CarriersContext } from "./context.ts";
import { findSender, openSender, settingsOf } from "./sms-sender.ts";

const mostRecent = 20;
const monthLasts = days(30);

/** Who carries short messages, and how it went of late. */
export async function readSmsState({ smsSeal, publicUrl }: CarriersContext, tx: Tx, at: UnixMs): Promise<SmsState> {
  const row = await findSender(tx);
  return {
    ...(row ? { sender: { kind: row.kind, ...settingsOf(row), secrets: secretNames(() => openSender(smsSeal, row).secrets) } } : {}),
    hearsBack: publicUrl !== "",
    ...(row?.last_ok_at == null ? {} : { lastOkAt: row.last_ok_at }),
    ...(row?.failing_since == null ? {} : { failingSince: row.failing_since }),
    ...(row?.last_problem == null ? {} : { problem: row.last_problem }),
    month: await usage(tx, unixMs(at - monthLasts)),
    recent: await recent(tx),
  };
}

/** None when the server key is another one: the page must show in spite of it. */
function secretNames(open: () => object): string[] {
  try {
    return Object.keys(open());
  } catch {
    return [];
  }
}

async function usage(tx: Tx, since: UnixMs): Promise<SmsState["month"]> {
  const { rows } = await sql<{ messages: string; segments: string | null; cost: number | null; currency: string | null }>`
    select count(*) as messages, sum(segments) as segments, sum(cost) as cost, max(currency) as currency
    from carriers_sms_message where at >= ${since}`.execute(tx);
  const [sum] = rows;
  return {
    messages: Number(sum?.messages ?? 0),
    segments: Number(sum?.segments ?? 0),
    ...(sum?.cost == null ? {} : { cost: sum.cost }),
    ...(sum?.currency == null ? {} : { currency: sum.currency }),
  };
}

/** By index carriers_sms_message_by_time. */
async function recent(tx: Tx): Promise<SmsState["recent"]> {
  const { rows } = await sql<{
    at: number;
    number: string;
    name: string | null;
    segments: number;
    encoding: "gsm-7" | "ucs-2";
    cost: number | null;
    currency: string | null;
    state: "sent" | "delivered" | "failed";
    problem: string | null;
  }>`select m.at, m.number, p.name, m.segments, m.encoding, m.cost, m.currency, m.state, m.problem
    from carriers_sms_message m left join identity_person p on p.id = m.person_id
    order by m.at desc, m.id limit ${mostRecent}`.execute(tx);
  return rows.map(({ at, number, name, segments, encoding, cost, currency, state, problem }) => ({
    at,
    number,
    ...(name === null ? {} : { personName: name }),
    segments,
    encoding,
    ...(cost === null ? {} : { cost }),
    ...(currency === null ? {} : { currency }),
    state,
    ...(problem === null ? {} : { problem }),
  }));
}
