import { sql } from "kysely";
import { addTime, days } from "#base/duration";
import { Secret } from "#base/secret";
import { clipped, writeWav } from "#base/sound/wav";
import type { CallSound, Turn } from "#ports/phone/port";
import { repeated, type Tx } from "#store";
import type { LineSettings } from "#wire/line-settings";
import type { CallsContext } from "./context.ts";
import { addEvent, settingsOf, type CallRow } from "./store.ts";

const phoneRate = 8000;
const keptDays = 30;

interface Recorded {
  readonly call: CallRow;
  readonly settings: LineSettings;
}

/** The call and its line, when the line records; a call that reads a code is never kept. */
async function recordedCall(tx: Tx, callId: string): Promise<Recorded | undefined> {
  const call = await tx.selectFrom("calls_call").selectAll().where("id", "=", callId).executeTakeFirst();
  if (!call || call.line_id === null || call.kind === "code") return undefined;
  const line = await tx.selectFrom("calls_line").selectAll().where("id", "=", call.line_id).executeTakeFirst();
  const settings = line && settingsOf(line);
  return settings?.isRecorded === true ? { call, settings } : undefined;
}

/** The first turn of a call, with the sentence before it that tells that the call is recorded. */
export async function announced(calls: CallsContext, organisationId: string, callId: string, turn: Turn): Promise<Turn> {
  return calls.db.tx({ organisationId }, async (tx) => {
    const found = await recordedCall(tx, callId);
    const text = found?.settings.announcement;
    if (!found || text === undefined) return turn;
    await addEvent(tx, calls.clock.now(), callId, { kind: "announced", said: [text] });
    return { ...turn, say: [{ language: found.call.language, text }, ...turn.say] };
  });
}

/** Keeps what was said and heard, sealed, for as long as the line says. It is an observation, no act: the call's own entries tell of it. */
export async function keepRecording(calls: CallsContext, organisationId: string, callId: string, sound: CallSound): Promise<void> {
  await repeated(calls.db).tx({ organisationId }, async (tx) => {
    const found = await recordedCall(tx, callId);
    // Nobody is recorded who was not told.
    if (!found || found.settings.announcement === undefined || found.call.answered_at === null) return;
    const wav = Buffer.from(writeWav({ rate: phoneRate, samples: mixed(sound) })).toString("base64");
    const sealed = calls.contentSeal.seal(new Secret(wav), callId);
    const until = addTime(calls.clock.now(), days(found.settings.recordingDays ?? keptDays));
    await sql`insert into calls_recording (call_id, sound, expires_at) values (${callId}, ${sealed}, ${until})
      on conflict (call_id) do nothing`.execute(tx);
  });
}

/** Both sides in one channel. */
function mixed({ said, heard }: CallSound): Int16Array {
  const samples = new Int16Array(Math.max(said.samples.length, heard.samples.length));
  for (let at = 0; at < samples.length; at += 1) samples[at] = clipped((said.samples[at] ?? 0) + (heard.samples[at] ?? 0));
  return samples;
}

/** Which of the calls were recorded. */
export async function recordedAmong(tx: Tx, callIds: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await tx.selectFrom("calls_recording").select("call_id").where("call_id", "in", callIds).execute();
  return new Set(rows.map(({ call_id: id }) => id));
}
