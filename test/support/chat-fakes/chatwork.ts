import { HttpFake, json, type Call, type Reply } from "./http-fake.ts";

export interface ChatworkMessage {
  readonly id: string;
  readonly room: string;
  body: string;
}

/** Chatwork's API v2. */
export class FakeChatwork extends HttpFake {
  readonly token = "right-token";
  readonly room = "12345";
  readonly messages: ChatworkMessage[] = [];
  #count = 0;

  static open(): Promise<FakeChatwork> {
    return new FakeChatwork().listen();
  }

  private constructor() {
    super();
  }

  get apiUrl(): string {
    return `${this.url}/v2`;
  }

  override clear(): void {
    super.clear();
    this.messages.length = 0;
  }

  protected answer(call: Call): Reply {
    if (call.headers["x-chatworktoken"] !== this.token) return errors(401, "Invalid API token");
    const [, room, id] = /^\/v2\/rooms\/(\d+)\/messages(?:\/(\d+))?$/u.exec(call.path) ?? [];
    if (room === undefined) return errors(404, "Endpoint not found");
    if (room !== this.room) return errors(403, "You don't have permission to get this room");
    if (!call.headers["content-type"]?.startsWith("application/x-www-form-urlencoded")) return errors(400, "Invalid content type");
    const body = new URLSearchParams(call.body).get("body") ?? "";
    if (body === "") return errors(400, "Parameter 'body' is required");
    if (body.length > 65_535) return errors(400, "Parameter 'body' is too long");
    if (call.method === "POST" && id === undefined) return this.#post(room, body);
    return errors(405, "Method not allowed");
  }

  #post(room: string, body: string): Reply {
    this.#count += 1;
    const message = { id: String(1000 + this.#count), room, body };
    this.messages.push(message);
    return json({ message_id: message.id });
  }
}

const errors = (status: number, text: string): Reply => json({ errors: [text] }, status);

/** What Chatwork answers when it is asked too often: no Retry-After, but the moment of the next window. */
export const chatworkTooMany = (resetAt: number): Reply => ({
  status: 429,
  headers: { "x-ratelimit-limit": "300", "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(resetAt) },
  body: { errors: ["Rate limit exceeded"] },
});
