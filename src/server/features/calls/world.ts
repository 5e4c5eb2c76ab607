import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { Secret } from "#base/secret";
import { findOrganisation } from "#features/identity";
import type { IncidentFacts } from "#features/incidents";
import type { Tx } from "#store";
import { severities } from "#wire/alerting";
import type { Language } from "#wire/shapes";
import { preferencesOf } from "./call-preferences.ts";
import type { CallsContext } from "./context.ts";
import type { Brief, Standing, World } from "./model.ts";
import { settingsOf, topicsOf, type CallRow, type TopicRow } from "./store.ts";

const mostAlerts = 5;

interface AlertLine {
  readonly incident_id: string;
  readonly name: string;
  readonly message: string;
  readonly host: string | null;
  readonly rank: number;
  readonly open_count: number;
}

/** All that the script of a call is told, as it is at this moment. */
export async function readWorld(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow): Promise<World> {
  const organisation = await findOrganisation(tx);
  const { language } = call;
  const topics = await topicsOf(tx, call.id);
  const person = call.person_id === null ? undefined : await spokenName(calls, tx, call.person_id, language);
  const wishes = call.person_id === null ? undefined : await wishesOf(calls, tx, at, call, call.person_id);
  return {
    kind: call.kind,
    language,
    timeZone: call.time_zone,
    now: at,
    organisation: organisation?.displayName === "" ? organisation.name : (organisation?.displayName ?? ""),
    person: person ?? "",
    incidents: await readBriefs(calls, tx, call, topics),
    takeKey: call.take_key ?? undefined,
    pinLength: wishes?.pin?.length,
    hasNextStep: calls.extensions.some((one) => one.nextStep !== undefined),
    code: call.content === null ? undefined : calls.contentSeal.open(call.content, call.id).reveal(),
    announcement: await announcementOf(tx, call),
  };
}

/** What is sealed into a call of kind `code`. */
export const sealedContent = (calls: CallsContext, callId: string, code: string): Buffer =>
  calls.contentSeal.seal(new Secret(code), callId);

export const wishesOf = (calls: CallsContext, tx: Tx, at: UnixMs, { organisation_id: organisationId }: CallRow, personId: string) =>
  preferencesOf(tx, personId, { organisationId, serverKey: calls.serverKey });

async function spokenName(calls: CallsContext, tx: Tx, personId: string, language: Language): Promise<string> {
  return (await calls.speech.spoken(tx, { personIds: [personId] }, language)).get(personId) ?? "";
}

async function announcementOf(tx: Tx, { line_id: lineId }: CallRow): Promise<string | undefined> {
  if (lineId === null) return undefined;
  const row = await tx.selectFrom("calls_line").select("settings").where("id", "=", lineId).executeTakeFirst();
  const settings = row && settingsOf(row);
  return settings?.isRecorded === true && settings.announcement !== undefined ? settings.announcement : undefined;
}

/** The incidents of a call, the worst first, then the oldest. */
async function readBriefs(calls: CallsContext, tx: Tx, call: CallRow, topics: readonly TopicRow[]): Promise<Brief[]> {
  const alerts = await alertLines(
    tx,
    topics.map((topic) => topic.incident_id),
  );
  const briefs: Brief[] = [];
  for (const topic of topics) {
    const facts = await calls.incidents.factsOf(tx, topic.incident_id);
    if (!facts) continue;
    const lines = alerts.filter((line) => line.incident_id === topic.incident_id);
    briefs.push({
      incidentId: facts.id,
      number: facts.number,
      title: facts.title,
      found: lines[0]?.message ?? "",
      severity: facts.severity,
      openedAt: facts.openedAt,
      alsoKnown: await alsoKnown(calls, tx, facts.id, call.language),
      details: await detailsOf(calls, tx, facts, lines, call.language),
      standing: await standingOf(calls, tx, facts, call),
      isUnanswered: topic.state === "open",
    });
  }
  return briefs.sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity) || a.openedAt - b.openedAt);
}

async function alertLines(tx: Tx, incidentIds: readonly string[]): Promise<AlertLine[]> {
  if (incidentIds.length === 0) return [];
  const { rows } = await sql<AlertLine>`select * from (
      select m.incident_id, a.name, a.message, coalesce(nullif(h.display_name, ''), h.name) as host,
        row_number() over (partition by m.incident_id order by a.inhibited_by is not null, a.seq) as rank,
        count(*) over (partition by m.incident_id) as open_count
      from incidents_membership m join incidents_alert a on a.id = m.alert_id left join inventory_host h on h.id = a.host_id
      where m.incident_id = any(${incidentIds}::text[]) and m.left_at is null and a.closed_at is null and not a.is_muted
    ) r where r.rank <= ${mostAlerts} order by r.incident_id, r.rank`.execute(tx);
  return rows;
}

async function alsoKnown(calls: CallsContext, tx: Tx, incidentId: string, language: Language): Promise<string[]> {
  const said: string[] = [];
  for (const extension of calls.extensions) {
    const text = await extension.alsoKnown?.(tx, incidentId, language);
    if (text !== undefined && text !== "") said.push(text);
  }
  return said;
}

async function detailsOf(
  calls: CallsContext,
  tx: Tx,
  facts: IncidentFacts,
  lines: readonly AlertLine[],
  language: Language,
): Promise<Brief["details"]> {
  const names =
    facts.serviceIds.length === 0 ? new Map<string, string>() : await calls.speech.spoken(tx, { serviceIds: facts.serviceIds }, language);
  const row = await tx.selectFrom("incidents_incident").select("description").where("id", "=", facts.id).executeTakeFirst();
  return {
    services: facts.serviceIds.flatMap((id) => names.get(id) ?? []),
    alerts: lines.map(({ host, name, message }) =>
      [host, name, message].filter((part) => part !== null && part !== "").join(language === "ja" ? "、" : ", "),
    ),
    openAlerts: lines[0]?.open_count ?? 0,
    description: row?.description ?? "",
  };
}

/** Who has an incident, as the person on the telephone sees it. */
export async function standingOf(
  calls: CallsContext,
  tx: Tx,
  { state, responderId }: Pick<IncidentFacts, "state" | "responderId">,
  { person_id: personId, language }: Pick<CallRow, "person_id" | "language">,
): Promise<Standing> {
  if (state === "resolved") return { kind: "over" };
  if (state === "open" || responderId === undefined) return { kind: "open" };
  if (responderId === personId) return { kind: "mine" };
  return { kind: "others", name: await spokenName(calls, tx, responderId, language) };
}

/**
 * Keeps incidents from being changed by others until the transaction ends, as far as their timelines refer to them: before rows of calls,
 * as everybody does who changes an incident, so that nobody waits in a circle.
 */
export async function holdIncidents(tx: Tx, callId: string): Promise<void> {
  await sql`select i.id from incidents_incident i where i.id in (select t.incident_id from calls_topic t where t.call_id = ${callId})
    order by i.id for key share`.execute(tx);
}
