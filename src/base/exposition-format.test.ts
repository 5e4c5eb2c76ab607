import fc from "fast-check";
import { expect, test } from "vitest";
import { HinobanError } from "#base/errors";
import { parseExposition, type ExpositionOptions, type ExpositionSample } from "./exposition-format.ts";

const read = (text: string, options: ExpositionOptions = {}): ExpositionSample[] => [...parseExposition(text, options)];
const plain = (samples: readonly ExpositionSample[]) =>
  samples.map(({ labels, ...rest }) => ({ ...rest, labels: Object.fromEntries(labels) }));

test("a sample has its name, family, type, labels, value and time", () => {
  const text = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400",}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
metric_without_timestamp_and_labels 12.47
something_weird{problem="division by zero"} +Inf -3982045
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320
`;
  expect(plain(read(text))).toEqual([
    {
      name: "http_requests_total",
      family: "http_requests_total",
      type: "counter",
      labels: { method: "post", code: "200" },
      value: 1027,
      timestamp: 1395066363000,
    },
    {
      name: "http_requests_total",
      family: "http_requests_total",
      type: "counter",
      labels: { method: "post", code: "400" },
      value: 3,
      timestamp: 1395066363000,
    },
    {
      name: "msdos_file_access_time_seconds",
      family: "msdos_file_access_time_seconds",
      type: "unknown",
      labels: { path: "C:\\DIR\\FILE.TXT", error: 'Cannot find file:\n"FILE.TXT"' },
      value: 1.458255915e9,
    },
    {
      name: "metric_without_timestamp_and_labels",
      family: "metric_without_timestamp_and_labels",
      type: "unknown",
      labels: {},
      value: 12.47,
    },
    {
      name: "something_weird",
      family: "something_weird",
      type: "unknown",
      labels: { problem: "division by zero" },
      value: Infinity,
      timestamp: -3982045,
    },
    {
      name: "http_request_duration_seconds_bucket",
      family: "http_request_duration_seconds",
      type: "histogram",
      labels: { le: "+Inf" },
      value: 144320,
    },
    {
      name: "http_request_duration_seconds_sum",
      family: "http_request_duration_seconds",
      type: "histogram",
      labels: {},
      value: 53423,
    },
    {
      name: "http_request_duration_seconds_count",
      family: "http_request_duration_seconds",
      type: "histogram",
      labels: {},
      value: 144320,
    },
  ]);
});

test("OpenMetrics counts seconds, carries exemplars and ends in # EOF", () => {
  const text = `# TYPE foo counter
# UNIT foo seconds
foo_total{a="1"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67
foo_created{a="1"} 1520430000.123
bar_total 1 # {} 1
# EOF
`;
  const [first, second, third] = read(text, { openMetrics: true });
  expect(first).toMatchObject({ family: "foo", type: "counter", value: 17, timestamp: 1520879607789 });
  expect(second).toMatchObject({ name: "foo_created", type: "counter" });
  expect(third).toMatchObject({ name: "bar_total", value: 1 });
  expect(() => read("foo 1\n", { openMetrics: true })).toThrow("# EOF");
  expect(() => read("# EOF\nfoo 1\n", { openMetrics: true })).toThrow("line 2");
});

test("names outside the classic alphabet stand in quotes inside the braces", () => {
  const text = `# TYPE "http.server.duration" gauge\n{"http.server.duration","service.name"="shop",a="b"} 1\n{"x"} 2\r\n`;
  expect(plain(read(text))).toEqual([
    {
      name: "http.server.duration",
      family: "http.server.duration",
      type: "gauge",
      labels: { "service.name": "shop", a: "b" },
      value: 1,
    },
    { name: "x", family: "x", type: "unknown", labels: {}, value: 2 },
  ]);
});

test.each([
  ["foo", "line 1: after the name comes a number"],
  ["a 1\nfoo x", "line 2: after the name comes a number"],
  ["foo 1 2 3", "line 1: there is text after the time"],
  ["foo 1 x", "line 1: after the value comes nothing but a time"],
  ['foo{a="b} 1', "line 1: a double quote is not closed"],
  ['foo{a="b\\', "line 1: a double quote is not closed"],
  ["foo{a=b} 1", "line 1: the value of label a stands in double quotes"],
  ['foo{a="b" c="d"} 1', "line 1: labels are parted by commas and end in }"],
  ['foo{a="b",a="c"} 1', "line 1: label a comes twice"],
  ["foo{a} 1", 'line 1: labels are written name="value"'],
  ["{} 1", "line 1: a sample begins with the name of a metric"],
  ["# TYPE foo sundial", "line 1: a TYPE line takes"],
  ["9foo 1", "line 1: a sample begins with"],
  ["foo 0x 1", "line 1: after the name comes a number"],
])("the malformed line in %j is named", (text, problem) => {
  expect(() => read(text)).toThrow(problem);
});

test("more samples, labels or longer texts than allowed are refused", () => {
  expect(() => read("a 1\nb 1\nc 1\n", { limits: { samples: 2 } })).toThrow("line 3: more than 2 samples");
  expect(() => read('a{b="",c=""} 1', { limits: { labelsPerSample: 1 } })).toThrow("more than 1 labels");
  expect(() => read('a{b="12345"} 1', { limits: { textLength: 4 } })).toThrow("more than 4 characters");
  expect(() => read(`${"a".repeat(5000)} 1`)).toThrow("more than 4096 characters");
});

test("what is written is read again", () => {
  const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,20}$/u);
  const text = fc.string({ unit: "binary", maxLength: 30 });
  const value = fc.oneof(fc.double(), fc.constantFrom(Infinity, -Infinity, Number.NaN));
  const escape = (raw: string) => raw.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  const spell = (one: number) => (Number.isFinite(one) ? String(one) : String(one).replace("Infinity", "Inf"));
  fc.assert(
    fc.property(name, fc.dictionary(name, text, { maxKeys: 4 }), value, fc.integer(), (metric, labels, number, at) => {
      const pairs = Object.entries(labels).map(([key, content]) => `${key}="${escape(content)}"`);
      const [sample] = read(`${metric}{${pairs.join(",")}} ${spell(number)} ${at}`);
      expect(sample?.name).toBe(metric);
      expect([...(sample?.labels ?? [])]).toEqual(Object.entries(labels));
      expect(Object.is(sample?.value, number) || sample?.value === number).toBe(true);
      expect(sample?.timestamp).toBe(at);
    }),
    { numRuns: 1000 },
  );
});

test("200,000 damaged expositions give samples or an error that names the line, and nothing else", () => {
  const whole = `# TYPE a counter\na_total{b="c\\n",d="\\""} 1.5e3 1395066363000 # {e="f"} 1\n{"g.h",i="j"} NaN\n# EOF\n`;
  const alphabet = [
    "\n",
    '"',
    "\\",
    "{",
    "}",
    ",",
    "=",
    " ",
    "#",
    "\t",
    "0",
    "e",
    "+Inf",
    "a",
    "\r",
    "\u0000",
    "\ud800",
    "é",
    "# TYPE ",
    "# EOF",
  ];
  let seed = 7;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  let refused = 0;
  for (let run = 0; run < 200_000; run += 1) {
    let text = whole;
    for (let edits = 1 + next(4); edits > 0; edits -= 1) {
      const at = next(text.length + 1);
      text = text.slice(0, at) + (next(2) === 0 ? "" : alphabet[next(alphabet.length)]) + text.slice(at + next(6));
    }
    try {
      for (const sample of parseExposition(text, { openMetrics: run % 2 === 0 }))
        if (sample.name === "") throw new Error("a name is empty");
    } catch (error) {
      if (!(error instanceof HinobanError)) throw error;
      refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(50_000);
  expect(refused).toBeLessThan(200_000);
});
