import { dialledAs, type DialRule } from "#base/dialled-number";
import { seconds, type Millis } from "#base/duration";
import { isEmergency } from "#base/phone-number";
import type { LineSettings } from "#wire/line-settings";
import { address, noParams } from "./build.ts";
import type { HeaderLine } from "./message.ts";
import {
  escapedUser,
  formatAddress,
  formatHost,
  formatHostPort,
  isUserPart,
  parseHostPort,
  parseUri,
  type Address,
  type SipUri,
} from "./syntax.ts";
import type { TransportKind } from "./transport.ts";

/** What a line of our own needs to know, with everything that was left open filled in. */
export interface SipRules {
  readonly domain: string;
  /** Host of registrar or proxy. */
  readonly server: string;
  readonly port?: number;
  readonly transport: TransportKind;
  /** Of the account; empty for a trunk that knows us by our address. */
  readonly user: string;
  readonly authUser: string;
  readonly registers: boolean;
  readonly registersFor: Millis;
  /** The shown number, E.164. */
  readonly from?: string;
  readonly identity: "from" | "preferred" | "asserted";
  readonly dial: DialRule;
  readonly isEncrypted: boolean;
  readonly isRecorded: boolean;
  readonly verifiesTls: boolean;
}

/** @param settings of a line of kind `sip`, checked by whoever keeps them */
export function rulesOf(settings: LineSettings): SipRules {
  const { transport = "udp", identity = "from", isRecorded = false, srtp = false, verifiesTls = true } = settings;
  const { dialForm, countryCode, dialPrefix } = settings;
  return {
    ...serverOf(settings),
    ...accountOf(settings),
    transport,
    identity,
    ...(settings.from ? { from: settings.from } : {}),
    dial: { ...(dialForm ? { dialForm } : {}), ...(countryCode ? { countryCode } : {}), ...(dialPrefix ? { dialPrefix } : {}) },
    // Keys in SDP are worth nothing where everybody reads the SDP.
    isEncrypted: srtp && transport === "tls",
    isRecorded,
    verifiesTls,
  };
}

/** A port may be typed behind a host as well. */
function serverOf({ domain = "", server = "", port }: LineSettings): Pick<SipRules, "domain" | "server" | "port"> {
  const home = parseHostPort(domain) ?? { host: domain };
  const typed = server === "" ? home : (parseHostPort(server) ?? { host: server });
  const chosen = port ?? ("port" in typed ? typed.port : undefined);
  return { domain: home.host, server: typed.host, ...(chosen === undefined ? {} : { port: chosen }) };
}

function accountOf({
  userName: user = "",
  authName = "",
  registers = user !== "",
  registersFor = 300,
}: LineSettings): Pick<SipRules, "user" | "authUser" | "registers" | "registersFor"> {
  return { user, authUser: authName === "" ? user : authName, registers, registersFor: seconds(registersFor) };
}

export const accountUri = ({ user, domain }: SipRules): string =>
  `sip:${escapedUser(user === "" ? "hinoban" : user)}@${formatHost(domain)}`;

/** The Request-URI of a call; undefined when the number cannot be one, or must never be dialled by a machine. */
export function dialledUri(rules: SipRules, to: string): string | undefined {
  const number = dialledAs(rules.dial, to);
  if (!isUserPart(number) || isEmergency(number) || isEmergency(to)) return undefined;
  return `sip:${escapedUser(number)}@${formatHost(rules.domain)}`;
}

/** What From is, and which headers tell the shown number besides. */
export function identityOf(
  rules: SipRules,
  from: string | undefined,
  tag: string,
): { readonly from: Address; readonly headers: readonly HeaderLine[] } {
  const shown = from ?? rules.from;
  // The prefix for an outside line is no part of who calls.
  const number = shown === undefined ? undefined : dialledAs({ ...rules.dial, dialPrefix: "" }, shown);
  const uri = number === undefined || !isUserPart(number) ? undefined : `sip:${escapedUser(number)}@${formatHost(rules.domain)}`;
  if (uri === undefined) return { from: address(accountUri(rules), tag), headers: [] };
  if (rules.identity === "from") return { from: address(uri, tag), headers: [] };
  const name = rules.identity === "preferred" ? "P-Preferred-Identity" : "P-Asserted-Identity";
  return { from: address(accountUri(rules), tag), headers: [[name, formatAddress({ display: "", uri, params: noParams })]] };
}

/** Where requests within a call reach us. */
export function contactOf(rules: SipRules, at: { readonly host: string; readonly port: number }): string {
  const user = rules.user === "" ? "hinoban" : escapedUser(rules.user);
  const transport = rules.transport === "udp" ? "" : `;transport=${rules.transport}`;
  return `<sip:${user}@${formatHostPort(at.host, at.port)}${transport}>`;
}

/** The number of a caller as the line writes it, as E.164 where that can be told; empty when it is withheld. */
export function callerOf({ dial }: SipRules, uri: SipUri | undefined): string {
  const user = decoded(uri?.user ?? "").split(";")[0] ?? "";
  if (/^(?:anonymous|unknown|restricted|unavailable)/iu.test(user)) return "";
  return /^\d{7,15}$/u.test(user) && dial.countryCode !== undefined ? worldwide(dial, dial.countryCode, user) : user;
}

function worldwide({ dialForm }: DialRule, countryCode: string, digits: string): string {
  if (dialForm === "digits" && digits.startsWith(countryCode)) return `+${digits}`;
  if (countryCode === "81" && digits.startsWith("010")) return `+${digits.slice(3)}`;
  return /^0[1-9]/u.test(digits) ? `+${countryCode}${digits.slice(1)}` : digits;
}

/** All ways in which a trunk may write a number that was dialled. */
function writtenAs(dial: DialRule, to: string): ReadonlySet<string> {
  const prefixes = ["", dial.dialPrefix ?? ""];
  const numbers = (["e164", "digits", "national"] as const).flatMap((dialForm) =>
    prefixes.map((dialPrefix) => dialledAs({ ...dial, dialForm, dialPrefix }, to)),
  );
  return new Set(numbers.filter((number) => isUserPart(number) && !isEmergency(number)));
}

/** `%23` and the like, where they can be read. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Where a redirection may lead: to the number that was dialled, written in another way, over the same line. What is dialled is chosen and
 * judged by whoever calls, not by the trunk or the phone: another number may cost more, and be anybody's.
 * @param contact value of Contact in a 3xx
 * @param to number that was dialled
 */
export function redirected(rules: SipRules, contact: Address | undefined, to: string): string | undefined {
  const uri = contact && parseUri(contact.uri);
  if (!uri || uri.user === "") return undefined;
  const user = decoded(uri.user).split(";")[0] ?? "";
  const isHere = uri.scheme === "tel" || [rules.domain, rules.server].some((host) => host.toLowerCase() === uri.host.toLowerCase());
  if (!isHere || !writtenAs(rules.dial, to).has(user)) return undefined;
  return `sip:${escapedUser(user)}@${formatHost(rules.domain)}`;
}
