import type { Clock } from "#base/clock";
import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { PhoneLine } from "#ports/phone/port";
import type { LineSecrets, LineSettings } from "#wire/line-settings";
import type { CarrierAddresses, CarrierApi } from "./carrier-api.ts";
import { CarrierLine } from "./carrier-line.ts";
import { HttpAccount } from "./generic-http/account.ts";
import { HttpCalls } from "./generic-http/calls.ts";
import { usualTiming, type Timing } from "./timing.ts";
import { TwilioAccount } from "./twilio/account.ts";
import { TwilioCalls } from "./twilio/calls.ts";
import { StudioCalls } from "./twilio/studio.ts";
import { VonageAccount } from "./vonage/account.ts";
import { VonageCalls } from "./vonage/calls.ts";

/** A line of a provider as it is set up. */
export interface CarrierLineSetup {
  readonly settings: LineSettings;
  readonly secrets: LineSecrets;
  readonly addresses: CarrierAddresses;
}

interface CarrierGround {
  readonly http: OutgoingHttp;
  readonly clock: Clock;
  readonly timing?: Timing;
}

/** Whoever wants callbacks gets them only with an address that the provider can reach. */
const urlOf = ({ settings, addresses }: CarrierLineSetup): ((ref: string) => string | undefined) =>
  settings.way === "polling" ? () => undefined : addresses.urlOf;

const lineOf = ({ clock, timing = usualTiming }: CarrierGround, { settings, addresses }: CarrierLineSetup, api: CarrierApi): PhoneLine =>
  new CarrierLine({ api, clock, timing, addresses, from: settings.from ?? "" });

/** A line of Twilio, or of somebody who speaks like it. Without callbacks a Studio flow takes the key, when there is one. */
export function openTwilioLine(ground: CarrierGround, setup: CarrierLineSetup): PhoneLine {
  const { accountSid = "", baseUrl = "", flowSid = "" } = setup.settings;
  const account = new TwilioAccount({ http: ground.http, accountSid, authToken: setup.secrets.authToken ?? "", baseUrl });
  const calls = new TwilioCalls(account, urlOf(setup));
  return lineOf(ground, setup, calls.way === "polling" && flowSid !== "" ? new StudioCalls(account, flowSid) : calls);
}

/** A line of Vonage. Without a signature secret nothing that comes back could be believed: then it is polled. */
export function openVonageLine(ground: CarrierGround, setup: CarrierLineSetup): PhoneLine {
  const { applicationId = "", baseUrl = "" } = setup.settings;
  const { privateKey = "", signatureSecret = "" } = setup.secrets;
  const account = new VonageAccount({ http: ground.http, clock: ground.clock, applicationId, privateKey, baseUrl });
  return lineOf(ground, setup, new VonageCalls(account, signatureSecret === "" ? () => undefined : urlOf(setup)));
}

/** A line of somebody's own service. */
export function openHttpLine(ground: CarrierGround, setup: CarrierLineSetup): PhoneLine {
  const { http, clock } = ground;
  const account = new HttpAccount({ http, clock, url: setup.settings.url ?? "", signingKey: setup.secrets.signingKey ?? "" });
  return lineOf(ground, setup, new HttpCalls(account, urlOf(setup)));
}
