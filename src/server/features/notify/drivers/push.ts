import { createHash } from "node:crypto";
import { seconds, type Millis } from "#base/duration";
import { HinobanError, messageOf } from "#base/errors";
import type { OutgoingResponse } from "#ports/outgoing-http/port";
import type { PushCipher, PushKeys, PushMessage } from "#ports/push-cipher/port";
import type { PushNotice } from "#wire/push";
import type { NotifyContext } from "../context.ts";
import { failed, type Driver, type Job, type Preview, type Result } from "../driver.ts";
import { pushKeys } from "../push-keys.ts";
import { browsersOf, forgetBrowser, type Browser } from "../push-subscriptions.ts";
import { cut } from "../texts.ts";
import { quote, retryAfterOf } from "./asking.ts";

const most = { title: 120, body: 400, action: 40, answer: 16 * 1024 } as const;
const timeout = seconds(12);
/** A message about something of hours ago helps nobody who opens a browser then. */
const urgentTtl = 3600;
const quietTtl = 12 * 3600;

/** What the browser is told: short enough for every push service, about 4 KB with its encryption. */
export function pushNotice(job: Job): PushNotice {
  const { notice, organisation, about, language, at } = job;
  const incident = /^incident:(\w{1,64})$/u.exec(about)?.[1];
  const org = `/o/${encodeURIComponent(organisation.name)}`;
  return {
    title: cut(notice.title, most.title),
    body: cut(notice.summary, most.body),
    path: incident === undefined ? pathOf(notice.url, org) : `${org}/incidents/${incident}`,
    ...(notice.thread === undefined ? {} : { tag: notice.thread }),
    language,
    isUrgent: notice.tone === "bad",
    at,
    // Only what the one who is signed in there may do as themselves; browsers show two buttons at most.
    actions:
      incident === undefined
        ? []
        : notice.actions
            .filter(({ action }) => action === "take" || action === "cannot")
            .slice(0, 2)
            .map(({ action, label }) => ({ action, title: cut(label, most.action) })),
  };
}

/** A page of ours, wherever people reach this server. */
function pathOf(url: string | undefined, other: string): string {
  if (url === undefined || !URL.canParse(url)) return other;
  const { pathname, search } = new URL(url);
  return pathname.startsWith("/o/") ? pathname + search : other;
}

const messageFor = (job: Job): PushMessage => ({
  payload: JSON.stringify(pushNotice(job)),
  ttl: job.notice.tone === "bad" ? urgentTtl : quietTtl,
  urgency: job.notice.tone === "bad" || job.isTest ? "high" : "normal",
  topic: job.notice.thread === undefined ? undefined : createHash("sha256").update(job.notice.thread).digest("base64url").slice(0, 32),
});

type Outcome =
  | { readonly kind: "sent" }
  | { readonly kind: "gone" }
  | { readonly kind: "failed"; readonly problem: string; readonly isForGood: boolean; readonly retryAfter?: Millis };

/** Shows messages in the browsers of a person, each once. */
export class PushDriver implements Driver {
  readonly pace = "quick";
  readonly #notify: NotifyContext;
  readonly #cipher: PushCipher;

  constructor(notify: NotifyContext, cipher: PushCipher) {
    this.#notify = notify;
    this.#cipher = cipher;
  }

  async send(job: Job): Promise<Result> {
    const contactIds = job.targets.flatMap(({ contactId }) => (contactId === undefined ? [] : [contactId]));
    const browsers = await browsersOf(this.#notify, job.organisation.id, contactIds);
    const keys = await pushKeys(this.#notify);
    const message = messageFor(job);
    const done: string[] = [];
    const failures: Extract<Outcome, { kind: "failed" }>[] = [];
    for (const browser of browsers) {
      if (job.progress.includes(browser.contactId)) continue;
      const outcome = await this.#push(job, browser, message, keys);
      if (outcome.kind === "failed") failures.push(outcome);
      if (outcome.kind === "gone") await forgetBrowser(this.#notify, job.organisation.id, browser.contactId);
      if (outcome.kind !== "sent") continue;
      done.push(browser.contactId);
      if ((await job.keep?.([browser.contactId])) === false) break;
    }
    return resultOf(job, done, failures);
  }

  async preview(job: Job): Promise<Preview> {
    return { body: JSON.stringify(pushNotice(job), undefined, 2) };
  }

  async #push(job: Job, { subscription }: Browser, message: PushMessage, keys: PushKeys): Promise<Outcome> {
    const { http, publicUrl = "" } = this.#notify.deps;
    const subject = publicUrl.startsWith("https://") ? publicUrl : "https://hinoban.invalid";
    try {
      const request = this.#cipher.encrypt(subscription, message, keys, subject);
      const answer = await http.send({ method: "POST", ...request, timeout, mostBytes: most.answer });
      return judged(job, answer);
    } catch (error) {
      if (!(error instanceof HinobanError)) throw error;
      return { kind: "failed", problem: messageOf(error), isForGood: error.code === "invalid-input" };
    }
  }
}

/** RFC 8030, 7: 404 and 410 say that the subscription is over. */
function judged(job: Job, answer: OutgoingResponse): Outcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "sent" };
  if (status === 404 || status === 410) return { kind: "gone" };
  const retryAfter = retryAfterOf(answer, job.at);
  const isForGood = status < 500 && status !== 429 && status !== 408;
  const problem = `The push service: HTTP ${status} ${quote(answer.text)}`.trim();
  return { kind: "failed", problem, isForGood, ...(retryAfter === undefined || isForGood ? {} : { retryAfter }) };
}

function resultOf(job: Job, done: readonly string[], failures: readonly Extract<Outcome, { kind: "failed" }>[]): Result {
  const open = failures.filter(({ isForGood }) => !isForGood);
  const [first] = open.length > 0 ? open : failures;
  const hasArrived = done.length > 0 || job.progress.length > 0;
  if (open.length === 0 && hasArrived) return { kind: "sent", ...(first ? { note: first.problem } : {}) };
  if (!first) return failed("No browser takes messages any more.", { isForGood: true, blame: "address", done });
  const { problem, isForGood, retryAfter } = first;
  return failed(problem, { isForGood, blame: isForGood ? "address" : "server", done, ...(retryAfter === undefined ? {} : { retryAfter }) });
}
