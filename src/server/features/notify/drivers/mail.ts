import { createHash, createHmac } from "node:crypto";
import { HinobanError } from "#base/errors";
import type { Secret } from "#base/secret";
import type { Mail, Mailer, MailFailure } from "#ports/mailer/port";
import { failed, type Driver, type Job, type MailSetup, type Preview, type Result, type Target } from "../driver.ts";
import { mailBody } from "./mail-body.ts";

const imageId = "graph@hinoban";
const noServer = "No mail server is set up.";
/** Before the name of an envelope in the progress of a delivery: refused for good. No address begins with a word and a blank. */
const refusedMark = "refused ";

/** Mail to persons and to mail channels: one mail for each person and each address, repeated under the same Message-ID. */
export class MailDriver implements Driver {
  readonly pace = "mail";
  readonly #mailer: Mailer;
  readonly #serverKey: Secret;

  constructor(mailer: Mailer, serverKey: Secret) {
    this.#mailer = mailer;
    this.#serverKey = serverKey;
  }

  async send(job: Job): Promise<Result> {
    const { mail } = job;
    if (!mail) return failed(noServer, { isForGood: true, blame: "server" });
    const open = envelopesOf(job).filter(({ id }) => !job.progress.includes(id) && !job.progress.includes(refusedMark + id));
    const wasReached = job.progress.some((id) => !id.startsWith(refusedMark));
    if (open.length === 0) {
      if (wasReached) return { kind: "sent" };
      if (job.progress.length > 0) return failed("Every address was refused.", { isForGood: true, blame: "address" });
      return failed("The channel has no address to which mail can go.", { isForGood: true, blame: "channel" });
    }
    const handed = await this.#handOver(job, mail, open);
    const { done, refused, replies, isPutOff, failure } = handed;
    if (failure) return failed(failure.problem, { isForGood: failure.isForGood, blame: failure.blame, done, refused });
    const problem = [...new Set(replies)].join(" ");
    if (isPutOff) return failed(problem, { isForGood: false, blame: "address", done, refused });
    const isReached = wasReached || open.some(({ targets }) => targets.some(({ address }) => !refused.includes(address)));
    if (!isReached) return failed(problem, { isForGood: true, blame: "address", done, refused });
    return { kind: "sent", refused, ...(problem === "" ? {} : { note: problem }) };
  }

  /** One mail after the other. What is wrong with one address keeps it from no other; what is wrong with the server ends it. */
  async #handOver(job: Job, mail: MailSetup, open: readonly Envelope[]): Promise<HandedOver> {
    const picture = await job.picture();
    const done: string[] = [];
    const refused: string[] = [];
    const replies: string[] = [];
    let isPutOff = false;
    for (const envelope of open) {
      let id = envelope.id;
      try {
        const accepted = await this.#mailer.send(mail.server, this.#mailOf(job, mail, envelope, picture));
        for (const { address, reply } of accepted.rejected) {
          refused.push(address);
          replies.push(reply);
        }
      } catch (error) {
        const failure = failureOf(error);
        if (failure.blame !== "address") return { done, refused, replies, isPutOff, failure };
        replies.push(failure.problem);
        if (!failure.isForGood) {
          isPutOff = true;
          continue;
        }
        refused.push(...envelope.targets.map(({ address }) => address));
        id = refusedMark + id;
      }
      done.push(id);
      const isOurs = (await job.keep?.([id])) ?? true;
      if (!isOurs) return { done, refused, replies, isPutOff, failure: takenOver };
    }
    return { done, refused, replies, isPutOff, failure: undefined };
  }

  async preview(job: Job): Promise<Preview> {
    const picture = await job.picture();
    const image = picture && `data:image/png;base64,${Buffer.from(picture).toString("base64")}`;
    return mailBody(job, { image, withActions: job.personId !== undefined });
  }

  #mailOf(job: Job, setup: MailSetup, { targets, id }: Envelope, picture: Uint8Array | undefined): Mail {
    const domain = setup.fromAddress.slice(setup.fromAddress.lastIndexOf("@") + 1);
    const body = mailBody(job, { image: picture && `cid:${imageId}`, withActions: job.personId !== undefined });
    const own = job.personId === undefined ? `.${shortHash(id)}` : "";
    const { thread } = job.notice;
    return {
      from: { address: setup.fromAddress, name: setup.fromName === "" ? "Hinoban" : setup.fromName },
      to: targets.map(({ address }) => address),
      envelopeFrom: this.#envelopeFrom(setup, job.deliveryId),
      messageId: `<${job.deliveryId}${own}@${domain}>`,
      // Nobody ever got the mail that all of a thread answer to: so they stand together, whoever got which of them.
      references: thread === undefined ? [] : [`<thread.${shortHash(`${job.organisation.id} ${thread}`)}@${domain}>`],
      ...body,
      images: picture ? [{ id: imageId, fileName: "graph.png", png: picture }] : [],
      encoding: targets[0]?.encoding ?? setup.encoding,
      at: job.at,
    };
  }

  /** VERP: a bounce names the message by its address, and nobody can make one up. */
  #envelopeFrom({ bounceAddress, fromAddress }: MailSetup, deliveryId: string): string {
    if (bounceAddress === "") return fromAddress;
    const at = bounceAddress.lastIndexOf("@");
    const proof = createHmac("sha256", this.#serverKey.reveal()).update(`bounce\0${deliveryId}`).digest("hex").slice(0, 8);
    return `${bounceAddress.slice(0, at)}+${deliveryId}.${proof}${bounceAddress.slice(at)}`;
  }
}

/** One mail: to all addresses of one person, or to one address of a channel. */
interface Envelope {
  /** Names it in the progress of the delivery. */
  readonly id: string;
  readonly targets: readonly Target[];
}

function envelopesOf({ personId, targets }: Job): Envelope[] {
  const byId = new Map<string, Target[]>();
  for (const target of targets) {
    // An old gateway must not decide how the other addresses of its person are written.
    const id = target.personId === undefined ? target.address.toLowerCase() : `person:${target.personId}:${target.encoding}`;
    const name = personId === undefined || target.encoding !== "utf-8" ? id : "person";
    byId.set(name, [...(byId.get(name) ?? []), target]);
  }
  return [...byId].map(([id, list]) => ({ id, targets: list }));
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 20);

interface Failure {
  readonly problem: string;
  readonly isForGood: boolean;
  readonly blame: "server" | "message" | "address";
}

/** How far one try came. */
interface HandedOver {
  readonly done: readonly string[];
  readonly refused: readonly string[];
  readonly replies: readonly string[];
  /** The server took no mail for some address for now. */
  readonly isPutOff: boolean;
  /** What ended it before the last mail. */
  readonly failure: Failure | undefined;
}

const takenOver: Failure = { problem: "Another server sends this message by now.", isForGood: false, blame: "message" };

function failureOf(error: unknown): Failure {
  if (!(error instanceof HinobanError)) throw error;
  if (error.code === "invalid-input") return { problem: error.message, isForGood: true, blame: "address" };
  const { refusal, rejected } = error.facts as unknown as MailFailure; // what the port promises for every other error
  const isForGood = refusal === "address" || refusal === "message";
  const blame = refusal === "later" ? (rejected.length > 0 ? "address" : "server") : refusal;
  return { problem: error.message, isForGood, blame };
}
