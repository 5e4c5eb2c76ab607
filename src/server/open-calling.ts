import { openHttpLine, openTwilioLine, openVonageLine, type CarrierLineSetup } from "#adapters/carriers/open-line";
import { HttpHooks } from "#adapters/carriers/generic-http/hooks";
import { HttpSms } from "#adapters/carriers/generic-http/sms";
import { studioFlow } from "#adapters/carriers/twilio/flow";
import { TwilioHooks } from "#adapters/carriers/twilio/hooks";
import { TwilioSms } from "#adapters/carriers/twilio/sms";
import { VonageHooks } from "#adapters/carriers/vonage/hooks";
import { usualRules } from "#adapters/outgoing-http/node";
import { RtpPool } from "#adapters/rtp/pool";
import { SipLine, type SipNetwork } from "#adapters/sip/sip-line";
import { Secret } from "#base/secret";
import * as calling from "#features/calls";
import { addressesOf, openCarriers, type CarrierKind } from "#features/carriers";
import type { Escalation } from "#features/escalation";
import type { Incidents } from "#features/incidents";
import type { Notify } from "#features/notify";
import type { Speech } from "#features/speech";
import type { Gate } from "#http";
import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { Parts } from "./parts.ts";

/** What calls are made of. */
export interface CallingParts {
  readonly notify: Notify;
  readonly incidents: Incidents;
  readonly ladders: Pick<Escalation, "skipStep">;
  readonly speech: Speech;
  readonly http: OutgoingHttp;
}

/** How people are reached by telephone: trunks of our own and lines of providers, and what looks after them. */
export function openCalling(parts: Parts, gate: Gate, { notify, incidents, ladders, speech, http }: CallingParts) {
  const { db, clock, logger, serverKey, settings } = parts;
  const { lines, media } = openers(parts, http);
  const calls = calling.openCalls({ db, clock, notify, incidents, speech, lines, serverKey, gate, log: logger });
  calls.extend(calling.linesExtension);
  calls.extend({ nextStep: (tx, at, incidentId) => ladders.skipStep(tx, at, incidentId) });
  notify.callCodesBy(calling.codeCallsOf(calls));
  const carriers = openCarriers({
    db,
    clock,
    calls,
    notify,
    hooks: { twilio: new TwilioHooks(), vonage: new VonageHooks(), http: new HttpHooks() },
    senders: { twilio: new TwilioSms(http), http: new HttpSms(http, clock) },
    whyNotCallable: async (tx, number) => calling.whyNotCallable(await calling.readCallSettings(tx), number),
    twilioFlow: studioFlow,
    serverKey,
    publicUrl: settings.publicUrl,
    log: logger,
  });
  return { calls, lineWatch: new calling.LinesWatch(calls), media, carriers };
}

/** Lines go where webhooks may go: whoever sets up a line must not look around in the machine by it. */
function sipNetworkOf({ outgoingAllow: allowed, outgoingDeny: denied, sipAddress }: Parts["settings"]): SipNetwork {
  const rules = usualRules({ allowed, denied });
  return { allows: (address) => rules.allows(address), ...(sipAddress === "" ? {} : { advertise: sipAddress }) };
}

function openers({ clock, db, serverKey, settings }: Parts, http: OutgoingHttp): { lines: calling.LineOpeners; media: RtpPool } {
  const media = new RtpPool({ host: "0.0.0.0", portFrom: settings.rtpFrom, portTo: settings.rtpTo, clock });
  const network = sipNetworkOf(settings);
  const setupOf = (line: calling.OpenLine, kind: CarrierKind): CarrierLineSetup => ({
    settings: line.settings,
    secrets: line.secrets,
    addresses: addressesOf({ db, serverKey, publicUrl: settings.publicUrl }, { id: line.id, organisationId: line.organisationId, kind }),
  });
  const lines: calling.LineOpeners = {
    sip: (line) =>
      new SipLine({
        clock,
        settings: line.settings,
        ...(line.secrets.password === undefined ? {} : { password: new Secret(line.secrets.password) }),
        media,
        voiceFor: (language) => line.voice(language),
        network,
      }),
    twilio: (line) => openTwilioLine({ http, clock }, setupOf(line, "twilio")),
    vonage: (line) => openVonageLine({ http, clock }, setupOf(line, "vonage")),
    http: (line) => openHttpLine({ http, clock }, setupOf(line, "http")),
  };
  return { lines, media };
}
