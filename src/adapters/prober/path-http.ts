import type { Duplex } from "node:stream";
import { Conversation } from "./conversation.ts";
import { failure } from "./failure.ts";
import { listening } from "./greeting.ts";
import { looksLike, shown } from "./known-greetings.ts";
import type { Way } from "./ground.ts";
import type { Wire } from "./wire.ts";

/** Asks for the front page and reads the first line of the answer: any status tells that HTTP is spoken. */
export async function exchange({ trace, serverName, port }: Way, wire: Wire, stream: Duplex | undefined): Promise<string> {
  const talk = new Conversation(wire, stream);
  return trace.step("answer", listening(wire), async () => {
    const name = serverName.includes(":") ? `[${serverName}]` : serverName;
    const host = port === 80 || port === 443 ? name : `${name}:${port}`;
    talk.say(`GET / HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: hinoban\r\nAccept: */*\r\nConnection: close\r\n\r\n`);
    const line = await talk.line();
    const status = /^HTTP\/\d(?:\.\d)? (\d{3})\b/u.exec(line)?.[1];
    if (status === undefined) {
      const head = Buffer.from(line, "utf8");
      throw failure("protocol-wrong", `the answer is ${looksLike(head) ?? shown(head.subarray(0, 120))}, not HTTP`);
    }
    return { value: `HTTP ${status}`, detail: line.slice(0, 200), address: wire.address };
  });
}
