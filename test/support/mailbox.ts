import type { AddressInfo, Socket } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import type { MailServer } from "#ports/mailer/port";
import { Secret } from "#base/secret";

/** A mail as it came. */
export interface Received {
  readonly envelopeFrom: string;
  readonly to: readonly string[];
  readonly raw: Buffer;
  readonly mail: Email;
  readonly isTls: boolean;
}

export interface MailboxOptions {
  /** Offers STARTTLS, with a certificate that nobody vouches for. */
  readonly isTls?: boolean;
  /** Who may send; anybody when absent. */
  readonly user?: { readonly name: string; readonly password: string };
}

/** A reply other than 250. */
export interface Refusal {
  readonly code: number;
  readonly text: string;
}

/** A mail server in the process of the test that shows what people would see, and refuses what a test tells it to refuse. */
export class Mailbox {
  readonly received: Received[] = [];
  readonly #server: SMTPServer;
  readonly #options: MailboxOptions;
  readonly #sockets = new Set<Socket>();
  /** By address, at RCPT. */
  readonly refusedAddresses = new Map<string, Refusal>();
  /** After the body. */
  refusedMail: Refusal | undefined;
  /** After the body, before the answer. */
  onMail: ((mail: Received) => Promise<void>) | undefined;

  private constructor(options: MailboxOptions) {
    this.#options = options;
    const { isTls = false, user } = options;
    const settings: SMTPServerOptions = {
      logger: false,
      disabledCommands: [...(isTls ? [] : ["STARTTLS"]), ...(user ? [] : ["AUTH"])],
      authOptional: !user,
      onAuth: (auth, _session, done) => {
        const isRight = auth.username === user?.name && auth.password === user?.password;
        if (isRight) done(null, { user: auth.username ?? "" });
        else done(refusal({ code: 535, text: "5.7.8 Bad username or password" }));
      },
      onRcptTo: ({ address }, _session, done) => {
        const refused = this.refusedAddresses.get(address);
        done(refused && refusal(refused));
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => {
          void this.#take(Buffer.concat(chunks), session, done);
        });
      },
    };
    this.#server = new SMTPServer(settings);
    this.#server.on("error", () => undefined); // clients that go away in the middle are part of the tests
  }

  static async open(options: MailboxOptions = {}): Promise<Mailbox> {
    const box = new Mailbox(options);
    box.#server.server.on("connection", (socket: Socket) => {
      box.#sockets.add(socket);
      socket.on("close", () => box.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => box.#server.listen(0, "127.0.0.1", resolve));
    return box;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** How it is reached. */
  get server(): MailServer {
    const { isTls = false, user } = this.#options;
    return {
      host: "127.0.0.1",
      port: this.port,
      security: isTls ? "starttls" : "none",
      verifiesTls: false,
      userName: user?.name ?? "",
      password: user && new Secret(user.password),
    };
  }

  /** Cuts every connection, as a machine does that loses its power. */
  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  clear(): void {
    this.received.length = 0;
    this.refusedAddresses.clear();
    this.refusedMail = undefined;
    this.onMail = undefined;
  }

  async #take(
    raw: Buffer,
    session: { envelope: { mailFrom: false | { address: string }; rcptTo: { address: string }[] }; secure: boolean },
    done: (error?: Error | null) => void,
  ): Promise<void> {
    const { mailFrom, rcptTo } = session.envelope;
    const mail = {
      envelopeFrom: mailFrom === false ? "" : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      raw,
      mail: await PostalMime.parse(raw),
      isTls: session.secure,
    };
    if (this.refusedMail) return done(refusal(this.refusedMail));
    this.received.push(mail);
    await this.onMail?.(mail);
    done();
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

const refusal = ({ code, text }: Refusal): Error => Object.assign(new Error(text), { responseCode: code });

/** The value of a header as it stands in the mail, folded lines joined. */
export function headerOf({ raw }: Received, name: string): string | undefined {
  const head = raw.toString("latin1").split("\r\n\r\n")[0] ?? "";
  const line = head
    .replaceAll(/\r\n[ \t]+/gu, " ")
    .split("\r\n")
    .find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim();
}
