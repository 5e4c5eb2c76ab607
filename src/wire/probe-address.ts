import type { PathSpec } from "./probe-specs.ts";

/** What a scheme is spoken over when no port is named. */
const schemes: Readonly<Record<string, { readonly protocol: NonNullable<PathSpec["protocol"]>; readonly port: number }>> = {
  http: { protocol: "http", port: 80 },
  https: { protocol: "https", port: 443 },
  ssh: { protocol: "ssh", port: 22 },
  smtp: { protocol: "smtp", port: 25 },
  smtps: { protocol: "tls", port: 465 },
  imap: { protocol: "imap", port: 143 },
  imaps: { protocol: "tls", port: 993 },
  pop3: { protocol: "pop3", port: 110 },
  pop3s: { protocol: "tls", port: 995 },
  ldap: { protocol: "ldap", port: 389 },
  ldaps: { protocol: "tls", port: 636 },
  tls: { protocol: "tls", port: 443 },
  tcp: { protocol: "tcp", port: 443 },
};

const usualPort = 443;

/**
 * The way that somebody means who types an address: `host`, `host:port`, `[2001:db8::1]:443`, or a URL such as `https://host/path` and
 * `ssh://host`. Without a port and a scheme, 443 is meant.
 * @returns undefined for what is no address
 */
export function pathOf(typed: string): PathSpec | undefined {
  const parts = pattern.exec(typed.trim());
  if (!parts) return undefined;
  const [, schemeText, hostText = "", portText] = parts;
  const scheme = schemeText === undefined ? { port: usualPort } : schemes[schemeText.toLowerCase()];
  const host = hostText.replace(/^\[|\]$/gu, "");
  if (!scheme || host === "" || host.length > 253) return undefined;
  const path: PathSpec = { kind: "path", host, ...scheme, ...(portText === undefined ? {} : { port: Number(portText) }) };
  return path.port >= 1 && path.port <= 65_535 ? path : undefined;
}

/** Scheme, user and password, host, port, and the rest. */
const pattern =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:[^@/?#]*@)?(\[[^\]\s]+\]|[^\s:/?#[\]@]+|[0-9a-f]*:[0-9a-f:.]+)(?::(\d{1,5}))?(?:[/?#].*)?$/iu;
