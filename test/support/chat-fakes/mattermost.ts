import { HttpFake, json, parsed, type Call, type Reply } from "./http-fake.ts";

export interface MattermostPost {
  readonly id: string;
  readonly channelId: string;
  message: string;
  attachments: readonly Record<string, unknown>[];
  readonly rootId: string;
  edits: number;
}

const longestMessage = 16_383;

/** A Mattermost server as far as notifications meet it. */
export class FakeMattermost extends HttpFake {
  readonly token = "right-bot-token";
  readonly commandToken = "right-command-token";
  readonly hookId = "righthook";
  readonly posts: MattermostPost[] = [];
  /** Channels that exist and that the bot may post to. */
  readonly channels = new Set(["channel0001", "channel0002"]);
  readonly users = new Set(["user0001", "user0002", "user0003"]);
  readonly responses: Record<string, unknown>[] = [];
  #count = 0;

  static open(): Promise<FakeMattermost> {
    return new FakeMattermost().listen();
  }

  private constructor() {
    super();
  }

  get webhookUrl(): string {
    return `${this.url}/hooks/${this.hookId}`;
  }

  override clear(): void {
    super.clear();
    this.posts.length = 0;
    this.responses.length = 0;
  }

  protected answer(call: Call): Reply {
    if (call.path.startsWith("/hooks/commands/")) {
      this.responses.push(parsed(call.body) ?? {});
      return json({});
    }
    if (call.path.startsWith("/hooks/")) return this.#hook(call);
    if (call.headers.authorization !== `Bearer ${this.token}`) {
      return problem(401, "api.context.session_expired.app_error", "Invalid or expired session, please login again.");
    }
    return this.#api(call);
  }

  #api(call: Call): Reply {
    const id = /^\/api\/v4\/posts\/([^/]+)\/patch$/u.exec(call.path)?.[1];
    if (call.method === "PUT" && id !== undefined) return this.#patch(id, call);
    switch (`${call.method} ${call.path}`) {
      case "GET /api/v4/users/me":
        return json({ id: "bot0001", username: "hinoban", is_bot: true });
      case "POST /api/v4/channels/direct":
        return this.#direct(call);
      case "POST /api/v4/posts":
        return this.#post(call);
      default:
        return problem(404, "api.context.404.app_error", "Sorry, we could not find the page.");
    }
  }

  #hook(call: Call): Reply {
    if (call.path !== `/hooks/${this.hookId}`) return problem(400, "web.incoming_webhook.invalid.app_error", "Invalid webhook.");
    const body = parsed(call.body);
    const text = body?.["text"];
    const attachments = listOf(body?.["attachments"]);
    if (!body || ((typeof text !== "string" || text === "") && attachments.length === 0)) {
      return problem(400, "web.incoming_webhook.text.app_error", "No text specified.");
    }
    const wrong = attachmentsProblem(attachments);
    if (wrong !== undefined) return problem(400, "model.post.is_valid.attachments.app_error", wrong);
    this.#keep("channel0001", { message: typeof text === "string" ? text : "", attachments, rootId: "" });
    return { status: 200, body: "ok" };
  }

  #direct(call: Call): Reply {
    const ids: unknown = JSON.parse(call.body);
    const other = Array.isArray(ids) ? ids.find((id) => this.users.has(String(id))) : undefined;
    if (other === undefined) return problem(400, "api.channel.create_direct_channel.invalid_user.app_error", "Invalid user ID.");
    this.channels.add(`direct-${String(other)}`);
    return json({ id: `direct-${String(other)}`, type: "D" }, 201);
  }

  #post(call: Call): Reply {
    const { channel_id: channel = "", message = "", root_id: root = "", props = {} } = parsed(call.body) ?? {};
    const post = {
      message: String(message),
      rootId: String(root),
      attachments: listOf((props as Record<string, unknown>)["attachments"]),
    };
    const channelId = String(channel);
    if (!this.channels.has(channelId))
      return problem(403, "api.context.permissions.app_error", "You do not have the appropriate permissions.");
    const wrong = this.#postProblem(channelId, post);
    if (wrong) return wrong;
    const { id } = this.#keep(channelId, post);
    return json({ id, channel_id: channelId, message: post.message, root_id: post.rootId }, 201);
  }

  #postProblem(
    channelId: string,
    { message, rootId, attachments }: Pick<MattermostPost, "message" | "rootId" | "attachments">,
  ): Reply | undefined {
    const isEmpty = message === "" && attachments.length === 0;
    if (isEmpty || message.length > longestMessage) return problem(400, "model.post.is_valid.msg.app_error", "Invalid message.");
    if (rootId !== "" && !this.posts.some(({ id, channelId: of }) => id === rootId && of === channelId)) {
      return problem(400, "api.post.create_post.root_id.app_error", "Invalid RootId parameter.");
    }
    const wrong = attachmentsProblem(attachments);
    return wrong === undefined ? undefined : problem(400, "model.post.is_valid.attachments.app_error", wrong);
  }

  #patch(id: string, call: Call): Reply {
    const post = this.posts.find((one) => one.id === id);
    if (!post) return problem(404, "app.post.get.app_error", "Unable to get the post.");
    const body = parsed(call.body) ?? {};
    const props = (body["props"] ?? {}) as Record<string, unknown>;
    const message = typeof body["message"] === "string" ? body["message"] : post.message;
    if (message.length > longestMessage) return problem(400, "model.post.is_valid.msg.app_error", "Invalid message.");
    Object.assign(post, { message, attachments: listOf(props["attachments"]), edits: post.edits + 1 });
    return json({ id, channel_id: post.channelId, message });
  }

  #keep(channelId: string, post: Pick<MattermostPost, "message" | "attachments" | "rootId">): MattermostPost {
    this.#count += 1;
    const made = { id: `post${String(this.#count).padStart(4, "0")}`, channelId, ...post, edits: 0 };
    this.posts.push(made);
    return made;
  }

  actionsOf(post: MattermostPost): Record<string, unknown>[] {
    return post.attachments.flatMap((one) => listOf(one["actions"]));
  }

  /** What Mattermost's server sends when somebody presses a button of a post, and where to. Nothing about it is signed. */
  press(post: MattermostPost, actionId: string, user: { readonly id: string; readonly name: string }): { url: string; body: object } {
    const action = this.actionsOf(post).find((one) => one["id"] === actionId);
    if (!action) throw new Error(`the post has no button ${actionId}`);
    const { url, context } = action["integration"] as { url: string; context: object };
    const body = {
      user_id: user.id,
      user_name: user.name,
      channel_id: post.channelId,
      channel_name: "alerts",
      team_id: "team0001",
      team_domain: "example",
      post_id: post.id,
      trigger_id: "abc",
      type: "button",
      data_source: "",
      context,
    };
    return { url, body };
  }

  /** The form of a slash command; its header is `Authorization: Token <token>`. */
  command(command: string, text: string, user: { readonly id: string; readonly name: string }, token = this.commandToken): string {
    const fields = {
      token,
      team_id: "team0001",
      team_domain: "example",
      channel_id: "channel0001",
      channel_name: "alerts",
      user_id: user.id,
      user_name: user.name,
      command,
      text,
      trigger_id: "abc",
      response_url: `${this.url}/hooks/commands/abc`,
    };
    return new URLSearchParams(fields).toString();
  }

  /** What the server makes of a reply to a press: only a 200 whose body is empty or JSON is none that people see as an error. */
  static isAcceptedReply(status: number, body: string): boolean {
    return status === 200 && (body === "" || parsed(body) !== undefined);
  }
}

const problem = (status: number, id: string, message: string): Reply => json({ id, message, status_code: status, request_id: "r" }, status);

const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? (value as Record<string, unknown>[]) : []);

function attachmentsProblem(attachments: readonly Record<string, unknown>[]): string | undefined {
  for (const action of attachments.flatMap((one) => listOf(one["actions"]))) {
    const { id, name, type, integration } = action;
    if (typeof name !== "string" || name === "") return "action without a name";
    if (typeof id !== "string" || !/^[A-Za-z0-9]+$/u.test(id)) return "id of an action";
    if (type !== "button" && type !== "select") return "type of an action";
    const url = (integration as { url?: unknown } | undefined)?.url;
    if (typeof url !== "string" || !/^https?:\/\//u.test(url)) return "integration without an absolute address";
  }
  return undefined;
}
