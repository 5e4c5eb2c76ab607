import { randomBytes, randomInt } from "node:crypto";
import { isIP } from "node:net";
import type { Codec, Encryption, MediaProblem } from "./media.ts";
import { directionOf, formatSdp, opposite, parseSdp, valuesOf, type Direction, type Sdp, type SdpSection } from "./sdp.ts";
import { masterLength, srtpSuites, type SrtpSuite } from "./srtp.ts";

/** A suite and the 30 bytes of one direction's key and salt. */
export interface CryptoKey {
  readonly suite: SrtpSuite;
  readonly master: Buffer;
}

/** What both sides agreed on. */
export interface Agreement {
  /** Where the other side takes media; undefined while it takes none (`c=0.0.0.0`). */
  readonly host: string | undefined;
  readonly port: number;
  /** What we send. */
  readonly codec: Codec;
  readonly type: number;
  /** What we take: number → codec. */
  readonly types: ReadonlyMap<number, Codec>;
  /** The number of telephone-event; undefined when there is none: keys come as tones or by INFO. */
  readonly eventType: number | undefined;
  /** The other side's direction. */
  readonly direction: Direction;
  readonly keys: { readonly ours: CryptoKey; readonly theirs: CryptoKey } | undefined;
}

export interface Wishes {
  readonly codecs: readonly Codec[];
  readonly encryption: Encryption;
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

const staticTypes: Readonly<Record<Codec, number>> = { PCMU: 0, PCMA: 8 };
const offeredEventType = 101;
const plainProtocols: readonly string[] = ["RTP/AVP", "RTP/AVPF"];
const sealedProtocols: readonly string[] = ["RTP/SAVP", "RTP/SAVPF"];

/** Names of the numbers that need no `rtpmap` (RFC 3551). */
const staticNames: Readonly<Record<string, string>> = { 0: "PCMU/8000", 8: "PCMA/8000" };

/** The formats of a section in their order: number → name in capitals with its rate, such as `PCMU/8000`. */
function formatsOf(section: SdpSection): Map<number, string> {
  const mapped = new Map<string, string>(Object.entries(staticNames));
  for (const value of valuesOf(section, "rtpmap")) {
    const match = /^(\d{1,3})\s+([\w.-]+\/\d{1,6})(?:\/1)?$/u.exec(value);
    if (match) mapped.set(match[1] ?? "", (match[2] ?? "").toUpperCase());
  }
  const named = section.formats.filter((format) => /^\d{1,3}$/u.test(format) && Number(format) < 128);
  return new Map(named.flatMap((format): [number, string][] => (mapped.has(format) ? [[Number(format), mapped.get(format) ?? ""]] : [])));
}

const codecOf = (name: string): Codec | undefined => (name === "PCMU/8000" ? "PCMU" : name === "PCMA/8000" ? "PCMA" : undefined);

interface CryptoLine extends CryptoKey {
  readonly tag: string;
}

/** Keys of `a=crypto` that we can use: a known suite, no key identifiers, nothing left unprotected (RFC 4568, section 6). */
export function cryptoLines(section: SdpSection): CryptoLine[] {
  return valuesOf(section, "crypto").flatMap((value): CryptoLine[] => {
    const [tag = "", name = "", key = "", ...rest] = value.split(/\s+/u);
    const suite = srtpSuites.find((known) => known === name);
    const match = /^inline:([A-Za-z0-9+/]{40})(?:\|(?:2\^)?\d{1,20})?$/u.exec(key);
    if (!suite || !match || !/^\d{1,9}$/u.test(tag) || rest.some((word) => !/^WSH=\d+$/u.test(word))) return [];
    const master = Buffer.from(match[1] ?? "", "base64");
    return master.length === masterLength ? [{ tag, suite, master }] : [];
  });
}

const sectionLines = (
  place: Place,
  protocol: string,
  formats: readonly string[],
  more: readonly string[],
  direction: Direction,
): string[] => [
  `m=audio ${place.port} ${protocol} ${formats.map((format) => format.split(" ")[0]).join(" ")}`,
  ...formats.map((format) => `a=rtpmap:${format}`),
  ...formats.filter((format) => format.includes("telephone-event")).map((format) => `a=fmtp:${format.split(" ")[0]} 0-15`),
  "a=ptime:20",
  // Silence that is not sent looks like a call that broke off (RFC 3108).
  "a=silenceSupp:off - - - -",
  ...more,
  `a=${direction}`,
];

const cryptoText = ({ tag, suite, master }: CryptoLine): string => `a=crypto:${tag} ${suite} inline:${master.toString("base64")}`;

/** Our side of offers and answers (RFC 3264) about one stream of audio. */
export class Negotiation {
  readonly #place: Place;
  readonly #sessionId = String(randomInt(1, 2 ** 47));
  #wishes: Wishes;
  #version = 0;
  #local = "";
  #offered: readonly CryptoLine[] = [];
  /** Our keys stay the same for as long as the call lasts, so that a re-INVITE does not interrupt. */
  readonly #ownKeys = new Map<SrtpSuite, Buffer>();

  constructor(place: Place, wishes: Wishes) {
    this.#place = place;
    this.#wishes = wishes;
  }

  get local(): string {
    return this.#local;
  }

  offer(changed: Partial<Wishes> = {}): string {
    this.#wishes = { ...this.#wishes, ...changed };
    const isSealed = this.#wishes.encryption === "sdes";
    this.#offered = isSealed ? srtpSuites.map((suite, index) => ({ tag: String(index + 1), suite, master: this.#ownKey(suite) })) : [];
    const formats = this.#wishes.codecs.map((codec) => `${staticTypes[codec]} ${codec}/8000`);
    const all = [...formats, `${offeredEventType} telephone-event/8000`];
    return this.#write([sectionLines(this.#place, isSealed ? "RTP/SAVP" : "RTP/AVP", all, this.#offered.map(cryptoText), "sendrecv")]);
  }

  /** Reads the answer to our last offer. */
  accept(answer: string): Agreement | MediaProblem {
    const section = parseSdp(answer)?.sections[0];
    if (!section) return "malformed";
    const problem = this.#problemOf(section);
    if (problem) return problem;
    const theirs = cryptoLines(section)[0];
    const ours = this.#offered.find(({ tag, suite }) => tag === theirs?.tag && suite === theirs.suite);
    if (this.#wishes.encryption === "sdes" && (!theirs || !ours)) return "encryption";
    return agreed(section, this.#wishes.codecs, ours && theirs ? { ours, theirs } : undefined);
  }

  /** Reads an offer and writes the answer to it. */
  answer(offer: string): { readonly agreement: Agreement; readonly sdp: string } | MediaProblem {
    const sdp = parseSdp(offer);
    if (!sdp) return "malformed";
    const problems = sdp.sections.map((section) => this.#problemOf(section));
    const chosen = problems.indexOf(undefined);
    const section = sdp.sections[chosen];
    if (!section) return worst(problems);
    const theirs = cryptoLines(section).toSorted((a, b) => srtpSuites.indexOf(a.suite) - srtpSuites.indexOf(b.suite))[0];
    if (this.#wishes.encryption === "sdes" && !theirs) return "encryption";
    const keys =
      this.#wishes.encryption === "sdes" && theirs ? { ours: { ...theirs, master: this.#ownKey(theirs.suite) }, theirs } : undefined;
    const agreement = agreed(section, this.#wishes.codecs, keys);
    if (typeof agreement === "string") return agreement;
    const lines = answerLines(this.#place, section, agreement, keys?.ours);
    return { agreement, sdp: this.#write(sectionsOf(sdp, chosen, lines)) };
  }

  #ownKey(suite: SrtpSuite): Buffer {
    const known = this.#ownKeys.get(suite);
    if (known) return known;
    const made = randomBytes(masterLength);
    this.#ownKeys.set(suite, made);
    return made;
  }

  #problemOf(section: SdpSection): MediaProblem | undefined {
    if (section.kind !== "audio" || section.port === 0) return "no-audio";
    const [right, wrong] = this.#wishes.encryption === "sdes" ? [sealedProtocols, plainProtocols] : [plainProtocols, sealedProtocols];
    if (!right.includes(section.protocol))
      return wrong.includes(section.protocol) || section.protocol.includes("TLS") ? "encryption" : "no-audio";
    return section.host === undefined || isIP(section.host) !== isIP(this.#place.host) ? "malformed" : undefined;
  }

  /** The version goes up with every change, and only then. */
  #write(sections: readonly (readonly string[])[]): string {
    const text = (): string => formatSdp({ sessionId: this.#sessionId, version: this.#version, host: this.#place.host, sections });
    if (text() !== this.#local) this.#version += 1;
    this.#local = text();
    return this.#local;
  }
}

const severity: readonly (MediaProblem | undefined)[] = ["malformed", "encryption", "no-audio"];
const worst = (problems: readonly (MediaProblem | undefined)[]): MediaProblem =>
  severity.find((one) => problems.includes(one)) ?? "no-audio";

function agreed(section: SdpSection, codecs: readonly Codec[], keys: Agreement["keys"]): Agreement | MediaProblem {
  const types = new Map<number, Codec>();
  let eventType: number | undefined;
  for (const [type, name] of formatsOf(section)) {
    const codec = codecOf(name);
    if (codec && codecs.includes(codec)) types.set(type, codec);
    if (name === "TELEPHONE-EVENT/8000") eventType ??= type;
  }
  const [first] = types;
  if (!first) return "no-codec";
  const isNowhere = section.host === "0.0.0.0" || section.host === "::";
  const direction = directionOf(section);
  return {
    host: isNowhere ? undefined : section.host,
    port: section.port,
    codec: first[1],
    type: first[0],
    types,
    eventType,
    // Older phones say "hold" by an address of zeros alone.
    direction: isNowhere && direction === "sendrecv" ? "sendonly" : direction,
    keys,
  };
}

function answerLines(place: Place, section: SdpSection, agreement: Agreement, ours: CryptoKey | undefined): string[] {
  const tag = cryptoLines(section).find(({ suite }) => suite === ours?.suite)?.tag ?? "1";
  const formats = [
    `${agreement.type} ${agreement.codec}/8000`,
    ...(agreement.eventType === undefined ? [] : [`${agreement.eventType} telephone-event/8000`]),
  ];
  const crypto = ours ? [cryptoText({ ...ours, tag })] : [];
  return sectionLines(place, section.protocol, formats, crypto, opposite[agreement.direction]);
}

/** Every section of the offer has its counterpart; those that we do not take have port 0. */
const sectionsOf = (offer: Sdp, chosen: number, lines: readonly string[]): (readonly string[])[] =>
  offer.sections.map((section, index) =>
    index === chosen ? lines : [`m=${section.kind} 0 ${section.protocol} ${section.formats.join(" ") || "0"}`],
  );
