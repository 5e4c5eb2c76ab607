import type { Phase } from "#wire/probe-words";
import type { BannerSpec } from "#wire/probe-specs";
import { defaultPorts } from "#wire/probe-words";
import { Conversation } from "./conversation.ts";
import { failure } from "./failure.ts";
import { listening } from "./greeting.ts";
import type { Answered, Findings, Ground } from "./ground.ts";
import { imap } from "./imap.ts";
import { ldap } from "./ldap.ts";
import { pop3 } from "./pop3.ts";
import { reach, secure } from "./reach.ts";
import { smtp } from "./smtp.ts";
import type { Dialogue } from "./dialogue.ts";
import type { Trace } from "./trace.ts";
import type { Wire } from "./wire.ts";

const dialogues: Readonly<Record<BannerSpec["kind"], Dialogue>> = { smtp, imap, pop3, ldap };

/** Greets a server in its protocol, goes over to TLS where asked for, and takes leave. */
export async function probeBanner(ground: Ground, trace: Trace, findings: Findings, spec: BannerSpec): Promise<Answered> {
  const { host, kind, tls = "none" } = spec;
  const port = spec.port ?? defaultPorts[kind][tls === "implicit" ? "implicit" : "plain"];
  const wire = await reach(ground, trace, findings, { host, port, family: spec.family });
  const dialogue = dialogues[kind];
  const verifies = spec.skipCertificateVerification !== true;
  const overTls = async (): Promise<Conversation> =>
    new Conversation(wire, (await secure(ground, trace, findings, wire, { serverName: spec.serverName ?? host, verifies })).stream);

  let talk = tls === "implicit" ? await overTls() : new Conversation(wire);
  const { greet } = dialogue;
  const banner = greet ? await told(trace, "greeting", wire, () => greet(talk)) : "";
  if (tls === "starttls") {
    await told(trace, "starttls", wire, () => dialogue.upgrade(talk));
    // What came before the handshake could have been put there by anybody.
    if (talk.waiting.length > 0) throw failure("protocol-wrong", "bytes came in the clear behind the agreement on TLS");
    talk.release();
    talk = await overTls();
  }
  const said = await told(trace, "answer", wire, () => dialogue.ask(talk));
  return judge(spec, banner, said);
}

/** One exchange as a step; what the server said is told with it. */
const told = (trace: Trace, phase: Phase, wire: Wire, work: () => Promise<string>): Promise<string> =>
  trace.step(phase, listening(wire), async () => {
    const text = await work();
    return { value: text, detail: text };
  });

function judge({ expect }: BannerSpec, banner: string, said: string): Answered {
  const first = (banner === "" ? said : banner).slice(0, 400);
  if (expect !== undefined && !`${banner}\n${said}`.includes(expect))
    throw failure("answer-wrong", `${first} does not contain "${expect}"`);
  return { message: first };
}
