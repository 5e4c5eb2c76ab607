import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import { readPatterns } from "../patterns.ts";
import { environmentVariable } from "../common/config.ts";
import type { IntegrationDeps } from "../integration.ts";
import type { Options } from "../options.ts";
import { cloudKinds, type CloudKind } from "./catalogue.ts";
import { parseSharedCredentials, type RoleOptions } from "./credentials.ts";
import type { Credentials } from "./sign.ts";

/** A section `[integrations.cloudwatch.ACCOUNT]`, checked. */
export interface CloudwatchSettings {
  readonly regions: readonly string[];
  readonly kinds: readonly CloudKind[];
  readonly isWanted: (id: string) => boolean;
  /** Base credentials; undefined for those of the instance's own role. */
  readonly findKey: (() => Promise<Credentials>) | undefined;
  readonly role: RoleOptions | undefined;
  /** Values go to this service instead of to hosts of their own. */
  readonly service: string | undefined;
  /** Ends custom identifiers, when two accounts use the same names. */
  readonly identifierSuffix: string;
  readonly roles: readonly string[];
  readonly everyMinutes: number;
  /** Minutes whose values CloudWatch may still change. */
  readonly delayMinutes: number;
  readonly historyMinutes: number;
  readonly endpoint: URL | undefined;
  readonly metadataEndpoint: URL;
  readonly mostResources: number;
}

const roleFullName = /^[A-Za-z0-9][\w-]{1,62}:\s?[A-Za-z0-9][\w-]{1,62}$/u;

/** Takes all options of the section. @throws HinobanError "invalid-input" naming every wrong one */
export function readSettings(options: Options, deps: Pick<IntegrationDeps, "reader">): CloudwatchSettings {
  const everyMinutes = options.integer("every_minutes", 5, { least: 1, most: 60 });
  const include = readPatterns("include", options);
  const exclude = readPatterns("exclude", options);
  const settings = {
    regions: readRegions(options),
    kinds: readKinds(options),
    isWanted: (id: string): boolean => (!options.has("include") || include(id)) && !exclude(id),
    findKey: readKey(options, deps),
    role: readRole(options),
    service: options.optionalText("service"),
    identifierSuffix: options.optionalText("identifier_suffix") ?? "",
    roles: options.list("roles"),
    everyMinutes,
    delayMinutes: options.integer("delay_minutes", 10, { least: 1, most: 180 }),
    historyMinutes: options.integer("history_minutes", 30, { least: 1, most: 360 }),
    endpoint: options.has("endpoint") ? options.url("endpoint") : undefined,
    metadataEndpoint: options.url("metadata_endpoint", "http://169.254.169.254"),
    mostResources: options.integer("most_resources", 200, { least: 1, most: 500 }),
  };
  for (const role of settings.roles) {
    if (!roleFullName.test(role)) options.problem("roles", `\`${role.slice(0, 60)}\` must look like My-Service:db`);
  }
  if (settings.service !== undefined && settings.roles.length > 0)
    options.problem("roles", "are for hosts; leave out `service` or `roles`");
  if (!/^[\w.-]{0,60}$/u.test(settings.identifierSuffix))
    options.problem("identifier_suffix", "must be at most 60 letters, digits, dots, - and _");
  options.done();
  return settings;
}

function readRegions(options: Options): readonly string[] {
  const regions = options.list("regions");
  if (regions.length === 0) options.problem("regions", 'must be a list like ["ap-northeast-1"]');
  for (const region of regions) {
    if (!/^[a-z]{2}(?:-[a-z]+)+-\d{1,2}$/u.test(region))
      options.problem("regions", `\`${region.slice(0, 40)}\` must be a region like ap-northeast-1`);
  }
  return [...new Set(regions)];
}

function readKinds(options: Options): readonly CloudKind[] {
  const texts = options.list("kinds", cloudKinds);
  for (const text of texts) {
    if (!cloudKinds.some((kind) => kind === text))
      options.problem("kinds", `\`${text.slice(0, 40)}\` must be one of ${cloudKinds.join(", ")}`);
  }
  return cloudKinds.filter((kind) => texts.includes(kind));
}

function readRole(options: Options): RoleOptions | undefined {
  const arn = options.optionalText("role_arn");
  const externalId = options.optionalText("external_id");
  const sessionName = options.text("role_session_name", "hinoban-agent");
  if (!/^[\w+=,.@-]{2,64}$/u.test(sessionName)) options.problem("role_session_name", "must be 2-64 letters, digits or one of _+=,.@-");
  if (arn === undefined) {
    if (externalId !== undefined) options.problem("external_id", "belongs to a role; set `role_arn`, too");
    return undefined;
  }
  if (!/^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/u.test(arn))
    options.problem("role_arn", "must look like arn:aws:iam::123456789012:role/monitoring");
  return { arn, externalId, sessionName };
}

const keyWays =
  "`credentials_file`, or `access_key_id` with `secret_access_key_file` or `secret_access_key_env`, or `instance_role = true`";

/** Base credentials are looked up anew for each use, so that a changed file counts at once. */
function readKey(options: Options, { reader }: Pick<IntegrationDeps, "reader">): CloudwatchSettings["findKey"] {
  const file = options.optionalText("credentials_file");
  const profile = options.text("profile", "default");
  const usesInstance = options.flag("instance_role", false);
  const id = options.optionalText("access_key_id");
  const idVariable = options.optionalText("access_key_id_env");
  const secret = readSecret(options, reader);
  const hasKey = id !== undefined || idVariable !== undefined;
  const ways = [file !== undefined, usesInstance, hasKey].filter(Boolean).length;
  if (ways !== 1)
    options.problem(
      "credentials_file",
      `${ways === 0 ? "or another key is missing" : "stands beside another key"}; give one of ${keyWays}`,
    );
  if (hasKey && secret === undefined) options.problem("secret_access_key_file", "or `secret_access_key_env` is missing");
  if (id !== undefined && !/^\w{16,128}$/u.test(id)) options.problem("access_key_id", "must be 16-128 letters and digits, like AKIA…");
  if (usesInstance) return undefined;
  if (file !== undefined) return () => fromFile(reader, file, profile);
  return async () => {
    const key = id ?? (idVariable === undefined ? "" : variable(idVariable));
    return { accessKeyId: key, secretAccessKey: new Secret((await secret?.())?.trim() ?? "") };
  };
}

type Reader = IntegrationDeps["reader"];

function readSecret(options: Options, reader: Reader): (() => Promise<string>) | undefined {
  const direct = options.secret("secret_access_key");
  const file = options.optionalText("secret_access_key_file");
  const name = options.optionalText("secret_access_key_env");
  if ([direct, file, name].filter((way) => way !== undefined).length > 1)
    options.problem("secret_access_key_file", "stands beside another secret; keep one of secret_access_key, …_file and …_env");
  if (file !== undefined) return () => readText(reader, file);
  if (name !== undefined) return () => Promise.resolve(variable(name));
  return direct && (() => Promise.resolve(direct.reveal()));
}

function variable(name: string): string {
  const value = environmentVariable(name);
  if (value === undefined)
    throw new HinobanError("not-found", `The environment variable ${name} with the AWS key is not set.`, { variable: name });
  return value;
}

async function readText(reader: Reader, path: string): Promise<string> {
  try {
    return await reader.text(path);
  } catch (cause) {
    throw new HinobanError("not-found", `${path} with the AWS key cannot be read by this user.`, { path }, { cause });
  }
}

async function fromFile(reader: Reader, path: string, profile: string): Promise<Credentials> {
  const found = parseSharedCredentials(await readText(reader, path), profile);
  if (found) return found;
  throw new HinobanError("not-found", `${path} has no access key in the profile [${profile}].`, { path });
}
