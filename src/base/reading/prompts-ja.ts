import { sentencePrompts } from "./sentences.ts";

/**
 * What is recorded in Japanese and shipped, by name: how it is said. Names of words are the words themselves, as they stand in texts after they were
 * read; digits and `n…` are numbers, `h…` and `m…` the last parts of hours and minutes, `say:…`
 * the sentences of calls.
 */

const numbers: Readonly<Record<string, string>> = {
  0: "ゼロ",
  1: "イチ",
  2: "ニー",
  3: "サン",
  4: "ヨン",
  5: "ゴー",
  6: "ロク",
  7: "ナナ",
  8: "ハチ",
  9: "キュー",
  n10: "十",
  n20: "二十",
  n30: "三十",
  n40: "四十",
  n50: "五十",
  n60: "六十",
  n70: "七十",
  n80: "八十",
  n90: "九十",
  n100: "百",
  n200: "二百",
  n300: "三百",
  n400: "四百",
  n500: "五百",
  n600: "六百",
  n700: "七百",
  n800: "八百",
  n900: "九百",
  n1000: "千",
  n2000: "二千",
  n3000: "三千",
  n4000: "四千",
  n5000: "五千",
  n6000: "六千",
  n7000: "七千",
  n8000: "八千",
  n9000: "九千",
  n10000: "万",
  h0: "れいじ",
  h1: "1時",
  h2: "2時",
  h3: "3時",
  h4: "4時",
  h5: "5時",
  h6: "6時",
  h7: "7時",
  h8: "8時",
  h9: "9時",
  h10: "10時",
  h20: "20時",
  m0: "れいふん",
  m1: "1分",
  m2: "2分",
  m3: "3分",
  m4: "4分",
  m5: "5分",
  m6: "6分",
  m7: "7分",
  m8: "8分",
  m9: "9分",
  m10: "10分",
  m20: "20分",
  m30: "30分",
  m40: "40分",
  m50: "50分",
  point: "テン",
};

const letters =
  "エー ビー シー ディー イー エフ ジー エイチ アイ ジェー ケー エル エム エヌ オー ピー キュー アール エス ティー ユー ブイ ダブリュー エックス ワイ ゼット".split(
    " ",
  );

/** Words of alerts. */
const words =
  "火の番です 火の番 警報 警告 重大な 緊急の 重大 緊急 障害 異常 復旧しました 復旧 停止 起動 応答 接続 失敗 不足 期限 証明書 監視 使用率 温度 担当者 対応しています 対応 担当 次の 番号 本番 開発 以上 以下 未満 残り 前 後 発生 終了 電話 月 日 年 時間 時 分 秒 件あります 件 度 回 毎秒 ミリ秒 パーセント メガバイト ギガバイト バイト サーバー ホスト ディスク メモリー エラー タイムアウト ネットワーク データベース サービス ノード アラート ロードアベレージ ドット マイナス さん です ます でした ました ません 押してください すでに ほかに から まで".split(
    " ",
  );

/** Words that a program reads otherwise when they stand alone. */
const special: Readonly<Record<string, string>> = { 月: "がつ", 日: "にち", 分: "ふん", 後: "ご", 年: "ねん" };

/** One clip for each mora: names in kana are put together from them. */
const morae =
  "あ い う え お か き く け こ さ し す せ そ た ち つ て と な に ぬ ね の は ひ ふ へ ほ ま み む め も や ゆ よ ら り る れ ろ わ ん が ぎ ぐ げ ご ざ じ ず ぜ ぞ だ で ど ば び ぶ べ ぼ ぱ ぴ ぷ ぺ ぽ きゃ きゅ きょ しゃ しゅ しょ ちゃ ちゅ ちょ にゃ にゅ にょ ひゃ ひゅ ひょ みゃ みゅ みょ りゃ りゅ りょ ぎゃ ぎゅ ぎょ じゃ じゅ じょ びゃ びゅ びょ ぴゃ ぴゅ ぴょ ふぁ ふぃ ふぇ ふぉ てぃ でぃ うぃ うぇ うぉ しぇ じぇ ちぇ とぅ ゔ".split(
    " ",
  );

/** Name → what the program is given. */
export const japanesePrompts: ReadonlyMap<string, string> = new Map([
  ...Object.entries(numbers),
  ...letters.map((said, at) => [String.fromCharCode(97 + at), said] as const),
  ...sentencePrompts("ja"),
  ...words.map((word) => [word, special[word] ?? word] as const),
  // In katakana: は and へ alone would be read as particles.
  ...morae.map((mora) => [mora, mora.replaceAll(/[ぁ-ゔ]/gu, (kana) => String.fromCharCode(kana.charCodeAt(0) + 0x60))] as const),
]);
