import { HttpFake, json, parsed, type Call, type Reply } from "./http-fake.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u;

/** LINE's Messaging API. */
export class FakeLine extends HttpFake {
  readonly token = "right-channel-access-token";
  readonly group = `C${"0123456789abcdef".repeat(2)}`;
  readonly texts: string[] = [];
  /** No more messages may be pushed this month. */
  isUsedUp = false;
  readonly #accepted = new Map<string, string>();

  static open(): Promise<FakeLine> {
    return new FakeLine().listen();
  }

  private constructor() {
    super();
  }

  override clear(): void {
    super.clear();
    this.texts.length = 0;
    this.isUsedUp = false;
    this.#accepted.clear();
  }

  protected answer(call: Call): Reply {
    if (call.method !== "POST" || call.path !== "/v2/bot/message/push") return json({ message: "Not found" }, 404);
    if (call.headers.authorization !== `Bearer ${this.token}`) {
      return json({ message: "Authentication failed. Confirm that the access token in the authorization header is valid." }, 401);
    }
    const key = String(call.headers["x-line-retry-key"] ?? "");
    if (key !== "" && !uuid.test(key)) return json({ message: "Invalid retry key" }, 400);
    return this.#push(key, parsed(call.body) ?? {});
  }

  #push(key: string, { to, messages }: Record<string, unknown>): Reply {
    const before = this.#accepted.get(key);
    if (before !== undefined) {
      const headers = { "x-line-accepted-request-id": before };
      return { status: 409, headers, body: { message: "The retry key is already accepted" } };
    }
    if (to !== this.group) return json({ message: "The property, 'to', in the request body is invalid (line: -, column: -)" }, 400);
    const [message] = Array.isArray(messages) ? (messages as { readonly type?: unknown; readonly text?: unknown }[]) : [];
    const problem = textProblem(message?.type, message?.text);
    if (problem !== undefined) {
      return json({ message: "The request body has 1 error(s)", details: [{ message: problem, property: "messages[0].text" }] }, 400);
    }
    if (this.isUsedUp) return json({ message: "You have reached your monthly limit." }, 429);
    if (key !== "") this.#accepted.set(key, `request-${this.#accepted.size + 1}`);
    this.texts.push(String(message?.text));
    return json({ sentMessages: [{ id: String(this.texts.length), quoteToken: "q" }] });
  }
}

function textProblem(type: unknown, text: unknown): string | undefined {
  if (type !== "text" || typeof text !== "string" || text === "") return "May not be empty";
  return text.length > 5000 ? "Length must be between 0 and 5000" : undefined;
}
