import { SystemClock } from "#adapters/clock/system";
import { SmtpMailer } from "#adapters/mailer/smtp";
import { NodeOutgoingHttp } from "#adapters/outgoing-http/node";
import { AddressRules } from "#base/ip-networks";
import { Secret } from "#base/secret";
import {
  openNotify,
  type DeliveryOutcome,
  type MailSetup,
  type Notice,
  type Notify,
  type NotifyDeps,
  type Sending,
} from "#features/notify";
import { Mailbox } from "./mailbox.ts";
import type { People } from "./people.ts";

/** Notifications over the database of the calling test file, with mail going to a mail server inside the test. */
export interface NotifyRig {
  readonly notify: Notify;
  readonly mailbox: Mailbox;
  readonly outcomes: DeliveryOutcome[];
  /** Sends for the first organisation and waits until nothing is on its way. */
  send(...sendings: Sending[]): Promise<(string | undefined)[]>;
  /** Looks for what is due and waits for it. */
  work(): Promise<void>;
  close(): Promise<void>;
}

export const mailSetup = (mailbox: Pick<Mailbox, "server">, more: Partial<MailSetup> = {}): MailSetup => ({
  server: mailbox.server,
  fromAddress: "alert@hinoban.example",
  fromName: "Hinoban",
  bounceAddress: "",
  encoding: "utf-8",
  ...more,
});

/** A notice as others write them. */
export const notice = (more: Partial<Notice> = {}): Notice => ({
  severity: "critical",
  tone: "bad",
  title: "[重大] web01: CPU % 97 > 90",
  summary: "CPU の使用率が高い状態が続いています。",
  facts: [{ label: "ホスト", value: "web01" }],
  url: "https://hinoban.example/o/first/incidents/1",
  actions: [],
  thread: "incident:1",
  picture: undefined,
  mackerel: undefined,
  mention: "critical",
  ...more,
});

export interface NotifyRigOptions extends Partial<NotifyDeps> {
  readonly mailbox?: Mailbox;
}

export async function openNotifyRig(people: People, options: NotifyRigOptions = {}): Promise<NotifyRig> {
  const { mailbox: given, ...deps } = options;
  const mailbox = given ?? (await Mailbox.open());
  const clock = new SystemClock();
  const notify = openNotify({
    db: people.identity.db,
    clock: people.clock,
    // Everything else of a test lives on this machine.
    http: new NodeOutgoingHttp(clock, new AddressRules({ denied: [] })),
    mailer: new SmtpMailer(clock),
    serverKey: new Secret("a server key for tests"),
    log: { warn: (facts, message) => console.warn(message, facts) },
    publicUrl: "https://hinoban.example",
    mail: mailSetup(mailbox),
    random: () => 0.5,
    ...deps,
  });
  const outcomes: DeliveryOutcome[] = [];
  notify.listen({ delivered: async (_tx, _at, outcome) => void outcomes.push(outcome) });
  const stop = notify.start();
  await notify.settled();
  const work = async (): Promise<void> => {
    notify.wake();
    await notify.settled();
  };
  return {
    notify,
    mailbox,
    outcomes,
    work,
    send: async (...sendings) => {
      const { organisationId } = people.first.actor;
      const ids = await notify.db.tx({ organisationId }, (tx) => notify.sendAll(tx, people.clock.now(), sendings));
      await work();
      return ids;
    },
    close: async () => {
      await stop();
      if (!given) await mailbox.close();
    },
  };
}
