import { promises, type SoaRecord } from "node:dns";
import type { HinobanError } from "#base/errors";
import { parseIp } from "#base/ip-networks";
import type { DnsSpec, DnsType } from "#wire/probe-specs";
import { codeOf, failure } from "./failure.ts";
import type { Answered, Findings, Ground } from "./ground.ts";
import { resolveHost } from "./names.ts";
import type { Trace } from "./trace.ts";

type Resolver = InstanceType<typeof promises.Resolver>;

const mostAnswers = 100;
const longestAnswer = 1000;
const tries = 2;
/** Milliseconds that one server gets for one question. */
const mostPerTry = 5000;

/** Asks a name server, past the system's own resolver where one is named. */
export async function probeDns(ground: Ground, trace: Trace, findings: Findings, spec: DnsSpec): Promise<Answered> {
  const server = await serverOf(ground, trace, spec);
  if (server !== undefined) findings.address = server;
  const began = trace.elapsed;
  const answers = await trace.step(
    "query",
    { late: () => "name-unanswered", ...(server === undefined ? {} : { address: server }) },
    async () => {
      const timeout = Math.round(Math.max(Math.min(mostPerTry, trace.left / tries - 50), 100));
      const resolver = new promises.Resolver({ timeout, tries });
      trace.onEnd(() => resolver.cancel());
      if (server !== undefined) resolver.setServers([server]);
      const found = await ask(resolver, spec).catch((error: unknown) => {
        if (isNothing(error) && spec.exactly === true && (spec.expected ?? []).length === 0) return [];
        throw asFailure(error, spec);
      });
      return { value: found, detail: found.join(", ") || "no answer, as expected" };
    },
  );
  const millisTaken = trace.elapsed - began;
  findings.answers = answers;
  demandExpected(spec, answers);
  return { message: `${spec.type} ${answers.join(", ")}`.slice(0, 500), millis: millisTaken };
}

async function serverOf(ground: Ground, trace: Trace, { server, port = 53 }: DnsSpec): Promise<string | undefined> {
  if (server === undefined) return undefined;
  const [target] = await resolveHost(trace, ground.names, ground.rules, { host: server, family: undefined, usual: "auto" });
  if (!target) throw failure("name-unknown", `${server} has no address`);
  return target.family === 6 ? `[${target.address}]:${port}` : `${target.address}:${port}`;
}

async function ask(resolver: Resolver, { name, type }: DnsSpec): Promise<string[]> {
  const found = await questions[type](resolver, name);
  return found
    .slice(0, mostAnswers)
    .map((answer) => answer.slice(0, longestAnswer))
    .toSorted();
}

const questions: Readonly<Record<DnsType, (resolver: Resolver, name: string) => Promise<string[]>>> = {
  A: (resolver, name) => resolver.resolve4(name),
  AAAA: (resolver, name) => resolver.resolve6(name),
  CNAME: (resolver, name) => resolver.resolveCname(name),
  NS: (resolver, name) => resolver.resolveNs(name),
  PTR: (resolver, name) => (parseIp(name) ? resolver.reverse(name) : resolver.resolvePtr(name)),
  MX: async (resolver, name) => (await resolver.resolveMx(name)).map(({ priority, exchange }) => `${priority} ${exchange}`),
  SRV: async (resolver, name) => (await resolver.resolveSrv(name)).map((srv) => `${srv.priority} ${srv.weight} ${srv.port} ${srv.name}`),
  TXT: async (resolver, name) => (await resolver.resolveTxt(name)).map((chunks) => chunks.join("")),
  SOA: async (resolver, name) => [soaText(await resolver.resolveSoa(name))],
};

const soaText = ({ nsname, hostmaster, serial, refresh, retry, expire, minttl }: SoaRecord): string =>
  `${nsname} ${hostmaster} ${serial} ${refresh} ${retry} ${expire} ${minttl}`;

const isNothing = (error: unknown): boolean => ["ENOTFOUND", "ENODATA"].includes(codeOf(error));

function asFailure(error: unknown, { name, type }: DnsSpec): HinobanError {
  const code = codeOf(error);
  switch (code) {
    case "ENOTFOUND":
      return failure("name-unknown", `${name} does not exist`);
    case "ENODATA":
      return failure("answer-wrong", `${name} has no ${type} record`);
    case "ETIMEOUT":
    case "EAI_AGAIN":
      return failure("name-unanswered", "the name server does not answer");
    case "ECONNREFUSED":
      return failure("refused", "nobody listens at the name server's port, or all name servers failed");
    case "EBADRESP":
    case "EFORMERR":
    case "EBADSTR":
      return failure("protocol-wrong", `the answer cannot be read: ${code}`);
    case "EBADNAME":
      return failure("answer-wrong", `${name} is no name that can be asked for`);
    default:
      return failure("answer-wrong", code === "" ? "the name server failed" : `the name server failed: ${code}`);
  }
}

/** Names are the same in capitals and with a dot at the end; texts are not. */
function normal(type: DnsType, answer: string): string {
  if (type === "TXT") return answer;
  const ip = type === "A" || type === "AAAA" ? parseIp(answer) : undefined;
  return ip
    ? ip.bits.toString(16)
    : answer
        .toLowerCase()
        .replace(/\s+/gu, " ")
        .replace(/\.(?= |$)/gu, "")
        .trim();
}

function demandExpected({ expected, exactly, type }: DnsSpec, answers: readonly string[]): void {
  const got = new Set(answers.map((answer) => normal(type, answer)));
  const wanted = new Set((expected ?? []).map((answer) => normal(type, answer)));
  const missing = (expected ?? []).filter((answer) => !got.has(normal(type, answer)));
  const instead = answers.join(", ").slice(0, 400) || "none";
  if (missing.length > 0) throw failure("answer-wrong", `${missing.join(", ").slice(0, 400)} is not among the answers: ${instead}`);
  if (exactly === true && answers.some((answer) => !wanted.has(normal(type, answer)))) {
    throw failure("answer-wrong", `there are other answers than expected: ${instead}`);
  }
}
