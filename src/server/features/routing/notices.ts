import type { UnixMs } from "#base/duration";
import { severityOf, type AlertChange, type AlertFacts } from "#features/incidents";
import { roleText } from "#features/inventory";
import type { Addressee, Notice, NoticeFact, PictureOf } from "#features/notify";
import type { AlertStatus } from "#wire/alerting";
import type { PictureUrl } from "./context.ts";
import { memoOf, metricRuleOf } from "./alert-detail.ts";
import { bodyHost, bodyService, userOf, type Facts } from "./facts.ts";
import { alertBody, type Body } from "./mackerel-body.ts";
import type { RoutedChannel } from "./model.ts";
import { texts } from "./texts.ts";

/** What happened to an alert, as messages tell it. */
export interface ToldAlert {
  readonly alert: AlertFacts;
  readonly from: AlertStatus;
  readonly trigger: AlertChange["trigger"];
  readonly by: string | undefined;
  /** It is as it was and told again, for the nth time. */
  readonly again?: number;
  readonly at: UnixMs;
}

/** Whom a chat mentions by the status. */
export const mentionOf = (status: AlertStatus): "ok" | "warning" | "critical" =>
  status === "OK" ? "ok" : status === "WARNING" ? "warning" : "critical";

const toneOf = (status: AlertStatus): "bad" | "good" => (status === "OK" ? "good" : "bad");

/** The console's page of an alert, or of the incident that it belongs to. Undefined when nobody knows where people reach this server. */
export function pageOf({ orgName, publicUrl }: Facts["organisation"], path: string): string | undefined {
  return publicUrl === "" ? undefined : `${publicUrl}/o/${encodeURIComponent(orgName)}/${path}`;
}

const alertPath = ({ id, incidentId }: AlertFacts): string => (incidentId === undefined ? `alerts/${id}` : `incidents/${incidentId}`);

/** One alert for one channel. */
export function alertNotice(facts: Facts, told: ToldAlert, to: Addressee, channel: RoutedChannel, pictureUrl: PictureUrl): Notice {
  const { alert } = told;
  const picture = channel.hasPictures ? withUrl(facts, pictureOf(alert, told.at), pictureUrl) : undefined;
  return {
    severity: alert.status === "OK" ? severityOf("OK") : alert.severity,
    tone: told.again === undefined ? toneOf(alert.status) : "neutral",
    title: titleOf(facts, alert),
    summary: told.again === undefined ? alert.message : `${alert.message}\n${texts[to.language].again(told.again)}`,
    facts: factLines(facts, told, to),
    url: pageOf(facts.organisation, alertPath(alert)),
    actions: [],
    thread: `alert:${alert.id}`,
    standing: alert.status === "OK" ? "over" : "open",
    picture,
    mackerel: alertPayload(facts, told, picture?.url),
    mention: mentionOf(alert.status),
  };
}

/** `[CRITICAL] CPU % – app01` */
function titleOf(facts: Facts, alert: AlertFacts): string {
  const subject = subjectOf(facts, alert);
  return `[${alert.status}] ${alert.name}${subject === "" ? "" : ` – ${subject}`}`;
}

/** The name of the host or service that it is about; empty when it is about neither. */
export function subjectOf({ hosts, services }: Facts, { hostId, serviceId }: AlertFacts): string {
  const host = hostId === undefined ? undefined : hosts.get(hostId);
  if (host) return host.displayName || host.name;
  return serviceId === undefined ? "" : (services.get(serviceId)?.name ?? "");
}

function factLines(facts: Facts, { alert, from, by }: ToldAlert, to: Addressee): NoticeFact[] {
  const words = texts[to.language];
  const line = (label: string, value: string | undefined): NoticeFact[] => (value === undefined || value === "" ? [] : [{ label, value }]);
  return [
    ...placeLines(facts, alert, to),
    ...line(words.change, from === alert.status ? undefined : `${from} → ${alert.status}`),
    ...line(alert.closedAt === undefined ? words.since : words.lasted, timesOf(facts, alert, to)),
    ...line(words.memo, memoOf(alert)),
    ...line(words.by, by === undefined ? undefined : (facts.people.get(by) ?? by)),
  ];
}

function placeLines({ hosts, services }: Facts, { hostId, serviceId }: AlertFacts, { language }: Addressee): NoticeFact[] {
  const words = texts[language];
  const host = hostId === undefined ? undefined : hosts.get(hostId);
  const service = serviceId === undefined ? undefined : services.get(serviceId);
  const lines: NoticeFact[] = [];
  if (host) lines.push({ label: words.host, value: host.displayName || host.name });
  if (host && host.roles.length > 0) lines.push({ label: words.roles, value: host.roles.map(roleText).join(", ") });
  if (service) lines.push({ label: words.service, value: service.name });
  return lines;
}

function timesOf(facts: Facts, { openedAt, closedAt }: AlertFacts, { language, timeZone }: Addressee): string {
  const clock = facts.clockOf(language, timeZone);
  const time = (at: UnixMs): string => clock.dateTime(Math.floor(at / 1000));
  return `${closedAt === undefined ? time(openedAt) : `${time(openedAt)} – ${time(closedAt)}`} (${timeZone})`;
}

/** Types of alerts about a metric that the store keeps under the very name of their label. */
const graphed: ReadonlySet<string> = new Set(["host", "service"]);

/** As the metric store names a service's own points. */
const serviceSource = (serviceId: string): string => `service:${serviceId}`;

/** The graph that tells about an alert; undefined when it is about no metric. */
export function pictureOf(alert: AlertFacts, at: UnixMs): PictureOf | undefined {
  const rule = metricRuleOf(alert, false);
  const source = alert.hostId ?? (alert.serviceId === undefined ? undefined : serviceSource(alert.serviceId));
  if (!rule || source === undefined || !graphed.has(alert.type)) return undefined;
  const { warning, critical } = rule;
  return {
    source,
    metric: rule.label,
    at,
    thresholds: [
      ...(warning === undefined ? [] : [{ value: warning, status: "WARNING" as const }]),
      ...(critical === undefined ? [] : [{ value: critical, status: "CRITICAL" as const }]),
    ],
  };
}

function withUrl(facts: Facts, picture: PictureOf | undefined, pictureUrl: PictureUrl): PictureOf | undefined {
  if (!picture) return undefined;
  const url = pictureUrl(facts.organisation.id, picture);
  return url === undefined ? picture : { ...picture, url };
}

/** What a webhook gets of it. */
export function alertPayload(facts: Facts, { alert, trigger, by }: ToldAlert, imageUrl: string | undefined): Body {
  const host = alert.hostId === undefined ? undefined : facts.hosts.get(alert.hostId);
  const service = alert.serviceId === undefined ? undefined : facts.services.get(alert.serviceId);
  return alertBody(
    facts.organisation,
    {
      id: alert.id,
      status: alert.status,
      type: alert.type,
      trigger,
      monitorName: alert.name,
      openedAt: alert.openedAt,
      closedAt: alert.closedAt,
      message: alert.message,
      memo: memoOf(alert),
      rule: metricRuleOf(alert, trigger === "manual"),
    },
    { host: host && bodyHost(host), service: service && bodyService(service, facts.organisation.id) },
    { user: userOf(facts, by), imageUrl },
  );
}
