import { addTime, minutes, unixMs, type UnixMs } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { CheckResult } from "../../checks/check.ts";
import { segment, type MetricValues } from "../../collectors/collector.ts";
import type { JsonObject } from "../../json.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { Integration, IntegrationDeps, IntegrationMaker } from "../integration.ts";
import { demandLinux } from "../linux-only.ts";
import type { Options } from "../options.ts";
import { readPatterns } from "../patterns.ts";
import { runProgram, type RunProgram } from "../program.ts";
import { readCounters, type CountedErrors } from "./counters.ts";
import { journalLog, openKmsg, type KernelLog } from "./kernel-log.ts";
import { kernelKinds } from "./kernel-lines.ts";
import { judgeArray, parseMdstat, type RaidArray } from "./mdstat.ts";
import { KernelMemory } from "./memory.ts";
import { judgeMounts, parseMountinfo, readOnlyInFstab } from "./mounts.ts";

const graphDefs: readonly JsonObject[] = [
  {
    name: "custom.filesystem_errors.kernel",
    displayName: "Disk and file system errors in the kernel's log",
    unit: "integer",
    metrics: kernelKinds.map((kind) => ({ name: `custom.filesystem_errors.kernel.${kind}`, displayName: kind, isStacked: true })),
  },
  {
    name: "custom.filesystem_errors.counted.#",
    displayName: "Errors that file systems count",
    unit: "integer",
    metrics: [{ name: "custom.filesystem_errors.counted.#.errors", displayName: "%1", isStacked: false }],
  },
  {
    name: "custom.mdraid.#",
    displayName: "Devices of software RAID",
    unit: "integer",
    metrics: [
      { name: "custom.mdraid.#.working", displayName: "%1 working", isStacked: false },
      { name: "custom.mdraid.#.missing", displayName: "%1 missing", isStacked: false },
    ],
  },
];

type Source = "auto" | "kmsg" | "journal" | "none";

/** How the kernel's log is reached; tests hand in their own. */
export interface KernelOutside {
  readonly openKmsg: (after: number, bootAt: () => UnixMs) => KernelLog;
  readonly run: RunProgram;
}

type Deps = Pick<IntegrationDeps, "clock" | "reader" | "stateFolder" | "platform">;

/** `[integrations.filesystem-errors]`: what Linux itself says about failing disks and file systems. */
export const filesystemErrors: IntegrationMaker = (options, deps, config) => {
  return makeFilesystemErrors(options, deps, config.name, { openKmsg, run: runProgram });
};

/** {@link filesystemErrors} with the way the kernel's log is reached. */
export function makeFilesystemErrors(options: Options, deps: Deps, name: string, outside: KernelOutside): Integration {
  const source = options.word<Source>("kernel_log", ["auto", "kmsg", "journal", "none"], "auto");
  const window = minutes(options.integer("remember_minutes", 1440, { least: 1, most: 43_200 }));
  const isIgnored = readPatterns("ignore", options);
  options.done();
  const { clock, reader, platform } = deps;
  const kernel = new KernelWatch(source, deps, outside);
  const wasWritable = new Set<string>();
  const seenArrays = new Set<string>();

  const mountFindings = async (): Promise<readonly Finding[]> => {
    const mounts = parseMountinfo(await reader.text("/proc/self/mountinfo")).filter(({ path }) => !isIgnored(path));
    const inFstab = readOnlyInFstab(await reader.text("/etc/fstab").catch(() => ""));
    for (const { path, isReadOnly } of mounts) if (!isReadOnly) wasWritable.add(path);
    // Read-only on purpose: fstab says so, and it was never seen writable.
    return judgeMounts(mounts, (path) => inFstab.has(path) && !wasWritable.has(path));
  };

  return {
    kind: "filesystem-errors",
    name,
    graphDefs,
    collect: async (signal) => {
      demandLinux(platform, name);
      const readOnly = await mountFindings();
      const counted = (await readCounters(reader)).filter(({ device }) => !isIgnored(device));
      const arrays = parseMdstat(await reader.text("/proc/mdstat").catch(() => ""));
      const { counts, note } = await kernel.round(signal);
      kernel.memory.forget(clock.now(), window);
      const errors = [...counted.flatMap(judgeCounted), ...kernel.memory.findings.filter(({ text }) => !isIgnored(text))];
      const checks: CheckResult[] = [
        checkOf(`${name} read-only`, readOnly, "every file system on a disk is writable"),
        checkOf(name, errors, `no errors of disks and file systems${note === "" ? "" : `; the kernel's log was not read: ${note}`}`),
        ...arrays.map((array) => checkOf(`mdraid ${array.name}`, judgeArray(array), sayFine(array))),
        ...goneArrays(arrays, seenArrays),
      ];
      return { metrics: { ...counts, ...metricsOf(counted, arrays) }, checks };
    },
    close: async () => kernel.close(),
  };
}

function goneArrays(arrays: readonly RaidArray[], seen: Set<string>): readonly CheckResult[] {
  const present = new Set(arrays.map((array) => array.name));
  for (const array of present) seen.add(array);
  return [...seen]
    .filter((array) => !present.has(array))
    .map((array) => ({ name: `mdraid ${array}`, status: "CRITICAL", message: `${array} was here and is gone` }));
}

function judgeCounted({ device, type, errors, lastAt }: CountedErrors): readonly Finding[] {
  if (errors === 0) return [];
  const last = lastAt > 0 ? `, the last ${new Date(lastAt * 1000).toISOString().replace(/\.\d+Z$/u, "Z")}` : "";
  const until = type === "ext4" ? "e2fsck clears it" : "`btrfs device stats --reset` clears it";
  return [{ status: "WARNING", text: `${type} on ${device} counted ${errors} errors${last} (${until})` }];
}

const sayFine = ({ name, level, working, wanted, progress }: RaidArray): string =>
  `${name} ${level}${wanted === undefined ? "" : `, ${working ?? 0} of ${wanted} devices`}${progress ? `, ${progress.action} at ${progress.percent} %` : ""}`;

function metricsOf(counted: readonly CountedErrors[], arrays: readonly RaidArray[]): MetricValues {
  const metrics: Record<string, number> = {};
  for (const { device, errors } of counted) metrics[`custom.filesystem_errors.counted.${segment(device)}.errors`] = errors;
  for (const { name, wanted, working } of arrays) {
    if (wanted === undefined || working === undefined) continue;
    metrics[`custom.mdraid.${segment(name)}.working`] = working;
    metrics[`custom.mdraid.${segment(name)}.missing`] = Math.max(wanted - working, 0);
  }
  return metrics;
}

/** Reads the kernel's log by whichever way is open, and remembers its place over restarts. */
class KernelWatch {
  readonly memory = new KernelMemory();
  readonly #source: Source;
  readonly #deps: Deps;
  readonly #outside: KernelOutside;
  #log: KernelLog | undefined;
  #folder: string | undefined;
  #isLoaded = false;
  #readAt: UnixMs | undefined;

  constructor(source: Source, deps: Deps, outside: KernelOutside) {
    this.#source = source;
    this.#deps = deps;
    this.#outside = outside;
  }

  /** @throws HinobanError when the way that was asked for is closed */
  async round(signal: AbortSignal): Promise<{ readonly counts: MetricValues; readonly note: string }> {
    if (this.#source === "none") return { counts: {}, note: "" };
    const { clock } = this.#deps;
    const folder = await this.#load();
    try {
      this.#log ??= await this.#open(signal);
      const counts = this.memory.take(await this.#log.read(signal), this.#readAt ?? addTime(clock.now(), minutes(-1)));
      this.#readAt = clock.now();
      this.memory.place = { ...this.memory.place, ...this.#log.place };
      // The disk that cannot be written is what this is about: it must not hide itself.
      if (folder !== undefined) await this.memory.save(folder).catch(() => undefined);
      return {
        counts: Object.fromEntries(Object.entries(counts).map(([kind, count]) => [`custom.filesystem_errors.kernel.${kind}`, count])),
        note: "",
      };
    } catch (error) {
      this.close();
      if (this.#source === "auto" && error instanceof HinobanError) return { counts: {}, note: messageOf(error) };
      throw error;
    }
  }

  close(): void {
    this.#log?.close();
    this.#log = undefined;
  }

  /** The folder of the memory; undefined when there is none, because the disk cannot be written. */
  async #load(): Promise<string | undefined> {
    if (this.#isLoaded) return this.#folder;
    this.#isLoaded = true;
    const boot = (await this.#deps.reader.text("/proc/sys/kernel/random/boot_id").catch(() => "")).trim();
    this.#folder = await this.#deps.stateFolder().catch(() => undefined);
    if (this.#folder !== undefined) await this.memory.load(this.#folder);
    if (this.memory.place.boot !== boot) this.memory.place = { boot, sequence: -1, cursor: "" };
    return this.#folder;
  }

  async #open(signal: AbortSignal): Promise<KernelLog> {
    const { sequence, cursor } = this.memory.place;
    const { clock, reader } = this.#deps;
    const bootAt = (): UnixMs => unixMs(clock.now() - reader.os.uptime() * 1000);
    if (this.#source === "journal") return journalLog(cursor, this.#outside.run);
    try {
      return this.#outside.openKmsg(sequence, bootAt);
    } catch (error) {
      if (this.#source === "kmsg") throw error;
      const journal = journalLog(cursor, this.#outside.run);
      await this.#outside.run(["journalctl", "--version"], signal).catch(() => {
        throw error; // without a journal the ring buffer's own refusal tells more
      });
      return journal;
    }
  }
}
