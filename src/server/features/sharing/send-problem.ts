import type { FastifyReply } from "fastify";
import { messageSvg } from "#base/chart/svg";
import type { HinobanError } from "#base/errors";
import { usualSize, type PictureScheme } from "#wire/sharing";
import type { Language } from "#wire/shapes";
import type { Format } from "./model.ts";
import { policyOf, problemPage } from "./page.ts";
import type { Sharing } from "./sharing.ts";

type Words = Readonly<Record<Language, string>>;

const words: ReadonlyMap<number, Words> = new Map([
  [401, { en: "Sign in to see this graph.", ja: "グラフを表示するにはログインしてください。" }],
  [403, { en: "You may not see this graph.", ja: "このグラフを表示する権限がありません。" }],
  [404, { en: "This graph is not shared, or not any more.", ja: "このグラフは共有されていないか、共有が終了しました。" }],
  [429, { en: "Too many requests. Try again in a minute.", ja: "アクセスが集中しています。1 分後に再度お試しください。" }],
  [503, { en: "Too many graphs at once. Try again soon.", ja: "混み合っています。しばらくしてから再度お試しください。" }],
]);

const ownMissing: Words = { en: "There is no such graph.", ja: "グラフが見つかりません。" };
const broken: Words = { en: "The graph could not be drawn.", ja: "グラフを描画できませんでした。" };

/** Says in both languages why there is no graph, in the form that was asked for: a page, or a picture that says it. */
export async function sendProblem(
  sharing: Sharing,
  reply: FastifyReply,
  error: HinobanError,
  format: Format,
  scheme: PictureScheme,
): Promise<unknown> {
  const isMember = reply.request.url.startsWith("/embed/orgs/");
  const texts = (error.status === 404 && isMember ? ownMissing : words.get(error.status)) ?? broken;
  const { retryAfter } = error.facts;
  if (typeof retryAfter === "number") void reply.header("retry-after", String(retryAfter));
  void reply.code(error.status).header("cache-control", "no-store").header("x-robots-tag", "noindex");
  void reply.header("cross-origin-resource-policy", "cross-origin");
  if (format === "html") {
    // What may come right by itself is tried again by itself.
    const refresh = error.status >= 429 ? { refresh: 60 } : {};
    const page = problemPage(texts, { scheme, ...refresh }, error.status === 401 ? "/" : undefined);
    return reply.header("content-security-policy", policyOf(scheme)).type("text/html; charset=utf-8").send(page);
  }
  const draw = async (): Promise<string> => messageSvg([texts.en, texts.ja], usualSize, scheme);
  const key = `problem ${texts.en} ${scheme}`;
  if (format === "svg") return reply.type("image/svg+xml; charset=utf-8").send(await draw());
  try {
    const { body } = await sharing.pictures.png(key, draw);
    return await reply.type("image/png").send(body);
  } catch {
    return reply.type("text/plain; charset=utf-8").send(`${texts.en}\n${texts.ja}\n`);
  }
}
