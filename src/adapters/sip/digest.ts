import { createHash, randomBytes } from "node:crypto";
import type { Secret } from "#base/secret";
import type { HeaderLine, SipRequest, SipResponse } from "./message.ts";
import { parseParams, quoted, splitOutside, type Params } from "./syntax.ts";

/** RFC 7616, RFC 8760: Node's name of the hash, strongest first. */
const hashes: readonly (readonly [name: string, hash: string])[] = [
  ["SHA-512-256", "sha512-256"],
  ["SHA-256", "sha256"],
  ["MD5", "md5"],
];

export interface Challenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  /** As it was written, to be sent back so; MD5 when absent. */
  readonly algorithm?: string;
  readonly hash: string;
  readonly isSession: boolean;
  readonly qop?: "auth" | "auth-int";
  readonly isStale: boolean;
}

/** Reads the challenges of one header; those that cannot be answered (another scheme, hash or quality) are left out. */
export function parseChallenges(values: readonly string[]): readonly Challenge[] {
  const found: string[][] = [];
  for (const part of values.flatMap((value) => splitOutside(value, ","))) {
    const begin = /^([\w-]+)\s+(.*)$/su.exec(part);
    // A scheme stands before the first parameter of each challenge; a parameter has its equals sign first.
    if (begin?.[1] !== undefined && !begin[2]?.startsWith("=")) found.push([begin[1].toLowerCase(), begin[2] ?? ""]);
    else found.at(-1)?.push(part);
  }
  return found.flatMap(([scheme, ...parts]) => (scheme === "digest" ? challengeOf(parseParams(parts)) : []));
}

function challengeOf(params: Params): readonly Challenge[] {
  const [realm, nonce] = [params.get("realm"), params.get("nonce")];
  const kind = kindOf(params.get("algorithm"), params.get("qop"));
  if (realm === undefined || nonce === undefined || !kind) return [];
  const kept = Object.fromEntries(["opaque", "algorithm"].flatMap((name) => (params.has(name) ? [[name, params.get(name)]] : [])));
  return [{ realm, nonce, ...kept, ...kind, isStale: params.get("stale")?.toLowerCase() === "true" }];
}

/** How a challenge is to be answered; undefined when we cannot. */
function kindOf(algorithm = "MD5", qops?: string): Pick<Challenge, "hash" | "isSession" | "qop"> | undefined {
  const [, base = "", session] = /^(.*?)(-sess)?$/iu.exec(algorithm) ?? [];
  const hash = hashes.find(([name]) => name === base.toUpperCase())?.[1];
  const offered = qops?.split(",").map((one) => one.trim().toLowerCase());
  const qop = (["auth", "auth-int"] as const).find((one) => offered?.includes(one));
  if (hash === undefined || (offered && !qop)) return undefined;
  return { hash, isSession: session !== undefined, ...(qop ? { qop } : {}) };
}

/** Who answers: user and password of an account. */
export interface Account {
  readonly user: string;
  readonly password: Secret;
}

interface Asked {
  readonly method: string;
  readonly uri: string;
  readonly body: string;
  /** How often this nonce was used, this time included. */
  readonly count: number;
  readonly cnonce: string;
}

/** `response` of RFC 2617 3.2.2 and RFC 7616 3.4.1. */
export function digestOf({ user, password }: Account, challenge: Challenge, { method, uri, body, count, cnonce }: Asked): string {
  const h = (text: string): string => createHash(challenge.hash).update(text).digest("hex");
  const plain = h(`${user}:${challenge.realm}:${password.reveal()}`);
  const ha1 = challenge.isSession ? h(`${plain}:${challenge.nonce}:${cnonce}`) : plain;
  const ha2 = challenge.qop === "auth-int" ? h(`${method}:${uri}:${h(body)}`) : h(`${method}:${uri}`);
  const middle = challenge.qop ? `${challenge.nonce}:${hex8(count)}:${cnonce}:${challenge.qop}` : challenge.nonce;
  return h(`${ha1}:${middle}:${ha2}`);
}

const hex8 = (count: number): string => count.toString(16).padStart(8, "0");

/** Value of Authorization or Proxy-Authorization. */
export function credentialsOf(account: Account, challenge: Challenge, asked: Asked): string {
  const { realm, nonce, opaque, algorithm, qop, isSession } = challenge;
  const parts = [
    `username=${quoted(account.user)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(asked.uri)}`,
    `response="${digestOf(account, challenge, asked)}"`,
    ...(algorithm === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(qop ? [`qop=${qop}`, `nc=${hex8(asked.count)}`] : []),
    ...(qop || isSession ? [`cnonce=${quoted(asked.cnonce)}`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ];
  return `Digest ${parts.join(", ")}`;
}

interface Known {
  readonly challenge: Challenge;
  count: number;
}

const challengeHeader = { www: "www-authenticate", proxy: "proxy-authenticate" } as const;
const answerHeader = { www: "Authorization", proxy: "Proxy-Authorization" } as const;
const kinds = ["www", "proxy"] as const;

/** What was refused in one row of tries of the same request. */
export interface Tries {
  readonly answered: Map<string, "once" | "stale">;
}

export const newTries = (): Tries => ({ answered: new Map() });

/**
 * Answers challenges for one account and remembers the latest of each realm, so that later requests need not be refused first.
 * It stops at the second refusal of the same request: carriers lock out who goes on trying a wrong password.
 */
export class Digest {
  readonly #account: Account | undefined;
  readonly #known = new Map<string, Known>();

  constructor(account: Account | undefined) {
    this.#account = account;
  }

  /**
   * Credentials by what was asked earlier; none before the first challenge. What a registrar asked for is for registrations only: in an
   * INVITE it would travel on to the phone.
   */
  headersFor(request: Pick<SipRequest, "method" | "uri" | "body">): readonly HeaderLine[] {
    const account = this.#account;
    if (!account) return [];
    const ours = [...this.#known].filter(([key]) => key.startsWith(`${scopeOf(request.method)}:`));
    return ours.map(([key, known]): HeaderLine => {
      known.count += 1;
      const asked = { method: request.method, uri: request.uri, body: request.body, count: known.count, cnonce: cnonce() };
      return [answerHeader[key.includes(":www:") ? "www" : "proxy"], credentialsOf(account, known.challenge, asked)];
    });
  }

  /**
   * Takes the challenges of a 401 or 407.
   * @returns whether the same request, with {@link headersFor} afresh, may be sent once more
   */
  take(refused: SipResponse, tries: Tries): boolean {
    if (!this.#account) return false;
    let mayGoOn = false;
    for (const kind of kinds) {
      const challenge = strongest(parseChallenges(refused.headers.all(challengeHeader[kind])));
      if (!challenge) continue;
      const key = `${scopeOf(refused.cseq.method)}:${kind}:${challenge.realm}`;
      const before = tries.answered.get(key);
      if (before !== undefined && (before === "stale" || !challenge.isStale)) {
        this.#known.delete(key);
        return false;
      }
      tries.answered.set(key, before === undefined ? "once" : "stale");
      this.#remember(key, challenge);
      mayGoOn = true;
    }
    return mayGoOn;
  }

  #remember(key: string, challenge: Challenge): void {
    if (this.#known.size >= mostRealms && !this.#known.has(key)) this.#known.clear();
    this.#known.set(key, { challenge, count: 0 });
  }
}

const scopeOf = (method: string): "registration" | "calls" => (method === "REGISTER" ? "registration" : "calls");

/** A line has one realm, two with a proxy before it; whoever makes up others must not fill the memory or the request. */
const mostRealms = 4;

const strongest = (challenges: readonly Challenge[]): Challenge | undefined =>
  hashes.flatMap(([, hash]) => challenges.filter((one) => one.hash === hash))[0];

const cnonce = (): string => randomBytes(8).toString("hex");
