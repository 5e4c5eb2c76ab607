import { minutes, seconds } from "#base/duration";
import { pathOf } from "#wire/probe-address";
import { phaseTexts, verdictTexts } from "#wire/probe-texts";
import { phases, verdicts, type Phase, type Verdict } from "#wire/probe-words";
import { asObject, listIn, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { ownApi, type OwnApi } from "../own-api.ts";
import { CliFailure, exitCodes, usageError } from "../text.ts";

const askEvery = seconds(0.3);
const givesUpAfter = minutes(4);

/** Probes once, prints each step as it comes, and says what the end means. */
export async function probe(call: Call): Promise<number> {
  const api = await ownApi(call);
  const body = { spec: specOf(call), ...(await fromOf(call, api)) };
  const started = await api.send("POST", ["probes", "runs"], body);
  const isForEyes = !call.has("format") && !call.isOn("table");
  const run = await follow(call, api, textIn(started, "id"), isForEyes);
  const outcome = asObject(run["outcome"]);
  if (!isForEyes) await call.print(run);
  else tellEnd(call, outcome);
  return outcome["verdict"] === "ok" ? exitCodes.done : exitCodes.failed;
}

function specOf(call: Call): object {
  const [address = ""] = call.operands;
  const path = pathOf(address);
  if (!path)
    throw usageError(`"${address}" is no host, host:port or URL.`, `"${address}" はホスト、ホスト:ポート、URL のいずれでもありません。`);
  const length = call.duration("timeout");
  if (length !== undefined && (length < 1 || length > 60)) {
    throw usageError("--timeout must be from 1s to 60s.", "--timeout は 1s から 60s の間で指定してください。");
  }
  const timeout = length === undefined ? {} : { timeoutSeconds: length };
  return call.isOn("ping") ? { kind: "ping", host: path.host, ...timeout } : { ...path, ...timeout };
}

async function fromOf(call: Call, api: OwnApi): Promise<{ readonly from?: string }> {
  const wanted = call.text("from");
  if (wanted === undefined || wanted === "server") return {};
  const vantages = listIn(await api.get(["probes", "vantages"], { text: wanted }), "vantages");
  const named = vantages.find((one) => textIn(one, "name") === wanted);
  return { from: named ? textIn(named, "vantage") : `host:${wanted}` };
}

/** Asks until it is done, and tells the steps that are new. @throws CliFailure when nobody does it */
async function follow(call: Call, api: OwnApi, id: string, isForEyes: boolean): Promise<Readonly<Record<string, unknown>>> {
  const { clock } = call.world;
  const end = clock.mono() + givesUpAfter;
  let told = 0;
  let hasWaited = false;
  for (;;) {
    const run = await api.get(["probes", "runs", id]);
    const state = textIn(run, "state");
    const steps = listIn(run, "steps");
    if (isForEyes) for (const step of steps.slice(told)) tellStep(call, asObject(step));
    told = steps.length;
    if (state === "done") return run;
    if (state === "expired" || clock.mono() > end) throw nobody;
    if (state === "waiting" && !hasWaited) {
      hasWaited = true;
      call.log("info", call.say({ en: "waiting for the agent, up to a minute", ja: "エージェントを待っています（最大 1 分）" }));
    }
    await clock.sleep("cli.probe", askEvery);
  }
}

const nobody = new CliFailure(
  {
    en: "Nobody made the probe: the agent did not fetch it in time.",
    ja: "プローブは実行されませんでした（エージェントが時間内に受け取りませんでした）。",
  },
  exitCodes.failed,
  "timeout",
);

const isPhase = (text: string): text is Phase => phases.some((phase) => phase === text);
const isVerdict = (text: string): text is Verdict => verdicts.some((verdict) => verdict === text);

function tellStep(call: Call, step: Readonly<Record<string, unknown>>): void {
  const phase = textIn(step, "phase");
  const name = isPhase(phase) ? phaseTexts[phase][call.language] : phase;
  const millis = typeof step["millis"] === "number" ? step["millis"] : 0;
  const mark = step["verdict"] === "ok" ? "ok" : "✗";
  const address = textIn(step, "address");
  call.world.stdout.write(
    `${millis.toFixed(1).padStart(9)} ms  ${mark.padEnd(2)}  ${name}${address === "" ? "" : ` ${address}`}: ${shownText(textIn(step, "detail"))}\n`,
  );
}

function tellEnd(call: Call, outcome: Readonly<Record<string, unknown>>): void {
  const { stdout } = call.world;
  const verdict = textIn(outcome, "verdict");
  const text = isVerdict(verdict) ? verdictTexts[verdict][call.language] : { name: verdict, means: "" };
  const message = shownText(textIn(outcome, "message"));
  const separator = call.say({ en: ": ", ja: "：" });
  stdout.write(`\n${text.name}${message === "" ? "" : `${separator}${message}`}\n${text.means}\n`);
  const certificate = asObject(asObject(outcome["tls"])["certificate"]);
  const notAfter = certificate["notAfter"];
  if (typeof notAfter === "number") {
    const day = new Date(notAfter).toISOString().slice(0, 10);
    const subject = shownText(textIn(certificate, "subject"));
    stdout.write(`${call.say({ en: `certificate ${subject}, valid until ${day}`, ja: `証明書 ${subject}、有効期限 ${day}` })}\n`);
  }
}

/** What servers say may hold anything: no control characters reach the terminal. */
const shownText = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/gu, "�");
