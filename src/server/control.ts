import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HinobanError, messageOf } from "#base/errors";

/**
 * The local way into a running server for the commands that need its files: HTTP on a Unix socket that only the server's account can open.
 * Its path stands in `run.json` in the data directory.
 */
export interface ControlFile {
  readonly pid: number;
  readonly socket: string;
  readonly url: string;
}

/** Does the work of one command and reports on the way; what it throws is told to the caller. */
export type ControlAction = (input: unknown, progress: (line: string) => void) => Promise<void>;

const fileName = "run.json";
const longestSocketPath = 103; // sun_path holds 104 bytes on macOS, 108 on Linux
const largestInput = 64 * 1024;

export async function readControlFile(dataDir: string): Promise<ControlFile | undefined> {
  try {
    return JSON.parse(await readFile(join(dataDir, fileName), "utf8")) as ControlFile; // written by openControl
  } catch {
    return undefined;
  }
}

/** Serves the actions until closed. */
export async function openControl(
  dataDir: string,
  url: string,
  actions: Readonly<Record<string, ControlAction>>,
): Promise<{ close: () => Promise<void> }> {
  const near = join(dataDir, "control.sock");
  const own = Buffer.byteLength(near) <= longestSocketPath ? undefined : await mkdtemp(join(tmpdir(), "hinoban-"));
  const socket = own === undefined ? near : join(own, "control.sock");
  await rm(socket, { force: true });
  const server = createServer((incoming, answer) => void handle(incoming, answer, actions));
  await listen(server, socket);
  const path = join(dataDir, fileName);
  await writeFile(`${path}.next`, JSON.stringify({ pid: process.pid, socket, url }), { mode: 0o600 });
  await rename(`${path}.next`, path);
  return {
    close: async () => {
      await rm(path, { force: true });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (own !== undefined) await rm(own, { recursive: true, force: true });
    },
  };
}

function listen(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const before = process.umask(0o177); // the socket must never be open to others, not even for a moment
    server.listen(socket, () => {
      process.umask(before);
      resolve();
    });
  });
}

async function handle(incoming: IncomingMessage, answer: ServerResponse, actions: Readonly<Record<string, ControlAction>>): Promise<void> {
  const action = actions[(incoming.url ?? "").slice(1)];
  if (!action) return void answer.writeHead(404).end();
  const tell = (message: object): void => void answer.write(`${JSON.stringify(message)}\n`);
  try {
    const input: unknown = JSON.parse(await bodyOf(incoming));
    answer.writeHead(200, { "content-type": "application/x-ndjson" });
    await action(input, (line) => tell({ progress: line }));
    tell({ done: true });
  } catch (error) {
    tell({ error: messageOf(error), code: error instanceof HinobanError ? error.code : "internal" });
  }
  answer.end();
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) {
    text += String(chunk);
    if (text.length > largestInput) throw new HinobanError("too-large", "The command's input is too large.");
  }
  return text;
}

/**
 * Asks the running server to do `action`. Returns false when no server answers.
 * @throws HinobanError what the server reported.
 */
export async function askServer(dataDir: string, action: string, input: object, progress: (line: string) => void): Promise<boolean> {
  const file = await readControlFile(dataDir);
  if (!file) return false;
  const answer = await new Promise<IncomingMessage | undefined>((resolve, reject) => {
    const call = request({ socketPath: file.socket, path: `/${action}`, method: "POST" }, resolve);
    call.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" || error.code === "ECONNREFUSED" ? resolve(undefined) : reject(error),
    );
    call.end(JSON.stringify(input));
  });
  if (!answer) return false;
  let rest = "";
  for await (const chunk of answer.setEncoding("utf8")) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (takeLine(line, progress)) return true;
  }
  throw new HinobanError("unavailable", "The server ended before the command was done.");
}

function takeLine(line: string, progress: (line: string) => void): boolean {
  const message = JSON.parse(line) as { progress?: string; error?: string; code?: HinobanError["code"]; done?: boolean }; // written by handle()
  if (message.error !== undefined) throw new HinobanError(message.code ?? "internal", message.error);
  if (message.progress !== undefined) progress(message.progress);
  return message.done === true;
}
