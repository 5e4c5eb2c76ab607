import fc from "fast-check";
import PostalMime from "postal-mime";
import { describe, expect, test } from "vitest";
import type { Mail } from "#ports/mailer/port";
import { composeMail } from "./compose.ts";
import { encodeIso2022Jp, iso2022JpBody, iso2022JpHeader } from "./iso-2022-jp.ts";

const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 1, 2, 3, 4]);

const mail = (more: Partial<Mail> = {}): Mail => ({
  from: { address: "alert@example.jp", name: "監視, Hinoban" },
  to: ["sato@example.jp"],
  envelopeFrom: "alert@example.jp",
  messageId: "<id1@example.jp>",
  references: ["<thread.1@example.jp>"],
  subject: "[重大] ウェブ01: CPU 使用率が 97% を超えました ①㈱髙﨑",
  text: "CPU の使用率が高い状態です。\nｶﾅ と 〜 と −\n",
  html: "<p>CPU の使用率</p><img src='cid:graph@hinoban'>",
  images: [],
  encoding: "utf-8",
  at: Date.UTC(2026, 0, 5, 1, 2, 3),
  ...more,
});
const headOf = (raw: Buffer): string => raw.toString("latin1").split("\r\n\r\n")[0] ?? "";

describe("a mail in UTF-8", () => {
  test("has text, HTML, an inline picture, its thread, and says that a machine sent it", async () => {
    const raw = await composeMail(mail({ images: [{ id: "graph@hinoban", fileName: "graph.png", png }] }));
    const read = await PostalMime.parse(raw);
    expect(read).toMatchObject({
      subject: mail().subject,
      from: { address: "alert@example.jp", name: "監視, Hinoban" },
      to: [{ address: "sato@example.jp" }],
      messageId: "<id1@example.jp>",
      inReplyTo: "<thread.1@example.jp>",
      references: "<thread.1@example.jp>",
      attachments: [{ contentId: "<graph@hinoban>", disposition: "inline", mimeType: "image/png" }],
    });
    expect(read.text?.trim()).toBe(mail().text.trim());
    expect(read.html).toContain("CPU の使用率");
    expect(headOf(raw)).toMatch(/^Auto-Submitted: auto-generated\r$/mu);
    expect(headOf(raw)).toMatch(/^X-Auto-Response-Suppress: All\r$/mu);
  });

  test.each(["utf-8", "iso-2022-jp"] as const)("lets no text begin a header of its own (%s)", async (encoding) => {
    const evil = "a\r\nBcc: evil@example.com\nX-Evil: 1\u2028Y: 2";
    const raw = await composeMail(
      mail({ encoding, subject: evil, from: { address: "alert@example.jp", name: evil }, text: `${evil}\r\n.\r\nQUIT` }),
    );
    expect(headOf(raw)).not.toMatch(/^(?:Bcc|X-Evil|Y):/imu);
    const read = await PostalMime.parse(raw);
    expect(read.bcc ?? []).toEqual([]);
    expect(read.subject).toContain("Bcc: evil@example.com");
  });

  test.each(["a@b, c@d", "a@b\r\nRCPT TO:<c@d>", "<a@b>", "a", "a@b c", '"a b"@c', "あ い@example.jp"])(
    "is not made for the address %o",
    async (address) => {
      await expect(composeMail(mail({ to: [address] }))).rejects.toMatchObject({ code: "invalid-input" });
      await expect(composeMail(mail({ envelopeFrom: address }))).rejects.toMatchObject({ code: "invalid-input" });
    },
  );

  test("reads no file and asks no address, whatever its texts say", async () => {
    const raw = await composeMail(mail({ html: '<img src="file:///etc/passwd"><img src="http://127.0.0.1/x">' }));
    expect(raw.toString("latin1")).not.toContain("root:");
  });
});

describe("a mail in ISO-2022-JP", () => {
  test("is seven bits and reads the same, half-width kana widened", async () => {
    const raw = await composeMail(mail({ encoding: "iso-2022-jp" }));
    expect(raw.every((byte) => byte < 0x80)).toBe(true);
    expect(headOf(raw)).toContain("Content-Type: text/plain; charset=ISO-2022-JP");
    for (const line of raw.toString("latin1").split("\r\n")) expect(line.length).toBeLessThanOrEqual(998);
    const read = await PostalMime.parse(raw);
    expect(read.subject).toBe(mail().subject);
    expect(read.from).toEqual({ address: "alert@example.jp", name: "監視, Hinoban" });
    expect(read.text?.trim()).toBe("CPU の使用率が高い状態です。\nカナ と ～ と －");
    expect(read.date).toBe("2026-01-05T01:02:03.000Z");
  });

  test("breaks no long address in two", async () => {
    const url = `https://hinoban.example/act/${"a".repeat(500)}`;
    const read = await PostalMime.parse(
      await composeMail(mail({ encoding: "iso-2022-jp", text: `担当する:\n${url}\n${"監視".repeat(700)}` })),
    );
    expect(read.text).toContain(url);
    expect(read.text?.replaceAll("\n", "")).toContain("監視".repeat(700));
  });

  test("attaches the picture", async () => {
    const raw = await composeMail(mail({ encoding: "iso-2022-jp", images: [{ id: "x", fileName: 'gr"a\r\nph.png', png }] }));
    const read = await PostalMime.parse(raw);
    expect(read.attachments).toHaveLength(1);
    const [picture] = read.attachments;
    expect(picture?.filename).toBe("gr_a__ph.png");
    expect(new Uint8Array(picture?.content as ArrayBuffer)).toEqual(png);
  });

  test.each(["障害 😀", "𠮷野家", "café", "a — b"])("becomes UTF-8 when it holds what the encoding cannot keep: %s", async (text) => {
    const read = await PostalMime.parse(await composeMail(mail({ encoding: "iso-2022-jp", subject: text, text })));
    expect([read.subject, read.text?.trim()]).toEqual([text, text]);
  });

  test("keeps every text that it takes", () => {
    const letters = fc.constantFrom(..."あいうアイウ漢字監視障害A1 -[]<>&①㈱髙﨑、。「」％：ｱｲ".split(""), "ｶﾞ", "ﾊﾟ");
    const text = fc.array(letters, { maxLength: 300 }).map((list) => list.join(""));
    const decoder = new TextDecoder("iso-2022-jp");
    const widened = (of: string): string => of.replaceAll(/[\uff61-\uff9f]+/gu, (kana) => kana.normalize("NFKC"));
    fc.assert(
      fc.property(text, (given) => {
        const bytes = encodeIso2022Jp(given);
        expect(bytes && decoder.decode(bytes)).toBe(widened(given));
        const body = iso2022JpBody(given);
        expect(body && decoder.decode(body).replaceAll("\r\n", "")).toBe(widened(given));
        const header = iso2022JpHeader(given) ?? "";
        for (const word of header.split("\r\n ")) expect(word.length).toBeLessThanOrEqual(75);
      }),
    );
  });

  test("either keeps or refuses a text, and never changes it in silence", () => {
    const decoder = new TextDecoder("iso-2022-jp");
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (given) => {
        const clean = given.replaceAll(/[\u0000-\u001f\u007f-\u009f]/gu, "");
        const bytes = encodeIso2022Jp(clean);
        if (!bytes) return;
        const back = decoder.decode(bytes);
        expect(back.length).toBe(clean.replaceAll(/[\uff61-\uff9f]+/gu, (kana) => kana.normalize("NFKC")).length);
      }),
      { numRuns: 1000 },
    );
  });
});
