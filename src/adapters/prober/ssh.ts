import type { SshSpec } from "#wire/probe-specs";
import { defaultPorts } from "#wire/probe-words";
import { Conversation } from "./conversation.ts";
import { failure } from "./failure.ts";
import type { Dialogue } from "./dialogue.ts";
import { listening } from "./greeting.ts";
import type { Answered, Findings, Ground } from "./ground.ts";
import { looksLike } from "./known-greetings.ts";
import { reach } from "./reach.ts";
import type { Trace } from "./trace.ts";

/** SSH as far as it is in the clear. */
export const ssh: Dialogue = {
  greet: identification,
  upgrade: async () => {
    throw failure("protocol-wrong", "SSH knows no TLS");
  },
  ask: async () => "",
};

/** Lines that a server may say before its identification (RFC 4253, 4.2). */
const mostLines = 50;

/** Reads the identification of an SSH server. */
export async function probeSsh(ground: Ground, trace: Trace, findings: Findings, spec: SshSpec): Promise<Answered> {
  const wire = await reach(ground, trace, findings, { host: spec.host, port: spec.port ?? defaultPorts.ssh.plain, family: spec.family });
  const conversation = new Conversation(wire);
  const banner = await trace.step("greeting", listening(wire), async () => {
    const line = await identification(conversation);
    return { value: line, detail: line.slice(0, 255) };
  });
  if (spec.expect !== undefined && !banner.includes(spec.expect))
    throw failure("answer-wrong", `${banner.slice(0, 255)} does not contain "${spec.expect}"`);
  conversation.say("SSH-2.0-hinoban\r\n"); // so that the server's log shows who it was
  return { message: banner.slice(0, 255) };
}

async function identification(conversation: Conversation): Promise<string> {
  for (let count = 0; count < mostLines; count += 1) {
    const line = await conversation.line();
    if (/^SSH-(?:2\.0|1\.99)-/u.test(line)) return line;
    if (line.startsWith("SSH-")) throw failure("protocol-wrong", `an SSH that nobody speaks any more: ${line.slice(0, 255)}`);
    const known = looksLike(Buffer.from(line, "utf8"));
    if (known !== undefined) throw failure("protocol-wrong", `the answer is ${known}, not SSH`);
  }
  throw failure("protocol-wrong", "no identification of SSH came");
}
