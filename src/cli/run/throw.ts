import { seconds, type Millis } from "#base/duration";
import { ApiFailure, listIn, textIn, v0, type Api } from "../api.ts";
import { readAll } from "../ask.ts";
import type { Call } from "../call.ts";
import { exitCodes } from "../text.ts";
import { hostOrService } from "./metrics.ts";

export interface Point {
  readonly name: string;
  readonly value: number;
  /** Unix seconds. */
  readonly time: number;
}

const mostBytes = 64 * 1024 * 1024;
/** The server takes 10,000 points and 1 MB a post. */
const mostInPost = 4000;

/** `name value time` by line, and the lines that look like a point but are none; lines without three words are no concern of ours. */
export function readPoints(text: string): { readonly points: readonly Point[]; readonly wrong: readonly string[] } {
  const points: Point[] = [];
  const wrong: string[] = [];
  for (const line of text.replace(/^\uFEFF/u, "").split("\n")) {
    const [name = "", value = "", time = "", ...more] = line.trim().split(/\s+/u);
    if (time === "" || more.length > 0) continue;
    const point = { name, value: Number(value), time: Number(time) };
    if (Number.isFinite(point.value) && /^\d{1,12}$/u.test(time)) points.push(point);
    else wrong.push(line.trim());
  }
  return { points, wrong };
}

export async function throwMetrics(call: Call): Promise<number> {
  const service = call.text("service");
  if (service !== undefined && call.has("host")) throw hostOrService();
  const points = await pointsIn(call);
  const target: Target =
    service === undefined
      ? { path: "/api/v0/tsdb", host: await call.hostId(call.text("host")) }
      : { path: v0`services/${service}/tsdb`, service };
  const named = target.host === undefined ? points : points.map((point) => ({ ...point, name: withCustom(point.name) }));
  if (named.length === 0) {
    call.warn({ en: "nothing to post", ja: "投稿するものがありません" });
    return exitCodes.done;
  }
  const isWhole = await post(call, await call.api(), target, named);
  const shown = target.host ?? target.service;
  for (const { name, value, time } of named) call.log("thrown", `${shown} '${name}\t${value.toFixed(6)}\t${time}'`);
  return isWhole ? exitCodes.done : exitCodes.failed;
}

/** The points of standard input; lines that are wrong are told. */
async function pointsIn(call: Call): Promise<readonly Point[]> {
  const { points, wrong } = readPoints(await readAll(call.world.stdin, mostBytes));
  for (const line of wrong)
    call.warn({
      en: `not taken, it is not \`name value time\` with a number and whole seconds: ${line}`,
      ja: `\`名前 値 時刻\`（数値と UNIX 秒）ではないため無視: ${line}`,
    });
  return points;
}

const withCustom = (name: string): string => (name.startsWith("custom.") ? name : `custom.${name}`);

interface Target {
  readonly path: string;
  readonly host?: string;
  readonly service?: string;
}

/** Whether the server took every point. */
async function post(call: Call, api: Api, { path, host }: Target, points: readonly Point[]): Promise<boolean> {
  let isWhole = true;
  for (let at = 0; at < points.length; at += mostInPost) {
    const some = points.slice(at, at + mostInPost);
    const body = host === undefined ? some : some.map((point) => ({ hostId: host, ...point }));
    const answer = await withRetries(call, () => api.call("POST", path, body));
    for (const rejected of listIn(answer, "rejected")) {
      isWhole = false;
      call.warn({
        en: `the server did not take a point: ${textIn(rejected, "field")} ${textIn(rejected, "problem")}`,
        ja: `サーバーが受け付けなかった点があります: ${textIn(rejected, "field")} ${textIn(rejected, "problem")}`,
      });
    }
  }
  return isWhole;
}

const firstWait = 15;
const longestWait = 300;

async function withRetries(call: Call, work: () => Promise<unknown>): Promise<unknown> {
  const most = call.integer("retry") ?? 0;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isFinal = !(error instanceof ApiFailure) || (error.answered >= 400 && error.answered < 500 && error.answered !== 429);
      if (isFinal || attempt >= most) throw error;
      const wait: Millis = seconds(Math.min(longestWait, firstWait * 2 ** attempt));
      call.warn({ en: `${error.message} Again in ${wait / 1000} s.`, ja: `${error.message} ${wait / 1000} 秒後に再試行します。` });
      await call.world.clock.sleep("cli.throw", wait);
    }
  }
}
