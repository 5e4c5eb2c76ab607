import { HttpFake, type Call, type Reply } from "./http-fake.ts";

/** Somebody's webhook: takes everything it is not told to refuse. */
export class FakeWebhook extends HttpFake {
  static open(): Promise<FakeWebhook> {
    return new FakeWebhook().listen();
  }

  private constructor() {
    super();
  }

  get hookUrl(): string {
    return `${this.url}/hook`;
  }

  protected answer(_call: Call): Reply {
    return { status: 200, body: "ok" };
  }
}
