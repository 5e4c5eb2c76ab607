import { describe, expect, test } from "vitest";
import { readJapanese } from "./japanese.ts";
import { WordList } from "./words.ts";

const none = new WordList([]);
const read = (text: string, words = none): string => readJapanese(text, words).join("|");

describe("what open_jtalk would read wrong in Japanese", () => {
  const cases: readonly (readonly [written: string, read: string])[] = [
    // Addresses
    ["10.0.3.21", "イチゼロ、ドット、ゼロ、ドット、サン、ドット、ニーイチ"],
    ["10.0.3.21。", "イチゼロ、ドット、ゼロ、ドット、サン、ドット、ニーイチ。"],
    ["192.168.10.0/24", "イチキューニー、ドット、イチロクハチ、ドット、イチゼロ、ドット、ゼロ、スラッシュ24"],
    ["10.0.0.1:8080 が停止", "イチゼロ、ドット、ゼロ、ドット、ゼロ、ドット、イチ、ポートハチゼロハチゼロ、が停止"],
    ["fe80::1", "アイピーブイロク アドレス、末尾イチ"],
    ["2001:db8::8a2e", "アイピーブイロク アドレス、末尾ハチエーニーイー"],
    ["00:1a:2b:3c:4d:5e", "マックアドレス、末尾ヨンディーゴーイー"],
    ["web01.example.jp", "web01.example.jp"],
    ["taro.yamada@example.jp", "taroドットyamada、アットマーク、example.jp"],
    ["https://user:pw@www.example.jp:8443/a/health?key=secret#x", "www.example.jp ポート ハチヨンヨンサン health"],
    ["http://example.jp", "example.jp"],
    ["/var/log/nginx/access.log", "access.ログ"],
    ["ディスク / の使用率", "ディスク ルートの使用率"],
    ["550e8400-e29b-41d4-a716-446655440123", "識別子、末尾ゼロイチニーサン"],
    ["commit 3f2a9bc41d07e55", "commit 識別子、末尾ナナイーゴーゴー"],
    // Names
    ["db-02", "db 02"],
    ["k8s-node-3", "クバネティス ノード 3"],
    ["disk error timeout host", "ディスク エラー タイムアウト ホスト"],
    ["Zabbix と Mackerel", "ザビックスと マカレル"],
    ["nginx、MySQL、OOM", "エンジンエックス、マイエスキューエル、メモリー不足"],
    ["load average 5.2", "ロードアベレージ 5.2"],
    ["diskette", "diskette"],
    ["重大度", "じゅうだいど"],
    ["ﾎｽﾄ ｗｅｂ０１", "ホスト web01"],
    // Numbers, units, signs
    ["20ms", "20ミリ秒"],
    ["100GB", "100ギガバイト"],
    ["1.5 GiB", "1.5ギビバイト"],
    ["5MB/s", "毎秒5メガバイト"],
    ["120Mbps", "毎秒120メガビット"],
    ["300 req/s", "毎秒300リクエスト"],
    ["95%", "95パーセント"],
    ["95.33333%", "95.33パーセント"],
    ["0.000123", "0.00012"],
    ["CPU 95.3% > 90%", "CPU 95.3パーセント、90パーセントを超過"],
    ["load >= 5", "load、5以上"],
    ["-3度", "マイナス3度"],
    ["−3℃", "マイナス3度"],
    ["#42", "番号42"],
    ["1,234,567件", "1234567件"],
    ["3〜5分", "3から5分"],
    ["1.26.3", "1テン26テン3"],
    ["HTTP 503", "HTTP ゴーゼロサン"],
    ["TCP 443", "TCP ヨンヨンサン"],
    ["ポート8080", "ポート ハチゼロハチゼロ"],
    ["443/tcp", "TCP ヨンヨンサン"],
    ["暗証番号は1234です", "暗証番号はイチ、ニー、サン、ヨンです"],
    ["PIN: 0042", "暗証番号、ゼロ、ゼロ、ヨン、ニー"],
    ["0120", "ゼロイチニーゼロ"],
    ["090-1234-5678", "090-1234-5678"],
    ["a & b", "a アンド b"],
    ["5servers", "5サーバー"],
    // Dates and times
    ["2026-11-21", "11月21日"],
    ["2026/01/05 03:04", "1月5日 3時4分"],
    ["2026-11-21T23:05:07.123Z", "11月21日 23時5分7秒"],
    ["2026-13-41", "2026-13-41"],
    ["11/21 09:30", "11月21日 9時30分"],
    ["12:05", "12時5分"],
    ["23時05分", "23時5分"],
    ["25:99", "25、99"],
    ["1h30m", "1時間30分"],
    ["2d 3h 5m", "2日と3時間5分"],
    ["残り7日", "残り7日"],
    // What is no text
    ["行1\r\n行2", "行1。|行2"],
    ["tab\there\u0007", "tab here"],
    ["復旧しました🎉", "復旧しました"],
    ['{"status":"down"}', "status、ダウン"],
    ["", ""],
    ["🎉", ""],
    ["。。。", ""],
  ];
  test.each(cases)("%s", (written, expected) => {
    expect(read(written)).toBe(expected);
  });
});

test("a year is said when it is another one", () => {
  expect(readJapanese("2027-01-03", none, 2026)).toEqual(["2027年1月3日"]);
  expect(readJapanese("2026-01-03", none, 2026)).toEqual(["1月3日"]);
});

describe("the dictionary", () => {
  const words = new WordList([
    { written: "七海", spoken: "ななみ" },
    { written: "七海商事", spoken: "しちかいしょうじ" },
    { written: "web01", spoken: "ウェブいちごう" },
    { written: "Host", spoken: "親機" },
    { written: "10.0.0.1", spoken: "ルーター" },
  ]);
  test("wins over what is built in, whatever the case", () => expect(read("HOST", words)).toBe("親機"));
  test("takes the longest word that fits", () => expect(read("七海商事の七海さん", words)).toBe("しちかいしょうじのななみさん"));
  test("leaves longer names alone that begin or end alike", () =>
    expect(read("web010 xweb01 web01", words)).toBe("web010 xweb01 ウェブいちごう"));
  test("knows addresses, but not within longer ones", () =>
    expect(read("10.0.0.1", words) + read("10.0.0.12", words)).toBe("ルーターイチゼロ、ドット、ゼロ、ドット、ゼロ、ドット、イチニー"));
  test("of two words that are written alike the first counts", () =>
    expect(
      read(
        "ＡＢＣ",
        new WordList([
          { written: "abc", spoken: "一" },
          { written: "ＡＢＣ", spoken: "二" },
        ]),
      ),
    ).toBe("一"));
});

test("a long text is cut into sentences that open_jtalk reads to their end", () => {
  const long = readJapanese("あ".repeat(700) + "。" + "𠮷".repeat(600), none);
  expect(long.join("").length).toBe(700 + 1 + 1200);
  for (const sentence of long) expect(Buffer.byteLength(sentence)).toBeLessThanOrEqual(1000);
  const [first = ""] = readJapanese("あいうえお、".repeat(80), none);
  expect(first.endsWith("、")).toBe(true);
});
