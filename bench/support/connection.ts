import { connect, type Socket } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly body: Buffer;
}

const endOfHead = Buffer.from("\r\n\r\n");
const endOfChunks = Buffer.from("0\r\n\r\n");

/**
 * One keep-alive connection that sends requests that were laid out in full before, and waits for each answer. Knows only as much
 * of HTTP as the servers of the benchmarks speak, so that the load costs little of the machine that it loads.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #waiting: { readonly resolve: (answer: RawAnswer) => void; readonly reject: (error: Error) => void } | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new Connection(socket));
      });
    });
  }

  /** Sends a whole request, headers and body. One at a time. @throws when the connection breaks. */
  send(request: Uint8Array): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }

  #take(chunk: Buffer): void {
    this.#received.push(chunk);
    const all = this.#received.length === 1 ? chunk : Buffer.concat(this.#received);
    this.#received = [all];
    const answer = parseAnswer(all);
    if (!answer) return;
    this.#received = [];
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }
}

/** The answer, or undefined as long as it is not complete. */
function parseAnswer(bytes: Buffer): RawAnswer | undefined {
  const headEnd = bytes.indexOf(endOfHead);
  if (headEnd < 0) return undefined;
  const head = bytes.toString("latin1", 0, headEnd).toLowerCase();
  const status = Number(head.slice(9, 12));
  const body = bytes.subarray(headEnd + endOfHead.length);
  if (status === 204 || status === 304) return { status, body };
  const length = /\r\ncontent-length: *(\d+)/u.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length) ? { status, body } : undefined;
  if (!head.includes("\r\ntransfer-encoding: chunked")) throw new Error(`an answer without a length: ${head}`);
  return body.subarray(-endOfChunks.length).equals(endOfChunks) ? { status, body } : undefined;
}

/** A POST with all its headers, ready to be sent. */
export function rawPost(port: number, path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Buffer {
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers, "content-length": String(body.length) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1"), body]);
}
