import { seconds } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import { newId } from "#base/ids";
import { demand } from "#features/identity";
import { record } from "#features/ledger";
import { actorId, scopeOf, type Actor } from "#http";
import type { LineHealth, PhoneLine } from "#ports/phone/port";
import type { LineCheck, LineInput } from "#wire/lines";
import type { CallsContext, OpenLine } from "./context.ts";
import type { LinesContext } from "./lines-context.ts";
import { checkLineInput } from "./lines-input.ts";
import { demandLine, keptLine } from "./lines-line.ts";

/** A registrar that does not answer for so long does not answer: people wait in front of the screen. */
const mostWait = seconds(12);

/**
 * Connects with settings as somebody typed them, says what came of it, and lets go again. Nobody is called.
 * @param id line whose kept secrets are used where none is typed
 * @throws "forbidden", "not-found", "invalid-input"
 */
export async function checkLine(calls: LinesContext, actor: Actor, input: LineInput, id?: string): Promise<LineCheck> {
  const began = calls.clock.mono();
  const line = await calls.db.tx(scopeOf(actor), async (tx) => {
    demand(actor, "line.change", id === undefined ? `organisation:${actor.organisationId}` : `line:${id}`, calls.clock.now());
    const kept = id === undefined ? undefined : keptLine(calls.lineSeal, await demandLine(tx, id));
    return openable(calls, actor.organisationId, input, checkLineInput(input, kept));
  });
  const health = await look(calls, line);
  // Many registrars keep one registration of an account: what was tried took the place of the open line's, and then signed off.
  if (id !== undefined && health.state === "ready") (await calls.engine.lineFor(actor.organisationId, id))?.open?.look?.();
  await calls.db.tx(scopeOf(actor), (tx) =>
    record(tx, {
      at: calls.clock.now(),
      actor: actorId(actor),
      verb: "line.checked",
      object: id === undefined ? `organisation:${actor.organisationId}` : `line:${id}`,
      outcome: "done",
      detail: { kind: input.kind, state: health.state },
    }),
  );
  const millis = Math.round(calls.clock.mono() - began);
  return {
    ok: health.state === "ready",
    state: health.state,
    ...(health.problem === undefined ? {} : { problem: health.problem }),
    millis,
  };
}

function openable(calls: CallsContext, organisationId: string, input: LineInput, checked: ReturnType<typeof checkLineInput>): OpenLine {
  return {
    id: `check-${newId()}`, // never the id of a line that is open: what comes for that one must not come here
    organisationId,
    name: input.name,
    kind: input.kind,
    capacity: input.capacity,
    ...checked,
    clock: calls.clock,
    voice: (language) => calls.speech.voiceFor(organisationId, language),
  };
}

async function look(calls: CallsContext, line: OpenLine): Promise<LineHealth> {
  const open = calls.lines[line.kind];
  if (!open) throw new HinobanError("unavailable", `Lines of kind ${line.kind} cannot be used in this installation.`, { kind: line.kind });
  let opened: PhoneLine | undefined;
  try {
    opened = open(line);
    return await settled(calls, opened);
  } catch (error) {
    return { state: "failed", problem: messageOf(error) };
  } finally {
    await opened?.stop().catch((error: unknown) => calls.log.warn({ err: error }, "a line that was only tried could not be let go"));
  }
}

/** The first health that says something, or that nothing was heard. */
function settled({ clock }: CallsContext, line: PhoneLine): Promise<LineHealth> {
  return new Promise((resolve) => {
    const timer = clock.after("calls.check-line", mostWait, () =>
      resolve({
        state: "failed",
        problem: "The other side did not answer. Are host, port and transport right, and does the firewall let it through?",
      }),
    );
    const health = (now: LineHealth): void => {
      if (now.state !== "ready" && now.state !== "failed") return;
      timer.cancel();
      resolve(now);
    };
    line.start({ health });
    health(line.health);
  });
}
