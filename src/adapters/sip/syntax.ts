/** Parameters behind `;`, by lower-case name; a parameter without a value has the empty text. */
export type Params = ReadonlyMap<string, string>;

/** RFC 3261 19.1, and RFC 3966's `tel:`, of which only the number is kept. */
export interface SipUri {
  readonly scheme: "sip" | "sips" | "tel";
  /** Without a password; still escaped. Empty when absent. */
  readonly user: string;
  /** Name or IPv4 address; IPv6 without its brackets. Empty in `tel:`. */
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
}

/** Value of From, To, Contact, Route …: a URI with a name for people and parameters of the header. */
export interface Address {
  readonly display: string;
  readonly uri: string;
  readonly params: Params;
}

/** RFC 3261 20.42 */
export interface Via {
  /** UDP, TCP, TLS … */
  readonly transport: string;
  readonly host: string;
  readonly port?: number;
  readonly params: Params;
}

/** Ten times what a long row of proxies needs. */
const mostParts = 100;

/**
 * Splits at a separator that stands neither inside quotes nor inside `<…>`. Parts are trimmed, empty ones left out.
 * @param separator one character
 */
export function splitOutside(text: string, separator: "," | ";"): readonly string[] {
  const parts: string[] = [];
  let begin = 0;
  let isQuoted = false;
  let isInside = false;
  const take = (end: number): void => {
    const part = text.slice(begin, end).trim();
    if (part !== "" && parts.length < mostParts) parts.push(part);
    begin = end + 1;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (isQuoted) {
      if (char === "\\") at += 1;
      else if (char === '"') isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if (char === "<") isInside = true;
    else if (char === ">") isInside = false;
    else if (char === separator && !isInside) take(at);
  }
  take(text.length);
  return parts;
}

export function parseParams(parts: readonly string[]): Params {
  const params = new Map<string, string>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    const name = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    if (name !== "" && !params.has(name)) params.set(name, equals < 0 ? "" : unquoted(part.slice(equals + 1).trim()));
  }
  return params;
}

/** Text of a quoted string (RFC 3261 25.1); anything else stays as it is. */
export function unquoted(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replaceAll(/\\(.)/gsu, "$1");
}

/** A quoted string that cannot end early, nor end the line. */
export const quoted = (text: string): string => `"${text.replaceAll(/[\u0000-\u001f\u007f]/gu, " ").replaceAll(/["\\]/gu, "\\$&")}"`;

/** Host and port as they stand in URIs and in Via; undefined when it is neither name nor address. */
export function parseHostPort(text: string): { readonly host: string; readonly port?: number } | undefined {
  const match = /^(?:\[([\da-f:.]{2,45})\]|([\da-z._-]{1,255}))(?:\s*:\s*(\d{1,5}))?$/iu.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return undefined;
  if (match?.[3] === undefined) return { host };
  const port = Number(match[3]);
  return port >= 1 && port <= 65_535 ? { host, port } : undefined;
}

export const formatHost = (host: string): string => (host.includes(":") ? `[${host}]` : host);
export const formatHostPort = (host: string, port?: number): string =>
  port === undefined ? formatHost(host) : `${formatHost(host)}:${port}`;

export function parseUri(text: string): SipUri | undefined {
  const match = /^(sips?|tel):(.+)$/isu.exec(text);
  if (!match?.[2] || text.length > 2000 || /[\s<>"\u0000-\u001f\u007f]/u.test(text)) return undefined;
  const rest = match[2];
  const scheme = match[1]?.toLowerCase();
  if (scheme === "sip" || scheme === "sips") return sipUri(scheme, rest);
  const [user = "", ...params] = rest.split(";");
  return user === "" ? undefined : { scheme: "tel", user, host: "", params: parseParams(params) };
}

function sipUri(scheme: "sip" | "sips", rest: string): SipUri | undefined {
  // A semicolon may stand in the user part (`sip:+81;phone-context=x@host`), so the @ is looked for first.
  const at = rest.indexOf("@");
  const behind = rest.slice(at + 1).split("?")[0] ?? "";
  const [hostPort = "", ...params] = behind.split(";");
  const where = parseHostPort(hostPort);
  const user = at < 0 ? "" : (rest.slice(0, at).split(":")[0] ?? "");
  return where ? { scheme, user, ...where, params: parseParams(params) } : undefined;
}

/** `Name <uri>;params`, `<uri>;params`, or `uri;params`, where parameters belong to the header. */
export function parseAddress(text: string): Address | undefined {
  const open = openingBracket(text);
  if (open < 0) {
    const [uri = "", ...parts] = text.split(";").map((part) => part.trim());
    return isUriText(uri) ? { display: "", uri, params: parseParams(parts) } : undefined;
  }
  const close = text.indexOf(">", open);
  const uri = text.slice(open + 1, close).trim();
  if (close < 0 || !isUriText(uri)) return undefined;
  return { display: unquoted(text.slice(0, open).trim()), uri, params: parseParams(splitOutside(text.slice(close + 1), ";")) };
}

const isUriText = (uri: string): boolean => /^[a-z][a-z\d+.-]*:[^\s<>"]+$/iu.test(uri);

function openingBracket(text: string): number {
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (isQuoted && char === "\\") at += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (char === "<" && !isQuoted) return at;
  }
  return -1;
}

export function formatAddress({ display, uri, params }: Address): string {
  const name = display === "" ? "" : `${quoted(display)} `;
  return `${name}<${uri}>${formatParams(params)}`;
}

export const formatParams = (params: Params): string =>
  [...params].map(([name, value]) => (value === "" ? `;${name}` : `;${name}=${value}`)).join("");

export function parseVia(text: string): Via | undefined {
  const [head = "", ...parts] = splitOutside(text, ";");
  const match = /^SIP\s*\/\s*2\.0\s*\/\s*([A-Z\d-]{1,16})\s+(\S.*)$/iu.exec(head);
  const where = parseHostPort(match?.[2] ?? "");
  return where ? { transport: (match?.[1] ?? "").toUpperCase(), ...where, params: parseParams(parts) } : undefined;
}

/** Only what never needs escaping, so that a number or account cannot become a header. RFC 3261 25.1 allows more. */
export const isUserPart = (text: string): boolean => /^[A-Za-z\d+*#._-]{1,100}$/u.test(text);

/** A user part in a URI: `#` begins a fragment elsewhere and is escaped (RFC 3261 25.1). */
export const escapedUser = (user: string): string => user.replaceAll("#", "%23");
