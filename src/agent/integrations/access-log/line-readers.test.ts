import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { absent, bytesOf, readDecimal } from "./bytes.ts";
import { combinedReader } from "./combined.ts";
import type { Entry, LineReader } from "./entry.ts";
import { readerOf } from "./format.ts";
import { jsonNames, jsonReader } from "./json-lines.ts";
import { ltsvNames, ltsvReader } from "./ltsv.ts";

const fields = { time: { place: "last", unit: "s" }, ltsv: ltsvNames, json: jsonNames } as const;

function readWith(reader: LineReader, line: string): Entry | undefined {
  const entry: Entry = { status: 0, bytes: absent, time: absent, unit: 1 };
  const bytes = bytesOf(`before\n${line}\nbehind " 200 300`);
  return reader(bytes, 7, 7 + bytesOf(line).length, entry) ? entry : undefined;
}

const seconds = (entry: Entry | undefined): number => (entry === undefined || entry.time < 0 ? -1 : entry.time * entry.unit);

describe("combined lines", () => {
  const plain = combinedReader({ place: "none", unit: "s" });
  const last = combinedReader({ place: "last", unit: "s" });

  test.each([
    ["common", '192.0.2.1 - - [22/Nov/2026:05:11:12 +0900] "GET / HTTP/1.1" 200 1234', 200, 1234],
    ["combined", '192.0.2.1 - taro [22/Nov/2026:05:11:12 +0900] "GET /a HTTP/1.1" 404 0 "-" "curl/7.88"', 404, 0],
    ["with a virtual host", 'shop.example:443 192.0.2.1 - - [22/Nov/2026:05:11:12 +0900] "GET / HTTP/2.0" 301 17 "-" "-"', 301, 17],
    ["without bytes", '::1 - - [22/Nov/2026:05:11:12 +0900] "HEAD / HTTP/1.1" 304 - "-" "-"', 304, absent],
    ["with quotes inside the request", '::1 - - [22/Nov/2026:05:11:12 +0900] "GET /\\"a\\" 500 1 HTTP/1.1" 200 5 "-" "-"', 200, 5],
    ["with an empty request", '::1 - - [22/Nov/2026:05:11:12 +0900] "-" 408 0 "-" "-"', 408, 0],
    ["with a blank in the user's name", '::1 - ta ro [22/Nov/2026:05:11:12 +0900] "GET / HTTP/1.1" 401 0 "-" "-"', 401, 0],
    ["with an other way to write the time", '::1 - - [2026-11-22T05:11:12] "GET / HTTP/1.1" 204 0 "-" "-"', 204, 0],
    ["with an IPv6 address as virtual host", '[::1]:80 ::1 - - [22/Nov/2026:05:11:12 +0900] "GET / HTTP/1.1" 200 9', 200, 9],
  ])("%s", (_name, line, status, bytes) => {
    expect(readWith(plain, line)).toMatchObject({ status, bytes, time: absent });
  });

  test.each([
    "",
    "-",
    "a line of prose",
    '::1 - - [x] "GET /" abc 1',
    '::1 - - [x] "GET /" 000 1',
    '::1 - - [x] "GET /" 2000 1',
    '::1 - - [x] "GET / 200 1',
    '::1 - - [x] "GET /" 20',
  ])("`%s` is none", (line) => {
    expect(readWith(plain, line)).toBeUndefined();
  });

  test("the time is the last field, in quotes or not", () => {
    const line = '::1 - - [22/Nov/2026:05:11:12 +0900] "GET / HTTP/1.1" 200 5 "-" "curl/7"';
    expect(seconds(readWith(last, `${line} 0.125`))).toBeCloseTo(0.125, 9);
    expect(seconds(readWith(last, `${line} "0.125"`))).toBeCloseTo(0.125, 9);
    expect(seconds(readWith(last, `${line} -`))).toBe(-1);
    expect(seconds(readWith(last, line))).toBe(-1);
    expect(seconds(readWith(combinedReader({ place: "last", unit: "us" }), `${line} 250000`))).toBeCloseTo(0.25, 9);
  });

  test("behind a name, the last place counts, since those before hold what clients sent", () => {
    const reader = combinedReader({ place: { behind: "rt" }, unit: "ms" });
    const line = '::1 - - [22/Nov/2026:05:11:12 +0900] "GET /?rt=9 HTTP/1.1" 200 5 "-" "x rt=7 y" rt=12.5 uct="0.001"';
    expect(seconds(readWith(reader, line))).toBeCloseTo(0.0125, 9);
  });
});

describe("LTSV lines", () => {
  const reader = ltsvReader(ltsvNames);

  test("the recommended labels are found in any order", () => {
    const line = "host:192.0.2.1\treq:GET / HTTP/1.1\treqtime_microsec:2500\tstatus:503\tsize:12\treqtime:9.9";
    const entry = readWith(reader, line);
    expect(entry).toMatchObject({ status: 503, bytes: 12 });
    expect(seconds(entry)).toBeCloseTo(0.0025, 9);
  });

  test("a label counts only where a field begins", () => {
    expect(readWith(reader, "req:GET /?status:500 HTTP/1.1\tmystatus:500\tstatus:200")).toMatchObject({ status: 200 });
    expect(readWith(reader, "req:GET / status:200\tsize:1")).toBeUndefined();
    expect(readWith(reader, "status:-\tsize:1")).toBeUndefined();
  });
});

describe("JSON lines", () => {
  const reader = jsonReader(jsonNames);

  test("numbers and numbers in quotes are read from the top level only", () => {
    const line =
      '{"req":{"status":500,"a":["status",1]},"uri":"/\\"status\\":404","request_time":"0.050", "status" : 200 ,"body_bytes_sent":7}';
    const entry = readWith(reader, line);
    expect(entry).toMatchObject({ status: 200, bytes: 7 });
    expect(seconds(entry)).toBeCloseTo(0.05, 9);
  });

  test("a value that is called like a field is no field", () => {
    expect(readWith(reader, '{"kind":"status","level":"info"}')).toBeUndefined();
  });

  test("seconds with an exponent, as Go writes them", () => {
    expect(seconds(readWith(reader, '{"status":200,"duration":1.5e-05}'))).toBeCloseTo(0.000015, 12);
  });

  test.each(["", "{", '{"status":200', "[200]", '"status":200', '{"status":"ok"}', '{"status":null}'])("`%s` is none", (line) => {
    expect(readWith(reader, line)).toBeUndefined();
  });

  test("it agrees with JSON.parse about any object", () => {
    const key = fc.constantFrom("status", "request_time", "a", "size\\", 'b"c');
    const leaf = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }));
    const object = fc.dictionary(key, fc.oneof(leaf, fc.dictionary(key, leaf), fc.array(leaf)));
    fc.assert(
      fc.property(object, (value) => {
        const status: unknown = value["status"];
        const expected = typeof status === "number" && Number.isInteger(status) && status >= 100 && status < 600 ? status : undefined;
        if (typeof status === "string") return; // "200" in quotes is a status, too
        expect(readWith(reader, JSON.stringify(value))?.status).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("numbers", () => {
  const read = (text: string): number => readDecimal(bytesOf(text), 0, bytesOf(text).length);

  test("every finite decimal that is not negative is read as JavaScript reads it", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (value) => {
        const text = value.toFixed(3);
        expect(read(text)).toBe(Number(text));
      }),
    );
  });

  test.each(["", "-", ".", "1.2.3", "-1", "1e", "e1", "0x10", "1,2", "9".repeat(30), "1e999"])("`%s` is none", (text) => {
    expect(read(text)).toBe(absent);
  });
});

test("the format is seen from the line, also when it changes", () => {
  const reader = readerOf("auto", fields);
  const combined = '::1 - - [22/Nov/2026:05:11:12 +0900] "GET / HTTP/1.1" 200 5 "-" "-" 0.1';
  for (const line of [combined, "status:404\treqtime:0.1", '{"status":500,"request_time":0.1}', combined, "status:404\tsize:1"])
    expect(readWith(reader, line)).toBeDefined();
  expect(readWith(reader, "prose")).toBeUndefined();
});

test("no bytes break a reader, and what it reads is a status", () => {
  const pieces = [
    '] "',
    '"',
    "\\",
    " 200 ",
    " 5",
    "\t",
    "status:",
    'status":',
    "{",
    "}",
    "[",
    "1e",
    "rt=",
    "é",
    "\u0000",
    "999",
    "reqtime:",
    ",",
  ].map(bytesOf);
  const readers = [
    combinedReader({ place: "last", unit: "s" }),
    combinedReader({ place: { behind: "rt" }, unit: "s" }),
    ltsvReader(ltsvNames),
    jsonReader(jsonNames),
    readerOf("auto", fields),
  ];
  const entry: Entry = { status: 0, bytes: 0, time: 0, unit: 1 };
  let seed = 20_261_122;
  const random = (below: number): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) % below;
  const chunk = new Uint8Array(256);
  for (let run = 0; run < 200_000; run += 1) {
    let length = 0;
    while (length < 40 + random(100)) {
      const piece = random(3) === 0 ? Uint8Array.of(random(256)) : (pieces[random(pieces.length)] ?? chunk.subarray(0, 1));
      chunk.set(piece, length);
      length += piece.length;
    }
    const from = random(20);
    for (const reader of readers) {
      if (!reader(chunk, from, length, entry)) continue;
      const isFine = entry.status >= 100 && entry.status <= 599 && entry.bytes >= -1 && entry.time >= -1 && Number.isFinite(entry.time);
      if (!isFine) expect({ entry, line: Buffer.from(chunk.subarray(from, length)).toString("latin1") }).toBe("a request");
    }
  }
});
