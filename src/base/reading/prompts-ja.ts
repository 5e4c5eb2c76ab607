/**
 * What is recorded in Japanese and shipped, by name: how it is said. Names of words are the words themselves, as they stand in texts after they were
 * read; `n…` are numbers, `h…` and `m…` the last parts of hours and minutes.
 */

const numbers: Readonly<Record<string, string>> = {
  n0: "ゼロ",
  n1: "イチ",
  n2: "ニー",
  n3: "サン",
  n4: "ヨン",
  n5: "ゴー",
  n6: "ロク",
  n7: "ナナ",
  n8: "ハチ",
  n9: "キュー",
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

const letters = "エー ビー シー ディー イー エフ ジー エイチ アイ ジェー ケー エル エム エヌ オー ピー キュー アール エス ティー ユー ブイ ダブリュー エックス ワイ ゼット".split(" ");

/** What calls say besides names, numbers and what an alert brings. Longer ones win over those that they contain. */
const phrases = [
  "火の番です",
  "火の番",
  "重大な警報です",
  "緊急の警報です",
  "警告です",
  "警報です",
  "重大な",
  "緊急の",
  "対応する方は",
  "対応できない方は",
  "もう一度聞くには",
  "詳しく聞くには",
  "を押してください",
  "押してください",
  "応答がないため",
  "次の担当者に連絡します",
  "担当者として記録しました",
  "対応しています",
  "対応していません",
  "まとめて対応する方は",
  "すでに",
  "ほかに",
  "件あります",
  "暗証番号",
  "確認コード",
  "入力してください",
  "違います",
  "もう一度",
  "テストの電話です",
  "お電話ありがとうございます",
  "インシデントはありません",
  "インシデント",
  "解決しました",
  "復旧しました",
  "記録しました",
  "失礼します",
  "繰り返します",
  "シャープ",
  "アスタリスク",
] as const;

/** Words of alerts. */
const words =
  "警報 警告 重大 緊急 注意 障害 異常 正常 復旧 停止 起動 再起動 応答 接続 切断 拒否 失敗 成功 遅延 超過 不足 期限 期限切れ 証明書 監視 使用率 使用量 容量 温度 湿度 電源 扉 担当者 担当 対応 次 方 番号 番 号 本番 開発 検証 以上 以下 未満 残り 前 後 今 発生 開始 終了 検知 通知 連絡 電話 月 日 年 時間 時 分 秒 件 度 回 名 人 週間 毎秒 ミリ秒 パーセント バイト メガバイト ギガバイト テラバイト キロバイト サーバー ホスト ディスク メモリー エラー タイムアウト ネットワーク データベース サービス ポート ノード クラスター ロードアベレージ サイト ドット マイナス プラス スラッシュ さん です ます でした ました ません ください から まで".split(
    " ",
  );

/** Words that a program reads otherwise when they stand alone. */
const special: Readonly<Record<string, string>> = { 方: "かた", 月: "がつ", 日: "にち", 分: "ふん", 名: "めい", 人: "にん", 後: "ご", 号: "ごう", 年: "ねん", 扉: "とびら" };

/** One clip for each mora: names in kana are put together from them. */
const morae =
  "あ い う え お か き く け こ さ し す せ そ た ち つ て と な に ぬ ね の は ひ ふ へ ほ ま み む め も や ゆ よ ら り る れ ろ わ ん が ぎ ぐ げ ご ざ じ ず ぜ ぞ だ で ど ば び ぶ べ ぼ ぱ ぴ ぷ ぺ ぽ きゃ きゅ きょ しゃ しゅ しょ ちゃ ちゅ ちょ にゃ にゅ にょ ひゃ ひゅ ひょ みゃ みゅ みょ りゃ りゅ りょ ぎゃ ぎゅ ぎょ じゃ じゅ じょ びゃ びゅ びょ ぴゃ ぴゅ ぴょ ふぁ ふぃ ふぇ ふぉ てぃ でぃ うぃ うぇ うぉ しぇ じぇ ちぇ とぅ ゔ".split(
    " ",
  );

/** Name → what the program is given. */
export const japanesePrompts: ReadonlyMap<string, string> = new Map([
  ...Object.entries(numbers),
  ...letters.map((said, at) => [String.fromCharCode(97 + at), said] as const),
  ...phrases.map((phrase) => [phrase, phrase] as const),
  ...words.map((word) => [word, special[word] ?? word] as const),
  ...morae.map((mora) => [mora, mora] as const),
]);
