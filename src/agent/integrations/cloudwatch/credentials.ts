import type { Clock } from "#base/clock";
import { minutes, seconds, unixMs, type Millis, type UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import { parseJson } from "../../json.ts";
import { textAt } from "../json-path.ts";
import { AwsClient, type ClientDeps, type CredentialSource } from "./client.ts";
import type { Credentials } from "./sign.ts";
import type { Send } from "./transport.ts";
import { child, textOf } from "./xml.ts";

/** Temporary credentials are renewed this long before their end. */
const renewBefore: Millis = minutes(5);

/** Keeps credentials until shortly before their end. Those without an end are asked for anew each time, so that a changed file counts. */
export function keptCredentials(clock: Clock, find: (signal: AbortSignal) => Promise<Credentials>): CredentialSource {
  let kept: Credentials | undefined;
  return {
    get: async (signal) => {
      if (kept?.expiresAt !== undefined && kept.expiresAt - renewBefore > clock.now()) return kept;
      kept = await find(signal);
      return kept;
    },
    forget: () => {
      kept = undefined;
    },
  };
}

/**
 * A section of a shared credentials file (`~/.aws/credentials`): `[profile]`, then `aws_access_key_id = …` and its siblings.
 * @returns undefined when the profile is missing or has no key
 */
export function parseSharedCredentials(text: string, profile: string): Credentials | undefined {
  const found = new Map<string, string>();
  let section = "";
  for (const raw of text.split(/\r?\n/u)) {
    const line = raw.trim();
    const heading = /^\[\s*(?:profile\s+)?([^\]]*?)\s*\]$/u.exec(line);
    if (heading) section = heading[1] ?? "";
    const at = line.indexOf("=");
    if (heading || at < 1 || section !== profile || /^[#;]/u.test(line)) continue;
    found.set(line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim());
  }
  return credentialsFrom(found.get("aws_access_key_id"), found.get("aws_secret_access_key"), found.get("aws_session_token"));
}

function credentialsFrom(
  id: string | undefined,
  secret: string | undefined,
  token: string | undefined,
  end?: UnixMs,
): Credentials | undefined {
  if (id === undefined || secret === undefined || !/^\w{8,128}$/u.test(id) || secret === "") return undefined;
  return {
    accessKeyId: id,
    secretAccessKey: new Secret(secret),
    sessionToken: token === undefined || token === "" ? undefined : new Secret(token),
    expiresAt: end,
  };
}

/** What a role is assumed with. */
export interface RoleOptions {
  readonly arn: string;
  readonly externalId: string | undefined;
  readonly sessionName: string;
}

/** Temporary credentials of a role (STS AssumeRole), asked for with other credentials. */
export function assumedRole(role: RoleOptions, region: string, deps: ClientDeps): CredentialSource {
  const client = new AwsClient(region, deps);
  return keptCredentials(deps.clock, async (signal) => {
    const parameters = {
      RoleArn: role.arn,
      RoleSessionName: role.sessionName,
      DurationSeconds: "3600",
      ...(role.externalId === undefined ? {} : { ExternalId: role.externalId }),
    };
    const answer = await client.call("sts", "AssumeRole", parameters, signal);
    const told = child(answer, "AssumeRoleResult", "Credentials");
    const end = Date.parse(textOf(told, "Expiration") ?? "");
    const found = credentialsFrom(textOf(told, "AccessKeyId"), textOf(told, "SecretAccessKey"), textOf(told, "SessionToken"), unixMs(end));
    if (!found || Number.isNaN(end)) throw new HinobanError("unavailable", `STS gave no credentials for ${role.arn}.`);
    return found;
  });
}

const metadataWithin: Millis = seconds(2);

/**
 * Temporary credentials of the EC2 instance's own role, by the instance metadata service, version 2 only (version 1 answers anybody who can
 * make a program on the machine fetch an address).
 */
export function instanceRole(base: URL, clock: Clock, send: Send): CredentialSource {
  return keptCredentials(clock, async (signal) => {
    const ask = async (method: "GET" | "PUT", path: string, headers: Readonly<Record<string, string>>): Promise<string> => {
      const { status, text } = await send({ method, url: new URL(path, base), headers, within: metadataWithin }, signal);
      if (status !== 200)
        throw new HinobanError("unavailable", `The metadata service answered ${path} with ${status}: has this instance a role?`);
      return text.trim();
    };
    const token = await ask("PUT", "/latest/api/token", { "x-aws-ec2-metadata-token-ttl-seconds": "300", "content-length": "0" });
    const headers = { "x-aws-ec2-metadata-token": token };
    const folder = "/latest/meta-data/iam/security-credentials/";
    const role = (await ask("GET", folder, headers)).split("\n")[0] ?? "";
    const told = parseJson(await ask("GET", folder + encodeURIComponent(role), headers));
    const end = Date.parse(textAt(told, "Expiration") ?? "");
    const found = credentialsFrom(textAt(told, "AccessKeyId"), textAt(told, "SecretAccessKey"), textAt(told, "Token"), unixMs(end));
    if (!found || Number.isNaN(end))
      throw new HinobanError("unavailable", "The metadata service gave no credentials: has this instance a role?");
    return found;
  });
}
