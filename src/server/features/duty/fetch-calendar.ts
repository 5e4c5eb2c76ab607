import { seconds } from "#base/duration";
import { HinobanError, invalidInput } from "#base/errors";
import { demand } from "#features/identity";
import type { Actor } from "#http";
import { mostCalendarBytes } from "#wire/duty-calendars";
import { organisationOf } from "./act.ts";
import type { Duty } from "./duty.ts";

const waitsFor = seconds(15);

/** A calendar that somebody brings: the text of a file, or the address under which it is read now. */
export interface Brought {
  readonly text?: string | undefined;
  readonly url?: string | undefined;
}

/**
 * The text of what was brought. An address is asked only for somebody who may change duty, since the request leaves this server.
 * @throws "invalid-input" unless there is one of the two, or for an address that is not allowed; "forbidden", "unavailable", "timeout", "too-large"
 */
export async function broughtText(duty: Duty, actor: Actor, { text, url }: Brought): Promise<string> {
  if ((text === undefined) === (url === undefined)) throw invalidInput([{ field: "text", problem: "give a text or a URL, and not both" }]);
  if (text !== undefined) return text;
  demand(actor, "duty.change", organisationOf(actor), duty.clock.now());
  if (!duty.http) throw new HinobanError("unavailable", "This server asks no other ones.");
  const answer = await duty.http.send({
    method: "GET",
    url: (url ?? "").replace(/^webcals?:/iu, "https:"),
    headers: { accept: "text/calendar, text/csv, text/plain" },
    timeout: waitsFor,
    mostBytes: mostCalendarBytes,
  });
  if (answer.status !== 200) throw invalidInput([{ field: "url", problem: `answers ${answer.status}, not a calendar` }]);
  return answer.text;
}
