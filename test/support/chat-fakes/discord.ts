import { HttpFake, json, parsed, type Call, type Reply } from "./http-fake.ts";

export interface DiscordMessage {
  readonly id: string;
  content: string;
  embeds: readonly Record<string, unknown>[];
  /** Whom the message called. */
  readonly pings: string;
  edits: number;
}

/** Webhooks of Discord, with its limits of embeds. */
export class FakeDiscord extends HttpFake {
  readonly messages: DiscordMessage[] = [];
  #count = 0;

  static open(): Promise<FakeDiscord> {
    return new FakeDiscord().listen();
  }

  private constructor() {
    super();
  }

  get webhookUrl(): string {
    return `${this.url}/api/webhooks/123456789/right-token`;
  }

  override clear(): void {
    super.clear();
    this.messages.length = 0;
  }

  protected answer(call: Call): Reply {
    const [, id, token, message] = /^\/api\/webhooks\/(\d+)\/([\w-]+)(?:\/messages\/(\d+))?$/u.exec(call.path) ?? [];
    if (id !== "123456789") return fault(404, 10_015, "Unknown Webhook");
    if (token !== "right-token") return fault(401, 50_027, "Invalid Webhook Token");
    const body = parsed(call.body);
    if (!body) return fault(400, 50_109, "The request body contains invalid JSON.");
    const problem = bodyProblem(body);
    if (problem !== undefined) return json({ message: `Invalid Form Body ${problem}`, code: 50_035, errors: {} }, 400);
    if (message !== undefined) return this.#edit(message, body);
    this.#count += 1;
    const post = {
      id: String(900_000 + this.#count),
      content: String(body["content"]),
      embeds: embedsOf(body),
      pings: pingsOf(body),
      edits: 0,
    };
    this.messages.push(post);
    return new URLSearchParams(call.query).get("wait") === "true" ? json({ id: post.id }) : { status: 204 };
  }

  #edit(id: string, body: Record<string, unknown>): Reply {
    const post = this.messages.find((one) => one.id === id);
    if (!post) return fault(404, 10_008, "Unknown Message");
    post.content = String(body["content"]);
    post.embeds = embedsOf(body);
    post.edits += 1;
    return json({ id });
  }
}

const embedsOf = (body: Record<string, unknown>) => (Array.isArray(body["embeds"]) ? (body["embeds"] as Record<string, unknown>[]) : []);

/** Without `allowed_mentions` everything in the text calls. */
function pingsOf({ content, allowed_mentions: allowed }: Record<string, unknown>): string {
  const { parse = ["everyone", "users", "roles"], users = [], roles = [] } = (allowed ?? {}) as Record<string, string[]>; // as Discord documents it
  const text = String(content);
  const called = [...text.matchAll(/@(everyone|here)\b|<@(&?)(\d+)>/gu)].filter(([, all, role, id = ""]) => {
    if (all !== undefined) return parse.includes("everyone");
    return role === "&" ? roles.includes(id) || parse.includes("roles") : users.includes(id) || parse.includes("users");
  });
  return called.map(([what]) => what).join(" ");
}

function bodyProblem(body: Record<string, unknown>): string | undefined {
  const { content } = body;
  const embeds = embedsOf(body);
  if (typeof content === "string" && content.length > 2000) return "content: Must be 2000 or fewer in length.";
  if ((content === undefined || content === "") && embeds.length === 0) return "Cannot send an empty message";
  if (embeds.length > 10) return "embeds: Must be 10 or fewer in length.";
  return embeds.map(embedProblem).find((problem) => problem !== undefined);
}

function embedProblem(embed: Record<string, unknown>): string | undefined {
  const {
    title = "",
    description = "",
    fields = [],
  } = embed as { title?: string; description?: string; fields?: { name: string; value: string }[] }; // as Discord documents it
  if (title.length > 256) return "title: Must be 256 or fewer in length.";
  if (description.length > 4096) return "description: Must be 4096 or fewer in length.";
  if (fields.length > 25) return "fields: Must be 25 or fewer in length.";
  if (fields.some(({ name, value }) => name === "" || value === "")) return "fields: This field is required";
  if (fields.some(({ name, value }) => name.length > 256 || value.length > 1024)) return "fields: too long";
  const all = title.length + description.length + fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  return all > 6000 ? "Embed size exceeds maximum size of 6000" : undefined;
}

const fault = (status: number, code: number, message: string): Reply => json({ message, code }, status);

/** What Discord answers when it is asked too often. */
export const discordTooMany = (seconds: number): Reply => ({
  status: 429,
  headers: { "retry-after": String(Math.ceil(seconds)), "x-ratelimit-scope": "shared" },
  body: { message: "You are being rate limited.", retry_after: seconds, global: false },
});
