import type { Conversation } from "./conversation.ts";
import type { Dialogue } from "./dialogue.ts";
import { failure } from "./failure.ts";

const mostLines = 100;
const longestLine = 300;

/** Sends a command and reads up to its tagged answer (RFC 9051, 2.2.2). @returns the untagged lines and the answer behind the tag */
async function command(
  talk: Conversation,
  tag: string,
  line: string,
): Promise<{ readonly untagged: readonly string[]; readonly answer: string }> {
  talk.say(`${tag} ${line}\r\n`);
  const untagged: string[] = [];
  for (let count = 0; count < mostLines; count += 1) {
    const got = await talk.line();
    if (got.startsWith(`${tag} `)) return { untagged, answer: got.slice(tag.length + 1) };
    if (!got.startsWith("* ")) throw failure("protocol-wrong", `no IMAP: ${got.slice(0, longestLine)}`);
    untagged.push(got.slice(2, longestLine));
  }
  throw failure("protocol-wrong", `an answer of more than ${mostLines} lines`);
}

export const imap: Dialogue = {
  greet: async (talk) => {
    const greeting = await talk.line();
    const parts = /^\* (OK|PREAUTH|BYE)(?: (.*))?$/iu.exec(greeting);
    if (!parts) throw failure("protocol-wrong", `no IMAP: ${greeting.slice(0, longestLine)}`);
    if (parts[1]?.toUpperCase() === "BYE") throw failure("answer-wrong", greeting.slice(0, longestLine));
    return greeting.slice(2, longestLine);
  },
  upgrade: async (talk) => {
    const { answer } = await command(talk, "a1", "STARTTLS");
    if (!/^OK\b/iu.test(answer)) throw failure("answer-wrong", `STARTTLS: ${answer.slice(0, longestLine)}`);
    return answer.slice(0, longestLine);
  },
  ask: async (talk) => {
    const { untagged, answer } = await command(talk, "a2", "CAPABILITY");
    if (!/^OK\b/iu.test(answer)) throw failure("answer-wrong", `CAPABILITY: ${answer.slice(0, longestLine)}`);
    talk.say("a3 LOGOUT\r\n");
    return (untagged.find((line) => /^CAPABILITY\b/iu.test(line)) ?? answer).slice(0, longestLine);
  },
};
