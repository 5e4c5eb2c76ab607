import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "#base/clock";
import { authenticate, Refusal, type FakeKey } from "./fake-aws-auth.ts";
import type { SeenRequest } from "./sigv4.ts";

/** A role that keys of other accounts may assume. */
export interface FakeRole {
  readonly account: string;
  readonly externalId?: string;
}

/** A value of CloudWatch: account, region, namespace, metric, statistic, dimensions as `Name=Value`, sorted and joined by commas. */
export type MetricKey = string;

/** One call that was let in. */
export interface SeenCall {
  readonly action: string;
  readonly region: string;
  readonly service: string;
  readonly account: string;
  readonly parameters: URLSearchParams;
}

const escapeXml = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** XML of a nested value: objects are elements, lists are `<member>`s unless they say otherwise by `item`. */
export function xml(value: unknown, item = "member"): string {
  if (Array.isArray(value)) return value.map((entry) => `<${item}>${xml(entry)}</${item}>`).join("");
  if (typeof value === "object" && value !== null)
    return Object.entries(value)
      .map(([name, inner]) => `<${name}>${xml(inner, name === "DBInstances" ? "DBInstance" : "member")}</${name}>`)
      .join("");
  return escapeXml(String(value));
}

/**
 * CloudWatch, RDS, ELB and STS of a small AWS on the loopback interface. It recomputes every signature by itself and refuses wrong ones,
 * unknown keys, old dates, ended tokens and foreign regions as AWS does; levers throttle it and break it.
 */
export class FakeAws {
  readonly keys = new Map<string, FakeKey>();
  readonly roles = new Map<string, FakeRole>();
  /** By `account region`: XML-able results of Describe calls. */
  readonly databases = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
  readonly classicBalancers = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
  readonly balancers = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
  readonly targetGroups = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
  readonly values = new Map<MetricKey, ReadonlyMap<number, number>>();
  readonly calls: SeenCall[] = [];
  readonly refusals: string[] = [];
  /** The regions that this AWS has. */
  readonly regions = new Set(["ap-northeast-1", "us-east-1"]);
  /** So many of the next calls are throttled. */
  throttle = 0;
  /** So many of the next calls end with 500. */
  broken = 0;
  /** Queries and things in one answer. */
  pageSize = 2;
  /** Milliseconds by which its clock differs. */
  skew = 0;
  readonly #clock: Clock;
  readonly #server: Server;
  #tokens = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#server = createServer((request, reply) => {
      void this.#serve(request, reply);
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    // A server that listens on a port has an address object.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const { status, text } = this.#answer(request, await readBody(request));
    reply.writeHead(status, { "content-type": "text/xml" }).end(text);
  }

  #answer(request: IncomingMessage, body: string): { readonly status: number; readonly text: string } {
    try {
      return { status: 200, text: this.#judge(request, body) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.refusals.push(error.code);
      const told = {
        Error: { Type: error.status < 500 ? "Sender" : "Receiver", Code: error.code, Message: error.message },
        RequestId: "b25f48e8",
      };
      return { status: error.status, text: `<ErrorResponse xmlns="http://example.amazonaws.com/doc/">${xml(told)}</ErrorResponse>` };
    }
  }

  #judge(request: IncomingMessage, body: string): string {
    if (this.broken > 0) {
      this.broken -= 1;
      throw new Refusal(500, "InternalFailure", "The request processing has failed");
    }
    const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const seen: SeenRequest = { method: request.method ?? "", path: request.url ?? "", headers, body };
    const { region, service, key } = authenticate(seen, this.keys, this.#clock.now() + this.skew, this.regions);
    const { account } = key;
    if (this.throttle > 0) {
      this.throttle -= 1;
      throw new Refusal(400, "Throttling", "Rate exceeded");
    }
    const parameters = new URLSearchParams(body);
    const action = parameters.get("Action") ?? "";
    if (key.denied?.includes(action)) throw new Refusal(403, "AccessDenied", `User is not authorized to perform: ${service}:${action}`);
    this.calls.push({ action, region, service, account, parameters });
    const place = `${account} ${region}`;
    const answer = this.#operations[`${service} ${action} ${parameters.get("Version") ?? ""}`];
    if (!answer)
      throw new Refusal(400, "InvalidAction", `Could not find operation ${action} for version ${parameters.get("Version") ?? ""}`);
    return answer(place, parameters);
  }

  readonly #operations: Readonly<Record<string, (place: string, parameters: URLSearchParams) => string>> = {
    "sts AssumeRole 2011-06-15": (_, parameters) => this.#assume(parameters),
    "rds DescribeDBInstances 2014-10-31": (place, parameters) =>
      this.#page("DescribeDBInstances", "DBInstances", "Marker", this.databases.get(place) ?? [], parameters),
    "elasticloadbalancing DescribeLoadBalancers 2012-06-01": (place, parameters) =>
      this.#page("DescribeLoadBalancers", "LoadBalancerDescriptions", "NextMarker", this.classicBalancers.get(place) ?? [], parameters),
    "elasticloadbalancing DescribeLoadBalancers 2015-12-01": (place, parameters) =>
      this.#page("DescribeLoadBalancers", "LoadBalancers", "NextMarker", this.balancers.get(place) ?? [], parameters),
    "elasticloadbalancing DescribeTargetGroups 2015-12-01": (place, parameters) =>
      this.#page("DescribeTargetGroups", "TargetGroups", "NextMarker", this.targetGroups.get(place) ?? [], parameters),
    "monitoring GetMetricData 2010-08-01": (place, parameters) => this.#metricData(place, parameters),
  };

  #assume(parameters: URLSearchParams): string {
    const role = this.roles.get(parameters.get("RoleArn") ?? "");
    if (!role || (role.externalId !== undefined && role.externalId !== parameters.get("ExternalId")))
      throw new Refusal(403, "AccessDenied", "User is not authorized to perform: sts:AssumeRole");
    this.#tokens += 1;
    const id = `ASIAFAKE${String(this.#tokens).padStart(12, "0")}`;
    const until = this.#clock.now() + this.skew + Number(parameters.get("DurationSeconds")) * 1000;
    const key = { secret: `secret+/of=${id}`, token: `token/${id}+==`, until, account: role.account };
    this.keys.set(id, key);
    const credentials = {
      AccessKeyId: id,
      SecretAccessKey: key.secret,
      SessionToken: key.token,
      Expiration: new Date(until).toISOString(),
    };
    return envelope("AssumeRole", { AssumeRoleResult: { Credentials: credentials } });
  }

  #page(action: string, list: string, marker: string, all: readonly unknown[], parameters: URLSearchParams): string {
    const from = Number(parameters.get("Marker") ?? 0);
    const until = from + this.pageSize;
    const more = until < all.length ? { [marker]: String(until) } : {};
    return envelope(action, { [`${action}Result`]: { [list]: all.slice(from, until), ...more } });
  }

  #metricData(place: string, parameters: URLSearchParams): string {
    const count = [...parameters.keys()].filter((name) => name.endsWith(".Id")).length;
    if (count > 500) throw new Refusal(400, "ValidationError", "The collection MetricDataQueries must not have a size greater than 500.");
    const from = Number(parameters.get("NextToken") ?? 0);
    const until = Math.min(from + this.pageSize, count);
    const start = Date.parse(parameters.get("StartTime") ?? "") / 1000;
    const end = Date.parse(parameters.get("EndTime") ?? "") / 1000;
    const results = [];
    for (let at = from; at < until; at += 1) {
      const stored = this.values.get(`${place} ${queryKey(parameters, at + 1)}`) ?? new Map<number, number>();
      const points = [...stored].filter(([time]) => time >= start && time < end).sort(([a], [b]) => a - b);
      results.push({
        Id: parameters.get(`MetricDataQueries.member.${at + 1}.Id`) ?? "",
        Label: "label & more",
        Timestamps: points.map(([time]) => new Date(time * 1000).toISOString()),
        Values: points.map(([, value]) => value),
        StatusCode: "Complete",
      });
    }
    const more = until < count ? { NextToken: String(until) } : {};
    return envelope("GetMetricData", { GetMetricDataResult: { Messages: [], MetricDataResults: results, ...more } });
  }
}

function queryKey(parameters: URLSearchParams, index: number): string {
  const get = (name: string): string => parameters.get(`MetricDataQueries.member.${index}.MetricStat.${name}`) ?? "";
  const dimensions: string[] = [];
  for (let at = 1; get(`Metric.Dimensions.member.${at}.Name`) !== ""; at += 1)
    dimensions.push(`${get(`Metric.Dimensions.member.${at}.Name`)}=${get(`Metric.Dimensions.member.${at}.Value`)}`);
  return `${get("Metric.Namespace")} ${get("Metric.MetricName")} ${get("Stat")}/${get("Period")} ${dimensions.sort().join(",")}`;
}

const envelope = (action: string, content: Readonly<Record<string, unknown>>): string =>
  `<?xml version="1.0"?>\n<${action}Response xmlns="http://example.amazonaws.com/doc/">${xml(content)}<ResponseMetadata><RequestId>b25f48e8</RequestId></ResponseMetadata></${action}Response>`;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
