import { describe, expect, test } from "vitest";
import { readEnglish } from "./english.ts";
import { WordList } from "./words.ts";

const none = new WordList([]);
const read = (text: string, words = none): string => readEnglish(text, words).join("|");

describe("what espeak-ng would read wrong in English", () => {
  const cases: readonly (readonly [written: string, read: string])[] = [
    ["10.0.3.21", "10 dot 0 dot 3 dot 21"],
    ["10.0.0.1:8080", "10 dot 0 dot 0 dot 1 port 8 0 8 0"],
    ["fe80::1", "I P version 6 address ending 1"],
    ["00:1a:2b:3c:4d:5e", "MAC address ending 4 D 5 E"],
    ["web01.example.jp is down.", "web01 dot example dot jp is down."],
    ["Example Inc., web01 (10.0.0.1): down", "Example Inc, web01, 10 dot 0 dot 0 dot 1, down"],
    ["ops@example.jp", "ops at example dot jp"],
    ["https://u:p@a.example/b/c?x=1", "a dot example c"],
    ["/var/lib/mysql is full", "my S Q L is full"],
    ["disk / is full", "disk root is full"],
    ["db-02", "D B 02"],
    ["k8s-node-3", "koober-netties-node 3"],
    ["20ms", "20 milliseconds"],
    ["1s", "1 second"],
    ["5 MB/s", "5 megabytes per second"],
    ["CPU 95.3333% > 90%", "CPU 95.33 percent more than 90 percent"],
    ["-3°C", "minus 3 degrees Celsius"],
    ["1,234,567 requests", "1234567 requests"],
    ["#42", "number 42"],
    ["HTTP 503.", "HTTP 5 0 3."],
    ["PIN 1234", "PIN 1, 2, 3, 4"],
    ["2026-11-21T23:05Z", "November 21, 23 oh 5"],
    ["12:00", "12 o'clock"],
    ["1h30m", "1 hour 30 minutes"],
    ["1.26.3", "1 point 26 point 3"],
    ["one\ntwo", "one.|two"],
    ["It works. Really? Yes!", "It works.|Really?|Yes!"],
    ["", ""],
    ["...", ""],
  ];
  test.each(cases)("%s", (written, expected) => {
    expect(read(written)).toBe(expected);
  });
});

test("the dictionary wins", () => {
  expect(read("nginx on tokyo1", new WordList([{ written: "Nginx", spoken: "the web server" }]))).toBe("the web server on tokyo1");
});
