import { createHash, createHmac } from "node:crypto";
import { HinobanError } from "#base/errors";
import type { Secret } from "#base/secret";
import type { Mail, Mailer, MailFailure } from "#ports/mailer/port";
import { failed, type Driver, type Job, type MailSetup, type Preview, type Result, type Target } from "../driver.ts";
import { mailBody } from "./mail-body.ts";

const imageId = "graph@hinoban";
const noServer = "No mail server is set up.";

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
    const open = envelopesOf(job).filter(({ id }) => !job.progress.includes(id));
    if (open.length === 0) {
      if (job.progress.length > 0) return { kind: "sent" };
      return failed("The channel has no address to which mail can go.", { isForGood: true, blame: "channel" });
    }
    const picture = await job.picture();
    const done: string[] = [];
    const refused: string[] = [];
    const replies: string[] = [];
    for (const envelope of open) {
      try {
        const accepted = await this.#mailer.send(mail.server, this.#mailOf(job, mail, envelope, picture));
        done.push(envelope.id);
        for (const { address, reply } of accepted.rejected) {
          refused.push(address);
          replies.push(reply);
        }
      } catch (error) {
        const failure = failureOf(error);
        if (failure.refusal === "address" && failure.isForGood) {
          // The others may still have it.
          done.push(envelope.id);
          refused.push(...envelope.targets.map(({ address }) => address));
          replies.push(failure.problem);
          continue;
        }
        return failed(failure.problem, { isForGood: failure.isForGood, blame: failure.blame, done, refused });
      }
    }
    const reached = open.flatMap(({ targets }) => targets).filter(({ address }) => !refused.includes(address));
    const problem = [...new Set(replies)].join(" ");
    if (reached.length === 0 && job.progress.length === 0) return failed(problem, { isForGood: true, blame: "address", done, refused });
    return { kind: "sent", refused, ...(problem === "" ? {} : { note: problem }) };
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
  readonly refusal: MailFailure["refusal"];
  readonly isForGood: boolean;
  readonly blame: "server" | "message" | "address";
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof HinobanError)) throw error;
  if (error.code === "invalid-input") return { problem: error.message, refusal: "address", isForGood: true, blame: "address" };
  const { refusal } = error.facts as unknown as MailFailure; // what the port promises for every other error
  const blames = { address: "address", message: "message", server: "server", later: "server" } as const;
  return { problem: error.message, refusal, isForGood: refusal === "address" || refusal === "message", blame: blames[refusal] };
}
