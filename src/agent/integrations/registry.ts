import { invalidInput } from "#base/errors";
import { nearest } from "../settings.ts";
import { accessLog } from "./access-log/index.ts";
import { apache } from "./apache/index.ts";
import { cloudwatch } from "./cloudwatch/index.ts";
import { filesystemErrors } from "./filesystem-errors/index.ts";
import type { Integration, IntegrationConfig, IntegrationDeps, IntegrationMaker } from "./integration.ts";
import { jvm } from "./jvm/index.ts";
import { mysql } from "./mysql/index.ts";
import { nginx } from "./nginx/index.ts";
import { Options } from "./options.ts";
import { port } from "./port/index.ts";
import { postgresql } from "./postgresql/index.ts";
import { processes } from "./process/index.ts";
import { prometheusScrape } from "./prometheus-scrape/index.ts";
import { redis } from "./redis/index.ts";
import { smart } from "./smart/index.ts";
import { systemd } from "./systemd/index.ts";
import { tlsFile } from "./tls-file/index.ts";

/** Every kind of integration by the name of its section. A new collector adds one line here. */
const makers: Readonly<Record<string, IntegrationMaker>> = {
  "access-log": accessLog,
  apache,
  cloudwatch,
  "filesystem-errors": filesystemErrors,
  jvm,
  mysql,
  nginx,
  port,
  postgresql,
  process: processes,
  "prometheus-scrape": prometheusScrape,
  redis,
  smart,
  systemd,
  "tls-file": tlsFile,
};

/**
 * Makes the integration of a section. Touches nothing outside.
 * @throws HinobanError "invalid-input" for an unknown kind or wrong options, naming file and line
 */
export function createIntegration(config: IntegrationConfig, deps: IntegrationDeps): Integration {
  const maker = Object.hasOwn(makers, config.kind) ? makers[config.kind] : undefined;
  if (maker)
    return maker(new Options({ ...config, label: `integrations.${config.name}` }, (sentence) => deps.log.warn(sentence)), deps, config);
  const kinds = Object.keys(makers);
  const guess = nearest(config.kind, kinds);
  const right = guess === undefined ? `there are ${kinds.join(", ") || "none yet"}` : `did you mean \`${guess}\`?`;
  throw invalidInput([
    { field: `${config.file} line ${config.line}, integrations.${config.name}`, problem: `\`${config.kind}\` is unknown; ${right}` },
  ]);
}
