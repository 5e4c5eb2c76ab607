import { millis, seconds, unixMs } from "#base/duration";
import { HinobanError } from "#base/errors";
import type { CarrierHooks } from "#ports/phone/hooks";
import type { CallEnd, CallListener, Turn } from "#ports/phone/port";
import type { LineSecrets, LineSettings } from "#wire/line-settings";
import type { Deliver } from "./phone.ts";

/** A turn in Japanese with everything that needs escaping. */
export const turnOf = (text: string, more: Partial<Turn> = {}): Turn => ({
  say: [{ language: "ja", text }],
  times: 1,
  listen: seconds(5),
  digits: 1,
  isLast: false,
  ...more,
});

/** A script of three turns: a menu, again after 3, an end after 1 and 2; and everything that was told. */
export class RecordedCall implements CallListener {
  readonly log: string[] = [];
  readonly states: string[] = [];
  readonly menu = turnOf("重大な警報 <web01> & \"db\" 'x'。対応する方は 1");
  end: CallEnd | undefined;
  hears: (what: string) => void = () => undefined;
  #steps = 0;

  async saved(state: string): Promise<void> {
    this.states.push(state);
  }

  ringing(): void {
    this.log.push("ringing");
  }

  async answered(): Promise<Turn> {
    this.log.push("answered");
    return this.menu;
  }

  async keys(digits: string): Promise<Turn> {
    this.log.push(`keys ${digits}`);
    this.hears(digits);
    return digits === "3" ? turnOf("もう一度") : turnOf(`押されたキーは ${digits} です`, { isLast: true, digits: 0, listen: millis(0) });
  }

  async silent(): Promise<Turn> {
    this.log.push("silent");
    this.#steps += 1;
    return this.#steps < 2 ? this.menu : turnOf("さようなら", { isLast: true, digits: 0 });
  }

  ended(end: CallEnd): void {
    this.log.push(`ended ${end.cause}`);
    this.end ??= end;
  }
}

/** Brings a provider's requests to its hooks and the call, without a server between them. */
export function deliverTo(hooks: CarrierHooks, call: () => RecordedCall, of: { settings: LineSettings; secrets: LineSecrets }): Deliver {
  return async ({ url, headers, body }) => {
    try {
      const request = { url, header: (name: string) => headers[name] ?? "", body: Buffer.from(body), at: unixMs(Date.now()) };
      const { event } = hooks.read(request, of.settings, of.secrets);
      const to = url.split("?")[0] ?? url;
      switch (event.kind) {
        case "answered":
          return hooks.say(await call().answered(), { step: 1, url: to });
        case "keys":
          return hooks.say(await call().keys(event.digits), { step: event.step + 1, url: to });
        case "silent":
          return hooks.say(await call().silent(), { step: event.step + 1, url: to });
        case "ringing":
          call().ringing();
          return hooks.noted;
        case "ended":
          call().ended(event.end);
          return hooks.noted;
        case "news":
          return hooks.noted;
      }
    } catch (error) {
      if (!(error instanceof HinobanError)) throw error;
      return { status: error.status, type: "text/plain", body: error.message };
    }
  };
}
