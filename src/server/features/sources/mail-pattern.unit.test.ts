import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MailRule } from "#wire/sources";
import { fillTemplate, findPattern } from "./mail-pattern.ts";
import { readMail } from "./readers/mail.ts";

describe("a pattern of a mail", () => {
  test.each([
    ["PROBLEM: * on *", "Re: Problem: Disk full on Web01", ["Disk full", "Web01"]],
    ["* is down", "host\nweb01 is DOWN now", ["web01"]],
    ["plain", "this is PLAIN text", []],
    ["x*y", "only x here\nbut why y", undefined],
    ["障害 * 発生", "[監視] 障害 web01 発生", ["web01"]],
  ])("%s in %o", (pattern, text, stars) => expect(findPattern(pattern, text)).toEqual(stars));

  test("is found wherever it was written around its stars", () => {
    const word = fc.stringMatching(/^[a-z0-9 ]{1,8}$/u);
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.string(), fc.string(), (words, before, after) => {
        const pattern = words.map((one) => one.trim() || "x").join("*");
        const line = (text: string) => text.replaceAll(/[\r\n]/gu, "");
        expect(findPattern(pattern, `${line(before)}${pattern.replaceAll("*", "--")}${line(after)}`)).toBeDefined();
      }),
    );
  });

  test("takes no longer for a hostile text", () => {
    const text = "a".repeat(200_000);
    expect(findPattern(`${"a*".repeat(140)}b`, text)).toBeUndefined();
  });

  test("fills in what it found, and nothing for what it did not", () => {
    expect(
      fillTemplate(
        "{1} on {2}: {3}{subject}",
        new Map([
          ["1", "disk"],
          ["2", "web01"],
          ["subject", "s"],
        ]),
      ),
    ).toBe("disk on web01: s");
  });
});

describe("a mail", () => {
  const mail = {
    id: "1@x",
    from: "nagios@example.jp",
    subject: "PROBLEM: disk full on web01",
    text: "\nDisk /var is 99 % full\nmore",
    autoSubmitted: "",
  };
  const rule: MailRule = {
    action: "alert",
    subject: "*: * on *",
    from: "nagios@*",
    name: "{2} ({3})",
    key: "{3}/{2}",
    host: "{3}",
    severity: "critical",
    closes: "RECOVERY:",
  };
  const settings = { defaultSeverity: "warning", mapping: undefined } as const;
  const read = (more: Partial<typeof mail>, rules: MailRule[] = [rule], unmatched: "alert" | "ignore" = "alert") =>
    readMail({ ...mail, ...more }, { rules, unmatched }, settings);

  test("opens and closes the alert that its rule makes of it", () => {
    expect(read({})).toMatchObject({
      items: [
        {
          key: "web01/disk full",
          isOpen: true,
          severity: "critical",
          name: "disk full (web01)",
          hostNames: ["web01"],
          message: expect.stringContaining("99 %"),
        },
      ],
    });
    expect(read({ id: "2@x", subject: "RECOVERY: disk full on web01" })).toMatchObject({
      items: [{ key: "web01/disk full", isOpen: false }],
    });
  });

  test("that no rule is about is an alert of its own, unless told otherwise", () => {
    expect(read({ from: "other@example.jp" })).toMatchObject({
      items: [{ key: "mail:1@x", isOpen: true, severity: "warning", name: mail.subject }],
    });
    expect(read({ from: "other@example.jp" }, [rule], "ignore")).toMatchObject({ kind: "ignored" });
    expect(read({}, [{ action: "ignore", body: "99" }, rule])).toMatchObject({ kind: "ignored", why: "rule 1 ignores it" });
  });

  test("that answers for somebody absent is left alone", () => {
    expect(read({ autoSubmitted: "auto-replied (vacation)" })).toMatchObject({ kind: "ignored" });
  });
});
