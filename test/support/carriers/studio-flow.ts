import type { FakeTwilioCall } from "./twilio-call.ts";
import { pause, type PhoneScript } from "./phone.ts";

interface Transition {
  readonly event: string;
  readonly next?: string;
  readonly conditions?: readonly { readonly arguments: readonly string[]; readonly type: string; readonly value: string }[];
}

export interface StudioFlow {
  readonly initial_state: string;
  readonly states: readonly {
    readonly name: string;
    readonly type: string;
    readonly transitions: readonly Transition[];
    readonly properties: Readonly<Record<string, unknown>>;
  }[];
}

const plain = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");

type Widget = Record<string, string>;
const mostSteps = 30;

/** One execution of a Studio flow: does what the flow's own JSON says, as far as a telephone call needs it. */
export class StudioExecution {
  readonly sid: string;
  readonly said: string[] = [];
  call: FakeTwilioCall | undefined;
  #isEnded = false;
  #asked = 0;
  readonly #flow: StudioFlow;
  readonly #form: URLSearchParams;
  readonly #begin: (form: URLSearchParams, ringMs: number) => FakeTwilioCall;
  readonly #phones: ReadonlyMap<string, PhoneScript>;
  readonly #widgets: Record<string, Widget> = {};

  constructor(
    sid: string,
    flow: StudioFlow,
    form: URLSearchParams,
    begin: (form: URLSearchParams, ringMs: number) => FakeTwilioCall,
    phones: ReadonlyMap<string, PhoneScript>,
  ) {
    this.sid = sid;
    this.#flow = flow;
    this.#form = form;
    this.#begin = begin;
    this.#phones = phones;
  }

  get resource(): object {
    return { sid: this.sid, status: this.#isEnded ? "ended" : "active" };
  }

  get #data(): Record<string, unknown> {
    return JSON.parse(this.#form.get("Parameters") ?? "{}") as Record<string, unknown>; // what the test's own adapter sent
  }

  get context(): object {
    if (this.call && this.#widgets["call"]) {
      this.#widgets["call"]["CallStatus"] = this.call.status;
      if (this.call.isOver) this.#widgets["call"]["CallDuration"] = String(this.call.seconds);
    }
    return { flow: { flow_sid: "FW", data: this.#data }, widgets: this.#widgets, trigger: { request: { to: this.#form.get("To") } } };
  }

  end(): void {
    this.#isEnded = true;
  }

  async run(): Promise<void> {
    let event = "incomingRequest";
    let name: string | undefined = this.#flow.initial_state;
    for (let step = 0; step < mostSteps && name !== undefined && !this.#isEnded; step += 1) {
      const state = this.#flow.states.find((one) => one.name === name);
      if (!state) throw new Error(`The flow has no state ${name}.`);
      if (step > 0) event = await this.#do(state.name, state.type, state.properties, state.transitions);
      name = state.transitions.find((one) => one.event === event)?.next;
    }
    this.#isEnded = true;
    await this.call?.finish("completed");
  }

  async #do(
    name: string,
    type: string,
    properties: Readonly<Record<string, unknown>>,
    transitions: readonly Transition[],
  ): Promise<string> {
    const text = (key: string): string => this.#filled(plain(properties[key]));
    switch (type) {
      case "make-outgoing-call-v2":
        return this.#ring(name, text("to"), text("from"), Number(text("timeout")));
      case "gather-input-on-call":
        return this.#gather(name, text("say"), Number(text("number_of_digits")));
      case "say-play":
        this.said.push(text("say"));
        return "audioComplete";
      case "split-based-on": {
        const input = text("input");
        const isMatch = transitions.some((one) =>
          (one.conditions ?? []).some(({ type: how, value }) => how === "matches_any_of" && value.split(",").includes(input)),
        );
        return isMatch ? "match" : "noMatch";
      }
      default:
        throw new Error(`Studio has no widget ${type}.`);
    }
  }

  async #ring(name: string, to: string, from: string, timeout: number): Promise<string> {
    if (!Number.isInteger(timeout) || timeout < 5) throw new Error("The flow's timeout is no number.");
    const call = this.#begin(new URLSearchParams({ To: to, From: from, Twiml: "" }), timeout * 1000);
    this.call = call;
    this.#widgets[name] = { CallSid: call.facts.sid, CallStatus: call.status };
    const script = this.#phones.get(to);
    if (script?.kind !== "answers") {
      while (!call.isOver && !this.#isEnded) await pause(5);
      return call.status === "busy" ? "busy" : call.status === "failed" ? "failed" : "noAnswer";
    }
    while (call.status !== "in-progress" && !call.isOver) await pause(2);
    return call.isOver ? "failed" : "answered";
  }

  async #gather(name: string, said: string, digits: number): Promise<string> {
    this.said.push(said);
    this.#asked += 1;
    const script = this.#phones.get(this.#form.get("To") ?? "");
    await pause(20);
    const key = script?.kind === "answers" ? await script.keys(said, this.#asked) : undefined;
    if (key === undefined) return "timeout";
    this.#widgets[name] = { Digits: key.slice(0, digits) };
    await pause(60);
    return "keypress";
  }

  /** Liquid, as far as one name in two braces goes. */
  #filled(text: string): string {
    return text.replaceAll(/\{\{\s*([\w.]+)\s*\}\}/gu, (_whole, path: string) => {
      if (path === "contact.channel.address") return this.#form.get("To") ?? "";
      if (path === "flow.channel.address") return this.#form.get("From") ?? "";
      const [scope, widget = "", field = ""] = path.split(".");
      if (scope === "flow") return plain(this.#data[field]);
      return this.#widgets[widget]?.[field] ?? "";
    });
  }
}
