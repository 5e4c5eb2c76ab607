import { millis } from "#base/duration";
import { smsText } from "#base/sms-text";
import type { Driver, Job } from "#features/notify";
import type { CarriersContext } from "./context.ts";
import { sendSms } from "./send-sms.ts";
import { senderIn, type OpenSender } from "./sms-sender.ts";

type Result = Awaited<ReturnType<Driver["send"]>>;
type Failed = Extract<Result, { kind: "failed" }>;

const failed = (problem: string, facts: Omit<Failed, "kind" | "problem">): Result => ({ kind: "failed", problem, ...facts });

const mostSegments = 2;

/** The first line of a message, and where the rest of it stands. */
const textOf = ({ notice }: Job, most: number): string => smsText(notice.title, notice.url ?? "", most);

/** Sends messages to the telephone numbers of persons: to the first that takes it. */
export class SmsDriver implements Driver {
  readonly pace = "quick";
  readonly #carriers: CarriersContext;

  constructor(carriers: CarriersContext) {
    this.#carriers = carriers;
  }

  async send(job: Job): Promise<Result> {
    const { db, smsSeal } = this.#carriers;
    const sender = await db.tx({ organisationId: job.organisation.id }, (tx) => senderIn(smsSeal, tx));
    if (!sender) return failed("No service for text messages is set up.", { isForGood: true, blame: "server" });
    const refused: string[] = [];
    let problem = "Nobody can be written to.";
    for (const target of job.targets) {
      const result = await this.#sendTo(job, sender, target.address, target.personId);
      if (result.kind === "sent") return { kind: "sent", ...(refused.length > 0 ? { refused } : {}) };
      if (result.blame !== "number")
        return failed(result.problem, {
          isForGood: result.isForGood,
          blame: result.blame === "message" ? "message" : "server",
          ...(result.retryAfterSeconds === undefined ? {} : { retryAfter: millis(result.retryAfterSeconds * 1000) }),
          refused,
        });
      refused.push(target.address);
      problem = result.problem;
    }
    return failed(problem, { isForGood: true, blame: "address", refused });
  }

  async #sendTo(job: Job, sender: OpenSender, to: string, personId: string | undefined) {
    const organisationId = job.organisation.id;
    const wrong = await this.#carriers.db.tx({ organisationId }, (tx) => this.#carriers.whyNotCallable(tx, to));
    if (wrong !== undefined) return { kind: "failed", problem: wrong, isForGood: true, blame: "number" } as const;
    const text = textOf(job, sender.settings.mostSegments);
    return sendSms(this.#carriers, sender, { organisationId, to, text, key: job.deliveryId, personId });
  }

  async preview(job: Job): ReturnType<Driver["preview"]> {
    return { text: textOf(job, mostSegments) };
  }
}
