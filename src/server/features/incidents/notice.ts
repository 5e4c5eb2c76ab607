import { addTime, unixMs, type UnixMs } from "#base/duration";
import { findOrganisation } from "#features/identity";
import type { Addressee, Notice, NoticeFact, PictureOf } from "#features/notify";
import type { Tx } from "#store";
import { actPath } from "#wire/acts";
import type { IncidentAction } from "#wire/alerting";
import { placedAlerts, type PlacedAlert } from "./alert-rows.ts";
import { factsNow } from "./act.ts";
import type { IncidentsContext } from "./context.ts";
import type { IncidentFacts } from "./model.ts";
import { noticeWords, toneOf, type NoticeCause, type NoticeWords } from "./notice-words.ts";
import { nameOf } from "./people.ts";
import { tokenHolder, tokensLastFor } from "./tokens.ts";

/** Longer ones are cut in the lists of mail programs and lock screens. */
const mostOfTitle = 60;
const mostAlerts = 8;

/** What a notice is written from. */
export interface NoticeInput {
  readonly incident: IncidentFacts;
  readonly cause: NoticeCause;
  readonly description: string;
  /** Its alerts, open ones first, at most {@link mostAlerts}. */
  readonly alerts: readonly (PlacedAlert & { readonly host_name: string | null })[];
  readonly openCount: number;
  readonly serviceNames: readonly string[];
  /** Who has it; of one that is over, who had it. Empty: nobody. */
  readonly responderName: string;
  readonly to: Pick<Addressee, "language" | "timeZone">;
}

/** Writes a notice about an incident for somebody, in their language, with links that let them act. @throws "not-found" */
export async function noticeOf(
  incidents: IncidentsContext,
  tx: Tx,
  incidentId: string,
  cause: NoticeCause,
  to: Addressee,
): Promise<Notice> {
  const incident = await factsNow(tx, incidentId);
  const row = await tx
    .selectFrom("incidents_incident")
    .select(["description", "last_responder_id"])
    .where("id", "=", incidentId)
    .executeTakeFirst();
  const organisation = await findOrganisation(tx);
  const responderId = incident.responderId ?? (incident.state === "resolved" ? row?.last_responder_id : undefined);
  const base = incidents.publicUrl;
  const alerts = await alertsFor(tx, incidentId);
  const text = textOf({
    incident,
    cause,
    description: row?.description ?? "",
    ...alerts,
    serviceNames: await serviceNames(tx, incident.serviceIds),
    responderName: responderId === undefined || responderId === null ? "" : await nameOf(tx, responderId),
    to,
  });
  const isLinked = base !== "" && organisation !== undefined;
  const mint = (action: IncidentAction) => {
    const holder = tokenHolder(to.recipient);
    const expiresAt = addTime(incidents.clock.now(), tokensLastFor);
    const token = incidents.tokens.mint({
      organisationId: organisation?.id ?? "",
      incidentId,
      action,
      to: holder,
      deliveryId: to.deliveryId,
      expiresAt,
    });
    // A channel's token proves only which channel was asked: it belongs into a button, never into a link that everybody there can read.
    const url = holder.kind === "person" ? base + actPath(token) : `${base}/o/${organisation?.name ?? ""}/incidents/${incidentId}`;
    return { action, label: noticeWords[to.language].action[action], url, token };
  };
  return {
    ...text,
    url: isLinked ? `${base}/o/${organisation.name}/incidents/${incidentId}` : undefined,
    actions: isLinked ? actionsFor(incident, to).map(mint) : [],
    thread: `incident:${incidentId}`,
    standing: incident.state === "resolved" ? "over" : incident.state,
    picture: pictureOf(alerts.alerts, incidents.clock.now()),
    mackerel: undefined,
  };
}

/** What can be done from there: taken by whoever is asked, ended by whoever has it, or by anybody in a channel. */
function actionsFor({ state, responderId }: IncidentFacts, { recipient }: Addressee): IncidentAction[] {
  if (state === "resolved") return [];
  const isPerson = recipient.kind === "person";
  if (state === "open") return isPerson ? ["take", "cannot"] : ["take", "resolve"];
  if (!isPerson) return ["resolve"];
  return recipient.personId === responderId ? ["resolve", "cannot"] : [];
}

async function alertsFor(tx: Tx, incidentId: string): Promise<Pick<NoticeInput, "alerts" | "openCount">> {
  const alerts = await placedAlerts(tx)
    .leftJoin("inventory_host as h", "h.id", "a.host_id")
    .select((of) => of.fn.coalesce(of.fn<string | null>("nullif", ["h.display_name", of.val("")]), "h.name").as("host_name"))
    .where("m.incident_id", "=", incidentId)
    .orderBy((of) => of("a.closed_at", "is", null), "desc")
    .orderBy((of) => of("a.inhibited_by", "is", null), "desc")
    .orderBy("a.seq")
    .limit(mostAlerts)
    .execute();
  const { count } = await tx
    .selectFrom("incidents_membership as m")
    .innerJoin("incidents_alert as a", "a.id", "m.alert_id")
    .select((of) => of.fn.countAll<number>().as("count"))
    .where("m.incident_id", "=", incidentId)
    .where("m.left_at", "is", null)
    .where("a.closed_at", "is", null)
    .executeTakeFirstOrThrow();
  return { alerts, openCount: count };
}

async function serviceNames(tx: Tx, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await tx.selectFrom("inventory_service").select("name").where("id", "in", ids).orderBy("name").execute();
  return rows.map((row) => row.name);
}

/** The texts of a notice. Pure. */
export function textOf(input: NoticeInput): Pick<Notice, "severity" | "tone" | "title" | "summary" | "facts" | "mention"> {
  const { incident, cause, to, responderName } = input;
  const words = noticeWords[to.language];
  const tone = toneOf(cause);
  const label = [words.severity[incident.severity], words.cause[cause]].filter((text) => text !== "").join(" ");
  const found = foundOf(input, words);
  const until = incident.snoozedUntil === undefined ? "" : timeText(incident.snoozedUntil, to);
  return {
    severity: incident.severity,
    tone,
    title: shortened(`[${label}] ${incident.title} #${incident.number}`, ` #${incident.number}`),
    summary: words.summary[cause]({ name: responderName, found, until }).trim(),
    facts: factsOf(input, words),
    mention: tone === "neutral" ? undefined : tone === "good" ? "ok" : isWaking(incident) ? "critical" : "warning",
  };
}

const isWaking = ({ severity }: IncidentFacts): boolean => severity === "critical" || severity === "error";

/** Cuts the middle, so that the number stays. */
function shortened(title: string, end: string): string {
  const characters = [...title.replaceAll(/\s+/gu, " ")];
  if (characters.length <= mostOfTitle) return characters.join("");
  return `${characters
    .slice(0, mostOfTitle - end.length - 1)
    .join("")
    .trimEnd()}…${end}`;
}

/** What was found, in one line: the first alert, and how many more there are. */
function foundOf({ alerts, openCount, description }: NoticeInput, words: NoticeWords): string {
  const [first] = alerts;
  if (!first) return description.split("\n", 1)[0] ?? "";
  const text = first.message === "" ? first.name : first.message;
  return openCount > 1 ? `${text} (${words.more(openCount - 1)})` : text;
}

const distinct = (values: readonly (string | null)[]): string[] => [...new Set(values.flatMap((value) => value ?? []))];

function factsOf(input: NoticeInput, words: NoticeWords): NoticeFact[] {
  const { incident, alerts, openCount, serviceNames: services, responderName, description, to } = input;
  const hosts = distinct(alerts.map((alert) => alert.host_name));
  const facts: NoticeFact[] = [];
  const add = (label: string, value: string): void => {
    if (value !== "") facts.push({ label, value });
  };
  add(words.host, hosts.join(words.joiner));
  add(words.service, services.join(words.joiner));
  const [only] = alerts;
  if (alerts.length === 1 && only) {
    add(words.value, only.value === null ? "" : String(only.value));
    add(words.thresholds, thresholdsOf(only, words));
  }
  add(words.since, timeText(incident.openedAt, to));
  if (incident.state !== "resolved") add(words.responder, responderName === "" ? words.nobody : responderName);
  add(words.description, description);
  if (alerts.length > 1) {
    for (const alert of alerts) add(words.alert, lineOf(alert));
    if (openCount > alerts.length) add(words.alert, words.more(openCount - alerts.length));
  }
  return facts;
}

function lineOf(alert: NoticeInput["alerts"][number]): string {
  const found = alert.message === "" ? "" : ` - ${alert.message}`;
  const host = alert.host_name === null ? "" : `${alert.host_name}: `;
  return `${alert.closed_at === null ? "" : "✓ "}${host}${alert.name}${found}`;
}

function thresholdsOf(alert: PlacedAlert, words: NoticeWords): string {
  const detail = JSON.parse(alert.detail) as Record<string, unknown>; // written by this feature alone
  const operator = typeof detail["monitorOperator"] === "string" ? `${detail["monitorOperator"]} ` : "";
  const part = (key: string, label: string): string[] => (typeof detail[key] === "number" ? [`${label} ${operator}${detail[key]}`] : []);
  return [...part("warningThreshold", words.warning), ...part("criticalThreshold", words.critical)].join(words.joiner);
}

const locales = { en: "en-GB", ja: "ja-JP" } as const;

/** `2026-11-22 08:24` as people write it, in the reader's zone. */
function timeText(at: UnixMs, { language, timeZone }: NoticeInput["to"]): string {
  const format = new Intl.DateTimeFormat(locales[language], {
    timeZone,
    month: language === "ja" ? "long" : "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return format.format(at);
}

/** The graph of the first alert that has one. */
function pictureOf(alerts: readonly PlacedAlert[], now: UnixMs): PictureOf | undefined {
  for (const alert of alerts) {
    const { source, metric } = JSON.parse(alert.detail) as Record<string, unknown>; // written by this feature alone
    if (typeof source === "string" && typeof metric === "string") return { source, metric, at: unixMs(alert.closed_at ?? now) };
  }
  return undefined;
}
