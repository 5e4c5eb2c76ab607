import type { Clock } from "#base/clock";
import { millis, seconds, type Millis } from "#base/duration";
import { HinobanError } from "#base/errors";
import { agentName } from "../../version.ts";
import { signedHeaders, type Credentials } from "./sign.ts";
import type { CloudReply, Send } from "./transport.ts";
import { child, parseXml, textOf, type XmlElement } from "./xml.ts";

/** The services that are asked, by the name in their address and signature, with the version of their API. */
export const services = {
  monitoring: "2010-08-01",
  rds: "2014-10-31",
  elasticloadbalancing: "2012-06-01",
  "elasticloadbalancing-v2": "2015-12-01",
  sts: "2011-06-15",
} as const;
export type Service = keyof typeof services;

/** Parameters of a call; lists and objects are written flat (`Dimensions.member.1.Name`). */
export type Parameters = Readonly<Record<string, string>>;

/** Where credentials come from. */
export interface CredentialSource {
  get(signal: AbortSignal): Promise<Credentials>;
  /** Those that it gave are no longer taken. */
  forget(): void;
}

/** AWS answered with an error. */
export class AwsError extends HinobanError {
  /** AWS's own code: `Throttling`, `AccessDenied` … */
  readonly awsCode: string;

  constructor(status: number, awsCode: string, message: string) {
    super(status === 403 || status === 401 ? "forbidden" : "unavailable", message, { status, awsCode });
    this.awsCode = awsCode;
  }
}

const requestWithin: Millis = seconds(15);
const mostTries = 5;
const firstPause = 500;
const longestPause = 8000;

const throttled =
  /^(?:Throttling|ThrottlingException|ThrottledException|RequestLimitExceeded|RequestThrottled|TooManyRequestsException|SlowDown|ServiceUnavailable)$/u;
const endedToken = /^(?:ExpiredToken|ExpiredTokenException|TokenRefreshRequired)$/u;

export interface ClientDeps {
  readonly clock: Clock;
  readonly send: Send;
  /** A number in [0, 1): spreads retries. */
  readonly random: () => number;
  readonly credentials: CredentialSource;
  /** One address for every service, instead of AWS's own: for a proxy of one's own. */
  readonly endpoint: URL | undefined;
}

/** Calls AWS's query APIs in one region: signed, with deadlines, and again with growing pauses when AWS says that it is too much. */
export class AwsClient {
  readonly #deps: ClientDeps;
  readonly #region: string;

  constructor(region: string, deps: ClientDeps) {
    this.#region = region;
    this.#deps = deps;
  }

  /**
   * @returns the answer's outermost element
   * @throws AwsError with a sentence for the operator, HinobanError "unavailable" or "timeout" when there was no answer
   */
  async call(service: Service, action: string, parameters: Parameters, signal: AbortSignal): Promise<XmlElement> {
    const { clock, credentials, random } = this.#deps;
    let isRenewed = false;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#once(service, action, parameters, signal);
      } catch (error) {
        const isEnded = error instanceof AwsError && endedToken.test(error.awsCode);
        if (isEnded && !isRenewed) {
          credentials.forget();
          isRenewed = true;
          continue;
        }
        if (!isPassing(error) || tries >= mostTries || signal.aborted) throw error;
        const pause = Math.min(firstPause * 2 ** (tries - 1), longestPause);
        await clock.sleep("cloudwatch.retry", millis(pause / 2 + random() * (pause / 2)), signal).catch(() => {
          throw error;
        });
      }
    }
  }

  async #once(service: Service, action: string, parameters: Parameters, signal: AbortSignal): Promise<XmlElement> {
    const { clock, credentials, send } = this.#deps;
    const signedName = service === "elasticloadbalancing-v2" ? "elasticloadbalancing" : service;
    const url = this.#deps.endpoint ?? new URL(`https://${signedName}.${this.#region}.${domainOf(this.#region)}/`);
    const body = new URLSearchParams({ Action: action, Version: services[service], ...parameters }).toString();
    const found = await credentials.get(signal);
    const headers = signedHeaders({ service: signedName, region: this.#region, host: url.host, body }, found, clock.now());
    const reply = await send(
      { method: "POST", url, headers: { ...headers, "user-agent": agentName, accept: "text/xml" }, body, within: requestWithin },
      signal,
    );
    if (reply.status !== 200) throw refusal(reply, `${signedName}:${action}`);
    const answer = parseXml(reply.text);
    if (answer.name !== `${action}Response`)
      throw new HinobanError("unavailable", `${url.host} answered with <${answer.name}>: is that AWS?`);
    return answer;
  }
}

const domainOf = (region: string): string => (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com");

function isPassing(error: unknown): boolean {
  if (error instanceof AwsError) return throttled.test(error.awsCode) || Number(error.facts["status"]) >= 500;
  return error instanceof HinobanError && (error.code === "unavailable" || error.code === "timeout");
}

/** The permission of a call as IAM policies write it. */
const permissionOf = (call: string): string => call.replace(/^monitoring:/u, "cloudwatch:");

function refusal({ status, text }: CloudReply, call: string): AwsError {
  const error = readError(text);
  const code = textOf(error, "Code") ?? `HTTP ${status}`;
  const told = (textOf(error, "Message") ?? "").slice(0, 300);
  return new AwsError(
    status,
    code,
    `${sentenceFor(code, told, permissionOf(call))} (${[code, told].filter((part) => part !== "").join(": ")})`,
  );
}

function readError(text: string): XmlElement | undefined {
  try {
    const answer = parseXml(text);
    return child(answer, "Error") ?? child(answer, "Errors", "Error");
  } catch {
    return undefined; // a proxy's page
  }
}

function sentenceFor(code: string, told: string, permission: string): string {
  if (code === "RequestExpired" || /signature (?:expired|not yet current)/iu.test(told))
    return "AWS refuses the time of this machine's clock: set it";
  if (/^(?:InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|IncompleteSignature|InvalidAccessKeyId)$/u.test(code))
    return "AWS does not accept the access key";
  if (endedToken.test(code)) return "The temporary credentials have ended";
  if (/^(?:AccessDenied|AccessDeniedException|UnauthorizedOperation|OptInRequired)$/u.test(code))
    return `The access key lacks ${permission}`;
  if (throttled.test(code)) return `AWS takes no more calls of ${permission} for now`;
  return `${permission} failed`;
}
