import { ReadStream } from "node:tty";
import { createInterface } from "node:readline/promises";
import { CliFailure } from "./text.ts";
import type { World } from "./world.ts";

/** All of stdin, at most `most` bytes. @throws when there is more */
export async function readAll(stdin: World["stdin"], most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > most) throw new Error(`more than ${most} bytes on standard input`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Asks on stderr and reads one line; undefined when standard input ended. */
export async function askLine(world: World, question: string): Promise<string | undefined> {
  world.stderr.write(question);
  const lines = createInterface({ input: world.stdin, terminal: false });
  try {
    for await (const line of lines) return line;
    return undefined;
  } finally {
    lines.close();
  }
}

/** Whether the answer to a question is yes; anything else, and no answer, is no. */
export const isYes = (answer: string | undefined): boolean => /^(?:y|yes|はい)$/iu.test(answer?.trim() ?? "");

/** Reads one line from a terminal without showing it. Ctrl-C ends it as everywhere. */
export async function askSecret(world: World, question: string): Promise<string> {
  const { stdin, stderr } = world;
  const isRaw = stdin instanceof ReadStream;
  stderr.write(question);
  if (isRaw) stdin.setRawMode(true);
  try {
    let typed = "";
    for await (const chunk of stdin) {
      for (const letter of String(chunk)) {
        if (letter === "\r" || letter === "\n" || letter === "\u0004") return typed;
        if (letter === "\u0003") throw new CliFailure({ en: "Nothing was kept.", ja: "保存しませんでした。" });
        typed = letter === "\u007F" || letter === "\b" ? typed.slice(0, -1) : typed + letter;
      }
    }
    return typed;
  } finally {
    if (isRaw) stdin.setRawMode(false);
    stderr.write("\n");
  }
}
