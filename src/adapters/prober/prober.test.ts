import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { expect, test } from "vitest";
import { SystemClock } from "#adapters/clock/system";
import { proberContract } from "#ports/prober/contract";
import { NodeProber } from "./prober.ts";

async function listen(onConnect: (socket: Socket) => void): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer(onConnect).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, server };
}

proberContract({ test, equal: (actual, expected) => expect(actual).toEqual(expected) }, async () => {
  const sockets = new Set<Socket>();
  const { port, server } = await listen((socket) => sockets.add(socket.on("error", () => undefined)));
  const gone = await listen(() => undefined);
  gone.server.close();
  await once(gone.server, "close");
  const host = "127.0.0.1";
  return {
    prober: new NodeProber({ clock: new SystemClock(), allowedNetworks: ["127.0.0.0/8"] }),
    good: async () => ({ kind: "tcp", host, port }),
    closed: async () => ({ kind: "tcp", host, port: gone.port }),
    silent: async () => ({ kind: "tcp", host, port, expect: "never" }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
});
