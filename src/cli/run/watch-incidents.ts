import { seconds, unixMs } from "#base/duration";
import { asObject, textIn } from "../api.ts";
import type { Call } from "../call.ts";
import { ownApi } from "../own-api.ts";
import { exitCodes } from "../text.ts";
import { localTime } from "../units.ts";
import { incidentsOf, shortIncident } from "./incidents.ts";

const usualPace = 10;

/** Prints one line for each change of an incident that is not over, and one when it is, until it is interrupted or its time is over. */
export async function watchIncidents(call: Call): Promise<number> {
  const api = await ownApi(call);
  const { clock } = call.world;
  const pace = seconds(Math.max(1, call.duration("every") ?? usualPace));
  const lasts = call.duration("for");
  const end = lasts === undefined ? Number.POSITIVE_INFINITY : clock.now() + lasts * 1000;
  let known = new Map<string, unknown>();
  for (;;) {
    const now = new Map((await incidentsOf(call, api)).map((one) => [textIn(one, "id"), one]));
    for (const [id, incident] of now) if (asObject(known.get(id))["version"] !== asObject(incident)["version"]) await tell(call, incident);
    for (const id of known.keys()) if (!now.has(id)) await tell(call, await api.get(["incidents", id]));
    known = now;
    if (unixMs(clock.now() + pace) > end) return exitCodes.done;
    await clock.sleep("cli.watch", pace);
  }
}

async function tell(call: Call, incident: unknown): Promise<void> {
  if (call.has("format") || call.has("jq")) {
    await call.print(shortIncident(incident), incident);
    return;
  }
  const { number, severity, state, title, responder } = asObject(incident);
  const who = responder === undefined ? "-" : textIn(responder, "name");
  const at = localTime(Math.floor(call.world.clock.now() / 1000));
  const line = [at, `#${String(number)}`, String(state), who, String(severity), String(title)].join("\t");
  call.world.stdout.write(`${line.replaceAll(/[\u0000-\u0008\u000A-\u001F\u007F-\u009F]+/gu, " ")}\n`); // a title must not move the cursor
}
