import type { Timer } from "#base/clock";
import { seconds } from "#base/duration";
import type { MediaSession } from "../rtp/media.ts";
import type { Agent } from "./agent.ts";
import type { LineGround, Local } from "./context.ts";
import type { Dialog } from "./dialog.ts";
import type { HeaderLine, SipResponse } from "./message.ts";
import type { Hop } from "./transport.ts";

interface SessionTimerOptions {
  readonly ground: LineGround;
  readonly agent: Agent;
  readonly dialog: Dialog;
  readonly local: Local;
  readonly hop: Hop;
  readonly media: MediaSession;
  /** The other side does not know the call any more. */
  readonly gone: () => void;
}

/** RFC 4028 for the rare trunk that wants us to refresh: it is never offered, but a 422 makes us ask for it. */
export class SessionTimer {
  readonly #options: SessionTimerOptions;
  readonly #interval: number;
  readonly #byUpdate: boolean;
  readonly #timer: Timer;

  private constructor(options: SessionTimerOptions, interval: number, byUpdate: boolean) {
    this.#options = options;
    this.#interval = interval;
    this.#byUpdate = byUpdate;
    // Half of the time, so that one refusal or loss does no harm (RFC 4028 7.2).
    this.#timer = options.ground.clock.every("sip.session-refresh", seconds(interval / 2), () => void this.#refresh());
  }

  /** @returns nothing unless the 2xx makes the refreshing ours */
  static begin(options: SessionTimerOptions, accepted: SipResponse): SessionTimer | undefined {
    const value = accepted.headers.first("session-expires") ?? "";
    const interval = accepted.headers.number("session-expires");
    if (interval === undefined || !/;\s*refresher\s*=\s*uac/iu.test(value)) return undefined;
    return new SessionTimer(options, Math.max(interval, 90), accepted.headers.has("allow", "UPDATE"));
  }

  async #refresh(): Promise<void> {
    const { ground, agent, dialog, local, media, gone, hop: otherwise } = this.#options;
    const headers: readonly HeaderLine[] = [
      ["Contact", ground.contact(local)],
      ["Supported", "timer"],
      ["Session-Expires", `${this.#interval};refresher=uac`],
    ];
    const hop = await ground.hopFor(dialog.nextHop, otherwise);
    if (this.#byUpdate) {
      if ((await ground.send(agent, () => dialog.next("UPDATE", headers), hop)) === "gone") gone();
      return;
    }
    const invite = dialog.next("INVITE", [...headers, ["Content-Type", "application/sdp"]], media.local);
    await agent.ask(invite, hop, {
      response: (response) => {
        if (response.status < 200) return;
        if (response.status < 300) agent.acknowledge(dialog.acknowledge(response.cseq.number), hop, local);
        else if (response.status === 481 || response.status === 408) gone();
      },
      failed: () => undefined, // the next one may come through; the call has its own end
    });
  }

  end(): void {
    this.#timer.cancel();
  }
}
