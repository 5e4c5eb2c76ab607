import { randomBytes } from "node:crypto";
import { HttpFake, json, type Call, type Reply } from "../chat-fakes/http-fake.ts";
import { pause, type Deliver, type PhoneScript } from "./phone.ts";
import { StudioExecution, type StudioFlow } from "./studio-flow.ts";
import { FakeTwilioCall, signedAsTwilio, type Mischief } from "./twilio-call.ts";

const sidOf = (kind: string): string => kind + randomBytes(16).toString("hex");
const events: ReadonlySet<string> = new Set(["initiated", "ringing", "answered", "completed"]);

interface FakeMessage {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly body: string;
  readonly statusCallback: string;
}

/** Twilio, as far as calls, short messages and Studio go: judges requests as the real one, and asks us what to say. */
export class FakeTwilio extends HttpFake {
  readonly accountSid = sidOf("AC");
  authToken = "right-token";
  status = "active";
  /** By number; others ring for ever. */
  readonly phones = new Map<string, PhoneScript>();
  readonly made: FakeTwilioCall[] = [];
  readonly messages: FakeMessage[] = [];
  readonly executions: StudioExecution[] = [];
  readonly mischief: Mischief = {};
  /** So many calls are made although their answer is lost. */
  losesAnswers = 0;
  /** Milliseconds between two calls of the account that begin: the rest is queued. */
  createEvery = 1000;
  flow: { readonly sid: string; readonly definition: StudioFlow } | undefined;
  deliver: Deliver = async () => ({ status: 404, type: "text/plain", body: "" });
  readonly running: Promise<void>[] = [];
  #freeAt = 0;

  static open(): Promise<FakeTwilio> {
    return new FakeTwilio().listen();
  }

  private constructor() {
    super();
  }

  override clear(): void {
    super.clear();
    this.made.length = 0;
    this.messages.length = 0;
    this.executions.length = 0;
    this.phones.clear();
    this.losesAnswers = 0;
    Object.assign(this.mischief, { doubles: false, reorders: false, swallows: false });
  }

  protected answer(call: Call): Reply | "drop" | Promise<Reply | "drop"> {
    const basic = Buffer.from(`${this.accountSid}:${this.authToken}`).toString("base64");
    if (call.headers.authorization !== `Basic ${basic}`) return refused(401, 20003, "Authenticate");
    if (call.path.startsWith("/v2/Flows/")) return this.#studio(call);
    const base = `/2010-04-01/Accounts/${this.accountSid}`;
    if (!call.path.startsWith(base)) return refused(404, 20404, "The requested resource was not found");
    return this.#resource(call, call.path.slice(base.length));
  }

  #resource(call: Call, path: string): Reply | "drop" | Promise<Reply | "drop"> {
    if (path === ".json") return json({ sid: this.accountSid, status: this.status });
    if (call.method === "POST" && !call.headers["content-type"]?.startsWith("application/x-www-form-urlencoded"))
      return refused(400, 20001, "Unsupported content type");
    const form = new URLSearchParams(call.body);
    if (path === "/Calls.json") return call.method === "POST" ? this.#create(form) : this.#list(new URLSearchParams(call.query));
    if (path === "/Messages.json" && call.method === "POST") return this.#message(form);
    const found = this.made.find(({ facts }) => path === `/Calls/${facts.sid}.json`);
    if (!found) return refused(404, 20404, "The requested resource was not found");
    return call.method === "GET" ? json(found.resource) : this.#update(found, form.get("Status") ?? "");
  }

  #create(form: URLSearchParams): Reply | "drop" {
    const problem = problemOf(form);
    if (problem) return problem;
    const call = this.begin(form, Number(form.get("Timeout") ?? 60) * 1000);
    if (this.losesAnswers > 0) {
      this.losesAnswers -= 1;
      return "drop";
    }
    return json(call.resource, 201);
  }

  /** A call of the account: begun when its turn comes. */
  begin(form: URLSearchParams, ringMs: number, isHeld = false): FakeTwilioCall {
    const text = (name: string): string => form.get(name) ?? "";
    const facts = {
      sid: sidOf("CA"),
      accountSid: this.accountSid,
      token: this.authToken,
      to: text("To"),
      from: text("From"),
      url: text("Url"),
      twiml: text("Url") === "" ? text("Twiml") : "",
      statusCallback: text("StatusCallback"),
      events: form.getAll("StatusCallbackEvent"),
      ringMs: Math.min(ringMs, 50),
      isHeld,
    };
    const call = new FakeTwilioCall(facts, (request) => this.deliver(request), this.mischief);
    this.made.push(call);
    const now = performance.now();
    const at = Math.max(now, this.#freeAt);
    this.#freeAt = at + this.createEvery;
    this.running.push(
      pause(at - now + 2)
        .then(() => (call.isOver ? undefined : call.run(this.phones.get(facts.to) ?? { kind: "rings" })))
        .catch((error: unknown) => void call.problems.push(String(error))),
    );
    return call;
  }

  #list(query: URLSearchParams): Reply {
    const matches = (name: string, value: string): boolean => !query.has(name) || query.get(name) === value;
    const calls = this.made.filter(({ facts }) => matches("To", facts.to) && matches("From", facts.from)).map(({ resource }) => resource);
    return json({ calls: calls.toReversed().slice(0, Number(query.get("PageSize") ?? 50)) });
  }

  async #update(call: FakeTwilioCall, status: string): Promise<Reply> {
    if (status !== "completed" && status !== "canceled") return refused(400, 20001, "Status is invalid");
    // No error: a call in progress merely goes on.
    if (status === "canceled" && call.status === "in-progress") return json(call.resource);
    return (await call.finish(status)) ? json(call.resource) : refused(400, 21220, "Call is not in the expected state");
  }

  #message(form: URLSearchParams): Reply {
    const [to, body, from] = [form.get("To") ?? "", form.get("Body") ?? "", form.get("From") ?? form.get("MessagingServiceSid") ?? ""];
    if (!/^\+[1-9]\d{6,14}$/u.test(to)) return refused(400, 21211, `The 'To' number ${to} is not a valid phone number.`);
    if (to.startsWith("+8150")) return refused(400, 21614, "'To' number is not a valid mobile number");
    if (from === "") return refused(400, 21603, "A 'From' phone number is required");
    if (body === "" || body.length > 1600) return refused(400, body === "" ? 21602 : 21617, "The message body is missing or too long");
    const message = { sid: sidOf("SM"), to, from, body, statusCallback: form.get("StatusCallback") ?? "" };
    this.messages.push(message);
    return json({ sid: message.sid, status: "queued", num_segments: "1", price: null }, 201);
  }

  /** Tells what became of a message. */
  async tell(message: FakeMessage, status: string, more: Readonly<Record<string, string>> = {}) {
    const form = { MessageSid: message.sid, SmsSid: message.sid, MessageStatus: status, AccountSid: this.accountSid, ...more };
    const pairs = Object.entries(form);
    return this.deliver({
      url: message.statusCallback,
      headers: {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": signedAsTwilio(this.authToken, message.statusCallback, pairs),
      },
      body: new URLSearchParams(pairs).toString(),
    });
  }

  #studio(call: Call): Reply | Promise<Reply> {
    const [, flowSid = "", id, context] = /^\/v2\/Flows\/([^/]+)(?:\/Executions(?:\/([^/]+)(\/Context)?)?)?$/u.exec(call.path) ?? [];
    if (!this.flow || flowSid !== this.flow.sid) return refused(404, 20404, "The requested resource was not found");
    if (!call.path.includes("/Executions")) return json({ sid: flowSid, status: "published" });
    if (id !== undefined) return this.#execution(call, id, context !== undefined);
    if (call.method === "GET") return json({ executions: this.executions.map(({ resource }) => resource).toReversed() });
    const form = new URLSearchParams(call.body);
    if (!/^\+[1-9]\d{6,14}$/u.test(form.get("To") ?? "")) return refused(400, 20001, "To is invalid");
    const execution = new StudioExecution(sidOf("FN"), this.flow.definition, form, (of, ring) => this.begin(of, ring, true), this.phones);
    this.executions.push(execution);
    this.running.push(execution.run());
    return json(execution.resource, 201);
  }

  async #execution(call: Call, id: string, isContext: boolean): Promise<Reply> {
    const execution = this.executions.find(({ sid }) => sid === id);
    if (!execution) return refused(404, 20404, "The requested resource was not found");
    if (call.method === "POST") execution.end();
    return json(isContext ? { context: execution.context } : execution.resource);
  }
}

const refused = (status: number, code: number, message: string): Reply =>
  json({ code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }, status);

/** What Twilio says to parameters that it does not take; undefined when it takes them. */
function problemOf(form: URLSearchParams): Reply | undefined {
  const to = form.get("To") ?? "";
  if (!/^\+[1-9]\d{6,14}$/u.test(to)) return refused(400, 21211, `The phone number you are attempting to call, ${to}, is not valid.`);
  if (!/^\+[1-9]\d{6,14}$/u.test(form.get("From") ?? "")) return refused(400, 21212, "The source phone number provided is not valid.");
  return addressProblem(form) ?? limitProblem(form);
}

function addressProblem(form: URLSearchParams): Reply | undefined {
  const url = form.get("Url");
  if (url === null && (form.get("Twiml") ?? "") === "") return refused(400, 21205, "Url parameter is required.");
  if (url !== null && !URL.canParse(url)) return refused(400, 21205, "Url is not a valid URL.");
  const callback = form.get("StatusCallback") ?? "";
  const isNamed = callback === "" || (URL.canParse(callback) && !new URL(callback).hostname.includes("_"));
  return isNamed ? undefined : refused(400, 21609, "The StatusCallback URL is not a valid URL.");
}

function limitProblem(form: URLSearchParams): Reply | undefined {
  const timeout = Number(form.get("Timeout") ?? "60");
  if ((form.get("Twiml") ?? "").length > 4000) return refused(400, 21245, "Twiml is too long.");
  if (!Number.isInteger(timeout) || timeout < 5 || timeout > 600) return refused(400, 21228, "Timeout is invalid.");
  if (form.getAll("StatusCallbackEvent").some((event) => !events.has(event))) return refused(400, 21626, "An event is invalid.");
  return undefined;
}
