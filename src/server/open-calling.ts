import { openHttpLine, openTwilioLine, openVonageLine, type CarrierLineSetup } from "#adapters/carriers/open-line";
import { RtpPool } from "#adapters/rtp/pool";
import { SipLine } from "#adapters/sip/sip-line";
import { Secret } from "#base/secret";
import * as calling from "#features/calls";
import { addressesOf, type CarrierKind } from "#features/carriers";
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
  readonly speech: Speech;
  readonly http: OutgoingHttp;
}

/** How people are reached by telephone: trunks of our own and lines of providers, and what looks after them. */
export function openCalling(parts: Parts, gate: Gate, { notify, incidents, speech, http }: CallingParts) {
  const { db, clock, logger, serverKey } = parts;
  const { lines, media } = openers(parts, http);
  const calls = calling.openCalls({ db, clock, notify, incidents, speech, lines, serverKey, gate, log: logger });
  calls.extend(calling.linesExtension);
  notify.callCodesBy(calling.codeCallsOf(calls));
  return { calls, lineWatch: new calling.LinesWatch(calls), media };
}

function openers({ clock, db, serverKey, settings }: Parts, http: OutgoingHttp): { lines: calling.LineOpeners; media: RtpPool } {
  const media = new RtpPool({ host: "0.0.0.0", portFrom: settings.rtpFrom, portTo: settings.rtpTo, clock });
  const network = settings.sipAddress === "" ? {} : { advertise: settings.sipAddress };
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
