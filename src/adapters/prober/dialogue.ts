import type { Conversation } from "./conversation.ts";

/** How a protocol is spoken, as far as a probe goes. All give what the server said, one technical line or more. */
export interface Dialogue {
  /** Reads the greeting, where the server speaks first. @throws "protocol-wrong", "answer-wrong" when it says that it has no time */
  readonly greet?: (talk: Conversation) => Promise<string>;
  /** Agrees on TLS. @throws "answer-wrong" when the server does not offer it */
  upgrade(talk: Conversation): Promise<string>;
  /** One question that every such server answers, and the farewell. */
  ask(talk: Conversation): Promise<string>;
}
