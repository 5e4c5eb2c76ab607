import { createHash, createHmac } from "node:crypto";
import { days, toSeconds } from "#base/duration";
import type { OutgoingHttp } from "#ports/outgoing-http/port";
import type { SignedNotification } from "#wire/notify";
import type { ChannelSecrets } from "../channel.ts";
import type { Driver, Job, Preview, Result } from "../driver.ts";
import { asked, jsonHeaders, refusedBy, type Ask } from "./asking.ts";

/** The very body of Mackerel's "Test" button. */
const sample = { event: "sample", message: "Sample Notification from Mackerel", imageUrl: null } as const;

/** For how long a key that was replaced still signs, so that receivers can change over. */
export const signsAlongFor = days(1);

/** What is posted: Mackerel's body where there is one and the channel is of Mackerel's kind, else our own. */
export function webhookBody(job: Job): object {
  if (job.channel?.type === "webhook") {
    if (job.isTest) return sample;
    if (job.notice.mackerel) return job.notice.mackerel;
  }
  return ownBody(job);
}

function ownBody({ deliveryId, at, organisation, notice, about, isTest }: Job): SignedNotification {
  return {
    version: 1,
    event: isTest ? "test" : "notification",
    id: deliveryId,
    at,
    organisation: { name: organisation.name, displayName: organisation.displayName },
    about,
    thread: notice.thread ?? null,
    severity: notice.severity,
    tone: notice.tone,
    title: notice.title,
    summary: notice.summary,
    facts: notice.facts.map(({ label, value }) => ({ label, value })),
    url: notice.url ?? null,
  };
}

/** `t=<unix seconds>,v1=<hex>`: HMAC-SHA-256 of `{t}.{body}`; one `v1` for each key that is valid. */
export function signatureOf(secrets: ChannelSecrets, at: Job["at"], body: string): string | undefined {
  const { signingKey, previousSigningKey, signingKeyChangedAt = 0 } = secrets;
  if (signingKey === undefined) return undefined;
  const isChanging = previousSigningKey !== undefined && at < signingKeyChangedAt + signsAlongFor;
  const seconds = toSeconds(at);
  const keys = isChanging ? [signingKey, previousSigningKey] : [signingKey];
  const proofs = keys.map((key) => `v1=${createHmac("sha256", key).update(`${seconds}.${body}`, "utf8").digest("hex")}`);
  return [`t=${seconds}`, ...proofs].join(",");
}

/** The same UUID for the same delivery, however often it is tried (RFC 9562, version 8). */
export function idempotencyKey(deliveryId: string): string {
  const hash = createHash("sha256").update(`hinoban delivery ${deliveryId}`).digest("hex");
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** Posts JSON to an address of one's own. */
export class WebhookDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  send(job: Job): Promise<Result> {
    const { settings, secrets } = job.channel ?? { settings: {}, secrets: {} };
    const body = JSON.stringify(webhookBody(job));
    const signature = signatureOf(secrets, job.at, body);
    const { verifiesTls } = settings;
    const ask: Ask = {
      method: "POST",
      url: secrets.url ?? "",
      headers: {
        ...jsonHeaders,
        "idempotency-key": idempotencyKey(job.deliveryId),
        ...(signature === undefined ? {} : { "x-hinoban-signature": signature }),
      },
      body,
      ...(verifiesTls === undefined ? {} : { verifiesTls }),
    };
    return asked(this.#http, ask, (answer) =>
      answer.status >= 200 && answer.status < 300 ? { kind: "sent" } : refusedBy(answer, job.at, answer.text),
    );
  }

  async preview(job: Job): Promise<Preview> {
    return { body: JSON.stringify(webhookBody(job), undefined, 2) };
  }
}
