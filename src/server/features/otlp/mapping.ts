import { fitName, nameHash, segmentOf, serviceNameOf } from "#features/receivers";
import type { OtlpMapping } from "#wire/otlp";
import type { Attributes } from "./model.ts";

/** Where the metrics of a resource go. */
export interface Owner {
  /** What the host is called; empty when the resource is no host. */
  readonly host: string;
  /** The service that its metrics become; empty when they stay with the host. */
  readonly service: string;
  /** The role that the host joins when it is registered. */
  readonly joins: { readonly service: string; readonly role: string } | undefined;
  /** What names of metrics begin with. */
  readonly prefix: string;
  /** Tells processes of one service apart; empty for a host. */
  readonly instance: string;
}

const longestName = 255;

/**
 * Decides by its attributes where a resource belongs. A host is known by `host.name` or else `host.id`. A process that says only which
 * service it is posts metrics of that service: its `service.instance.id` is another one after every restart.
 */
export function ownerOf(attributes: Attributes, mapping: OtlpMapping): Owner {
  const value = (name: string): string => (attributes.get(name) ?? "").trim().slice(0, longestName);
  const machine = value("host.name") || value("host.id");
  const serviceName = value("service.name");
  const namespace = value("service.namespace");
  const service = serviceNameOf(namespace) ?? serviceNameOf(serviceName) ?? "";
  const joins = mapping.joinsRoles ? roleOf(service, serviceNameOf(serviceName) ?? "") : undefined;
  if (service === "" || !isServices(mapping, machine)) {
    const host = machine || value("service.instance.id") || serviceName;
    return { host, service: "", joins, prefix: "custom.otel", instance: "" };
  }
  // Within a namespace the metrics of several services stand side by side.
  const prefix = namespace === "" || serviceName === "" ? "otel" : `otel.${segmentOf(serviceName)}`;
  return { host: machine, service, joins, prefix, instance: nameHash(JSON.stringify([...attributes])) };
}

const isServices = ({ services }: OtlpMapping, machine: string): boolean =>
  services === "always" || (services === "without-host" && machine === "");

const roleOf = (service: string, role: string): Owner["joins"] => (service === "" || role === "" ? undefined : { service, role });

/** The name of a metric under its owner: the values of its attributes are segments, ordered by the attributes' names. */
export function nameOf(owner: Owner, metric: string, attributes: Attributes): string {
  const values = [...attributes]
    .filter(([, value]) => value !== "")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => segmentOf(value));
  const name = [owner.prefix, segmentOf(metric), ...values].join(".");
  // Room for what a histogram adds.
  return fitName(name, longestName - 10);
}

/** Tells a series from every other of its source. */
export const seriesOf = (owner: Owner, metric: string, attributes: Attributes): string =>
  nameHash(JSON.stringify([owner.instance, metric, [...attributes].toSorted(([a], [b]) => (a < b ? -1 : 1))]));
