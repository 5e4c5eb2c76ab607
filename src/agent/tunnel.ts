import http from "node:http";
import { isIP } from "node:net";
import https, { type AgentOptions } from "node:https";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import { HinobanError } from "#base/errors";

/** Where a tunnel goes. */
export interface Tunnel {
  readonly server: URL;
  readonly proxy: URL;
  /** Headers for the proxy alone. */
  readonly credentials: Readonly<Record<string, string>>;
}

type Done = (error: Error | null, socket: Duplex) => void;

/** An agent whose connections go through an HTTP proxy by CONNECT (RFC 9110, 9.3.6), with TLS to the server inside. */
export class TunnelAgent extends https.Agent {
  readonly #tunnel: Tunnel;
  readonly #tls: AgentOptions;

  constructor(tunnel: Tunnel, options: AgentOptions) {
    super(options);
    this.#tunnel = tunnel;
    this.#tls = options;
  }

  override createConnection(_: unknown, done?: Done): undefined {
    const { server, proxy, credentials } = this.#tunnel;
    const target = `${server.hostname}:${server.port === "" ? "443" : server.port}`;
    const request = http.request({
      method: "CONNECT",
      hostname: bare(proxy.hostname),
      port: proxy.port === "" ? 80 : proxy.port,
      path: target,
      headers: { host: target, ...credentials },
      agent: false,
    });
    const fail = (error: Error): void => (done as ((error: Error) => void) | undefined)?.(error); // with an error Node looks at no socket
    request.once("error", fail);
    request.once("connect", (reply, socket) => {
      const host = bare(server.hostname);
      const name = isIP(host) === 0 ? { servername: host } : {};
      if (reply.statusCode === 200) done?.(null, connect({ ...this.#tls, ...name, host, socket }));
      else {
        socket.destroy();
        fail(new HinobanError("unavailable", `the proxy ${proxy.host} answered ${String(reply.statusCode)}`));
      }
    });
    request.end();
  }
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/gu, "");
