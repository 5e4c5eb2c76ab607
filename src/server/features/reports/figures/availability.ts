import { optional } from "#base/fields";
import { complement, intersected, joined, lengthOf, subtracted, type Span } from "#base/spans";
import type { Named, Outage, ServiceAvailability } from "../model.ts";
import { grouped } from "./grouped.ts";

/** A service, and what tells whether it is up. */
export interface ServiceFact extends Named {
  readonly existed: Span;
  /** External monitors and probes that name it. */
  readonly probes: number;
  /** Whether hosts are watched for silence at all. */
  readonly watchesHosts: boolean;
}

/** A host belonged to a role of a service. */
export interface MemberFact extends Span {
  readonly serviceId: string;
  readonly roleId: string;
  readonly roleName: string;
  readonly hostId: string;
}

/** An alert that says that something cannot be reached, with the times at which it was critical. */
export interface DownFact {
  readonly alertId: string;
  /** The rule that found it, and the host. */
  readonly cause: string;
  /** The service that a probe stands for; undefined: the alert is about a host. */
  readonly serviceId: string | undefined;
  readonly hostId: string | undefined;
  readonly spans: readonly Span[];
  /** When a downtime covered it. Sorted and apart. */
  readonly planned: readonly Span[];
}

export interface AvailabilityFacts {
  readonly services: readonly ServiceFact[];
  readonly members: readonly MemberFact[];
  readonly downs: readonly DownFact[];
  /** Times in which a downtime covered all of a service, by its id. */
  readonly planned: ReadonlyMap<string, readonly Span[]>;
}

const mostOutages = 20;
const mostCauses = 3;

/**
 * How long each service was up. A service is down while
 * - a probe that names it is critical, or
 * - all hosts of one of its roles cannot be reached, all at once.
 * Time within downtimes is neither up nor down: that of downtimes of the whole service, and that in which a downtime covered what was down.
 */
export function availabilityOf({ services, members, downs, planned }: AvailabilityFacts): ServiceAvailability[] {
  const byService = grouped(downs, (down) => down.serviceId);
  const byHost = grouped(
    downs.filter((down) => down.hostId !== undefined && down.serviceId === undefined),
    (down) => down.hostId ?? "",
  );
  const membersOf = grouped(members, (member) => member.serviceId);
  return services.map((service) => {
    const own = membersOf.get(service.id) ?? [];
    const stretches = [...ofProbes(byService.get(service.id) ?? []), ...ofRoles(own, byHost)];
    return sumUp(service, own, stretches, planned.get(service.id) ?? []);
  });
}

/** A time in which a service was down for one reason. */
interface Stretch extends Span {
  readonly cause: string;
  readonly alertId: string;
  readonly isPlanned: boolean;
}

const stretchesOf = (spans: readonly Span[], { cause, alertId }: Pick<Stretch, "cause" | "alertId">, isPlanned: boolean): Stretch[] =>
  spans.map(({ from, to }) => ({ from, to, cause, alertId, isPlanned }));

const ofProbes = (downs: readonly DownFact[]): Stretch[] =>
  downs.flatMap((down) => {
    const spans = joined(down.spans);
    return [...stretchesOf(subtracted(spans, down.planned), down, false), ...stretchesOf(intersected(spans, down.planned), down, true)];
  });

function ofRoles(members: readonly MemberFact[], downsOf: ReadonlyMap<string, readonly DownFact[]>): Stretch[] {
  return [...grouped(members, (member) => member.roleId).values()].flatMap((of) => ofRole(of, downsOf));
}

/** A role is down while it has hosts and none of them can be reached. */
function ofRole(members: readonly MemberFact[], downsOf: ReadonlyMap<string, readonly DownFact[]>): Stretch[] {
  const first = members[0];
  const downs = members.flatMap(({ hostId }) => downsOf.get(hostId) ?? []);
  const reason = downs[0];
  if (!first || !reason) return [];
  const without = (spansOf: (down: DownFact) => readonly Span[]): Span[] =>
    joined(
      members.flatMap(({ hostId, from, to }) =>
        complement(joined((downsOf.get(hostId) ?? []).flatMap((down) => [...spansOf(down)])), { from, to }),
      ),
    );
  const there = joined(members);
  // Hosts that are down by plan count as up when unplanned trouble is looked for: what remains is down without any plan's help.
  const all = subtracted(
    there,
    without((down) => down.spans),
  );
  const unplanned = subtracted(
    there,
    without((down) => subtracted(joined(down.spans), down.planned)),
  );
  const causeAt = (span: Span): Pick<Stretch, "cause" | "alertId"> => {
    const found = downs.find((down) => intersected(joined(down.spans), [span]).length > 0) ?? reason;
    const hosts = new Set(members.map(({ hostId }) => hostId)).size;
    return { alertId: found.alertId, cause: hosts === 1 ? found.cause : `${first.roleName} (${hosts}): ${found.cause}` };
  };
  return [
    ...unplanned.flatMap((span) => stretchesOf([span], causeAt(span), false)),
    ...subtracted(all, unplanned).flatMap((span) => stretchesOf([span], causeAt(span), true)),
  ];
}

function sumUp(
  { id, name, existed, probes, watchesHosts }: ServiceFact,
  members: readonly MemberFact[],
  stretches: readonly Stretch[],
  ofService: readonly Span[],
): ServiceAvailability {
  const life = [existed];
  const bad = intersected(joined(stretches.filter((one) => !one.isPlanned)), life);
  const whole = intersected(joined(ofService), life);
  const down = subtracted(bad, whole);
  const aside = joined([...whole, ...intersected(joined(stretches.filter((one) => one.isPlanned)), life)]);
  // What is down for a reason that nobody planned stays down, whatever else is planned at that time.
  const planned = lengthOf(subtracted(aside, down));
  const hosts = watchesHosts ? new Set(members.map(({ hostId }) => hostId)).size : 0;
  const counted = lengthOf(life) - planned;
  const isWatched = probes + hosts > 0 || stretches.length > 0;
  return {
    id,
    name,
    probes,
    hosts,
    existed: lengthOf(life),
    planned,
    down: lengthOf(down),
    outages: down.length,
    longest: down
      .toSorted((a, b) => b.to - b.from - (a.to - a.from))
      .slice(0, mostOutages)
      .flatMap((span) => outageOf(span, stretches)),
    ...optional("share", isWatched && counted > 0 ? (counted - lengthOf(down)) / counted : undefined),
  };
}

function outageOf(span: Span, stretches: readonly Stretch[]): Outage[] {
  const reasons = stretches.filter((one) => !one.isPlanned && one.from < span.to && one.to > span.from);
  const first = reasons[0];
  return first ? [{ ...span, alertId: first.alertId, causes: [...new Set(reasons.map(({ cause }) => cause))].slice(0, mostCauses) }] : [];
}

/** When something was critical, by the log of its changes. Times in unix ms; the log in its order. */
export function criticalSpans(
  log: readonly { readonly at: number; readonly isCritical: boolean }[],
  closedAt: number | undefined,
  within: Span,
): Span[] {
  const spans = log.flatMap(({ at, isCritical }, index) =>
    isCritical ? [{ from: at, to: log[index + 1]?.at ?? closedAt ?? within.to }] : [],
  );
  return intersected(joined(spans), [within]);
}
