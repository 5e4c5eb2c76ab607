import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";

const handedOut = new Set<number>();
let next = 20_000 + ((process.pid * 20) % 11_000);

/** The first of `count` UDP ports in a row that nobody on 127.0.0.1 uses: even, below those that the system gives away, never the same twice. */
export async function freeUdpPorts(count = 2): Promise<number> {
  for (let tries = 0; tries < 2000; tries += 1) {
    const first = next;
    const row = Array.from({ length: count }, (_, index) => first + index);
    next = first + count + (count % 2) > 31_900 ? 20_000 : first + count + (count % 2);
    if (row.some((port) => handedOut.has(port))) continue;
    const free = await Promise.all(row.map(isFree));
    if (!free.every(Boolean)) continue;
    for (const port of row) handedOut.add(port);
    return first;
  }
  throw new Error(`There are no ${count} free UDP ports in a row.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind(port, "127.0.0.1", () => socket.close(() => resolve(true)));
  });
}

/** Whether some program holds this UDP port. */
export function isUdpHeld(port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/udp", "utf8")
    .split("\n")
    .some((line) => line.trim().split(/\s+/u)[1]?.endsWith(suffix) ?? false);
}
