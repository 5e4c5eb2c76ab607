import type { Conversation } from "./conversation.ts";
import type { Dialogue } from "./dialogue.ts";
import { failure } from "./failure.ts";

const mostLines = 100;
const longestLine = 300;

interface Reply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** A reply of one or more lines (RFC 5321, 4.2): `250-…` goes on, `250 …` ends. */
async function reply(talk: Conversation): Promise<Reply> {
  const lines: string[] = [];
  for (let count = 0; count < mostLines; count += 1) {
    const line = await talk.line();
    const parts = /^([2-5]\d\d)(?:([ -])(.*))?$/u.exec(line);
    if (!parts) throw failure("protocol-wrong", `no SMTP: ${line.slice(0, longestLine)}`);
    lines.push((parts[3] ?? "").slice(0, longestLine));
    if (parts[2] !== "-") return { code: Number(parts[1]), lines };
  }
  throw failure("protocol-wrong", `a reply of more than ${mostLines} lines`);
}

const text = ({ code, lines }: Reply): string => `${code} ${lines.join(" ")}`.slice(0, longestLine);

async function command(talk: Conversation, line: string): Promise<Reply> {
  talk.say(`${line}\r\n`);
  return reply(talk);
}

async function hello(talk: Conversation): Promise<Reply> {
  const extended = await command(talk, "EHLO hinoban.invalid");
  const answer = extended.code === 250 ? extended : await command(talk, "HELO hinoban.invalid");
  if (answer.code !== 250) throw failure("answer-wrong", text(answer));
  return answer;
}

export const smtp: Dialogue = {
  greet: async (talk) => {
    const greeting = await reply(talk);
    if (greeting.code !== 220) throw failure("answer-wrong", text(greeting));
    return text(greeting);
  },
  upgrade: async (talk) => {
    const { lines } = await hello(talk);
    if (!lines.some((line) => /^STARTTLS\b/iu.test(line))) throw failure("answer-wrong", "the server offers no STARTTLS");
    const answer = await command(talk, "STARTTLS");
    if (answer.code !== 220) throw failure("answer-wrong", text(answer));
    return text(answer);
  },
  ask: async (talk) => {
    const answer = await hello(talk);
    talk.say("QUIT\r\n");
    return text(answer);
  },
};
