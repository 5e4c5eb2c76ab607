import { HinobanError, messageOf } from "#base/errors";
import type { CheckResult } from "../../checks/check.ts";
import type { JsonObject } from "../../json.ts";
import type { Collected, Integration, IntegrationMaker } from "../integration.ts";
import type { Options } from "../options.ts";
import { readPatterns } from "../patterns.ts";
import { runProgram, type RunProgram } from "../program.ts";
import { diskSegment, measures, parseDisk, parseScan, type DiskName, type DiskReport, type Measure } from "./disk-report.ts";
import { defaultLimits, judgeDisk, type SmartLimits } from "./health.ts";

const units: Readonly<Record<Measure, readonly [title: string, unit: string]>> = {
  temperature: ["Disk temperature (°C)", "float"],
  power_on_hours: ["Disk power-on hours", "integer"],
  wear: ["Rated life used", "percentage"],
  spare: ["Spare blocks left", "percentage"],
  reallocated: ["Reallocated sectors", "integer"],
  pending: ["Pending sectors", "integer"],
  uncorrectable: ["Uncorrectable errors", "integer"],
  crc_errors: ["CRC errors on the cable", "integer"],
  media_errors: ["Media errors", "integer"],
};

const graphDefs: readonly JsonObject[] = measures.map((measure) => ({
  name: `custom.smart.${measure}.#`,
  displayName: units[measure][0],
  unit: units[measure][1],
  metrics: [{ name: `custom.smart.${measure}.#.value`, displayName: "%1", isStacked: false }],
}));

const atOnce = 4;

/** `[integrations.smart]`: health of every disk by smartctl (smartmontools 7 or later), a check and metrics for each. */
export const smart: IntegrationMaker = (options, _deps, config) => makeSmart(options, config.name, runProgram);

/** {@link smart} with the way programs are run, for tests. */
export function makeSmart(options: Options, name: string, run: RunProgram): Integration {
  const command = options.list("command", ["smartctl"]);
  const named = options.list("devices").map((text) => readDevice(text, options));
  const isExcluded = readPatterns("exclude", options);
  const wakes = options.flag("wake", false);
  const limits = readLimits(options);
  const everyMinutes = options.integer("every_minutes", 10, { least: 1, most: 1440 });
  options.done();
  const seen = new Map<string, DiskName>();

  const scan = async (signal: AbortSignal): Promise<readonly DiskName[]> => {
    if (named.length > 0) return named;
    const { stdout, stderr } = await run([...command, "--scan-open", "--json"], signal).catch(explainMissing);
    const found = parseScan(stdout);
    if (!found)
      throw new HinobanError("unavailable", `${command.join(" ")} gave no list of disks: ${(stderr || stdout).trim().slice(0, 200)}`);
    return found;
  };

  const ask = async (disk: DiskName, signal: AbortSignal): Promise<Asked> => {
    const type = disk.type === "" ? [] : ["-d", disk.type];
    try {
      const { stdout } = await run([...command, "--json", "-a", ...(wakes ? [] : ["-n", "standby"]), ...type, disk.device], signal);
      return { disk, answer: parseDisk(stdout) };
    } catch (error) {
      return { disk, answer: { kind: "failed", why: messageOf(error) } };
    }
  };

  return {
    kind: "smart",
    name,
    graphDefs,
    everyMinutes,
    collect: async (signal) => {
      const disks = (await scan(signal)).filter((disk) => !isExcluded(disk.device));
      const answers: Asked[] = [];
      for (let at = 0; at < disks.length; at += atOnce)
        answers.push(...(await Promise.all(disks.slice(at, at + atOnce).map((disk) => ask(disk, signal)))));
      return gather(answers, seen, limits, command);
    },
  };
}

interface Asked {
  readonly disk: DiskName;
  readonly answer: ReturnType<typeof parseDisk>;
}

function gather(answers: readonly Asked[], seen: Map<string, DiskName>, limits: SmartLimits, command: readonly string[]): Collected {
  const metrics: Record<string, number> = {};
  const checks: CheckResult[] = [];
  const present = new Set<string>();
  for (const { disk, answer } of answers) {
    const name = diskSegment(disk);
    present.add(name);
    if (answer.kind === "standby") continue; // its last result stands
    if (answer.kind === "denied") throw denied(disk, answer.why, command);
    if (answer.kind === "failed") {
      checks.push({ name: `smart ${name}`, status: "UNKNOWN", message: `${disk.device} did not answer: ${answer.why}` });
      continue;
    }
    if (!hasSmart(answer.report)) continue; // a virtual disk or a USB stick: nothing to tell, for ever
    seen.set(name, disk);
    for (const [measure, value] of Object.entries(answer.report.measures)) metrics[`custom.smart.${measure}.${name}.value`] = value;
    checks.push({ name: `smart ${name}`, ...judgeDisk(answer.report, limits) });
  }
  for (const [name, disk] of seen) {
    if (present.has(name)) continue;
    checks.push({ name: `smart ${name}`, status: "CRITICAL", message: `${disk.device} was here and is gone` });
  }
  return { metrics, checks };
}

const hasSmart = (report: DiskReport): boolean => report.passed !== undefined || Object.keys(report.measures).length > 0;

function denied(disk: DiskName, why: string, command: readonly string[]): HinobanError {
  const text = `${command.join(" ")} may not ask ${disk.device}: it needs root, or the group disk with the capabilities CAP_SYS_RAWIO and CAP_SYS_ADMIN. The guide's page on integrations has the lines for systemd. (${why})`;
  return new HinobanError("forbidden", text, { device: disk.device });
}

function explainMissing(error: unknown): never {
  if (error instanceof HinobanError && error.code === "not-found")
    throw new HinobanError("not-found", "smartctl is not installed: install the package smartmontools, version 7 or later.");
  throw error;
}

/** `/dev/sda`, or `/dev/bus/0 megaraid,4` with smartctl's type behind a blank. */
function readDevice(text: string, options: Options): DiskName {
  const [device = "", type = "", ...rest] = text.split(/\s+/u);
  if (rest.length > 0 || !/^\/dev\/[\w/.:-]+$/u.test(device) || (type !== "" && !/^\w[\w,+/.-]*$/u.test(type)))
    options.problem(
      "devices",
      `\`${text.slice(0, 60)}\` must be a device like "/dev/sda", or a device and smartctl's type like "/dev/bus/0 megaraid,4"`,
    );
  return { device, type };
}

function readLimits(options: Options): SmartLimits {
  const limits: Partial<Record<Measure, number>> = {};
  for (const measure of measures) {
    if (measure === "power_on_hours") continue;
    const limit = options.integer(`warning_${measure}`, defaultLimits[measure] ?? 0, { least: 0, most: 1_000_000_000 });
    if (limit > 0) limits[measure] = limit;
  }
  return limits;
}
