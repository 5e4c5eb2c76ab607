import type { Clock } from "#base/clock";
import type { Millis } from "#base/duration";
import type { Agent } from "./agent.ts";
import type { RequestParts } from "./build.ts";
import { newTries, type Digest } from "./digest.ts";
import type { SipResponse } from "./message.ts";
import type { ClientTransaction, Failed } from "./transactions.ts";
import type { Hop } from "./transport.ts";

export type Inquired =
  | { readonly kind: "answered"; readonly response: SipResponse }
  | { readonly kind: "refused"; readonly response: SipResponse } // the account: a 401 or 407 that cannot be answered any more
  | ({ readonly kind: "failed" } & Failed);

export interface Inquiry {
  readonly clock: Clock;
  readonly agent: Agent;
  readonly digest: Digest;
  readonly hop: Hop;
  /** Called afresh for each try: the number has to rise. */
  readonly parts: (local: { readonly host: string; readonly port: number }) => RequestParts;
  /** How long an answer is awaited in each try. */
  readonly within: Millis;
}

/** Asks something that is no INVITE, and says who we are when that is wanted. Never rejects. */
export async function inquire(inquiry: Inquiry): Promise<Inquired> {
  const tries = newTries();
  for (;;) {
    const outcome = await once(inquiry);
    if (outcome.kind !== "answered" || (outcome.response.status !== 401 && outcome.response.status !== 407)) return outcome;
    if (!inquiry.digest.take(outcome.response, tries)) return { kind: "refused", response: outcome.response };
  }
}

function once({ clock, agent, digest, hop, parts, within }: Inquiry): Promise<Inquired> {
  return new Promise((resolve) => {
    let transaction: ClientTransaction | undefined;
    const end = (inquired: Inquired): void => {
      timer.cancel();
      resolve(inquired);
    };
    const timer = clock.after("sip.inquiry", within, () => {
      transaction?.drop();
      agent.unanswered(hop, within);
      end({ kind: "failed", why: "timeout", problem: `nothing was answered within ${within / 1000} s` });
    });
    const withCredentials = (local: { readonly host: string; readonly port: number }): RequestParts => {
      const plain = parts(local);
      const asked = { method: plain.method, uri: plain.uri, body: plain.body ?? "" };
      return { ...plain, headers: [...(plain.headers ?? []), ...digest.headersFor(asked)] };
    };
    const events = {
      response: (response: SipResponse) => {
        if (response.status >= 200) end({ kind: "answered", response });
      },
      failed: (failed: Failed) => end({ kind: "failed", ...failed }),
    };
    void agent.ask(withCredentials, hop, events).then((made) => (transaction = made));
  });
}
