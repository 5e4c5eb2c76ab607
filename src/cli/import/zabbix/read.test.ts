import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fuzz } from "#test/fuzz";
import { CliFailure } from "../../text.ts";
import { nameFrom, readDecided, roleOfGroup } from "./groups.ts";
import { parserOf, readWith, readZabbixExport, type ZabbixExport } from "./read.ts";

// The shape of exports by 6.0, whose groups are `groups`; everything that has its default value is left out, as Zabbix does.
const xml = `<?xml version="1.0" encoding="UTF-8"?>
<zabbix_export>
    <version>6.0</version>
    <date>2026-11-20T01:02:03Z</date>
    <groups>
        <group><uuid>dc579cd7a1a34222933f24f52a68bcd8</uuid><name>Linux servers</name></group>
        <group><uuid>6f6799aa69e844b4b3918f779f2abf08</uuid><name>Shop/Web</name></group>
    </groups>
    <hosts>
        <host>
            <host>web01</host>
            <name>Web &amp; shop &#x2603;</name>
            <description><![CDATA[first line
second <line> &amp;]]></description>
            <proxy><name>proxy-tokyo</name></proxy>
            <templates>
                <template><name>Linux by Zabbix agent</name></template>
                <template><name>Nginx by HTTP</name></template>
            </templates>
            <groups>
                <group><name>Linux servers</name></group>
                <group><name>Shop/Web</name></group>
            </groups>
            <interfaces>
                <interface><ip>192.0.2.1</ip><interface_ref>if1</interface_ref></interface>
                <interface><type>SNMP</type><useip>NO</useip><ip/><dns>web01.example.jp</dns><port>161</port><details><community>{$C}</community></details><interface_ref>if2</interface_ref></interface>
            </interfaces>
            <items>
                <item><name>a</name><key>k</key><triggers><trigger><name>t</name></trigger></triggers></item>
                <item><name>b</name><key>l</key></item>
            </items>
            <tags><tag><tag>env</tag><value>prod</value></tag><tag><tag>bare</tag></tag></tags>
            <macros><macro><macro>{$PASSWORD}</macro><value>hunter2</value></macro></macros>
            <inventory><os>Debian 12</os><location/></inventory>
            <inventory_mode>AUTOMATIC</inventory_mode>
        </host>
        <host>
            <host>db01</host>
            <name>db01</name>
            <status>DISABLED</status>
            <groups><group><name>Linux servers</name></group></groups>
            <interfaces/>
            <inventory_mode>DISABLED</inventory_mode>
        </host>
    </hosts>
    <triggers><trigger><name>of two hosts</name></trigger></triggers>
</zabbix_export>
`;

const object = {
  zabbix_export: {
    version: "6.0",
    hosts: [
      {
        host: "web01",
        name: "Web & shop ☃",
        description: "first line\nsecond <line> &amp;",
        proxy: { name: "proxy-tokyo" },
        templates: [{ name: "Linux by Zabbix agent" }, { name: "Nginx by HTTP" }],
        groups: [{ name: "Linux servers" }, { name: "Shop/Web" }],
        interfaces: [
          { ip: "192.0.2.1", interface_ref: "if1" },
          { type: "SNMP", useip: "NO", dns: "web01.example.jp", port: "161", interface_ref: "if2" },
        ],
        items: [
          { name: "a", key: "k", triggers: [{ name: "t" }] },
          { name: "b", key: "l" },
        ],
        tags: [{ tag: "env", value: "prod" }, { tag: "bare" }],
        macros: [{ macro: "{$PASSWORD}", value: "hunter2" }],
        inventory: { os: "Debian 12", location: "" },
        inventory_mode: "AUTOMATIC",
      },
      { host: "db01", name: "db01", status: "DISABLED", groups: [{ name: "Linux servers" }], inventory_mode: "DISABLED" },
    ],
    triggers: [{ name: "of two hosts" }],
  },
};

const yaml = `zabbix_export:
  version: '6.0'
  hosts:
    - host: web01
      name: 'Web & shop ☃'
      description: |-
        first line
        second <line> &amp;
      proxy:
        name: proxy-tokyo
      templates:
        - name: 'Linux by Zabbix agent'
        - name: 'Nginx by HTTP'
      groups:
        - name: 'Linux servers'
        - name: Shop/Web
      interfaces:
        - ip: 192.0.2.1
          interface_ref: if1
        - type: SNMP
          useip: 'NO'
          dns: web01.example.jp
          port: '161'
          interface_ref: if2
      items:
        - name: a
          key: k
          triggers:
            - name: t
        - name: b
          key: l
      tags:
        - tag: env
          value: prod
        - tag: bare
      macros:
        - macro: '{$PASSWORD}'
          value: hunter2
      inventory:
        os: 'Debian 12'
        location: ''
      inventory_mode: AUTOMATIC
    - host: db01
      name: db01
      status: DISABLED
      groups:
        - name: 'Linux servers'
      inventory_mode: DISABLED
  triggers:
    - name: 'of two hosts'
`;

const none = { items: 0, triggers: 0, discoveryRules: 0, webScenarios: 0, macros: 0 };
const expected: ZabbixExport = {
  version: "6.0",
  templates: 0,
  triggers: 1,
  mediaTypes: 0,
  hosts: [
    {
      host: "web01",
      visibleName: "Web & shop ☃",
      isEnabled: true,
      description: "first line\nsecond <line> &amp;",
      groups: ["Linux servers", "Shop/Web"],
      templates: ["Linux by Zabbix agent", "Nginx by HTTP"],
      proxy: "proxy-tokyo",
      tags: [
        { tag: "env", value: "prod" },
        { tag: "bare", value: "" },
      ],
      interfaces: [
        { type: "agent", ip: "192.0.2.1", dns: "", port: "" },
        { type: "snmp", ip: "", dns: "web01.example.jp", port: "161" },
      ],
      inventory: { os: "Debian 12" },
      counts: { ...none, items: 2, triggers: 1, macros: 1 },
    },
    {
      host: "db01",
      visibleName: "",
      isEnabled: false,
      description: "",
      groups: ["Linux servers"],
      templates: [],
      proxy: "",
      tags: [],
      interfaces: [],
      inventory: {},
      counts: none,
    },
  ],
};

describe("an export", () => {
  test.each([
    ["XML", xml],
    ["JSON", JSON.stringify(object)],
    ["YAML", yaml],
    ["XML with a byte order mark", `\uFEFF${xml}`],
  ])("says the same in %s", async (_form, text) => {
    expect(await readZabbixExport(text)).toEqual(expected);
  });

  test("of 7.0 has its groups apart, and a single host and group are lists too", async () => {
    const text = `<zabbix_export><version>7.0</version><host_groups><host_group><name>A</name></host_group></host_groups>
      <hosts><host><host>one</host><name>one</name><groups><group><name>A</name></group></groups><proxy_group><name>pg</name></proxy_group></host></hosts></zabbix_export>`;
    expect((await readZabbixExport(text)).hosts).toMatchObject([{ host: "one", groups: ["A"], proxy: "pg", isEnabled: true }]);
  });

  test("of old versions tells states and kinds as numbers", async () => {
    const text = `<zabbix_export><version>4.0</version><hosts><host><host>o</host><name/><status>1</status><interfaces><interface><type>4</type><ip>192.0.2.9</ip></interface></interfaces></host></hosts></zabbix_export>`;
    expect((await readZabbixExport(text)).hosts).toMatchObject([{ host: "o", isEnabled: false, interfaces: [{ type: "jmx" }] }]);
  });
});

describe("is refused:", () => {
  test.each([
    ["nothing", "", "no Zabbix export"],
    ["another XML", "<a><b/></a>", "no `zabbix_export`"],
    ["half an export", xml.slice(0, 900), "not valid XML"],
    ["half a JSON", '{"zabbix_export":', "not valid JSON"],
    [
      "a document type",
      `<?xml version="1.0"?><!-- x --><!DOCTYPE zabbix_export [<!ENTITY a SYSTEM "file:///etc/passwd">]><zabbix_export>&a;</zabbix_export>`,
      "document type",
    ],
    ["YAML with references", "zabbix_export: &a [x]\nb: [*a, *a]\n", "not valid YAML"],
    ["deep XML", "<a>".repeat(5000), "not valid XML"],
    ["deep YAML", `zabbix_export: ${"[".repeat(20_000)}`, "not valid YAML"],
  ])("%s", async (_name, text, why) => {
    await expect(readZabbixExport(text)).rejects.toThrow(why);
  });

  test("an entity that was declared inside is not one", async () => {
    const text = "<zabbix_export><version>6.0</version><hosts><host><host>a&b;&#0;&#xD800;&#65;</host></host></hosts></zabbix_export>";
    expect((await readZabbixExport(text)).hosts[0]?.host).toBe("a&b;&#0;&#xD800;A");
  });

  test("a name of JavaScript's own does no harm", async () => {
    const text = '{"zabbix_export":{"hosts":[{"host":"a","__proto__":{"name":"x"},"inventory":{"__proto__":"y","constructor":"z"}}]}}';
    const [host] = (await readZabbixExport(text)).hosts;
    expect(host?.visibleName).toBe("");
    expect(Object.getPrototypeOf(host?.inventory)).toBe(Object.prototype);
  });
});

const short = {
  xml: "<zabbix_export><version>6.0</version><hosts><host><host>a</host><groups><group><name>G</name></group></groups><interfaces><interface><ip>::1</ip></interface></interfaces><tags><tag><tag>t</tag></tag></tags></host></hosts></zabbix_export>",
  json: '{"zabbix_export":{"hosts":[{"host":"a","groups":[{"name":"G"}],"tags":[{"tag":"t"}],"interfaces":[{"ip":"::1"}],"inventory":{"os":"x"}}]}}',
  yaml: "zabbix_export:\n  hosts:\n    - host: a\n      groups:\n        - name: G\n      tags:\n        - tag: t\n",
};

test.each([
  ["xml", 200_000],
  ["json", 100_000],
  ["yaml", 20_000],
] as const)(
  "any broken %s is read or refused with a sentence",
  async (form, runs) => {
    const parse = await parserOf(form);
    const isRefusal = (error: unknown): boolean => error instanceof CliFailure && !/Maximum call stack|heap/u.test(error.message);
    const { taken, refused } = fuzz([short[form]], (input) => readWith(parse, form, input.toString()), isRefusal, { runs });
    expect(taken).toBeGreaterThan(1000); // a broken file is mostly refused at once; these were read to their end
    expect(taken + refused).toBe(runs);
  },
  120_000,
);

describe("host groups", () => {
  const rule = {
    service: "Zabbix",
    decided: new Map([
      ["Chosen", "Infra:x1"],
      ["Nobody", null],
    ]),
  };

  test.each([
    ["Linux servers", "Zabbix:Linux-servers"],
    ["Shop/Web/Production", "Shop:Web-Production"],
    [" Shop / Web ", "Shop:Web"],
    ["/Web/", "Zabbix:Web"],
    ["Chosen", "Infra:x1"],
    ["Nobody", undefined],
    ["Ｗｅｂ", "Zabbix:Web"],
    ["_under (score)", "Zabbix:under-score"],
  ])("%s becomes %s", (group, role) => {
    expect(roleOfGroup(group, rule)).toBe(role);
  });

  test("in Japanese keep apart and become names that services may have", () => {
    const names = ["データベース", "ウェブ", "東京 Web", "大阪 Web", "a"].map(nameFrom);
    expect(new Set(names).size).toBe(5);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9_-]{1,62}$/u);
    expect(names[2]).toMatch(/^Web-[0-9a-f]{6}$/u);
  });

  test("of any name become a role that the server takes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (group) => {
        expect(roleOfGroup(group, { service: "Zabbix", decided: new Map() })).toMatch(
          /^[A-Za-z0-9][A-Za-z0-9_-]{1,62}:[A-Za-z0-9][A-Za-z0-9_-]{1,62}$/u,
        );
      }),
      { numRuns: 5000 },
    );
  });

  test("are decided by a file that says service:role or null, and nothing else", () => {
    expect([...readDecided('{"A": "Infra: linux", "B": null}')]).toEqual([
      ["A", "Infra:linux"],
      ["B", null],
    ]);
    expect(() => readDecided('{"A": "linux"}')).toThrow('"A" must become service:role or null');
    expect(() => readDecided("[]")).toThrow("must name a JSON file");
    expect(() => readDecided("{")).toThrow("must name a JSON file");
  });
});
