import { seconds } from "#base/duration";
import { messageOf } from "#base/errors";
import type { Verdict } from "#wire/probe-words";
import type { PathSpec } from "#wire/probe-specs";
import { Conversation } from "./conversation.ts";
import type { Dialogue } from "./dialogue.ts";
import { failure, verdictOf } from "./failure.ts";
import { listening } from "./greeting.ts";
import type { Answered, Findings, Ground, Way } from "./ground.ts";
import { imap } from "./imap.ts";
import { looksLike, shown } from "./known-greetings.ts";
import { ldap } from "./ldap.ts";
import { resolveHost, type Target } from "./names.ts";
import { connectTo } from "./reach.ts";
import { pop3 } from "./pop3.ts";
import { exchange } from "./path-http.ts";
import { pathTls } from "./path-tls.ts";
import { smtp } from "./smtp.ts";
import { ssh } from "./ssh.ts";
import type { Trace } from "./trace.ts";
import type { Wire } from "./wire.ts";

/** Whoever resets or closes at once does so within a way there and back. */
const listenFor = seconds(1);
const mostAddresses = 4;

type Spoken = Exclude<NonNullable<PathSpec["protocol"]>, "auto">;

/** What ports are known for. */
const byPort: Readonly<Record<number, Spoken>> = {
  22: "ssh",
  25: "smtp",
  80: "http",
  110: "pop3",
  143: "imap",
  389: "ldap",
  443: "https",
  465: "tls",
  587: "smtp",
  636: "tls",
  853: "tls",
  993: "tls",
  995: "tls",
  8080: "http",
  8443: "https",
};
const dialogues: Readonly<Record<"smtp" | "imap" | "pop3" | "ldap" | "ssh", Dialogue>> = { smtp, imap, pop3, ldap, ssh };

/** Goes all the way: name, every address, what comes unasked, TLS with and without today's versions, the protocol. */
export async function probePath(ground: Ground, trace: Trace, findings: Findings, spec: PathSpec): Promise<Answered> {
  const { host, port, family, serverName = host } = spec;
  const targets = await resolveHost(trace, ground.names, ground.rules, { host, family, usual: "auto" });
  const { wire, target, failed } = await connectToAll(trace, findings, targets.slice(0, mostAddresses), port);
  const way: Way = { ground, trace, findings, target, port, serverName };
  const protocol = spec.protocol === undefined || spec.protocol === "auto" ? byPort[port] : spec.protocol;
  const talk = new Conversation(wire);
  const hasSpoken = await listen(trace, wire, talk);
  const found =
    protocol === undefined ? await recognise(way, wire, talk, hasSpoken) : await speak(way, wire, { talk, protocol, hasSpoken });
  if (protocol !== undefined) findings.protocol ??= protocol;
  const also = failed.length === 0 ? "" : `; not at ${failed.join(", ")}`;
  return { message: `${found} at ${wire.address}${also}` };
}

/** Tries every address, so that the one that fails is seen; goes on with the first that lets us in. */
async function connectToAll(trace: Trace, findings: Findings, targets: readonly Target[], port: number) {
  let open: { readonly wire: Wire; readonly target: Target } | undefined;
  const failed: string[] = [];
  let first: unknown;
  for (const [index, target] of targets.entries()) {
    try {
      const wire = await connectTo(trace, findings, target, port, trace.left / (targets.length - index + 1));
      if (open) wire.close();
      else open = { wire, target };
    } catch (error) {
      failed.push(target.address);
      first ??= error;
    }
  }
  if (!open) throw first ?? failure("name-unknown", "no address");
  findings.wire = open.wire;
  findings.address = open.wire.address;
  return { ...open, failed };
}

/** Says nothing for a moment: a reset, a close or a greeting that comes unasked tells who is there. @returns whether something was said */
async function listen(trace: Trace, wire: Wire, talk: Conversation): Promise<boolean> {
  const quiet = trace.clock.sleep("probe.listen", listenFor).then(() => false);
  return trace.step("listen", listening(wire), async () => {
    const hasSpoken = await Promise.race([talk.heard(), quiet]);
    return { value: hasSpoken, detail: hasSpoken ? shown(talk.waiting.subarray(0, 120)) : "nothing comes unasked", address: wire.address };
  });
}

interface Speaking {
  readonly talk: Conversation;
  readonly protocol: Spoken;
  readonly hasSpoken: boolean;
}

/** Speaks the protocol that the port is known for. @returns what was found, in a few words */
async function speak(way: Way, wire: Wire, { talk, protocol, hasSpoken }: Speaking): Promise<string> {
  switch (protocol) {
    case "tcp":
      return `TCP${hasSpoken ? `, ${looksLike(wire.head) ?? "unknown protocol"}` : ""}`;
    case "tls":
    case "https":
      return overTls(way, wire, { talk, hasSpoken, isHttp: protocol === "https" });
    case "http":
      demandClientFirst(wire, hasSpoken, "HTTP");
      talk.release();
      return exchange(way, wire, undefined);
    case "smtp":
    case "imap":
    case "pop3":
    case "ldap":
    case "ssh":
      return converse(way.trace, wire, talk, protocol);
  }
}

interface OverTls {
  readonly talk: Conversation;
  readonly hasSpoken: boolean;
  readonly isHttp: boolean;
}

async function overTls(way: Way, wire: Wire, { talk, hasSpoken, isHttp }: OverTls): Promise<string> {
  demandClientFirst(wire, hasSpoken, "TLS");
  talk.release();
  const secured = await pathTls(way, wire, isHttp ? ["http/1.1"] : undefined);
  return isHttp ? `${secured.facts.version}, ${await exchange(way, wire, secured.stream)}` : secured.facts.version;
}

async function converse(trace: Trace, wire: Wire, talk: Conversation, protocol: keyof typeof dialogues): Promise<string> {
  const dialogue = dialogues[protocol];
  let said = "";
  if (dialogue.greet) {
    const { greet } = dialogue;
    said = await trace.step("greeting", listening(wire), async () => {
      const text = await greet(talk);
      return { value: text, detail: text };
    });
  }
  if (protocol !== "ssh") {
    await trace.step("answer", listening(wire), async () => {
      const text = await dialogue.ask(talk);
      return { value: undefined, detail: text };
    });
  }
  return `${protocol.toUpperCase()}${said === "" ? "" : ` (${said.slice(0, 200)})`}`;
}

function demandClientFirst(wire: Wire, hasSpoken: boolean, protocol: string): void {
  if (hasSpoken)
    throw failure("protocol-wrong", `the answer is ${looksLike(wire.head) ?? shown(wire.head.subarray(0, 60))}, not ${protocol}`);
}

/** Finds out what is spoken at a port that is known for nothing. Whatever it is, the way is open. */
async function recognise(way: Way, wire: Wire, talk: Conversation, hasSpoken: boolean): Promise<string> {
  const { findings, trace } = way;
  if (hasSpoken) {
    findings.protocol = looksLike(wire.head) ?? "unknown";
    return findings.protocol === "unknown" ? "an unknown protocol" : findings.protocol;
  }
  talk.release();
  try {
    const { facts } = await pathTls(way, wire, undefined);
    findings.protocol = "TLS";
    return facts.version;
  } catch (error) {
    if (isAboutTls(verdictOf(error))) throw error;
    const known = looksLike(findings.wire?.head ?? wire.head);
    if (known !== undefined) {
      findings.protocol = known;
      return known;
    }
    const isHttp = await answersHttp(way);
    findings.protocol = isHttp === undefined ? "unknown" : "HTTP";
    if (isHttp !== undefined) return isHttp;
    trace.note("answer", "ok", `what is spoken there is not known (TLS: ${messageOf(error)})`);
    return "TCP, an unknown protocol";
  }
}

/** TLS is spoken there, but not well: that is what is wrong. */
const isAboutTls = (verdict: Verdict | undefined): boolean =>
  verdict === undefined || /^(?:certificate-|tls-(?:version|alert|broken)$)/u.test(verdict);

async function answersHttp(way: Way): Promise<string | undefined> {
  try {
    const wire = await connectTo(way.trace, way.findings, way.target, way.port);
    return await exchange(way, wire, undefined);
  } catch (error) {
    if (verdictOf(error) === undefined) throw error;
    return undefined;
  }
}
