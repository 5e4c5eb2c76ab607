import { millis, type Millis } from "#base/duration";
import type { Clock } from "#base/clock";
import type { Recovered } from "#ports/phone/port";
import type { Agent } from "./agent.ts";
import { about, address, ourVia, request, token } from "./build.ts";
import type { LineGround } from "./context.ts";
import { bye } from "./conversation.ts";
import { Dialog } from "./dialog.ts";
import { inquire } from "./inquire.ts";
import type { SipRequest, SipResponse } from "./message.ts";
import { accountUri } from "./rules.ts";
import type { SavedCall, SavedInvite } from "./saved.ts";
import { formatHost, parseAddress } from "./syntax.ts";
import type { ClientTransaction } from "./transactions.ts";
import type { Hop } from "./transport.ts";

/** An answer that nobody acknowledged is repeated every 4 s at the latest (RFC 3261 13.3.1.4). */
const answersWithin = millis(4500);

/** Ends the call of an ended process: BYE where it was answered, CANCEL where it was not. Never rejects. */
export async function recoverCall(ground: LineGround, agent: Agent, saved: SavedCall): Promise<Recovered> {
  if (saved.dialog) {
    const dialog = Dialog.restored(saved.callId, saved.dialog);
    if (!dialog) return "unknown";
    return ({ done: "ended", gone: "gone", silent: "unknown" } as const)[await bye(ground, agent, dialog, saved.invites.at(-1)?.hop)];
  }
  const found = await Promise.all(saved.invites.map((invite) => cancelInvite(ground, agent, saved, invite)));
  return (["unknown", "ended"] as const).find((one) => found.includes(one)) ?? "gone";
}

async function cancelInvite(ground: LineGround, agent: Agent, saved: SavedCall, { hop, ...kept }: SavedInvite): Promise<Recovered> {
  const invite = inviteOf(ground, saved, kept);
  if (!invite) return "unknown";
  const watch = new Watch(agent, invite, hop);
  agent.adopt(watch, hop);
  try {
    const cancelled = await cancel(agent, invite, hop, ground);
    const within = { taken: ground.patience.cancelled, "not-known": answersWithin, silent: millis(0) }[cancelled];
    const response = await watch.final(ground.clock, within);
    if (response && response.status < 300) {
      await dismiss(ground, agent, invite, hop, response);
      return "ended";
    }
    if (response || cancelled === "taken") return "ended";
    if (cancelled === "not-known") return "gone";
    // Many proxies say nothing to a CANCEL of what they do not know. If this one is alive, that was it.
    return (await isAlive(ground, agent, hop)) ? "gone" : "unknown";
  } finally {
    watch.drop();
    agent.disown(watch);
  }
}

function inviteOf({ rules }: LineGround, saved: SavedCall, kept: Omit<SavedInvite, "hop">): SipRequest | undefined {
  const from = parseAddress(kept.from);
  const to = parseAddress(kept.to);
  if (!from || !to) return undefined;
  const via = ourVia(rules.transport, saved.local, kept.branch);
  return request({ method: "INVITE", uri: kept.uri, from, to, callId: saved.callId, cseq: kept.cseq }, via);
}

function cancel(agent: Agent, invite: SipRequest, hop: Hop, { clock, patience }: LineGround): Promise<"taken" | "not-known" | "silent"> {
  return new Promise((resolve) => {
    const timer = clock.after("sip.recover", patience.inquiry, () => {
      transaction?.drop();
      resolve("silent");
    });
    const end = (how: "taken" | "not-known" | "silent"): void => {
      timer.cancel();
      resolve(how);
    };
    const transaction = agent.follow(about("CANCEL", invite, invite.to), hop, {
      response: ({ status }) => (status < 200 ? undefined : end(status < 300 ? "taken" : "not-known")),
      failed: () => end("silent"),
    });
  });
}

async function dismiss(ground: LineGround, agent: Agent, invite: SipRequest, otherwise: Hop, response: SipResponse): Promise<void> {
  const dialog = Dialog.asCaller(invite, response);
  const hop = await ground.hopFor(dialog.nextHop, otherwise);
  agent.acknowledge(dialog.acknowledge(invite.cseq.number), hop, { host: invite.via.host, port: invite.via.port ?? 5060 });
  await bye(ground, agent, dialog, hop);
}

async function isAlive({ clock, digest, patience, rules }: LineGround, agent: Agent, hop: Hop): Promise<boolean> {
  const account = accountUri(rules);
  const uri = `sip:${formatHost(rules.domain)}`;
  const parts = () => ({
    method: "OPTIONS",
    uri,
    from: address(account, token()),
    to: address(uri),
    callId: `${token()}@hinoban`,
    cseq: 1,
  });
  return (await inquire({ clock, agent, digest, hop, parts, within: patience.inquiry })).kind !== "failed";
}

/** Stands where the ended process's transaction stood: hears what is answered to its INVITE, sends nothing by itself. */
class Watch implements ClientTransaction {
  readonly request: SipRequest;
  readonly #agent: Agent;
  readonly #hop: Hop;
  #final: SipResponse | undefined;
  #heard: ((response: SipResponse | undefined) => void) | undefined;

  constructor(agent: Agent, invite: SipRequest, hop: Hop) {
    this.#agent = agent;
    this.request = invite;
    this.#hop = hop;
  }

  receive(response: SipResponse): void {
    if (response.status < 200) return;
    if (response.status >= 300) this.#agent.send(about("ACK", this.request, response.to), this.#hop);
    this.#final ??= response;
    this.#heard?.(this.#final);
  }

  /** The final response, if it comes in time. */
  final(clock: Clock, within: Millis): Promise<SipResponse | undefined> {
    if (this.#final) return Promise.resolve(this.#final);
    return new Promise((resolve) => {
      const timer = clock.after("sip.recover-answer", within, () => resolve(undefined));
      this.#heard = (response) => {
        timer.cancel();
        resolve(response);
      };
    });
  }

  broken(): void {
    this.#heard?.(undefined);
  }

  quiet(): void {
    // it sends nothing
  }

  drop(): void {
    this.#heard = undefined;
  }
}
