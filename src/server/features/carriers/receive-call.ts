import { sql } from "kysely";
import type { UnixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { CarrierHooks, HookAnswer, HookRequest, HookSaid } from "#ports/phone/hooks";
import type { CallEnd } from "#ports/phone/port";
import type { Tx } from "#store";
import { readSignedName, type CarrierKind } from "./addresses.ts";
import type { CarriersContext } from "./context.ts";

interface OurCall {
  readonly organisationId: string;
  readonly lineId: string;
  readonly callId: string;
}

/**
 * What a provider asks or tells about one call. Whose signature is asked for stands in the address, which only we can have written.
 * @param name what stands in the address behind its path
 * @throws "not-found" for an address that is not ours or a line that is gone, "unauthenticated" for a request that is not the provider's
 */
export async function receiveCall(carriers: CarriersContext, kind: CarrierKind, name: string, request: HookRequest): Promise<HookAnswer> {
  const call = callOf(carriers, name);
  const line = call && (await carriers.calls.lineFor(call.organisationId, call.lineId));
  if (!call || line?.kind !== kind) throw new HinobanError("not-found", "There is no such call.");
  const hooks = carriers.hooks[kind];
  const said = hooks.read(request, line.settings, line.secrets);
  const known = await lookUp(carriers, call, said);
  // A second call of the same request, or something that was told before: nothing of ours.
  if (known.kind === "another") return said.event.kind === "ringing" || said.event.kind === "ended" ? hooks.noted : hooks.hangUp;
  if (known.kind === "replay") return hooks.noted;
  const answer = await goOn(carriers, hooks, { call, said, url: withoutQuery(request.url), hasFinished: known.hasFinished });
  if (said.once !== undefined) await remember(carriers, call, said.once);
  return answer;
}

function callOf({ serverKey }: CarriersContext, name: string): OurCall | undefined {
  const [organisationId, lineId, callId] = readSignedName(serverKey, "call", name, 3) ?? [];
  return organisationId === undefined || lineId === undefined || callId === undefined ? undefined : { organisationId, lineId, callId };
}

const withoutQuery = (url: string): string => url.split("?")[0] ?? url;

type Known = { readonly kind: "ours"; readonly hasFinished: boolean } | { readonly kind: "another" } | { readonly kind: "replay" };

/** Whether the request is about the call that we know under this address, and new. The first call that speaks for an address is it. */
function lookUp(carriers: CarriersContext, { organisationId, lineId, callId }: OurCall, said: HookSaid): Promise<Known> {
  return carriers.db.tx({ organisationId }, async (tx) => {
    const row = await claimed(tx, { callId, lineId, providerId: said.id, at: carriers.clock.now() });
    if (row.provider_id !== said.id) return { kind: "another" };
    if (said.once === undefined) return { kind: "ours", hasFinished: row.has_finished };
    const seen = await tx.selectFrom("carriers_seen").select("key").where("key", "=", seenKey(callId, said.once)).executeTakeFirst();
    return seen ? { kind: "replay" } : { kind: "ours", hasFinished: row.has_finished };
  });
}

interface Claim {
  readonly callId: string;
  readonly lineId: string;
  readonly providerId: string;
  readonly at: UnixMs;
}

/** No entry of the ledger: which number a provider gave a call is no act; the calls record what happens in them. */
async function claimed(tx: Tx, { callId, lineId, providerId, at }: Claim) {
  await sql`insert into carriers_call (call_id, line_id, provider_id, at) values (${callId}, ${lineId}, ${providerId}, ${at})
    on conflict do nothing`.execute(tx);
  return tx.selectFrom("carriers_call").select(["provider_id", "has_finished"]).where("call_id", "=", callId).executeTakeFirstOrThrow();
}

/** Providers number their calls each for itself: what one of them told about its call 1 says nothing about another's. */
const seenKey = (callId: string, once: string): string => `${callId}:${once}`;

/** Only after it was acted on: what failed half way may come again, and all of it can be done twice. */
function remember(carriers: CarriersContext, { organisationId, callId }: OurCall, once: string): Promise<void> {
  return carriers.db.tx({ organisationId }, async (tx) => {
    await sql`insert into carriers_seen (key, at) values (${seenKey(callId, once)}, ${carriers.clock.now()}) on conflict do nothing`.execute(
      tx,
    );
  });
}

interface Going {
  readonly call: OurCall;
  readonly said: HookSaid;
  readonly url: string;
  readonly hasFinished: boolean;
}

async function goOn(carriers: CarriersContext, hooks: CarrierHooks, { call, said, url, hasFinished }: Going): Promise<HookAnswer> {
  const { organisationId, callId } = call;
  const { event } = said;
  switch (event.kind) {
    case "news":
      return hooks.noted;
    case "ringing":
      await carriers.calls.ringing(organisationId, callId);
      return hooks.noted;
    case "ended":
      await carriers.calls.ended(organisationId, callId, endOf(event.end, hasFinished));
      return hooks.noted;
    case "answered":
      return speak(carriers, hooks, { call, url, input: event, seq: 0 });
    case "keys":
      return speak(carriers, hooks, { call, url, input: { kind: "keys", digits: event.digits }, seq: event.step });
    case "silent":
      return speak(carriers, hooks, { call, url, input: { kind: "silent" }, seq: event.step });
  }
}

/** Providers do not tell who hung up; after the last words it was us. */
const endOf = (end: CallEnd, hasFinished: boolean): CallEnd =>
  hasFinished && end.cause === "hung-up" ? { ...end, cause: "finished" } : end;

interface Speaking {
  readonly call: OurCall;
  readonly url: string;
  readonly input: Parameters<CarriersContext["calls"]["next"]>[2];
  readonly seq: number;
}

/** What comes next; for a call that is over, or that nobody knows, nothing but the end. */
async function speak(carriers: CarriersContext, hooks: CarrierHooks, { call, url, input, seq }: Speaking): Promise<HookAnswer> {
  const { organisationId, callId } = call;
  try {
    const turn = await carriers.calls.next(organisationId, callId, input, seq);
    if (turn.isLast) await finish(carriers, call);
    return hooks.say(turn, { step: turn.seq, url });
  } catch (error) {
    if (error instanceof HinobanError && (error.code === "gone" || error.code === "not-found")) return hooks.hangUp;
    throw error;
  }
}

function finish(carriers: CarriersContext, { organisationId, callId }: OurCall): Promise<void> {
  return carriers.db.tx({ organisationId }, async (tx) => {
    await sql`update carriers_call set has_finished = true where call_id = ${callId}`.execute(tx);
  });
}
