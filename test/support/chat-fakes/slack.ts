import { createHmac } from "node:crypto";
import { HttpFake, json, parsed, tooMany, type Call, type Reply } from "./http-fake.ts";
import { blocksProblem } from "./slack-blocks.ts";

export interface SlackPost {
  readonly ts: string;
  readonly channel: string;
  text: string;
  blocks: readonly Record<string, unknown>[];
  attachments: readonly Record<string, unknown>[];
  readonly threadTs: string | undefined;
  edits: number;
}

/** Slack as far as notifications meet it: refuses what the real one refuses, in its way, which is mostly a 200 with `ok: false`. */
export class FakeSlack extends HttpFake {
  readonly token = "xoxb-right-token";
  readonly signingSecret = "8f742231b10e8888abcd99yyyzzz85a5";
  readonly teamId = "T0001";
  readonly posts: SlackPost[] = [];
  /** Channels that exist and where the bot is. */
  readonly channels = new Set(["C0001", "C0002"]);
  readonly users = new Set(["U0001", "U0002", "U0003"]);
  readonly archived = new Set<string>();
  /** What people were answered by `response_url`. */
  readonly responses: { readonly path: string; readonly body: Record<string, unknown> }[] = [];
  #count = 0;

  static open(): Promise<FakeSlack> {
    return new FakeSlack().listen();
  }

  private constructor() {
    super();
  }

  get apiUrl(): string {
    return `${this.url}/api`;
  }

  /** An incoming webhook that posts to C0001. */
  get webhookUrl(): string {
    return `${this.url}/services/T0001/B0001/right`;
  }

  override clear(): void {
    super.clear();
    this.posts.length = 0;
    this.responses.length = 0;
    this.archived.clear();
  }

  protected answer(call: Call): Reply {
    if (call.path.startsWith("/services/")) return this.#webhook(call);
    if (call.path.startsWith("/response/")) return this.#response(call);
    const method = call.path.replace("/api/", "");
    if (call.headers.authorization === undefined) return json({ ok: false, error: "not_authed" });
    if (call.headers.authorization !== `Bearer ${this.token}`) return json({ ok: false, error: "invalid_auth" });
    const body = parsed(call.body);
    if (!body || !call.headers["content-type"]?.startsWith("application/json")) return json({ ok: false, error: "invalid_json" });
    if (method === "auth.test") return json({ ok: true, team_id: this.teamId, user_id: "UBOT", bot_id: "B0001", team: "example" });
    if (method === "chat.postMessage") return this.#post(body);
    if (method === "chat.update") return this.#update(body);
    return json({ ok: false, error: "unknown_method" });
  }

  #webhook(call: Call): Reply {
    if (!call.path.endsWith("/right")) return { status: 404, body: "no_service" };
    if (this.archived.has("C0001")) return { status: 410, body: "channel_is_archived" };
    const body = parsed(call.body);
    if (!body) return { status: 400, body: "invalid_payload" };
    const problem = this.#problem(body);
    if (problem !== undefined) return { status: 400, body: problem };
    this.#keep("C0001", body);
    return { status: 200, body: "ok" };
  }

  #post(body: Record<string, unknown>): Reply {
    const channel = typeof body["channel"] === "string" ? body["channel"] : "";
    if (!this.channels.has(channel) && !this.users.has(channel)) return json({ ok: false, error: "channel_not_found" });
    if (this.archived.has(channel)) return json({ ok: false, error: "is_archived" });
    const problem = this.#problem(body);
    if (problem !== undefined) return json({ ok: false, error: problem });
    // A message to a user lands in a channel of the two.
    const place = channel.startsWith("U") ? `D${channel.slice(1)}` : channel;
    const post = this.#keep(place, body);
    return json({ ok: true, channel: place, ts: post.ts, message: { text: post.text } });
  }

  #update(body: Record<string, unknown>): Reply {
    const post = this.posts.find(({ ts, channel }) => ts === body["ts"] && channel === body["channel"]);
    if (!post) return json({ ok: false, error: "message_not_found" });
    const problem = this.#problem(body);
    if (problem !== undefined) return json({ ok: false, error: problem });
    Object.assign(post, partsOf(body), { edits: post.edits + 1 });
    return json({ ok: true, channel: post.channel, ts: post.ts, text: post.text });
  }

  #response(call: Call): Reply {
    const body = parsed(call.body);
    if (!body) return { status: 400, body: "invalid_payload" };
    this.responses.push({ path: call.path, body });
    return { status: 200, body: "ok" };
  }

  #problem(body: Record<string, unknown>): string | undefined {
    const { text, blocks, attachments } = partsOf(body);
    if (text === "" && blocks.length === 0 && attachments.length === 0) return "no_text";
    if (text.length > 40_000) return "msg_too_long";
    if (attachments.length > 100) return "too_many_attachments";
    for (const list of [blocks, ...attachments.map((one) => (Array.isArray(one["blocks"]) ? one["blocks"] : []))]) {
      if (blocksProblem(list) !== undefined) return "invalid_blocks";
    }
    return undefined;
  }

  #keep(channel: string, body: Record<string, unknown>): SlackPost {
    this.#count += 1;
    const ts = `1763769600.${String(this.#count).padStart(6, "0")}`;
    const threadTs = typeof body["thread_ts"] === "string" ? body["thread_ts"] : undefined;
    const post = { ts, channel, ...partsOf(body), threadTs, edits: 0 };
    this.posts.push(post);
    return post;
  }

  /** The buttons of a post. */
  buttonsOf(post: SlackPost): Record<string, unknown>[] {
    const lists = [post.blocks, ...post.attachments.map((one) => (Array.isArray(one["blocks"]) ? one["blocks"] : []))];
    return lists
      .flat()
      .filter((block) => block["type"] === "actions")
      .flatMap((block) => block["elements"] as Record<string, unknown>[]);
  }

  /** What Slack sends when somebody presses a button of a post. */
  press(post: SlackPost, actionId: string, user: { readonly id: string; readonly name: string }): string {
    const button = this.buttonsOf(post).find((one) => one["action_id"] === actionId);
    if (!button) throw new Error(`the post has no button ${actionId}`);
    return form({
      payload: JSON.stringify({
        type: "block_actions",
        user: { id: user.id, username: user.name, name: user.name, team_id: this.teamId },
        api_app_id: "A0001",
        team: { id: this.teamId, domain: "example" },
        channel: { id: post.channel, name: "alerts" },
        container: { type: "message", message_ts: post.ts, channel_id: post.channel },
        message: { ts: post.ts, text: post.text },
        response_url: `${this.url}/response/${post.ts}`,
        trigger_id: "1.2.abc",
        actions: [{ type: "button", block_id: "b", action_id: actionId, value: button["value"], action_ts: post.ts }],
      }),
    });
  }

  /** What Slack sends for a slash command. */
  command(command: string, text: string, user: { readonly id: string; readonly name: string }): string {
    return form({
      token: "deprecated",
      team_id: this.teamId,
      team_domain: "example",
      channel_id: "C0001",
      channel_name: "alerts",
      user_id: user.id,
      user_name: user.name,
      command,
      text,
      api_app_id: "A0001",
      response_url: `${this.url}/response/command`,
      trigger_id: "1.2.abc",
    });
  }

  /** Headers of a signed request at that moment (unix seconds); with another secret they are wrong. */
  signed(body: string, at: number, secret = this.signingSecret): Record<string, string> {
    const signature = createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex");
    return {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": String(at),
      "x-slack-signature": `v0=${signature}`,
    };
  }
}

const form = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString();

function partsOf(body: Record<string, unknown>): Pick<SlackPost, "text" | "blocks" | "attachments"> {
  const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);
  return {
    text: typeof body["text"] === "string" ? body["text"] : "",
    blocks: list(body["blocks"]),
    attachments: list(body["attachments"]),
  };
}

/** What Slack answers when it is asked too often. */
export const slackTooMany = (retryAfter: number): Reply => tooMany(retryAfter, { ok: false, error: "ratelimited" });
