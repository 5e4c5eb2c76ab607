import { minutes, seconds, type Millis } from "#base/duration";
import type { ApiClient } from "../api.ts";
import type { MetadataPluginConfig } from "../conf/plugins.ts";
import { parseJson } from "../json.ts";
import { whyOf, type PluginDeps } from "./metric-plugin.ts";

/** The server takes 100 KB a value. */
const largest = 100 * 1024;

export interface MetadataDeps extends PluginDeps {
  readonly api: ApiClient;
  readonly hostId: string;
  readonly random: () => number;
}

/**
 * Runs a metadata plugin at its interval and sends what it prints (JSON) when that changed. While the server is away the newest value waits and
 * is tried each minute; a refusal is logged, and the next run sends again.
 */
export async function keepMetadata(config: MetadataPluginConfig, deps: MetadataDeps, signal: AbortSignal): Promise<void> {
  const { clock, log, random } = deps;
  const name = `plugin.metadata.${config.name}`;
  let sent: string | undefined;
  let trouble: string | undefined;
  const tell = (sentence: string | undefined): void => {
    if (sentence !== undefined && sentence !== trouble) log.warn(`${name}: ${sentence}`);
    trouble = sentence;
  };
  await rest(deps, Math.round(random() * seconds(30)) as Millis, signal); // a part of a length of time is one
  while (!signal.aborted) {
    const began = clock.mono();
    const found = await ask(config, deps, signal);
    if (signal.aborted) return;
    if ("why" in found) tell(found.why);
    else if (found.text !== sent) {
      const outcome = await send(config.name, found.text, deps, signal);
      tell(outcome);
      sent = outcome === undefined ? found.text : undefined;
    } else tell(undefined);
    await rest(deps, Math.max(config.interval - (clock.mono() - began), minutes(1)) as Millis, signal); // the same
  }
}

const rest = ({ clock }: MetadataDeps, time: Millis, signal: AbortSignal): Promise<void> =>
  clock.sleep("agent.metadata", time, signal).catch(() => undefined);

async function ask(
  { run }: MetadataPluginConfig,
  { runner }: MetadataDeps,
  signal: AbortSignal,
): Promise<{ readonly text: string } | { readonly why: string }> {
  const result = await runner.run(run, { cap: largest + 1, signal });
  if (result.kind !== "exited") return { why: whyOf(result, run.timeout) };
  if (result.code !== 0) return { why: `it ended with ${result.code}` };
  if (Buffer.byteLength(result.stdout) > largest) return { why: "it printed more than 100 KB" };
  const value = parseJson(result.stdout);
  return value === undefined ? { why: "it printed no JSON" } : { text: JSON.stringify(value) };
}

/** @returns the sentence for the operator when it was refused */
async function send(namespace: string, text: string, deps: MetadataDeps, signal: AbortSignal): Promise<string | undefined> {
  const { api, hostId } = deps;
  for (;;) {
    const outcome = await api.putMetadata(hostId, namespace, text);
    if (outcome.kind === "ok") return undefined;
    if (outcome.kind === "refused") return `the server refuses it (${outcome.why})`;
    await rest(deps, minutes(1), signal);
    if (signal.aborted) return undefined;
  }
}
