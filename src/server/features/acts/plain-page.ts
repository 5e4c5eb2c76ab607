import { createHash } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { HinobanError } from "#base/errors";
import { escapeXml } from "#base/chart/text";
import { asHinobanError } from "#http";
import type { Act } from "#wire/acts";
import type { Language } from "#wire/shapes";
import { confirmAct, readAct } from "./act-page.ts";
import type { Acts } from "./acts.ts";
import { timeText } from "./chat-texts.ts";
import { plainTexts } from "./plain-texts.ts";

const style =
  "html{color-scheme:light dark;font:1.125rem/1.6 system-ui,sans-serif}body{max-width:34rem;margin:0 auto;padding:1rem}" +
  "h1{font-size:1.3rem;overflow-wrap:anywhere}button{width:100%;padding:1rem;font:inherit;font-weight:700}p{overflow-wrap:anywhere}";
const styleHash = createHash("sha256").update(style, "utf8").digest("base64");
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

/** The page behind a link for browsers without JavaScript: the same words and one button, a form. Opening it changes nothing. */
export async function registerPlainPage(app: FastifyInstance, acts: Acts): Promise<void> {
  await app.register(async (scoped) => {
    scoped.removeAllContentTypeParsers();
    scoped.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: 1024 }, (_request, _body, done) => done(null, undefined));
    const options = { schema: { hide: true } };
    type WithToken = { Params: { token: string } };
    scoped.get<WithToken>("/act/:token/plain", options, (request, reply) =>
      send(acts, request, reply, async () => ({ isDone: false, act: await readAct(acts, request.params.token, request.ip) })),
    );
    scoped.post<WithToken>("/act/:token/plain", options, (request, reply) =>
      send(acts, request, reply, () => confirmAct(acts, request.params.token, request.ip)),
    );
  });
}

interface Shown {
  readonly isDone: boolean;
  readonly act: Act;
}

async function send(acts: Acts, request: FastifyRequest, reply: FastifyReply, read: () => Promise<Shown>): Promise<unknown> {
  void reply.header("content-security-policy", policy).header("x-robots-tag", "noindex").type("text/html; charset=utf-8");
  try {
    const { isDone, act } = await read();
    return await reply.send(page(act.person.language, aboutText(acts, act, isDone)));
  } catch (thrown) {
    const error = asHinobanError(thrown);
    if (error.status >= 500) request.log.error({ err: error.cause ?? error }, "a link of a notification could not be shown");
    const { retryAfter } = error.facts;
    if (typeof retryAfter === "number") void reply.header("retry-after", String(retryAfter));
    const language: Language = /^ja\b/iu.test(request.headers["accept-language"] ?? "") ? "ja" : "en";
    return reply.code(error.status).send(page(language, paragraph(problemText(error, language))));
  }
}

const paragraph = (text: string): string => `<p>${escapeXml(text)}</p>`;

function problemText({ code }: HinobanError, language: Language): string {
  const texts = plainTexts[language];
  if (code === "gone") return texts.expired;
  if (code === "forbidden") return texts.refused;
  if (code === "too-many-requests") return texts.tooMany;
  return code === "not-found" ? texts.invalid : texts.failed;
}

function aboutText(acts: Acts, act: Act, isDone: boolean): string {
  const { incident, person, action, standing, organisation } = act;
  const texts = plainTexts[person.language];
  const time = (at: number): string => timeText(at, acts.clock.now(), person.timeZone);
  const alerts = incident.alerts.map(({ host, name, message }) => [host, name, message].filter((part) => part !== undefined).join(" · "));
  const holder = incident.responderName === undefined ? texts.nobody : texts.has(incident.responderName, time(incident.takenAt ?? 0));
  const lines = [
    `<h1>${escapeXml(`#${incident.number} ${incident.title}`)}</h1>`,
    paragraph(texts.forPerson(person.name, organisation.displayName)),
    paragraph(texts.since(time(incident.openedAt))),
    ...alerts.map(paragraph),
    paragraph(incident.state === "resolved" ? texts.over : holder),
  ];
  const ask = `<form method="post"><button type="submit">${escapeXml(texts.verb[action])}</button></form>`;
  if (isDone && action === "cannot") lines.push(paragraph(texts.declined));
  else if (standing === "ready") lines.push(paragraph(texts.ask[action]), ask);
  else if (standing === "used") lines.push(paragraph(texts.used));
  return lines.join("");
}

const page = (language: Language, body: string): string =>
  `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
  `<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer"><title>Hinoban</title><style>${style}</style></head>` +
  `<body><main>${body}</main></body></html>\n`;
