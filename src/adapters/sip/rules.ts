import { dialledAs, type DialRule } from "#base/dialled-number";
import { seconds, type Millis } from "#base/duration";
import { isEmergency } from "#base/phone-number";
import type { LineSettings } from "#wire/line-settings";
import { address, noParams } from "./build.ts";
import type { HeaderLine } from "./message.ts";
import { escapedUser, formatAddress, formatHost, formatHostPort, isUserPart, parseUri, type Address, type SipUri } from "./syntax.ts";
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
  const { domain = "", server = domain, port, transport = "udp", userName = "", authName = userName, from } = settings;
  const { identity = "from", registers = userName !== "", registersFor = 300, dialForm, countryCode, dialPrefix } = settings;
  const { isRecorded = false, srtp = false, verifiesTls = true } = settings;
  return {
    domain,
    server: server === "" ? domain : server,
    ...(port === undefined ? {} : { port }),
    transport,
    user: userName,
    authUser: authName === "" ? userName : authName,
    registers,
    registersFor: seconds(registersFor),
    ...(from === undefined || from === "" ? {} : { from }),
    identity,
    dial: { ...(dialForm ? { dialForm } : {}), ...(countryCode ? { countryCode } : {}), ...(dialPrefix ? { dialPrefix } : {}) },
    // Keys in SDP are worth nothing where everybody reads the SDP.
    isEncrypted: srtp && transport === "tls",
    isRecorded,
    verifiesTls,
  };
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
export function callerOf(rules: SipRules, uri: SipUri | undefined): string {
  const user = decoded(uri?.user ?? "").split(";")[0] ?? "";
  if (user === "" || /^anonymous|^unknown|^restricted/iu.test(user)) return "";
  const { dialForm, countryCode } = rules.dial;
  const isNumber = /^\+?\d{7,15}$/u.test(user);
  if (!isNumber || user.startsWith("+")) return user;
  if (dialForm === "digits" && countryCode !== undefined && user.startsWith(countryCode)) return `+${user}`;
  if (countryCode === undefined || !user.startsWith("0") || user.startsWith("00")) return user;
  const abroad = countryCode === "81" && user.startsWith("010");
  return abroad ? `+${user.slice(3)}` : `+${countryCode}${user.slice(1)}`;
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
 * Where a redirection may lead: to another number of the same provider, over the same line; never to a number that a machine must not dial.
 * @param contact value of Contact in a 3xx
 */
export function redirected(rules: SipRules, contact: Address | undefined): string | undefined {
  const uri = contact && parseUri(contact.uri);
  if (!uri || uri.user === "") return undefined;
  const user = decoded(uri.user);
  const isHere = uri.scheme === "tel" || [rules.domain, rules.server].some((host) => host.toLowerCase() === uri.host.toLowerCase());
  if (!isHere || !isUserPart(user) || isEmergency(user)) return undefined;
  return `sip:${escapedUser(user)}@${formatHost(rules.domain)}`;
}
