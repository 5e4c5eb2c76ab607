import { HinobanError } from "#base/errors";
import { segment } from "../../collectors/collector.ts";
import type { AwsClient, Parameters, Service } from "./client.ts";
import type { CloudKind } from "./catalogue.ts";
import { listOf, textOf, type XmlElement } from "./xml.ts";

/** A database instance or load balancer. */
export interface CloudResource {
  readonly kind: CloudKind;
  /** As its owner named it. */
  readonly id: string;
  /** The value of its dimension in CloudWatch. */
  readonly dimension: string;
  /** Facts for the host's page. */
  readonly facts: Readonly<Record<string, string>>;
  /** Target groups of an application load balancer. */
  readonly targetGroups: readonly TargetGroup[];
}

export interface TargetGroup {
  /** As a segment of metric names. */
  readonly segment: string;
  /** The value of the dimension TargetGroup. */
  readonly dimension: string;
}

const mostPages = 50;

/** Every page of a list. AWS gives the place to go on as `Marker` (RDS) or `NextMarker` (ELB) and takes it as `Marker`. */
async function pages(
  client: AwsClient,
  service: Service,
  action: string,
  size: Parameters,
  signal: AbortSignal,
): Promise<readonly XmlElement[]> {
  const found: XmlElement[] = [];
  let marker: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const parameters = marker === undefined ? size : { ...size, Marker: marker };
    const answer = await client.call(service, action, parameters, signal);
    const result = answer.children.find(({ name }) => name === `${action}Result`);
    if (!result) throw new HinobanError("unavailable", `${action} answered without a result.`);
    found.push(result);
    const next = textOf(result, "NextMarker") ?? textOf(result, "Marker");
    if (next === undefined || next === marker) return found;
    marker = next;
  }
  throw new HinobanError("too-large", `${action} has more than ${mostPages} pages.`);
}

function facts(element: XmlElement, names: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, path] of Object.entries(names)) {
    const text = textOf(element, ...path);
    if (text !== undefined) found[name] = text.slice(0, 255);
  }
  return found;
}

/** Engines that RDS lists and whose metrics stand in namespaces of their own. */
const elsewhere: ReadonlySet<string> = new Set(["docdb", "neptune"]);

/** The RDS instances of the region (permission rds:DescribeDBInstances). */
async function databases(client: AwsClient, signal: AbortSignal): Promise<readonly CloudResource[]> {
  const results = await pages(client, "rds", "DescribeDBInstances", { MaxRecords: "100" }, signal);
  return results
    .flatMap((result) => listOf(result, "DBInstances"))
    .flatMap((instance) => {
      const id = textOf(instance, "DBInstanceIdentifier");
      if (id === undefined || elsewhere.has(textOf(instance, "Engine") ?? "")) return [];
      const told = facts(instance, {
        engine: ["Engine"],
        engine_version: ["EngineVersion"],
        class: ["DBInstanceClass"],
        status: ["DBInstanceStatus"],
        endpoint: ["Endpoint", "Address"],
        availability_zone: ["AvailabilityZone"],
        multi_az: ["MultiAZ"],
        storage_gb: ["AllocatedStorage"],
        cluster: ["DBClusterIdentifier"],
      });
      return [{ kind: "rds" as const, id, dimension: id, facts: told, targetGroups: [] }];
    });
}

/** The classic load balancers of the region (permission elasticloadbalancing:DescribeLoadBalancers). */
async function classicBalancers(client: AwsClient, signal: AbortSignal): Promise<readonly CloudResource[]> {
  const results = await pages(client, "elasticloadbalancing", "DescribeLoadBalancers", { PageSize: "400" }, signal);
  return results
    .flatMap((result) => listOf(result, "LoadBalancerDescriptions"))
    .flatMap((balancer) => {
      const id = textOf(balancer, "LoadBalancerName");
      if (id === undefined) return [];
      const told = facts(balancer, { endpoint: ["DNSName"], scheme: ["Scheme"], vpc: ["VPCId"] });
      return [{ kind: "elb" as const, id, dimension: id, facts: told, targetGroups: [] }];
    });
}

/** `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/app/NAME/ID` → `app/NAME/ID`; `…:targetgroup/NAME/ID` → `targetgroup/NAME/ID`. */
function dimensionOf(arn: string): string {
  const resource = arn.slice(arn.lastIndexOf(":") + 1);
  return resource.replace(/^loadbalancer\//u, "");
}

/** The application load balancers of the region with their target groups. Network and gateway ones have metrics of other kinds. */
async function applicationBalancers(client: AwsClient, signal: AbortSignal): Promise<readonly CloudResource[]> {
  const service = "elasticloadbalancing-v2";
  const results = await pages(client, service, "DescribeLoadBalancers", { PageSize: "400" }, signal);
  const balancers = results
    .flatMap((result) => listOf(result, "LoadBalancers"))
    .filter((balancer) => textOf(balancer, "Type") === "application");
  if (balancers.length === 0) return [];
  const groups = await targetGroups(client, signal);
  return balancers.flatMap((balancer) => {
    const id = textOf(balancer, "LoadBalancerName");
    const arn = textOf(balancer, "LoadBalancerArn");
    if (id === undefined || arn === undefined) return [];
    const told = facts(balancer, { endpoint: ["DNSName"], scheme: ["Scheme"], vpc: ["VpcId"], status: ["State", "Code"] });
    return [{ kind: "alb" as const, id, dimension: dimensionOf(arn), facts: told, targetGroups: groups.get(arn) ?? [] }];
  });
}

async function targetGroups(client: AwsClient, signal: AbortSignal): Promise<ReadonlyMap<string, readonly TargetGroup[]>> {
  const results = await pages(client, "elasticloadbalancing-v2", "DescribeTargetGroups", { PageSize: "400" }, signal);
  const byBalancer = new Map<string, TargetGroup[]>();
  for (const group of results.flatMap((result) => listOf(result, "TargetGroups"))) {
    const name = textOf(group, "TargetGroupName");
    const arn = textOf(group, "TargetGroupArn");
    if (name === undefined || arn === undefined) continue;
    for (const { text } of listOf(group, "LoadBalancerArns")) {
      const list = byBalancer.get(text.trim()) ?? [];
      list.push({ segment: segment(name), dimension: dimensionOf(arn) });
      byBalancer.set(text.trim(), list);
    }
  }
  return byBalancer;
}

const finders = { rds: databases, elb: classicBalancers, alb: applicationBalancers } as const;

/** All things of `kinds` in the client's region. @throws AwsError when the key may not list them */
export async function discover(client: AwsClient, kinds: readonly CloudKind[], signal: AbortSignal): Promise<readonly CloudResource[]> {
  const found: CloudResource[] = [];
  for (const kind of kinds) found.push(...(await finders[kind](client, signal)));
  return found;
}
