import { defineMessages } from "#kit/messages";

/** Who is told next of an incident that nobody has. */
export const nextMessages = defineMessages({
  en: {
    toldIn: (p: { time: string; who: string }) => `In ${p.time} ${p.who} will be told`,
    toldNow: (p: { who: string }) => `${p.who}: being told now`,
    nextIn: (p: { time: string }) => `In ${p.time} the next person will be told`,
    nextNow: "The next person is being told now",
    paused: "Nobody is told for the moment",
    held: (p: { time: string }) => `Waits until ${p.time}, the next working time`,
    onDutyOf: (p: { name: string }) => `whoever is on duty in ${p.name}`,
    nextOnDutyOf: (p: { name: string }) => `whoever is next on duty in ${p.name}`,
    team: (p: { name: string }) => `the team ${p.name}`,
    leadOf: (p: { name: string }) => `the lead of ${p.name}`,
    owners: "the owners",
    somebody: "somebody",
    and: ", ",
  },
  ja: {
    toldIn: (p: { time: string; who: string }) => `${p.time} 後に ${p.who} へ連絡します`,
    toldNow: (p: { who: string }) => `${p.who} へ連絡しています`,
    nextIn: (p: { time: string }) => `${p.time} 後に次の人へ連絡します`,
    nextNow: "次の人へ連絡しています",
    paused: "現在、連絡は止まっています",
    held: (p: { time: string }) => `次の業務時間（${p.time}）まで待ちます`,
    onDutyOf: (p: { name: string }) => `${p.name} の当番`,
    nextOnDutyOf: (p: { name: string }) => `${p.name} の次の当番`,
    team: (p: { name: string }) => `チーム ${p.name}`,
    leadOf: (p: { name: string }) => `${p.name} のリーダー`,
    owners: "オーナー",
    somebody: "次の人",
    and: "、",
  },
});
