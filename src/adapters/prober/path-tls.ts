import { messageOf } from "#base/errors";
import { clientHello } from "./client-hello.ts";
import { Conversation } from "./conversation.ts";
import { failure, tlsOf, verdictOf } from "./failure.ts";
import type { Secured } from "./handshake.ts";
import { listening } from "./greeting.ts";
import type { Way } from "./ground.ts";
import { looksLike, shown } from "./known-greetings.ts";
import { connectTo, secure } from "./reach.ts";
import type { Wire } from "./wire.ts";

/**
 * TLS as everybody speaks it today. Where it fails, once more in another way, to tell why: with old versions for a device that has no others,
 * and without a name for something in between that lets connections through by their names.
 * @throws the verdict of the first handshake
 */
export async function pathTls(way: Way, wire: Wire, alpn: readonly string[] | undefined): Promise<Secured> {
  const { ground, trace, findings, serverName } = way;
  try {
    return await secure(ground, trace, findings, wire, { serverName, verifies: true, ...(alpn ? { alpn } : {}) });
  } catch (error) {
    const verdict = verdictOf(error);
    const seen = tlsOf(error);
    if (seen) findings.tls ??= seen;
    if (verdict === "tls-not-spoken") throw await withBytes(way, error);
    if (verdict === "tls-version" || verdict === "tls-alert" || verdict === "tls-broken") throw await withOldVersions(way, error);
    if (verdict === "reset-after-hello" || verdict === "closed-on-accept") throw await withoutName(way, error);
    throw error;
  }
}

/** Once more by hand, to see what is answered instead. */
async function withBytes(way: Way, first: unknown): Promise<unknown> {
  const { trace, findings } = way;
  try {
    const wire = await connectTo(trace, findings, way.target, way.port);
    const talk = new Conversation(wire);
    const seen = await trace.step("tls", listening(wire), async () => {
      talk.say(clientHello(way.serverName));
      await talk.heard();
      return { value: wire.head, detail: shown(wire.head.subarray(0, 120)), address: wire.address };
    });
    const known = looksLike(seen);
    return failure("tls-not-spoken", known === undefined ? messageOf(first) : `the answer is ${known}, not TLS`);
  } catch {
    return first;
  }
}

async function withOldVersions(way: Way, first: unknown): Promise<unknown> {
  const { ground, trace, findings, serverName } = way;
  const seen = findings.tls;
  try {
    const wire = await connectTo(trace, findings, way.target, way.port);
    const { facts } = await secure(ground, trace, findings, wire, { serverName, verifies: false, versions: "legacy" });
    const verdict = /^TLSv1(?:\.1)?$/u.test(facts.version) ? "tls-version" : (verdictOf(first) ?? "tls-broken");
    return failure(verdict, `${messageOf(first)}; with old versions and ciphers allowed: ${facts.version} ${facts.cipher}`, facts);
  } catch {
    if (seen) findings.tls = seen;
    return first;
  }
}

async function withoutName(way: Way, first: unknown): Promise<unknown> {
  const { ground, trace, findings, target } = way;
  if (target.address === way.serverName) return first; // no name was sent the first time either
  try {
    const wire = await connectTo(trace, findings, target, way.port);
    await secure(ground, trace, findings, wire, { serverName: target.address, verifies: false });
    return failure(verdictOf(first) ?? "tls-broken", `${messageOf(first)}; without a server name it works`, findings.tls);
  } catch {
    return first;
  }
}
