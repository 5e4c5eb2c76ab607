import { whyNotDialled } from "#base/dialled-number";
import type { Dial } from "#ports/phone/port";
import { millis, type UnixMs } from "#base/duration";
import { repeated, type Tx } from "#store";
import { readCallSettings, whyNotCallable } from "./call-settings.ts";
import { closeCall, dropCall, onceMore } from "./close-call.ts";
import type { CallsContext, Dialling } from "./context.ts";
import { firstStage } from "./model.ts";
import { note } from "./notes.ts";
import { decide } from "./script.ts";
import { lockClaimed, settingsOf, topicsOf, triedLines, updateCall, type CallRow, type LineRow } from "./store.ts";
import { holdIncidents, readWorld, standingOf } from "./world.ts";

/**
 * Looks at a claimed call once more, right before it is dialled: whether anybody still needs it, and whether it may be made.
 * @param claim by which this process took it on
 * @returns how it is dialled; undefined: it is not
 */
export function prepareDial(calls: CallsContext, organisationId: string, callId: string, claim: number): Promise<Dial | undefined> {
  return repeated(calls.db).tx({ organisationId }, async (tx) => {
    const at = calls.clock.now();
    await holdIncidents(tx, callId);
    const call = await lockClaimed(tx, callId, claim);
    if (!call || call.state !== "claimed") return undefined;
    const line = await tx.selectFrom("calls_line").selectAll().where("id", "=", call.line_id).executeTakeFirst();
    if (call.unwanted !== null || (call.kind === "incident" && !(await isNeeded(calls, tx, call)))) {
      await closeCall(calls, tx, at, await dropCall(calls, tx, at, call, undefined));
      return undefined;
    }
    const refusal = line ? await whyNot(calls, tx, at, call, line) : ({ cause: "line-failed", problem: "The line was deleted." } as const);
    if (refusal) {
      await refuse(calls, tx, at, call, refusal);
      return undefined;
    }
    return dialOf(await firstTurn(calls, tx, at, call), call, line);
  });
}

const dialOf = (first: Dial["first"], call: CallRow, line: LineRow | undefined): Dial => {
  const from = line && settingsOf(line).from;
  return {
    ref: call.id,
    to: call.number,
    ...(from === undefined ? {} : { from }),
    ringFor: millis(call.ring_ms),
    longest: millis(call.longest_ms),
    language: call.language,
    ...(first === undefined ? {} : { first }),
  };
};

/** Said first should nobody be asked then; nothing is written down, since nobody may ever hear it. */
async function firstTurn(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow): Promise<Dial["first"]> {
  const decision = decide(firstStage, { kind: "answered" }, await readWorld(calls, tx, at, call));
  return decision.kind === "say" ? decision.turn : undefined;
}

/** Whether anything that is to be told still needs somebody. */
async function isNeeded(calls: CallsContext, tx: Tx, call: CallRow): Promise<boolean> {
  for (const topic of await topicsOf(tx, call.id)) {
    if (topic.state !== "open") continue;
    const facts = await calls.incidents.factsOf(tx, topic.incident_id);
    if (facts && (await standingOf(calls, tx, facts, call)).kind === "open") return true;
  }
  return false;
}

interface Refusal {
  /** `wrong-number`: never; `line-failed`: not over this line. */
  readonly cause: "wrong-number" | "line-failed";
  readonly problem: string;
}

/** Numbers that no machine dials, countries that nobody allowed, money that nobody wants to spend. */
async function whyNot(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow, line: LineRow): Promise<Refusal | undefined> {
  const settings = settingsOf(line);
  const problem = whyNotCallable(await readCallSettings(tx), call.number) ?? whyNotDialled(settings, call.number);
  if (problem !== undefined) return { cause: "wrong-number", problem };
  const dialling: Dialling = {
    callId: call.id,
    kind: call.kind,
    number: call.number,
    severity: call.severity,
    personId: call.person_id ?? undefined,
    line: { id: line.id, settings },
  };
  for (const extension of calls.extensions) {
    const refusal = await extension.refuses?.(tx, at, dialling);
    if (refusal !== undefined) return { cause: "line-failed", problem: refusal };
  }
  return undefined;
}

async function refuse(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow, { cause, problem }: Refusal): Promise<void> {
  await note(calls, tx, at, call, {
    kind: "refused",
    verb: "call.refused",
    detail: { cause, ...(call.line_id === null ? {} : { line: call.line_id }) },
  });
  const over: CallRow = { ...call, state: "over", cause, ended_at: at, problem };
  await updateCall(tx, call.id, { state: "over", cause, ended_at: at, problem });
  // The same line would refuse it again: it is not tried over it a second time.
  await closeCall(calls, tx, at, { ...over, tried_lines: JSON.stringify([...triedLines(call), onceMore]) });
}
