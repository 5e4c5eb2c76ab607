import { HttpFake, json, parsed, type Call, type Reply } from "./http-fake.ts";

const mostBytes = 28 * 1024;
const contentType = "application/vnd.microsoft.card.adaptive";

/** A workflow of Power Automate that begins with a Teams webhook request and posts the card. */
export class FakeTeams extends HttpFake {
  readonly signature = "right-signature";
  readonly cards: Record<string, unknown>[] = [];

  static open(): Promise<FakeTeams> {
    return new FakeTeams().listen();
  }

  private constructor() {
    super();
  }

  get flowUrl(): string {
    return `${this.url}/workflows/0123/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=${this.signature}`;
  }

  override clear(): void {
    super.clear();
    this.cards.length = 0;
  }

  protected answer(call: Call): Reply {
    if (new URLSearchParams(call.query).get("sig") !== this.signature) {
      return fault(401, "DirectApiAuthorizationRequired", "The request must be authenticated only by Shared Access scheme.");
    }
    if (!call.path.startsWith("/workflows/0123/")) return fault(404, "WorkflowNotFound", "The workflow '9999' could not be found.");
    if (Buffer.byteLength(call.body) > mostBytes) return fault(413, "RequestEntityTooLarge", "The request is too large.");
    const body = parsed(call.body);
    const card = cardOf(body);
    if (!card) return fault(400, "TriggerInputSchemaMismatch", "The input body for trigger 'manual' did not match its schema definition.");
    this.cards.push(card);
    return { status: 202 };
  }
}

function cardOf(body: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const [first] = Array.isArray(body?.["attachments"]) ? (body["attachments"] as unknown[]) : [];
  if (body?.["type"] !== "message" || typeof first !== "object" || first === null) return undefined;
  const { contentType: type, content } = first as Record<string, unknown>; // an object's members may be looked at
  if (type !== contentType || typeof content !== "object" || content === null) return undefined;
  const card = content as Record<string, unknown>; // as above
  return isCard(card) ? card : undefined;
}

const isCard = ({ type, body }: Record<string, unknown>): boolean => type === "AdaptiveCard" && Array.isArray(body) && body.length > 0;

const fault = (status: number, code: string, message: string): Reply => json({ error: { code, message } }, status);
