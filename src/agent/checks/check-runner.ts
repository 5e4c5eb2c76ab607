import { millis, toSeconds, type Millis } from "#base/duration";
import type { CheckPluginConfig, CommandSpec } from "../conf/plugins.ts";
import type { ExtraPoint } from "../extra-points.ts";
import type { RunResult } from "../plugins/command.ts";
import { whyOf, type PluginDeps } from "../plugins/metric-plugin.ts";
import { checkStatuses, type CheckReport, type CheckStatus } from "./check.ts";
import { parsePerfdata, perfMetricName } from "./perfdata.ts";

/** Bytes of output that are read: a message has 1,024 characters, performance data comes behind it. */
const outputCap = 64 * 1024;
const longestMessage = 1024;

export interface CheckDeps extends PluginDeps {
  readonly random: () => number;
  /** The first looks of many checks are spread over this long. */
  readonly spread: Millis;
  /** Takes a result that the server shall hear of. `isChange`: at once. */
  readonly report: (report: CheckReport, isChange: boolean) => Promise<void>;
  /** Takes performance data. */
  readonly points: (points: readonly ExtraPoint[]) => void;
}

interface Look {
  readonly status: CheckStatus;
  readonly message: string;
}

/** Looks at its interval until `signal` is aborted. Looks never overlap; one that took longer than the interval is followed at once. */
export async function runCheck(config: CheckPluginConfig, deps: CheckDeps, signal: AbortSignal): Promise<void> {
  const { clock, random, spread } = deps;
  let next: number = clock.mono() + random() * spread;
  let previous: Look | undefined;
  while (!signal.aborted) {
    await clock.sleep("agent.check", millis(Math.max(next - clock.mono(), 0)), signal).catch(() => undefined);
    if (signal.aborted) return;
    next = Math.max(next + config.interval, clock.mono());
    previous = await look(config, previous, deps, signal);
  }
}

async function look(
  config: CheckPluginConfig,
  previous: Look | undefined,
  deps: CheckDeps,
  signal: AbortSignal,
): Promise<Look | undefined> {
  const { clock, runner, report } = deps;
  const occurredAt = toSeconds(clock.now());
  const result = await runner.run(config.run, { cap: outputCap, signal });
  if (signal.aborted) return previous; // it was ended by us: that says nothing about what it watches
  const now = judge(result, config.run.timeout);
  if (config.perfdata && "stdout" in result) deps.points(perfPoints(config, result.stdout, occurredAt));
  if (shouldSend(now, previous, config.preventAutoClose)) {
    const { name, maxCheckAttempts, notificationInterval, customIdentifier } = config;
    await report(
      {
        name,
        ...now,
        occurredAt,
        ...(maxCheckAttempts === undefined ? {} : { maxCheckAttempts }),
        ...(notificationInterval === undefined ? {} : { notificationInterval }),
        ...(customIdentifier === undefined ? {} : { customIdentifier }),
      },
      now.status !== previous?.status,
    );
  }
  if (config.action) await act(config.name, config.action, now, previous, deps, signal);
  return now;
}

/** What a program's end means: exit codes 0, 1 and 2, everything else UNKNOWN. The whole output is the message. */
export function judge(result: RunResult, timeout: Millis): Look {
  if (result.kind !== "exited") return { status: "UNKNOWN", message: cut(`The check gave no result: ${whyOf(result, timeout)}.`) };
  const status = checkStatuses[result.code] ?? "UNKNOWN";
  return { status, message: cut(result.stdout.trim() === "" ? result.stderr : result.stdout) };
}

/** At 1,024 code points, never in the middle of one. */
function cut(text: string): string {
  if (text.length <= longestMessage) return text;
  return Array.from(text.slice(0, longestMessage * 2))
    .slice(0, longestMessage)
    .join("");
}

/** OK is news only when it differs from what was sent before; everything else is sent each time, because the server counts it. */
export function shouldSend(now: Look, previous: Look | undefined, preventAutoClose: boolean): boolean {
  if (now.status !== "OK") return true;
  return !preventAutoClose && (now.status !== previous?.status || now.message !== previous.message);
}

function perfPoints(config: CheckPluginConfig, stdout: string, occurredAt: ReturnType<typeof toSeconds>): readonly ExtraPoint[] {
  const host = config.customIdentifier === undefined ? {} : { host: config.customIdentifier };
  return parsePerfdata(stdout).flatMap(({ label, value }) => {
    const name = perfMetricName(config.name, label);
    return name === undefined ? [] : [{ name, value, time: occurredAt, ...host }];
  });
}

async function act(
  name: string,
  action: CommandSpec,
  now: Look,
  previous: Look | undefined,
  { runner, log }: CheckDeps,
  signal: AbortSignal,
): Promise<void> {
  const env = {
    MACKEREL_STATUS: now.status,
    MACKEREL_PREVIOUS_STATUS: previous?.status ?? "",
    MACKEREL_CHECK_MESSAGE: now.message.replaceAll("\0", ""), // no variable can hold it
  };
  const result = await runner.run(action, { cap: outputCap, signal, env });
  if (result.kind !== "exited") log.warn(`The action of check ${name} did not end properly: ${whyOf(result, action.timeout)}`);
  else if (result.code !== 0) log.warn(`The action of check ${name} ended with ${result.code}.`);
}
