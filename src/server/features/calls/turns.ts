import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import { repeated, type Tx } from "#store";
import { act, pendingOf, type Pending } from "./answers.ts";
import { closeCall } from "./close-call.ts";
import type { CallsContext } from "./context.ts";
import type { CallInput, NumberedTurn } from "./engine.ts";
import { firstStage, type ActOutcome, type Stage, type World } from "./model.ts";
import { note } from "./notes.ts";
import { checkPin } from "./pin.ts";
import { decide, keysOf, type Decision, type ScriptEvent } from "./script.ts";
import { closeTopic, type Settlement } from "./settle.ts";
import { addEvent, lastTurnOf, lockCall, topicsOf, updateCall, type CallRow, type TopicRow } from "./store.ts";
import { holdIncidents, readWorld } from "./world.ts";

type Noted =
  | { readonly kind: "turn"; readonly turn: NumberedTurn }
  | { readonly kind: "act"; readonly call: CallRow; readonly pending: Pending };

const noCall = (id: string): HinobanError => new HinobanError("not-found", `There is no call ${id}.`, { id });

/**
 * See {@link CallEngine.next}. What was pressed is written down first, then done, and only then is said what came of it: should the process
 * end in between, whoever goes on finds the key and does what it asked for.
 */
export async function nextTurn(
  calls: CallsContext,
  organisationId: string,
  callId: string,
  input: CallInput,
  seq: number | undefined,
): Promise<NumberedTurn> {
  const scope = { organisationId };
  const noted = await repeated(calls.db).tx(scope, (tx) => noteInput(calls, tx, callId, input, seq));
  if (noted.kind === "turn") return noted.turn;
  const outcomes = await act(calls, noted.call, noted.pending);
  const turn = await repeated(calls.db).tx(scope, (tx) => noteOutcomes(calls, tx, callId, outcomes));
  if (!turn) throw new HinobanError("gone", `The call ${callId} is over.`, { id: callId });
  return turn;
}

/** Does what a key asked for whose process ended before it was done. */
export async function finishPending(calls: CallsContext, call: CallRow, pending: Pending): Promise<void> {
  const outcomes = await act(calls, call, pending);
  await repeated(calls.db).tx({ organisationId: call.organisation_id }, (tx) => noteOutcomes(calls, tx, call.id, outcomes));
}

async function noteInput(calls: CallsContext, tx: Tx, callId: string, input: CallInput, seq: number | undefined): Promise<Noted> {
  const at = calls.clock.now();
  await holdIncidents(tx, callId);
  const found = await lockCall(tx, callId);
  if (!found) throw noCall(callId);
  const pending = pendingOf(found);
  const last = lastTurnOf(found);
  const isRepeated = input.kind === "answered" ? found.turn > 0 : seq !== undefined && seq < found.turn;
  if (isRepeated && last && !pending) return { kind: "turn", turn: { ...last, seq: found.turn } };
  if (found.state === "over" || found.state === "queued") throw new HinobanError("gone", `The call ${callId} is over.`, { id: callId });
  if (pending) return { kind: "act", call: found, pending };
  const call = await answered(calls, tx, at, found);
  const world = await readWorld(calls, tx, at, call);
  const stage = stageOf(call);
  const decision = await decided(calls, tx, at, call, { stage, world, event: eventOf(input) });
  if (decision.kind === "act") {
    const wanted: Pending = { action: decision.action, incidentIds: decision.incidentIds, at };
    await updateCall(tx, callId, { pending: JSON.stringify(wanted), stage: JSON.stringify(decision.stage) });
    return { kind: "act", call, pending: wanted };
  }
  return { kind: "turn", turn: await noteSaid(tx, at, call, world, decision) };
}

const stageOf = ({ stage }: CallRow): Stage => (stage === null ? firstStage : (JSON.parse(stage) as Stage)); // written by this feature

const eventOf = (input: CallInput): ScriptEvent => input;

/** The first that is heard of a call that was answered, whichever way it comes. */
async function answered(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow): Promise<CallRow> {
  if (call.answered_at !== null) return call;
  await updateCall(tx, call.id, { state: "talking", answered_at: at });
  const incidentIds = (await topicsOf(tx, call.id)).filter(({ state }) => state === "open").map((topic) => topic.incident_id);
  await note(calls, tx, at, call, {
    kind: "answered",
    verb: "call.answered",
    detail: { line: call.line_id ?? "" },
    ...(call.kind === "incident" ? { incidentIds } : {}),
  });
  return { ...call, state: "talking", answered_at: at };
}

/** What the script wants, after the PIN was checked that it may have asked for. What was pressed is written down. */
async function decided(
  calls: CallsContext,
  tx: Tx,
  at: UnixMs,
  call: CallRow,
  { stage, world, event }: { readonly stage: Stage; readonly world: World; readonly event: ScriptEvent },
): Promise<Exclude<Decision, { kind: "check-pin" }>> {
  const decision = decide(stage, event, world);
  if (decision.kind === "check-pin") {
    const checked = await checkPin(calls, tx, at, call, decision.digits);
    await note(calls, tx, at, call, {
      kind: "key",
      verb: "call.key-pressed",
      detail: { action: checked.isRight && !checked.isLocked ? "pin" : "wrong-pin" },
      isTheirs: true,
    });
    const after = decide(stage, { kind: "pin", ...checked }, world);
    if (after.kind === "check-pin") throw new HinobanError("internal", "The script asks for the same PIN again and again.");
    return after;
  }
  if (event.kind === "keys") {
    const action = keysOf(world).find(({ digit }) => digit === event.digits)?.action ?? "none";
    const key = event.digits.slice(0, 20);
    await updateCall(tx, call.id, { pressed: `${call.pressed}${key}`.slice(0, 200) });
    await note(calls, tx, at, call, {
      kind: "key",
      verb: "call.key-pressed",
      detail: { key, action },
      incidentIds: stage.batch,
      isTheirs: true,
    });
  }
  return decision;
}

/** Writes down what is said next. */
async function noteSaid(
  tx: Tx,
  at: UnixMs,
  call: CallRow,
  world: World,
  { stage, turn, result }: Extract<Decision, { kind: "say" }>,
): Promise<NumberedTurn> {
  const seq = call.turn + 1;
  await updateCall(tx, call.id, {
    stage: JSON.stringify(stage),
    turn: seq,
    last_turn: JSON.stringify(turn),
    ...(result === undefined ? {} : { result }),
  });
  // A code is for the ears of one person alone.
  const said = world.kind === "code" && turn.isLast ? [] : turn.say.map(({ text }) => text);
  await addEvent(tx, at, call.id, { kind: "said", said, detail: { seq, isLast: turn.isLast } });
  await sql`update calls_topic set told_at = coalesce(told_at, ${at}) where call_id = ${call.id} and incident_id = any(${[...stage.batch]}::text[])`.execute(
    tx,
  );
  return { ...turn, seq };
}

/** Writes down what came of a key and what is said about it; undefined when they hung up meanwhile. */
async function noteOutcomes(
  calls: CallsContext,
  tx: Tx,
  callId: string,
  outcomes: readonly ActOutcome[],
): Promise<NumberedTurn | undefined> {
  const at = calls.clock.now();
  await holdIncidents(tx, callId);
  const call = await lockCall(tx, callId);
  if (!call) throw noCall(callId);
  const last = lastTurnOf(call);
  // Somebody else did the same meanwhile: a hook that came twice.
  if (call.pending === null) return call.state === "over" || !last ? undefined : { ...last, seq: call.turn };
  const world = await readWorld(calls, tx, at, call);
  const decision = decide(stageOf(call), { kind: "done", outcomes }, world);
  await updateCall(tx, callId, { pending: null });
  for (const outcome of outcomes) await noteOutcome(calls, tx, at, call, outcome);
  if (decision.kind !== "say") throw new HinobanError("internal", "The script wants something done for what was done.");
  const turn = await noteSaid(tx, at, call, world, call.kind === "incoming" ? { ...decision, result: resultIn(call, outcomes) } : decision);
  if (call.state !== "over") return turn;
  await closeCall(calls, tx, at, call);
  return undefined;
}

/** Whoever took one of several took one, whatever they said of the others. */
const resultIn = ({ result }: CallRow, outcomes: readonly ActOutcome[]): string =>
  result === "taken" || outcomes.some(({ kind }) => kind === "taken") ? "taken" : (result ?? outcomes[0]?.kind ?? "unanswered");

const ends: Readonly<Record<ActOutcome["kind"], { readonly state: TopicRow["state"]; readonly settlement: Settlement }>> = {
  taken: { state: "taken", settlement: { kind: "sent" } },
  others: { state: "elsewhere", settlement: { kind: "sent", note: "Somebody else had it already." } },
  over: { state: "over", settlement: { kind: "sent", note: "It was over already." } },
  declined: {
    state: "declined",
    settlement: { kind: "failed", problem: "They said on the telephone that they cannot.", blame: "message", goesOn: true },
  },
  next: { state: "next", settlement: { kind: "failed", problem: "They asked for the next step.", blame: "message", goesOn: true } },
  refused: { state: "unanswered", settlement: { kind: "failed", problem: "They may not take it.", blame: "message", goesOn: true } },
};

async function noteOutcome(calls: CallsContext, tx: Tx, at: UnixMs, call: CallRow, { incidentId, kind }: ActOutcome): Promise<void> {
  await addEvent(tx, at, call.id, { kind: "outcome", detail: { incident: incidentId, outcome: kind } });
  await closeTopic(
    calls,
    tx,
    at,
    { call_id: call.id, incident_id: incidentId, delivery_id: await deliveryOf(tx, call.id, incidentId) },
    ends[kind],
  );
}

async function deliveryOf(tx: Tx, callId: string, incidentId: string): Promise<string | null> {
  const row = await tx
    .selectFrom("calls_topic")
    .select("delivery_id")
    .where("call_id", "=", callId)
    .where("incident_id", "=", incidentId)
    .where("state", "=", "open")
    .executeTakeFirst();
  return row?.delivery_id ?? null;
}
