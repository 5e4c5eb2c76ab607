import { HttpFake, json, parsed, type Call, type Reply } from "./http-fake.ts";

type State = "open" | "acknowledged" | "closed";

/** Opsgenie's alert API. */
export class FakeOpsgenie extends HttpFake {
  readonly key = "right-genie-key";
  /** By alias. */
  readonly alerts = new Map<string, State>();
  readonly messages: string[] = [];

  static open(): Promise<FakeOpsgenie> {
    return new FakeOpsgenie().listen();
  }

  private constructor() {
    super();
  }

  override clear(): void {
    super.clear();
    this.alerts.clear();
    this.messages.length = 0;
  }

  protected answer(call: Call): Reply {
    const { authorization = "" } = call.headers;
    if (!authorization.startsWith("GenieKey ")) return fault(401, "Could not authenticate");
    if (authorization !== `GenieKey ${this.key}`) return fault(403, "Key format is not valid!");
    const body = parsed(call.body);
    if (call.method !== "POST" || !body) return fault(400, "Could not parse JSON");
    return call.path === "/v2/alerts" ? this.#create(body) : this.#end(call);
  }

  #end(call: Call): Reply {
    const [, alias, act] = /^\/v2\/alerts\/([^/]+)\/(close|acknowledge)$/u.exec(call.path) ?? [];
    if (alias === undefined) return fault(404, "Not found");
    if (new URLSearchParams(call.query).get("identifierType") !== "alias") return fault(400, "Identifier is not valid UUID");
    const key = decodeURIComponent(alias);
    const now = this.alerts.get(key);
    // What it does not know it finds out later: the request as such is taken.
    if (now !== undefined && now !== "closed") this.alerts.set(key, act === "close" ? "closed" : "acknowledged");
    return accepted;
  }

  #create({ message, alias, priority, description, details }: Record<string, unknown>): Reply {
    const limits = { message: [message, 130], alias: [alias, 512], description: [description, 15_000] } as const;
    if (typeof message !== "string" || message === "") return refused("message", "can not be empty");
    for (const [field, [text, most]] of Object.entries(limits)) {
      if (String(text).length > most) return refused(field, `should be at most ${most} characters`);
    }
    if (!/^P[1-5]$/u.test(String(priority))) return refused("priority", "should be one of [ P1, P2, P3, P4, P5 ]");
    if (Object.values(details ?? {}).some((value) => typeof value !== "string")) return refused("details", "should be a map of texts");
    this.messages.push(message);
    // An alert that is open already is counted, and stays as it is.
    const key = String(alias);
    if ((this.alerts.get(key) ?? "closed") === "closed") this.alerts.set(key, "open");
    return accepted;
  }
}

const accepted = json({ result: "Request will be processed", took: 0.1, requestId: "43a29c5c-3dbf-4fa4-9c26-f4f71023e120" }, 202);
const fault = (status: number, message: string): Reply => json({ message, took: 0.001, requestId: "r" }, status);
const refused = (field: string, problem: string): Reply =>
  json(
    { message: "Request body is not processable. Please check the errors.", errors: { [field]: problem }, took: 0, requestId: "r" },
    422,
  );
