import { scopeOf, serve, type Served } from "#http";
import { personOf } from "#features/notify";
import * as calls from "#wire/calls";
import * as wire from "#wire/lines";
import { callMe } from "./call-me.ts";
import { changeCallSettings, readCallSettings } from "./call-settings.ts";
import { changeLine } from "./change-line.ts";
import { checkLine } from "./check-line.ts";
import { createLine } from "./create-line.ts";
import { deleteLine } from "./delete-line.ts";
import { hangUp } from "./hang-up.ts";
import { hearCall } from "./hear-call.ts";
import type { LinesContext } from "./lines-context.ts";
import { linesOf, presentedLines, presentedOne } from "./lines-line.ts";
import { monthsOf } from "./lines-usage.ts";
import { changeMyCalls, changePin, readMyCalls } from "./my-calls.ts";
import { readCall, readCalls } from "./read-calls.ts";
import { switchLine } from "./switch-line.ts";

/** Serves telephone lines, the list of calls, and how everybody is called themselves. */
export function registerLines(served: Served, lines: LinesContext): void {
  registerTheLines(served, lines);
  registerTheCalls(served, lines);
  registerMine(served, lines);
}

function registerTheLines(served: Served, lines: LinesContext): void {
  const { db, clock, lineSeal } = lines;
  serve(served, wire.listLines, ({ actor }) =>
    db.tx(scopeOf(actor), async (tx) => ({ lines: await presentedLines(tx, clock.now(), lineSeal, await linesOf(tx)) })),
  );
  serve(served, wire.getLine, ({ actor, params }) =>
    db.tx(scopeOf(actor), async (tx) => {
      const line = await presentedOne(tx, clock.now(), lineSeal, params.id);
      return { line, months: await monthsOf(tx, line) };
    }),
  );
  serve(served, wire.createLine, ({ actor, body }) => createLine(lines, actor, body));
  serve(served, wire.changeLine, ({ actor, params, body }) => changeLine(lines, actor, params.id, body));
  serve(served, wire.deleteLine, async ({ actor, params }) => {
    await deleteLine(lines, actor, params.id);
    return { success: true } as const;
  });
  serve(served, wire.switchLine, ({ actor, params, body }) => switchLine(lines, actor, params.id, body.isOn));
  serve(served, wire.checkLine, ({ actor, body }) => checkLine(lines, actor, body.line, body.id));
  serve(served, wire.getCallSettings, ({ actor }) => db.tx(scopeOf(actor), readCallSettings));
  serve(served, wire.changeCallSettings, ({ actor, body }) => changeCallSettings(lines, actor, body));
}

function registerTheCalls(served: Served, lines: LinesContext): void {
  const { db, clock } = lines;
  serve(served, calls.listCalls, ({ actor, query }) => db.tx(scopeOf(actor), (tx) => readCalls(tx, clock.now(), actor, query)));
  serve(served, calls.getCall, ({ actor, params }) => db.tx(scopeOf(actor), (tx) => readCall(tx, clock.now(), actor, params.id)));
  serve(served, calls.hearCall, async ({ actor, params }) => ({ audio: await hearCall(lines, actor, params.id) }));
  serve(served, calls.endCall, async ({ actor, params }) => {
    await hangUp(lines, actor, params.id);
    return { success: true } as const;
  });
  serve(served, calls.callMe, async ({ actor, body }) => ({ id: await callMe(lines, actor, body) }));
}

function registerMine(served: Served, lines: LinesContext): void {
  serve(served, calls.getMyCalls, async ({ actor }) => {
    const personId = personOf(actor);
    return lines.db.tx(scopeOf(actor), (tx) => readMyCalls(tx, personId));
  });
  serve(served, calls.changeMyCalls, async ({ actor, body }) => changeMyCalls(lines, actor, body));
  serve(served, calls.setMyPin, async ({ actor, body }) => changePin(lines, actor, body.pin));
}
