import { HttpFake, json, parsed, type Call, type Reply } from "./http-fake.ts";

const colours = new Set(["yellow", "green", "red", "purple", "gray", "random"]);

/** A HipChat server of one's own, API v2. */
export class FakeHipchat extends HttpFake {
  readonly token = "right-room-token";
  readonly room = "Operations room";
  readonly notifications: Record<string, unknown>[] = [];

  static open(): Promise<FakeHipchat> {
    return new FakeHipchat().listen();
  }

  private constructor() {
    super();
  }

  override clear(): void {
    super.clear();
    this.notifications.length = 0;
  }

  protected answer(call: Call): Reply {
    const room = /^\/v2\/room\/([^/]+)\/notification$/u.exec(call.path)?.[1];
    if (call.method !== "POST" || room === undefined) return fault(404, "Not Found", "The requested URL was not found on the server.");
    if (call.headers.authorization !== `Bearer ${this.token}`) return fault(401, "Unauthorized", "Invalid OAuth session");
    if (decodeURIComponent(room) !== this.room) return fault(404, "Not Found", "Room not found");
    const body = parsed(call.body) ?? {};
    const problem = bodyProblem(body);
    if (problem !== undefined) return fault(400, "Bad Request", problem);
    this.notifications.push(body);
    return { status: 204 };
  }
}

function bodyProblem({ message, color, message_format: format }: Record<string, unknown>): string | undefined {
  if (typeof message !== "string" || message === "") return "message is required";
  if (message.length > 10_000) return "message is too long";
  if (!colours.has(String(color))) return "color is invalid";
  return format === "html" || format === "text" ? undefined : "message_format is invalid";
}

const fault = (status: number, type: string, message: string): Reply => json({ error: { code: status, type, message } }, status);
