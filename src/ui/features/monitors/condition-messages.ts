import { defineMessages } from "#kit/messages";

interface Averaged {
  readonly what: string;
  readonly count: string;
}

/** Rules in words, for lists and pages. */
export const conditionMessages = defineMessages({
  en: {
    compare: (p: { what: string; limits: string }) => `${p.what} ${p.limits}`,
    averaged: (p: Averaged) => `${p.what} (average of ${p.count})`,
    attempts: (p: { condition: string; count: string }) => `${p.condition}, ${p.count} times in a row`,
    gone: "No data for longer than allowed",
    missing: (p: { minutes: string }) => `no data for ${p.minutes} min`,
    or: "or",
    answers: (p: { address: string }) => `${p.address} answers`,
    responseTime: (p: { millis: string }) => `response time > ${p.millis} ms`,
    certificate: (p: { days: string }) => `certificate for less than ${p.days} days`,
    unlike: "Unlike what was learnt",
    stays: (p: { address: string; verdict: string }) => `${p.address}: ${p.verdict}`,
  },
  ja: {
    compare: (p: { what: string; limits: string }) => `${p.what} ${p.limits}`,
    averaged: (p: Averaged) => `${p.what}（直近 ${p.count} 点の平均）`,
    attempts: (p: { condition: string; count: string }) => `${p.condition}（${p.count} 回連続）`,
    gone: "許容時間を超えてデータが届かない",
    missing: (p: { minutes: string }) => `${p.minutes} 分間データなし`,
    or: "または",
    answers: (p: { address: string }) => `${p.address} が応答する`,
    responseTime: (p: { millis: string }) => `応答時間 > ${p.millis} ms`,
    certificate: (p: { days: string }) => `証明書の残りが ${p.days} 日未満`,
    unlike: "学習した振る舞いから外れている",
    stays: (p: { address: string; verdict: string }) => `${p.address}: ${p.verdict}`,
  },
});
