import fc from "fast-check";
import { expect, test } from "vitest";
import { CliFailure } from "../text.ts";
import { renderTemplate } from "./render.ts";

const hosts = [
  {
    id: "a1",
    name: "web1",
    status: "working",
    isRetired: false,
    interfaces: [{ name: "eth0", ipAddress: "192.0.2.1" }],
    meta: { "agent-version": "0.85.2" },
    roles: { Shop: ["web", "db"] },
  },
  { id: "b2", name: "db1", status: "standby", isRetired: false, interfaces: [], roles: {}, n: 3.5 },
];

// What Go's text/template writes for the same template and value.
test.each([
  ["{{range .}}{{.Name}} {{end}}", "web1 db1 "],
  [
    '{{range .}}{{if (len .Interfaces)}}{{(index .Interfaces 0).IPAddress}}{{end}}{{"\\t"}}{{.Name}}{{"\\n"}}{{end}}',
    "192.0.2.1\tweb1\n\tdb1\n",
  ],
  ["{{range $i, $host := .}}{{$i}}={{$host.ID}};{{end}}", "0=a1;1=b2;"],
  ['{{range .}}{{if eq .Status "working"}}up{{else if eq .Status "standby"}}wait{{else}}off{{end}} {{end}}', "up wait "],
  ["{{(index . 0).Meta.AgentVersion}}", "0.85.2"],
  ["{{len .}} {{len (index . 0).Name}}", "2 4"],
  ["{{with (index . 0).Roles}}{{range $service, $roles := .}}{{$service}}{{range $roles}}:{{.}}{{end}}{{end}}{{end}}", "Shop:web:db"],
  ["a {{- /* nothing */ -}} b", "ab"],
  ["a\n {{- 1 -}} \nb", "a1b"],
  ['{{printf "%-6s|%6s|%03d|%.1f|%q|%%" "ab" "cd" 7 2.25 "x"}}', 'ab    |    cd|007|2.3|"x"|%'],
  ["{{(index . 0).Roles}} {{(index . 0).IsRetired}} {{(index . 1).N}}", "map[Shop:[web db]] false 3.5"],
  ['{{"quoted" | printf "%s-%s" "a"}}', "a-quoted"],
  ["{{$x := 1}}{{$x}}{{$x = 2}}{{$x}}", "12"],
  ["{{range .Nothing}}x{{else}}empty{{end}}", "empty"],
  ["{{if and true (or false 1) (not nil)}}yes{{end}}", "yes"],
  ["{{lt 1 2}}{{ge 1 2}}{{ne `a` `b`}}{{eq 1 2 1}}", "truefalsetruetrue"],
  ["{{(index . 0).Misspelled}}", ""],
])("%s", (template, expected) => {
  expect(renderTemplate(template, hosts)).toBe(expected);
});

test.each([
  ["{{.Name", "{{ without }}"],
  ["{{range .}}x", "{{range}} without {{end}}"],
  ["{{end}}", "{{end}} without a beginning"],
  ["{{}}{{ }}{{(1}}", "( without )"],
  ["{{join .A}}", "there is no function join"],
  ["{{$y}}", "there is no variable $y"],
  ["{{.A .B}}", "only functions take values"],
  ["{{if .}}{{else}}{{else}}{{end}}", "{{else}} without {{end}}"],
  ["{{1 ~ 2}}", '"~" cannot stand inside {{ }}'],
  ["{{if 1}}".repeat(60), "too many blocks"],
  [`{{${"(".repeat(60)}1${")".repeat(60)}}}`, "too many parentheses"],
])("%s is refused with what is wrong", (template, expected) => {
  expect(() => renderTemplate(template, hosts)).toThrow(expected);
});

test("whatever the template, it is written or refused with a sentence", () => {
  const part = fc.oneof(
    fc.constantFrom(
      "{{",
      "}}",
      "range ",
      "if ",
      "end",
      "else",
      ".",
      ".Name",
      "$x",
      ":=",
      "|",
      "(",
      ")",
      '"',
      "`",
      "index ",
      "printf ",
      "%s",
      "-",
      " ",
      "1",
      "{{- ",
      " -}}",
    ),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      try {
        expect(typeof renderTemplate(parts.join(""), hosts)).toBe("string");
      } catch (error) {
        if (!(error instanceof CliFailure)) throw error;
      }
    }),
    { numRuns: 50_000 },
  );
});
