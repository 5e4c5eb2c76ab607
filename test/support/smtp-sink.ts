import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MailServer } from "#ports/mailer/port";
import { giveAway, startDaemon, type Daemon } from "./daemons.ts";
import { openFolder } from "./folder.ts";
import { freePort } from "./server-process.ts";

/** Postfix's mail sink: takes mail, or misbehaves in the way that is asked of it. */
export interface SmtpSink {
  readonly server: MailServer;
  /** Every mail that it took, as it came, with the headers `X-Mail-Args` and `X-Rcpt-Args` before it; in order. */
  mails(): Buffer[];
  stop(): Promise<void>;
}

/** @param args how it misbehaves, in smtp-sink's own words: `-r RCPT`, `-f DATA`, `-q DATA`, `-w 3` … */
export async function startSmtpSink(...args: readonly string[]): Promise<SmtpSink> {
  const folder = openFolder("hinoban-sink-");
  giveAway(folder);
  const port = await freePort();
  const asWhom = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const daemon: Daemon = await startDaemon(
    "/usr/sbin/smtp-sink",
    [...asWhom, ...args, "-R", folder, "-d", "%M%S.", `127.0.0.1:${port}`, "100"],
    { port },
  );
  return {
    server: { host: "127.0.0.1", port, security: "opportunistic", verifiesTls: true, userName: "", password: undefined },
    mails: () =>
      readdirSync(folder)
        .toSorted()
        .map((name) => readFileSync(join(folder, name))),
    stop: () => daemon.stop(),
  };
}
