import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import type { Addressee, Notice, Sending } from "#features/notify";
import type { Tx } from "#store";
import { severityOfWorst, type Collection } from "./collection.ts";
import { collectionIn, paceOf, writePace, type Delivering, type PaceRow } from "./deliver.ts";
import type { OrganisationFacts } from "./facts.ts";
import type { Line } from "./message.ts";
import { summedUp } from "./model.ts";
import { mentionOf, pageOf } from "./notices.ts";
import { texts } from "./texts.ts";

/** Sends what was collected for channels of the transaction's organisation and is due. */
export async function sendSummaries({ notify, channels }: Delivering, tx: Tx, at: UnixMs, organisation: OrganisationFacts): Promise<void> {
  const { rows } = await sql<PaceRow>`select channel_id, since, count, summaries, due_at, collected from routing_pace
    where organisation_id = hinoban_organisation() and due_at <= ${at} order by channel_id for update skip locked`.execute(tx);
  const sendings: Sending[] = [];
  for (const row of rows) {
    const collection = collectionIn(row);
    if (channels.has(row.channel_id) && collection.total > 0) {
      sendings.push({
        to: { kind: "channel", channelId: row.channel_id },
        key: `summary:${row.channel_id}:${row.due_at ?? 0}`,
        about: "summary",
        write: (to) => summaryNotice(organisation, collection, to),
      });
    }
    await writePace(tx, row.channel_id, summedUp(paceOf(row), at), undefined);
  }
  await notify.sendAll(tx, at, sendings);
}

/** Many messages as one: all counted, the worst ones named, and a link to the rest. */
export function summaryNotice(organisation: OrganisationFacts, collection: Collection, to: Addressee): Notice {
  const words = texts[to.language];
  const { total, counts, worst, lines } = collection;
  const shown = lines.map(lineText);
  if (total > lines.length) shown.push(words.more(total - lines.length));
  const isGood = worst === "OK" && counts.closed > 0;
  return {
    severity: severityOfWorst[worst],
    tone: worst === "OK" ? (isGood ? "good" : "neutral") : "bad",
    title: `${worst === "OK" ? "" : `[${worst}] `}${words.summaryTitle(total)}`,
    summary: [words.summary(counts), ...shown, words.all].join("\n"),
    facts: [],
    url: pageOf(organisation, "alerts"),
    actions: [],
    thread: undefined,
    picture: undefined,
    mackerel: undefined,
    mention: mentionOf(worst),
  };
}

const lineText = ({ status, name, text }: Line): string =>
  `${status === undefined ? "" : `[${status}] `}${name}${text === "" || text === name ? "" : `: ${text}`}`;
