import { createHmac } from "node:crypto";
import { HttpFake, json, parsed, type Call, type Reply } from "../chat-fakes/http-fake.ts";
import { pause, type Deliver, type PhoneScript } from "./phone.ts";

interface TurnJson {
  readonly text: string;
  readonly digits: number;
  readonly isLast: boolean;
}

interface HttpCall {
  readonly id: string;
  readonly ref: string;
  readonly to: string;
  readonly callbackUrl: string | null;
  readonly said: string[];
  state: "queued" | "ringing" | "talking" | "over";
  cause: string;
  heard: { readonly step: number; readonly digits: string } | undefined;
  turns: Map<number, TurnJson>;
  seq: number;
  seconds: number;
}

/** A service as somebody would write it after our guide: checks signatures and idempotency keys, calls back or is polled. */
export class FakeHttpCarrier extends HttpFake {
  readonly signingKey = "a key of one's own";
  readonly phones = new Map<string, PhoneScript>();
  readonly made: HttpCall[] = [];
  readonly messages: Readonly<Record<string, unknown>>[] = [];
  readonly problems: string[] = [];
  readonly running: Promise<void>[] = [];
  losesAnswers = 0;
  deliver: Deliver = async () => ({ status: 404, type: "text/plain", body: "" });
  readonly #byKey = new Map<string, HttpCall>();

  static open(): Promise<FakeHttpCarrier> {
    return new FakeHttpCarrier().listen();
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
    this.#byKey.clear();
  }

  protected answer(call: Call): Reply | "drop" {
    const path = call.path + (call.query === "" ? "" : `?${call.query}`);
    const text = call.body === "" ? `${call.method} ${this.url}${path}` : call.body;
    if (!this.#isSigned(String(call.headers["x-hinoban-signature"] ?? ""), text)) return json({ problem: "wrong signature" }, 401);
    if (call.path === "/sms") return this.#message(parsed(call.body) ?? {});
    const [, id, turns] = /^\/calls(?:\/([^/]+)(\/turns)?)?$/u.exec(call.path) ?? [];
    if (id === undefined) return call.method === "POST" ? this.#create(call) : this.#list(new URLSearchParams(call.query).get("ref"));
    return this.#one(call, id, turns !== undefined);
  }

  #one(call: Call, id: string, isTurn: boolean): Reply {
    const found = this.made.find((one) => one.id === id);
    if (!found) return json({ problem: "no such call" }, 404);
    if (isTurn) return this.#turn(found, parsed(call.body) ?? {});
    if (call.method === "DELETE" && found.state !== "over") {
      found.cause = found.state === "talking" ? "finished" : "cancelled";
      found.state = "over";
    }
    return json({ id, state: found.state, cause: found.cause, seconds: found.seconds, ...(found.heard ? { heard: found.heard } : {}) });
  }

  #isSigned(header: string, text: string): boolean {
    const [, time = "", proof = ""] = /^t=(\d+),v1=([0-9a-f]{64})$/u.exec(header) ?? [];
    return createHmac("sha256", this.signingKey).update(`${time}.${text}`).digest("hex") === proof;
  }

  #create(call: Call): Reply | "drop" {
    const body = parsed(call.body) ?? {};
    const key = String(call.headers["idempotency-key"] ?? "");
    const before = this.#byKey.get(key);
    if (before) return json({ id: before.id }, 201);
    const made: HttpCall = {
      id: `c${this.made.length + 1}`,
      ref: String(body["ref"]),
      to: String(body["to"]),
      callbackUrl: body["callbackUrl"] as string | null,
      said: [],
      state: "queued",
      cause: "",
      heard: undefined,
      turns: new Map(),
      seq: 0,
      seconds: 0,
    };
    if (made.to.startsWith("+8100")) return json({ problem: "no such number", field: "to" }, 422);
    this.made.push(made);
    this.#byKey.set(key, made);
    this.running.push(this.#run(made).catch((error: unknown) => void this.problems.push(String(error))));
    if (this.losesAnswers > 0) {
      this.losesAnswers -= 1;
      return "drop";
    }
    return json({ id: made.id }, 201);
  }

  #list(ref: string | null): Reply {
    return json({ calls: this.made.filter((one) => ref === null || one.ref === ref).map(({ id, ref: theirs }) => ({ id, ref: theirs })) });
  }

  #turn(call: HttpCall, body: Readonly<Record<string, unknown>>): Reply {
    call.turns.set(Number(body["step"]), body["turn"] as TurnJson);
    return { status: 204 };
  }

  #message(body: Readonly<Record<string, unknown>>): Reply {
    if (String(body["to"]).startsWith("+8150")) return json({ problem: "takes no messages", field: "to" }, 422);
    this.messages.push(body);
    return json({ id: `m${this.messages.length}` }, 202);
  }

  async #run(call: HttpCall): Promise<void> {
    const script = this.phones.get(call.to) ?? { kind: "rings" };
    await pause(2);
    call.state = "ringing";
    await this.#tell(call, { event: "ringing" });
    if (script.kind === "rings") return;
    if (script.kind !== "answers") return this.#over(call, script.kind === "fails" ? "wrong-number" : script.kind);
    await pause(script.afterMs ?? 5);
    if (call.state !== "ringing") return;
    call.state = "talking";
    call.seconds = 4;
    await (call.callbackUrl === null ? this.#polled(call, script) : this.#asking(call, script));
    await this.#over(call, "hung-up");
  }

  async #over(call: HttpCall, cause: string): Promise<void> {
    if (call.state === "over") return;
    call.state = "over";
    call.cause = cause;
    await this.#tell(call, { event: "ended", cause, seconds: call.seconds });
  }

  /** Waits for the turns that are posted to it. */
  async #polled(call: HttpCall, script: Extract<PhoneScript, { kind: "answers" }>): Promise<void> {
    for (let step = 0; step < 20; step += 1) {
      for (let waits = 0; !call.turns.has(step) && waits < 400; waits += 1) await pause(5);
      const turn = call.turns.get(step);
      if (!turn) return;
      call.said.push(turn.text);
      if (turn.isLast) return;
      call.heard = { step, digits: (await script.keys(turn.text, step + 1))?.slice(0, turn.digits) ?? "" };
    }
  }

  /** Asks us. */
  async #asking(call: HttpCall, script: Extract<PhoneScript, { kind: "answers" }>): Promise<void> {
    let body: Readonly<Record<string, unknown>> = { event: "answered" };
    for (let asked = 1; asked < 20; asked += 1) {
      const answer = parsed((await this.post(call, body)).body);
      const turn = answer?.["turn"] as TurnJson | undefined;
      if (!turn) return;
      call.said.push(turn.text);
      if (turn.isLast) return;
      const digits = (await script.keys(turn.text, asked))?.slice(0, turn.digits);
      body = digits === undefined ? { event: "silent", step: answer?.["step"] } : { event: "keys", step: answer?.["step"], digits };
    }
  }

  async #tell(call: HttpCall, body: object): Promise<void> {
    if (call.callbackUrl !== null) await this.post(call, { ...body, seq: call.seq++ });
  }

  post(call: Pick<HttpCall, "id" | "callbackUrl">, of: object) {
    return this.send(call.callbackUrl ?? "", { id: call.id, ...of });
  }

  /** A signed request to us. */
  async send(url: string, of: object, key = this.signingKey, time = Math.floor(Date.now() / 1000)) {
    const body = JSON.stringify(of);
    const proof = createHmac("sha256", key).update(`${time}.${body}`).digest("hex");
    const answer = await this.deliver({
      url,
      headers: { "content-type": "application/json", "x-hinoban-signature": `t=${time},v1=${proof}` },
      body,
    });
    if (answer.status >= 400) this.problems.push(`${answer.status} ${answer.body}`);
    return answer;
  }
}
