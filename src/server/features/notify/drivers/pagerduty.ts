import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import type { Driver, Job, Preview, Result } from "../driver.ts";
import { cut, texts } from "../texts.ts";
import { asked, below, jsonHeaders, jsonOf, refusedBy } from "./asking.ts";
import { imageOf } from "./slack-message.ts";
import { aliasOf, factsOf, standingOf, type BySeverity } from "./standing.ts";

const usualApi = "https://events.pagerduty.com";
/** developer.pagerduty.com/docs/send-alert-event */
const most = { key: 255, summary: 1024, source: 255, facts: { count: 50, length: 1000 }, details: 8000, link: 200 } as const;

const severities: BySeverity = { information: "info", warning: "warning", error: "error", critical: "critical" };
const actions = { open: "trigger", taken: "acknowledge", over: "resolve" } as const;

/** An alert event, or for what cannot be resolved a change event, which opens nothing. */
function eventOf(job: Job): { readonly path: string; readonly event: Readonly<Record<string, unknown>> } {
  const { notice, organisation, at, language } = job;
  const standing = job.isTest ? "open" : standingOf(job);
  const summary = cut(notice.title.trim() === "" ? "Hinoban" : notice.title, most.summary);
  const links = notice.url === undefined ? [] : [{ href: notice.url, text: cut(texts[language].open, most.link) }];
  const custom_details = { ...(notice.summary === "" ? {} : { summary: cut(notice.summary, most.details) }), ...factsOf(job, most.facts) };
  const source = cut(organisation.displayName || organisation.name || "Hinoban", most.source);
  const timestamp = new Date(at).toISOString();
  if (standing === "news") {
    return { path: "/v2/change/enqueue", event: { payload: { summary, source, timestamp, custom_details }, links } };
  }
  const image = imageOf(notice);
  const common = { event_action: actions[standing], dedup_key: cut(aliasOf(job), most.key) };
  if (standing !== "open") return { path: "/v2/enqueue", event: common };
  return {
    path: "/v2/enqueue",
    event: {
      ...common,
      payload: { summary, source, severity: severities[notice.severity], timestamp, custom_details },
      links,
      ...(image === undefined ? {} : { images: [{ src: image, alt: summary.slice(0, most.link) }] }),
      client: "Hinoban",
      ...(notice.url === undefined ? {} : { client_url: notice.url }),
    },
  };
}

/** PagerDuty's Events API v2: an alert for each incident, acknowledged when somebody has it and resolved when it is over. */
export class PagerDutyDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  async send(job: Job): Promise<Result> {
    const { path, event } = eventOf(job);
    const result = await this.#enqueue(job, path, event);
    if (!job.isTest || result.kind !== "sent") return result;
    // Nothing of a test stays open.
    return this.#enqueue(job, "/v2/enqueue", { event_action: "resolve", dedup_key: event["dedup_key"] });
  }

  /** The same alert, as it stands now. */
  edit(job: Job): Promise<Result> {
    return this.send(job);
  }

  async preview(job: Job): Promise<Preview> {
    const { path, event } = eventOf(job);
    return { text: `POST ${path}`, body: JSON.stringify({ routing_key: "…", ...event }, undefined, 2) };
  }

  #enqueue(job: Job, path: string, event: object): Promise<Result> {
    const { settings, secrets } = job.channel ?? { settings: {}, secrets: {} };
    const url = below(settings.serverUrl ?? usualApi, path);
    const body = JSON.stringify({ routing_key: secrets.token ?? "", ...event });
    return asked(this.#http, { method: "POST", url, headers: jsonHeaders, body }, (answer) => judged(job, answer));
  }
}

function judged(job: Job, answer: OutgoingResponse): Result {
  if (answer.status === 202) return { kind: "sent", place: JSON.stringify({ key: aliasOf(job) }) };
  const { message, errors } = jsonOf(answer.text);
  const faults = Array.isArray(errors) ? errors.filter((one) => typeof one === "string").join(" ") : "";
  const said = `${typeof message === "string" ? message : ""} ${faults}`.trim() || answer.text;
  // "Event object is invalid" names what is wrong with it; only the key is the channel's own.
  const isOurs = answer.status === 400 && !/routing.?key/iu.test(said);
  return refusedBy(answer, job.at, said, isOurs ? "message" : "channel");
}
