import type { Conversation } from "./conversation.ts";
import type { Dialogue } from "./dialogue.ts";
import { failure } from "./failure.ts";

const longestLine = 300;

/** A status line (RFC 1939, 3). @throws "answer-wrong" for -ERR */
async function status(talk: Conversation, what: string): Promise<string> {
  const line = await talk.line();
  if (/^-ERR\b/u.test(line)) throw failure("answer-wrong", `${what}: ${line.slice(0, longestLine)}`);
  if (!line.startsWith("+OK")) throw failure("protocol-wrong", `no POP3: ${line.slice(0, longestLine)}`);
  return line.slice(0, longestLine);
}

export const pop3: Dialogue = {
  greet: (talk) => status(talk, "greeting"),
  upgrade: (talk) => {
    talk.say("STLS\r\n");
    return status(talk, "STLS");
  },
  ask: (talk) => {
    // Every server answers to QUIT in any state; CAPA is an extension.
    talk.say("QUIT\r\n");
    return status(talk, "QUIT");
  },
};
