const mostCookies = 50;
const longestCookie = 4096;

interface Cookie {
  readonly name: string;
  readonly value: string;
  /** The host, or the domain with all that is below. */
  readonly domain: string;
  readonly isForSubdomains: boolean;
  readonly isSecure: boolean;
}

/** Cookies for the length of one probe: what a server sets is carried along to where it leads. */
export class CookieJar {
  #cookies: Cookie[] = [];

  /** Takes over Set-Cookie headers of an answer from `url` (RFC 6265, 5.2 and 5.3, without dates and paths). */
  keep(url: URL, headers: readonly string[]): void {
    for (const header of headers) {
      const cookie = header.length > longestCookie ? undefined : parseCookie(header, url.hostname);
      if (!cookie) continue;
      this.#cookies = this.#cookies.filter((other) => other.name !== cookie.name || other.domain !== cookie.domain);
      if (this.#cookies.length < mostCookies) this.#cookies.push(cookie);
    }
  }

  /** The Cookie header for a request to `url`; undefined when there is none. */
  headerFor(url: URL): string | undefined {
    const fitting = this.#cookies.filter(
      ({ domain, isForSubdomains, isSecure }) =>
        (url.hostname === domain || (isForSubdomains && url.hostname.endsWith(`.${domain}`))) && (!isSecure || url.protocol === "https:"),
    );
    return fitting.length === 0 ? undefined : fitting.map(({ name, value }) => `${name}=${value}`).join("; ");
  }
}

function parseCookie(header: string, host: string): Cookie | undefined {
  const [pair = "", ...attributes] = header.split(";");
  const at = pair.indexOf("=");
  const name = pair.slice(0, at).trim();
  if (at <= 0 || name === "") return undefined;
  const named = new Map(attributes.map((attribute) => halves(attribute)));
  const asked = (named.get("domain") ?? "").replace(/^\./u, "").toLowerCase();
  // A domain that the host is not in is nobody's to set; one without a dot would be everybody's.
  if (asked !== "" && (!asked.includes(".") || (host !== asked && !host.endsWith(`.${asked}`)))) return undefined;
  return {
    name,
    value: pair.slice(at + 1).trim(),
    domain: asked === "" ? host : asked,
    isForSubdomains: asked !== "",
    isSecure: named.has("secure"),
  };
}

function halves(attribute: string): [string, string] {
  const at = attribute.indexOf("=");
  return at < 0 ? [attribute.trim().toLowerCase(), ""] : [attribute.slice(0, at).trim().toLowerCase(), attribute.slice(at + 1).trim()];
}
