import { HttpFake, json, parsed, type Call, type Reply } from "./http-fake.ts";

type State = "triggered" | "acknowledged" | "resolved";

/** PagerDuty's Events API v2: what it says comes to is in `alerts`. */
export class FakePagerDuty extends HttpFake {
  readonly key = "0123456789abcdef0123456789abcdef";
  /** By dedup key. */
  readonly alerts = new Map<string, State>();
  readonly summaries: string[] = [];
  readonly changes: string[] = [];

  static open(): Promise<FakePagerDuty> {
    return new FakePagerDuty().listen();
  }

  private constructor() {
    super();
  }

  override clear(): void {
    super.clear();
    this.alerts.clear();
    this.summaries.length = 0;
    this.changes.length = 0;
  }

  protected answer(call: Call): Reply {
    if (call.method !== "POST" || !/^\/v2(?:\/change)?\/enqueue$/u.test(call.path)) return { status: 404, body: "Not Found" };
    if (Buffer.byteLength(call.body) > 512 * 1024) return { status: 413, body: "Payload Too Large" };
    const body = parsed(call.body);
    if (!body) return invalid("JSON is malformed");
    if (body["routing_key"] !== this.key) return invalid("'routing_key' is invalid");
    const payload = (body["payload"] ?? {}) as Record<string, unknown>; // as PagerDuty documents it
    if (call.path === "/v2/change/enqueue") {
      if (typeof payload["summary"] !== "string") return invalid("'payload.summary' is missing or blank");
      this.changes.push(payload["summary"]);
      return json({ status: "success", message: "Change event processed" }, 202);
    }
    return this.#event(body, payload);
  }

  #event(body: Record<string, unknown>, payload: Record<string, unknown>): Reply {
    const { event_action: action, dedup_key: given } = body;
    const key = typeof given === "string" && given !== "" ? given : `made-${this.alerts.size}`;
    if (key.length > 255) return invalid("'dedup_key' is too long (maximum is 255 characters)");
    const problem = action === "trigger" ? payloadProblem(payload) : endProblem(action, given);
    if (problem !== undefined) return invalid(problem);
    if (action === "trigger") {
      this.summaries.push(String(payload["summary"]));
      this.alerts.set(key, "triggered");
    } else this.#end(key, action === "resolve" ? "resolved" : "acknowledged");
    return json({ status: "success", message: "Event processed", dedup_key: key }, 202);
  }

  /** Of what is not open it takes the event and does nothing. */
  #end(key: string, state: State): void {
    const now = this.alerts.get(key);
    if (now !== undefined && now !== "resolved") this.alerts.set(key, state);
  }
}

function endProblem(action: unknown, key: unknown): string | undefined {
  if (action !== "acknowledge" && action !== "resolve") {
    return "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')";
  }
  return typeof key !== "string" || key === "" ? "'dedup_key' is missing or blank" : undefined;
}

function payloadProblem({ summary, source, severity }: Record<string, unknown>): string | undefined {
  if (typeof summary !== "string" || summary === "") return "'payload.summary' is missing or blank";
  if (summary.length > 1024) return "'payload.summary' is too long (maximum is 1024 characters)";
  if (typeof source !== "string" || source === "") return "'payload.source' is missing or blank";
  return ["critical", "error", "warning", "info"].includes(String(severity)) ? undefined : "'payload.severity' is invalid";
}

const invalid = (problem: string): Reply => json({ status: "invalid event", message: "Event object is invalid", errors: [problem] }, 400);
