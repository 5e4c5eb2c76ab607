import type { TcpSpec } from "#wire/probe-specs";
import { Conversation } from "./conversation.ts";
import { failure, verdictOf } from "./failure.ts";
import type { Answered, Findings, Ground } from "./ground.ts";
import { shown, typedBytes } from "./known-greetings.ts";
import { reach, secure } from "./reach.ts";
import type { Trace } from "./trace.ts";
import type { Wire } from "./wire.ts";

const mostSearched = 64 * 1024;

/** Connects; says and expects what is asked for. */
export async function probeTcp(ground: Ground, trace: Trace, findings: Findings, spec: TcpSpec): Promise<Answered> {
  const wire = await reach(ground, trace, findings, { host: spec.host, port: spec.port, family: spec.family });
  const verifies = spec.skipCertificateVerification !== true;
  const stream =
    spec.tls === "implicit"
      ? (await secure(ground, trace, findings, wire, { serverName: spec.serverName ?? spec.host, verifies })).stream
      : undefined;
  const conversation = new Conversation(wire, stream);
  const millis = trace.elapsed;
  if (spec.send !== undefined && spec.send !== "") conversation.say(typedBytes(spec.send));
  if (spec.expect === undefined || spec.expect === "") return { message: `connected to ${wire.address}`, millis };
  await expectText(trace, wire, conversation, spec.expect);
  return { message: `connected to ${wire.address}, and the expected text came` };
}

/** Waits for a text, as a step. @throws "answer-wrong" when something else comes and then nothing more */
async function expectText(trace: Trace, wire: Wire, conversation: Conversation, text: string): Promise<void> {
  const wanted = typedBytes(text);
  const cameInstead = (): string => `${shown(wanted)} did not come, but ${shown(conversation.waiting)}`.slice(0, 900);
  const late = (): "silent" | "answer-wrong" => (conversation.waiting.length === 0 ? "silent" : "answer-wrong");
  await trace.step("answer", { late, address: wire.address }, async () => {
    try {
      await conversation.take((data) => {
        const at = data.subarray(0, mostSearched + wanted.length).indexOf(wanted);
        return at < 0 ? undefined : at + wanted.length;
      });
    } catch (error) {
      const verdict = verdictOf(error);
      if (verdict === "closed-early" || verdict === "protocol-wrong") throw failure("answer-wrong", cameInstead());
      throw error;
    }
    return { value: undefined, detail: "the expected text came" };
  });
}
