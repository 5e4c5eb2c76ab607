import { asObject, listIn } from "../api.ts";
import type { Call } from "../call.ts";
import { ownApi } from "../own-api.ts";
import { exitCodes } from "../text.ts";
import { localTime } from "../units.ts";

type Row = Readonly<Record<string, unknown>>;

const shortMessage = ({ at, personName, number, segments, cost, currency, state, problem }: Row): object => ({
  sent: typeof at === "number" ? localTime(Math.floor(at / 1000)) : null,
  person: personName,
  number,
  segments,
  cost,
  currency,
  state,
  problem,
});

/** Who carries short messages and what they cost; as a table the last messages. */
export async function showSms(call: Call): Promise<number> {
  const state = await (await ownApi(call)).get(["sms-sender"]);
  const recent = listIn(state, "recent").map(asObject);
  await call.print(call.isOn("table") ? recent.map(shortMessage) : state, state);
  return exitCodes.done;
}

/** Sends one at once; fails when it could not be handed over. */
export async function testSms(call: Call): Promise<number> {
  const outcome = await (await ownApi(call)).send("POST", ["sms-sender", "test"], { to: call.operands[0] ?? "" });
  await call.print(outcome);
  return outcome["ok"] === true ? exitCodes.done : exitCodes.failed;
}
