import type { KeyObject } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { UnixMs } from "#base/duration";
import type { CheckResult } from "../../checks/check.ts";
import { segment } from "../../collectors/collector.ts";
import type { JsonObject } from "../../json.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { Integration, IntegrationDeps, IntegrationMaker } from "../integration.ts";
import type { Options } from "../options.ts";
import { readPatterns } from "../patterns.ts";
import { daysUntil, readCertificates, readKey, type CertificateFacts, type CertificateFile } from "./certificates.ts";
import { glob } from "./glob.ts";

const graphDefs: readonly JsonObject[] = [
  {
    name: "custom.tls.certificate.#",
    displayName: "Days until certificates in files end",
    unit: "integer",
    metrics: [{ name: "custom.tls.certificate.#.days", displayName: "%1", isStacked: false }],
  },
];

interface Limits {
  readonly warningDays: number;
  readonly criticalDays: number;
}

/** `[integrations.tls-file]`: certificates in files, how long they last, whether chain and key fit. */
export const tlsFile: IntegrationMaker = (options, deps, config) => makeTlsFile(options, deps, config.name);

function makeTlsFile(options: Options, { clock }: Pick<IntegrationDeps, "clock">, name: string): Integration {
  const patterns = options.list("paths");
  const isExcluded = readPatterns("exclude", options);
  const keyPath = options.optionalText("key");
  const checksKeys = options.flag("check_keys", true);
  const limits = {
    warningDays: options.integer("warning_days", 30, { least: 0, most: 3650 }),
    criticalDays: options.integer("critical_days", 7, { least: 0, most: 3650 }),
  };
  const everyMinutes = options.integer("every_minutes", 10, { least: 1, most: 1440 });
  if (patterns.length === 0) options.problem("paths", 'must be a list like ["/etc/letsencrypt/live/*/fullchain.pem"]');
  for (const path of [...patterns, ...(keyPath === undefined ? [] : [keyPath])])
    if (!path.startsWith("/")) options.problem(patterns.includes(path) ? "paths" : "key", `\`${path.slice(0, 60)}\` must begin with /`);
  if (limits.criticalDays > limits.warningDays) options.problem("critical_days", `must be at most warning_days (${limits.warningDays})`);
  options.done();
  let seen: ReadonlySet<string> = new Set();

  return {
    kind: "tls-file",
    name,
    graphDefs,
    everyMinutes,
    collect: async () => {
      const metrics: Record<string, number> = {};
      const checks: CheckResult[] = [];
      const { paths, findings } = await findFiles(patterns, isExcluded);
      for (const path of paths) {
        const label = labelOf(path);
        const looked = await look(path, checksKeys ? (keyPath ?? siblings(path)) : [], limits, clock.now());
        if (looked.days !== undefined) metrics[`custom.tls.certificate.${label}.days`] = looked.days;
        checks.push(checkOf(`tls-file ${path}`, looked.findings, looked.fine));
      }
      // A file that its pattern found and that is gone shall not stay as it was last seen.
      for (const path of seen) if (!paths.has(path)) checks.push(checkOf(`tls-file ${path}`, [], `${path} is gone and no longer watched`));
      seen = paths;
      checks.push(checkOf(`${name} files`, findings, `${paths.size} files watched`));
      return { metrics, checks };
    },
  };
}

/** The files that fit, and what stands in the way of finding them. */
async function findFiles(
  patterns: readonly string[],
  isExcluded: (path: string) => boolean,
): Promise<{ readonly paths: ReadonlySet<string>; readonly findings: readonly Finding[] }> {
  const paths = new Set<string>();
  const findings: Finding[] = [];
  for (const pattern of patterns) {
    const { files, unreadable, isCut } = await glob(pattern);
    for (const folder of unreadable) findings.push({ status: "UNKNOWN", text: `${folder} may not be listed by the agent's user` });
    if (isCut) findings.push({ status: "WARNING", text: `${pattern} fits more than 500 files; the rest is not watched` });
    if (files.length === 0 && unreadable.length === 0) findings.push({ status: "WARNING", text: `no file fits ${pattern}` });
    for (const file of files) if (!isExcluded(file)) paths.add(file);
  }
  return { paths, findings };
}

/** `/etc/letsencrypt/live/www.example.jp/fullchain.pem` → `etc_letsencrypt_live_www_example_jp_fullchain_pem`; of a long one the end. */
const labelOf = (path: string): string => segment(path.slice(1)).slice(-150);

/** Where the key of a certificate usually lies: certbot's privkey.pem, and the same name with another ending. */
function siblings(path: string): readonly string[] {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const stem = path.slice(folder.length + 1).replace(/\.(?:crt|cer|pem|cert)$/u, "");
  const certbot = /^(?:fullchain|cert)(\d*)$/u.exec(stem);
  return certbot ? [`${folder}/privkey${certbot[1] ?? ""}.pem`] : [`${folder}/${stem}.key`, `${folder}/${stem}-key.pem`];
}

interface Looked {
  readonly days?: number;
  readonly findings: readonly Finding[];
  readonly fine: string;
}

async function look(path: string, keys: string | readonly string[], limits: Limits, now: UnixMs): Promise<Looked> {
  const bytes = await readSome(path);
  if (typeof bytes === "string") return { findings: [{ status: "UNKNOWN", text: `${path} ${bytes}` }], fine: "" };
  const file = readCertificates(bytes);
  if (typeof file === "string") return { findings: [{ status: "UNKNOWN", text: `${path} ${file}` }], fine: "" };
  const earliest = file.certificates.reduce((first, one) => (one.validTo < first.validTo ? one : first));
  const days = daysUntil(earliest.validTo, now);
  const findings = [...judgeDates(file, earliest, limits, now)];
  if (file.orderProblem !== undefined) findings.push({ status: "WARNING", text: `the chain is out of order: ${file.orderProblem}` });
  const key = await judgeKey(file, bytes, keys);
  if (typeof key !== "string") findings.push(key);
  const end = new Date(earliest.validTo).toISOString().slice(0, 10);
  return {
    days,
    findings,
    fine: `${file.certificates[0]?.subject ?? ""}: ${days} days left, until ${end}${typeof key === "string" ? key : ""}`,
  };
}

function judgeDates(file: CertificateFile, earliest: CertificateFacts, limits: Limits, now: UnixMs): readonly Finding[] {
  const findings: Finding[] = [];
  const [own] = file.certificates;
  const who = earliest === own ? earliest.subject : `${earliest.subject} (in the chain)`;
  const day = new Date(earliest.validTo).toISOString().slice(0, 10);
  const days = daysUntil(earliest.validTo, now);
  if (earliest.validTo <= now) findings.push({ status: "CRITICAL", text: `${who} ended on ${day}` });
  else if (days < limits.criticalDays) findings.push({ status: "CRITICAL", text: `${who} ends in ${days} days, on ${day}` });
  else if (days < limits.warningDays) findings.push({ status: "WARNING", text: `${who} ends in ${days} days, on ${day}` });
  if (own && own.validFrom > now)
    findings.push({
      status: "CRITICAL",
      text: `${own.subject} is not valid before ${new Date(own.validFrom).toISOString().replace(/\.\d+Z$/u, "Z")}`,
    });
  return findings;
}

/**
 * Whether the key fits. A key that was named must be there and readable; one that is only guessed may be absent or closed to the agent's user.
 * @returns a finding, or the end of the sentence that tells all is well
 */
async function judgeKey(file: CertificateFile, bytes: Buffer, keys: string | readonly string[]): Promise<Finding | string> {
  const inside = bytes.includes("PRIVATE KEY-----") ? readKey(bytes) : missing;
  if (typeof inside !== "string") return fit(file, inside, "the key in the file");
  if (typeof keys === "string") {
    const key = await loadKey(keys);
    return typeof key === "string" ? { status: "UNKNOWN", text: `the key ${keys} ${key}` } : fit(file, key, `the key ${keys}`);
  }
  for (const path of keys) {
    const key = await loadKey(path);
    if (key !== missing) return typeof key === "string" ? ", its key was not compared" : fit(file, key, `the key ${path}`);
  }
  return "";
}

const fit = (file: CertificateFile, key: KeyObject, what: string): Finding | string =>
  file.matches(key) ? ", its key fits" : { status: "CRITICAL", text: `${what} belongs to another certificate` };

async function loadKey(path: string): Promise<KeyObject | string> {
  const bytes = await readSome(path);
  return typeof bytes === "string" ? bytes : readKey(bytes);
}

const missing = "does not exist";
const longestFile = 1024 * 1024;

/** The bytes of a file, or why not (opened so that a pipe in its place cannot hang), as a sentence's end. */
async function readSome(path: string): Promise<Buffer | string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return "is not a file";
      if (stat.size > longestFile) return "is longer than 1 MiB";
      const buffer = Buffer.alloc(stat.size);
      const { bytesRead } = await file.read(buffer, 0, stat.size, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return missing;
    if (code === "EACCES" || code === "EPERM") return "may not be read by the agent's user";
    return "cannot be read";
  }
}
