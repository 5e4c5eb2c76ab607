import { HinobanError } from "#base/errors";
import type { HookAnswer, HookRequest } from "#ports/phone/hooks";
import type { SmsSenderKind } from "#wire/sms";
import { readSignedName } from "./addresses.ts";
import type { CarriersContext } from "./context.ts";
import { noteSms } from "./send-sms.ts";
import { senderIn } from "./sms-sender.ts";

const noted: HookAnswer = { status: 200, type: "text/plain; charset=utf-8", body: "" };

/**
 * What a provider tells about a short message. Told twice, it changes nothing more.
 * @throws "not-found" for an address that is not ours, "unauthenticated" for a request that is not the provider's
 */
export async function receiveSms(carriers: CarriersContext, kind: SmsSenderKind, name: string, request: HookRequest): Promise<HookAnswer> {
  const [organisationId, id] = readSignedName(carriers.serverKey, "sms", name, 2) ?? [];
  if (organisationId === undefined || id === undefined) throw new HinobanError("not-found", "There is no such message.");
  const sender = await carriers.db.tx({ organisationId }, (tx) => senderIn(carriers.smsSeal, tx));
  if (sender?.kind !== kind) throw new HinobanError("not-found", "There is no such message.");
  const news = carriers.senders[kind].read(request, sender.settings, sender.secrets);
  const { id: providerId, state, problem } = news;
  await noteSms(carriers, organisationId, { id, providerId, state, ...(problem === undefined ? {} : { problem }) }, carriers.clock.now());
  return noted;
}
