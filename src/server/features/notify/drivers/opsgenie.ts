import type { OutgoingHttp, OutgoingResponse } from "#ports/outgoing-http/port";
import type { Driver, Job, Preview, Result } from "../driver.ts";
import { cut, texts } from "../texts.ts";
import { asked, below, jsonHeaders, jsonOf, refusedBy } from "./asking.ts";
import { aliasOf, factsOf, standingOf, type BySeverity } from "./standing.ts";

const usualApi = "https://api.opsgenie.com";
/** docs.opsgenie.com/docs/alert-api */
const most = { message: 130, alias: 512, description: 15_000, source: 100, note: 25_000, facts: { count: 50, length: 1000 } } as const;

const priorities: BySeverity = { information: "P5", warning: "P3", error: "P2", critical: "P1" };

interface Request {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

function requestOf(job: Job): Request | undefined {
  const { notice, organisation, language } = job;
  const standing = job.isTest ? "open" : standingOf(job);
  if (standing === "news") return undefined;
  const source = cut(organisation.displayName || organisation.name || "Hinoban", most.source);
  if (standing !== "open") return endOf(job, standing === "over" ? "close" : "acknowledge");
  const open = notice.url === undefined ? "" : `${texts[language].open}: ${notice.url}`;
  return {
    path: "/v2/alerts",
    body: {
      message: cut(notice.title.trim() === "" ? "Hinoban" : notice.title, most.message),
      alias: aliasOf(job).slice(0, most.alias),
      description: [cut(notice.summary, most.description - open.length - 2), open].filter((text) => text !== "").join("\n\n"),
      priority: priorities[notice.severity],
      source,
      details: factsOf(job, most.facts),
      tags: ["hinoban"],
    },
  };
}

function endOf(job: Job, act: "acknowledge" | "close"): Request {
  const alias = encodeURIComponent(aliasOf(job).slice(0, most.alias));
  return {
    path: `/v2/alerts/${alias}/${act}?identifierType=alias`,
    body: { source: "Hinoban", note: cut(job.notice.summary, most.note) },
  };
}

/** Opsgenie's alert API: an alert for each incident, acknowledged when somebody has it and closed when it is over. */
export class OpsgenieDriver implements Driver {
  readonly pace = "quick";
  readonly #http: OutgoingHttp;

  constructor(http: OutgoingHttp) {
    this.#http = http;
  }

  async send(job: Job): Promise<Result> {
    const request = requestOf(job);
    if (!request) return { kind: "sent", note: "Opsgenie keeps alerts only: this message is none and was not passed on." };
    const result = await this.#call(job, request);
    if (!job.isTest || result.kind !== "sent") return result;
    // Nothing of a test stays open.
    return this.#call(job, endOf(job, "close"));
  }

  /** The same alert, as it stands now. */
  edit(job: Job): Promise<Result> {
    return this.send(job);
  }

  async preview(job: Job): Promise<Preview> {
    const request = requestOf(job);
    return request ? { text: `POST ${request.path}`, body: JSON.stringify(request.body, undefined, 2) } : {};
  }

  #call(job: Job, { path, body }: Request): Promise<Result> {
    const { settings, secrets } = job.channel ?? { settings: {}, secrets: {} };
    const ask = {
      method: "POST",
      url: below(settings.serverUrl ?? usualApi, path),
      headers: { ...jsonHeaders, authorization: `GenieKey ${secrets.token ?? ""}` },
      body: JSON.stringify(body),
    } as const;
    return asked(this.#http, ask, (answer) => judged(job, answer));
  }
}

function judged(job: Job, answer: OutgoingResponse): Result {
  if (answer.status === 202) return { kind: "sent", place: JSON.stringify({ alias: aliasOf(job) }) };
  const { message, errors } = jsonOf(answer.text);
  const faults = typeof errors === "object" && errors !== null ? JSON.stringify(errors) : "";
  const said = `${typeof message === "string" ? message : answer.text} ${faults}`.trim();
  return refusedBy(answer, job.at, said, answer.status === 422 ? "message" : "channel");
}
