import { createHash, createHmac, createVerify, generateKeyPairSync, randomUUID } from "node:crypto";
import { HttpFake, json, parsed, type Call, type Reply } from "../chat-fakes/http-fake.ts";
import { pause, type Deliver, type PhoneScript } from "./phone.ts";
import type { Mischief } from "./twilio-call.ts";

type Action = Readonly<Record<string, unknown>>;
const over: ReadonlySet<string> = new Set(["completed", "busy", "timeout", "failed", "cancelled", "rejected"]);
const mostSteps = 50;

interface FakeVonageCall {
  readonly uuid: string;
  readonly to: string;
  readonly from: string;
  readonly answerUrl: string | undefined;
  readonly eventUrl: string | undefined;
  readonly ncco: readonly Action[] | undefined;
  readonly said: string[];
  status: string;
  seconds: number;
}

/** Vonage's Voice API: takes only requests with a right RS256 token, asks us for NCCOs, and signs what it sends. */
export class FakeVonage extends HttpFake {
  readonly applicationId = randomUUID();
  readonly signatureSecret = "a signature secret of thirty-two letters";
  readonly phones = new Map<string, PhoneScript>();
  readonly made: FakeVonageCall[] = [];
  readonly mischief: Mischief = {};
  readonly problems: string[] = [];
  readonly running: Promise<void>[] = [];
  losesAnswers = 0;
  deliver: Deliver = async () => ({ status: 404, type: "text/plain", body: "" });
  readonly #keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  readonly #tokens = new Set<string>();

  static open(): Promise<FakeVonage> {
    return new FakeVonage().listen();
  }

  private constructor() {
    super();
  }

  override clear(): void {
    super.clear();
    this.phones.clear();
    this.made.length = 0;
    this.problems.length = 0;
    this.losesAnswers = 0;
    Object.assign(this.mischief, { doubles: false, reorders: false, swallows: false });
  }

  get privateKey(): string {
    return this.#keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  }

  protected async answer(call: Call): Promise<Reply | "drop"> {
    const problem = this.#tokenProblem(call.headers.authorization ?? "");
    if (problem !== undefined) return refused(401, "Unauthorized", problem);
    if (call.path === "/v1/calls") return call.method === "POST" ? this.#create(parsed(call.body) ?? {}) : this.#list();
    const found = this.made.find(({ uuid }) => call.path === `/v1/calls/${uuid}`);
    if (!found) return refused(404, "Not Found", "call not found");
    if (call.method === "GET") return json(resourceOf(found));
    if (parsed(call.body)?.["action"] !== "hangup" || over.has(found.status)) return refused(400, "Bad Request", "call is over");
    await this.#become(found, found.status === "answered" ? "completed" : "cancelled");
    return { status: 204 };
  }

  /** Why a token is not taken; undefined when it is. */
  #tokenProblem(authorization: string): string | undefined {
    const [, head = "", body = "", proof = ""] = /^Bearer ([^.]+)\.([^.]+)\.([^.]+)$/u.exec(authorization) ?? [];
    const header = parsed(Buffer.from(head, "base64url").toString());
    const claims = parsed(Buffer.from(body, "base64url").toString());
    if (header?.["alg"] !== "RS256" || !claims) return "no token";
    const isRight = createVerify("RSA-SHA256").update(`${head}.${body}`).verify(this.#keys.publicKey, proof, "base64url");
    if (!isRight) return "wrong signature";
    if (claims["application_id"] !== this.applicationId) return "another application";
    return this.#claimsProblem(claims);
  }

  #claimsProblem(claims: Readonly<Record<string, unknown>>): string | undefined {
    const [iat, exp, jti] = [Number(claims["iat"]), Number(claims["exp"]), String(claims["jti"])];
    const now = Date.now() / 1000;
    if (!(Math.abs(now - iat) < 900) || !(exp > now)) return "expired";
    if (this.#tokens.has(jti)) return "used before";
    this.#tokens.add(jti);
    return undefined;
  }

  #create(body: Readonly<Record<string, unknown>>): Reply | "drop" {
    const number = (of: unknown): string => ((Array.isArray(of) ? of[0] : of) as { number?: string } | undefined)?.number ?? "";
    const [to, from, timer] = [number(body["to"]), number(body["from"]), Number(body["ringing_timer"] ?? 60)];
    if (!/^[1-9]\d{6,14}$/u.test(to)) return invalid("to[0].number", "must be a number without its plus");
    if (!/^[1-9]\d{6,14}$/u.test(from)) return invalid("from.number", "must be a number without its plus");
    if (timer < 1 || timer > 120) return invalid("ringing_timer", "must be between 1 and 120");
    const url = (name: string): string | undefined => (body[name] as string[] | undefined)?.[0];
    const ncco = body["ncco"] as Action[] | undefined;
    if ((url("answer_url") === undefined) === (ncco === undefined)) return invalid("answer_url", "either answer_url or ncco");
    const facts = { uuid: randomUUID(), to, from, answerUrl: url("answer_url"), eventUrl: url("event_url"), ncco };
    const call: FakeVonageCall = { ...facts, said: [], status: "started", seconds: 0 };
    this.made.push(call);
    this.running.push(
      this.#run(call, this.phones.get(`+${to}`) ?? { kind: "rings" }).catch((error: unknown) => void this.problems.push(String(error))),
    );
    if (this.losesAnswers > 0) {
      this.losesAnswers -= 1;
      return "drop";
    }
    return json({ uuid: call.uuid, status: "started", direction: "outbound", conversation_uuid: `CON-${call.uuid}` }, 201);
  }

  #list(): Reply {
    return json({ count: this.made.length, _embedded: { calls: this.made.map(resourceOf).toReversed() } });
  }

  async #run(call: FakeVonageCall, script: PhoneScript): Promise<void> {
    await pause(2);
    await this.#become(call, "ringing");
    if (script.kind === "fails") return this.#become(call, "failed", { sip_code: script.sipCode });
    if (script.kind !== "answers")
      return script.kind === "rings" ? undefined : this.#become(call, script.kind === "busy" ? "busy" : "timeout");
    await pause(script.afterMs ?? 5);
    if (over.has(call.status)) return;
    await this.#become(call, "answered");
    await this.#talk(call, script);
    await this.#become(call, "completed");
  }

  async #become(call: FakeVonageCall, status: string, more: object = {}): Promise<void> {
    if (over.has(call.status)) return;
    if (call.status === "answered") call.seconds = 9;
    call.status = status;
    if (call.eventUrl === undefined || this.mischief.swallows) return;
    const body = {
      status,
      uuid: call.uuid,
      to: call.to,
      from: call.from,
      ...(over.has(status) ? { duration: String(call.seconds) } : {}),
      ...more,
    };
    await this.post(call.eventUrl, body, { twice: this.mischief.doubles ?? false });
  }

  /** A signed request to us. */
  async post(url: string, of: object, { twice = false, secret = this.signatureSecret, at = Date.now() / 1000 } = {}) {
    const body = JSON.stringify(of);
    const claims = {
      iat: Math.floor(at),
      jti: randomUUID(),
      iss: "Vonage",
      payload_hash: createHash("sha256").update(body).digest("hex"),
      application_id: this.applicationId,
    };
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
    const token = `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
    const request = { url, headers: { "content-type": "application/json", authorization: `Bearer ${token}` }, body };
    const answer = await this.deliver(request);
    if (answer.status >= 400) this.problems.push(`${answer.status} ${answer.body}`);
    if (twice) await this.deliver(request);
    return answer;
  }

  async #talk(call: FakeVonageCall, script: Extract<PhoneScript, { kind: "answers" }>): Promise<void> {
    let actions: readonly Action[] | undefined = call.ncco ?? (await this.#ask(call.answerUrl ?? "", { uuid: call.uuid, to: call.to }));
    for (let step = 1; step < mostSteps && actions && !over.has(call.status); step += 1) {
      const asks = actions.find(({ action }) => action === "input");
      call.said.push(...textsOf(actions));
      if (!asks || (script.hangsUpAfter !== undefined && step > script.hangsUpAfter)) return;
      actions = await this.#input(call, asks, (await script.keys(call.said.at(-1) ?? "", step)) ?? "");
    }
  }

  #input(call: FakeVonageCall, action: Action, pressed: string): Promise<readonly Action[]> {
    const { maxDigits, timeOut } = action["dtmf"] as { maxDigits: number; timeOut: number };
    if (!(maxDigits >= 1 && maxDigits <= 20) || !(timeOut >= 0 && timeOut <= 10)) this.problems.push("an input that is none");
    const digits = pressed.slice(0, maxDigits);
    return this.#ask((action["eventUrl"] as string[])[0] ?? "", { uuid: call.uuid, dtmf: { digits, timed_out: digits === "" } });
  }

  async #ask(url: string, body: object): Promise<readonly Action[]> {
    const answer = await this.post(url, body);
    if (answer.status !== 200) return [];
    const actions = JSON.parse(answer.body) as unknown; // judged in the next line
    if (!Array.isArray(actions)) this.problems.push("no NCCO");
    return Array.isArray(actions) ? (actions as Action[]) : []; // read as loosely as the real one does
  }
}

/** What is said before a key is asked for. */
const textsOf = (actions: readonly Action[]): string[] => {
  const input = actions.findIndex(({ action }) => action === "input");
  const before = input < 0 ? actions : actions.slice(0, input);
  return before.filter(({ action }) => action === "talk").map(({ text }) => String(text));
};

const resourceOf = ({ uuid, to, from, status, seconds }: FakeVonageCall): object => ({
  uuid,
  to: [{ type: "phone", number: to }],
  from: { type: "phone", number: from },
  status,
  direction: "outbound",
  ...(over.has(status) ? { duration: String(seconds) } : {}),
});

const refused = (status: number, title: string, detail: string): Reply =>
  json({ type: "https://developer.vonage.com/api-errors", title, detail }, status);

const invalid = (name: string, reason: string): Reply =>
  json({ title: "Bad Request", detail: "The request failed.", invalid_parameters: [{ name, reason }] }, 400);
