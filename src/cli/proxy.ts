import http from "node:http";
import type { Duplex } from "node:stream";

/** Which proxies the environment names, as curl and mkr understand it. */
export interface Proxies {
  readonly http: string | undefined;
  readonly https: string | undefined;
  /** Hosts that are reached directly: names with everything below them, or `*`. */
  readonly none: string | undefined;
}

const isHere = (host: string): boolean => host === "localhost" || host === "[::1]" || host.startsWith("127.");

/** The proxy through which an address is reached; undefined = directly. A name of a proxy that is no address counts as none. */
export function proxyFor({ protocol, hostname, port }: URL, proxies: Proxies): URL | undefined {
  const named = protocol === "https:" ? proxies.https : proxies.http;
  if (named === undefined || isHere(hostname)) return undefined;
  const isDirect = (proxies.none ?? "").split(",").some((entry) => {
    const [name = "", onlyPort] = entry
      .trim()
      .toLowerCase()
      .replace(/^\*?\./u, "")
      .split(":");
    if (name === "" || (onlyPort !== undefined && onlyPort !== port)) return false;
    return name === "*" || hostname === name || hostname.endsWith(`.${name}`);
  });
  const text = named.includes("://") ? named : `http://${named}`;
  return isDirect || !URL.canParse(text) ? undefined : new URL(text);
}

const longest = 30_000;

/** What a proxy wants to know about its user. */
export const proxyHeaders = ({ username, password }: URL): Record<string, string> =>
  username === ""
    ? {}
    : {
        "proxy-authorization": `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`,
      };

/** A connection to `host:port` that the proxy makes and never looks into. @throws when the proxy refuses */
export function tunnel(proxy: URL, target: string): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const asked = http.request({
      host: proxy.hostname,
      port: proxy.port === "" ? 80 : proxy.port,
      method: "CONNECT",
      path: target,
      headers: { host: target, ...proxyHeaders(proxy) },
      agent: false,
      timeout: longest,
    });
    asked.once("connect", (answer, socket) => {
      if (answer.statusCode === 200) resolve(socket);
      else {
        socket.destroy();
        reject(new Error(`the proxy ${proxy.host} answered ${answer.statusCode}`));
      }
    });
    asked.once("timeout", () => asked.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
    asked.once("error", reject);
    asked.end();
  });
}
