import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodedHeader, mailTextOf, textOfHtml } from "./mail-text.ts";

const mail = (headers: string, body: Uint8Array | string): Uint8Array =>
  Buffer.concat([Buffer.from(`${headers.trim().replaceAll("\n", "\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)]);

const shiftJis = Buffer.from("8fe18a5194ad90b6", "hex");

describe("what a mail says", () => {
  test("in ISO-2022-JP and Shift_JIS, in body and subject", async () => {
    const said = "障害発生";
    const iso = Buffer.from("\u001B$B>c32H/@8\u001B(B", "latin1");
    const head = (charset: string, encoding: string) =>
      `From: =?UTF-8?B?${Buffer.from("監視").toString("base64")}?= <alert@example.jp>\nMessage-ID: <1@example.jp>\nContent-Type: text/plain; charset=${charset}\nContent-Transfer-Encoding: ${encoding}\nSubject: =?${charset}?B?${(charset === "ISO-2022-JP" ? iso : shiftJis).toString("base64")}?=`;
    for (const raw of [mail(head("ISO-2022-JP", "7bit"), iso), mail(head("Shift_JIS", "base64"), shiftJis.toString("base64"))]) {
      expect(await mailTextOf(raw)).toMatchObject({
        id: "1@example.jp",
        from: "alert@example.jp",
        subject: said,
        text: expect.stringContaining(said),
      });
    }
  });

  test("in a subject without any encoding, and in one that is cut inside a character", () => {
    expect(decodedHeader("\u001B$B>c32\u001B(B web01")).toBe("障害 web01");
    const bytes = Buffer.from("障害通知");
    const words = [bytes.subarray(0, 4), bytes.subarray(4)].map((part) => `=?utf-8?B?${part.toString("base64")}?=`);
    expect(decodedHeader(words.join("\r\n "))).toBe("障害通知");
    expect(decodedHeader("Re: =?utf-8?q?disk=5Ffull_=E2=9C=93?= on =?iso-8859-1?q?caf=E9?=")).toBe("Re: disk_full ✓ on café");
    expect(decodedHeader("=?unknown-8?q?a?= =?")).toBe("a =?");
  });

  test("of HTML alone, without its scripts and tags", async () => {
    const html =
      "<html><head><title>x</title></head><body><script>alert(1)</script><p>disk &lt;full&gt;</p><p>web01&nbsp;&#12354;</p></body></html>";
    expect(textOfHtml(html)).toBe("disk <full>\nweb01 あ");
    const { text } = await mailTextOf(mail("From: a@b.example\nSubject: s\nContent-Type: text/html; charset=utf-8", html));
    expect(text).toContain("disk <full>");
  });

  test("is a text whatever the bytes are, and the same bytes have the same id", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        const first = await mailTextOf(bytes);
        expect(first.id).toBe((await mailTextOf(bytes)).id);
        expect(JSON.stringify(first)).not.toContain(String.raw`\u0000`);
      }),
      { numRuns: 50 },
    );
  });
});
