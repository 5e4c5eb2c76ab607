import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostSummary } from "#wire/inventory";
import { verbs } from "#wire/verbs";
import { makeFormat } from "#kit/format";
import { parseSearch, stringifySearch } from "#kit/search";
import { roleMay } from "#kit/session";
import { reportPassword } from "./identity/password.ts";
import { setupBody, suggestName } from "./identity/setup-model.ts";
import { browserName } from "./identity/user-agent.ts";
import { hostFacts } from "./inventory/host-meta.ts";
import { hostName } from "./inventory/host-name.ts";
import { hostsQuery, isFiltered, parseHostsSearch } from "./inventory/hosts-search.ts";
import { installLine } from "./inventory/install-line.ts";
import { detailNames } from "./ledger/detail-messages.ts";
import { detailLine, previousHash, sha256, verbNouns, verbText } from "./ledger/entry-text.ts";
import { nounNames } from "./ledger/noun-messages.ts";

describe("set-up", () => {
  test("suggests a name for addresses that the contract accepts, or none", () => {
    expect([suggestName("Example Ltd."), suggestName("Café Zürich"), suggestName("株式会社サンプル")]).toEqual([
      "example-ltd",
      "cafe-zurich",
      "",
    ]);
    fc.assert(
      fc.property(fc.string({ maxLength: 100 }), (text) => {
        expect(suggestName(text)).toMatch(/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)?$/u);
      }),
    );
  });
  test("sends names without blanks around them", () => {
    const values = { displayName: " A ", organisation: "aa", name: " N ", email: " n@a.jp ", password: " keep ", timeZone: "UTC" };
    expect(setupBody(values, "t", "ja")).toMatchObject({
      organisation: { displayName: "A" },
      person: { name: "N", email: "n@a.jp", password: " keep " },
    });
  });
  test("tells of a password which rule it breaks", () => {
    expect(reportPassword("short1", "a@b.jp")).toMatchObject({ isLongEnough: false, isAllowed: false });
    expect(reportPassword("onlylettershere", "a@b.jp")).toMatchObject({ hasLettersAndDigits: false, isAllowed: false });
    expect(reportPassword("x-taro@example.jp-1", "Taro@Example.jp")).toMatchObject({ isNotEmail: false, isAllowed: false });
    expect(reportPassword("ひのばんのみはりばん7", "a@b.jp").isLongEnough).toBe(false);
    expect(reportPassword("correct-horse-battery-1", "a@b.jp")).toMatchObject({ isAllowed: true, strength: "strong" });
    expect(reportPassword("aaaaaaaaaaa1", "a@b.jp")).toMatchObject({ isAllowed: true, strength: "weak" });
  });
  test("names browsers by what matters", () => {
    expect(browserName("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toBe("Firefox · Linux");
    expect(browserName("Mozilla/5.0 (Macintosh; Intel Mac OS X) AppleWebKit/605 (KHTML) Chrome/140 Safari/605 Edg/140")).toBe(
      "Edge · macOS",
    );
    expect(browserName("")).toBeUndefined();
  });
});

const host: HostSummary = {
  id: "h",
  name: "web-1",
  status: "working",
  isRetired: false,
  connectivity: "reporting",
  createdAt: 0,
  memo: "",
  roles: [],
  latest: { loadavg5: null, cpuPercent: null, memoryPercent: null },
};

describe("hosts", () => {
  test("keep their filters in the address", () => {
    const search = parseHostsSearch({
      status: "working,bogus,standby",
      service: "Shop",
      role: "web",
      text: "a",
      page: "3",
      sort: "lastSeen",
      order: "desc",
    });
    expect(search).toMatchObject({ status: ["working", "standby"], service: "Shop", role: "web", text: "a", page: 3 });
    expect(parseHostsSearch(parseSearch(stringifySearch({ ...search })))).toEqual(search);
    expect(hostsQuery(search)).toEqual({
      status: ["working", "standby"],
      service: "Shop",
      role: "web",
      text: "a",
      sort: "lastSeen",
      order: "desc",
      limit: 50,
      offset: 100,
    });
  });
  test("drop a role without its service and a first page", () => {
    expect(parseHostsSearch({ role: "web", page: "1" })).toMatchObject({ role: undefined, page: undefined });
    expect([isFiltered(parseHostsSearch({})), isFiltered(parseHostsSearch({ retired: "only" }))]).toEqual([false, true]);
    expect(hostsQuery(parseHostsSearch({ connectivity: "silent" }))).toMatchObject({ connectivity: "silent" });
  });
  test("are shown by their display name when they have one", () => {
    expect([hostName(host), hostName({ ...host, displayName: "" }), hostName({ ...host, displayName: "Web" })]).toEqual([
      "web-1",
      "web-1",
      "Web",
    ]);
  });
  test("tell of their machine what can be understood, whatever an agent sent", () => {
    expect(
      hostFacts({
        "agent-name": "a/1",
        cpu: [{ model_name: "X" }, { model_name: "X" }, 7],
        memory: { total: "2048kB" },
        kernel: { platform_name: "Debian", platform_version: "12", name: "Linux", release: "6.1", machine: "x86_64" },
        filesystem: { "/dev/vda": { kb_size: 2, kb_used: "1", mount: "/" } },
      }),
    ).toEqual({
      os: "Debian 12",
      kernel: "Linux 6.1 x86_64",
      processors: [{ model: "X", count: 2 }],
      memoryBytes: 2_097_152,
      agent: "a/1",
      cloud: undefined,
      fileSystems: [{ device: "/dev/vda", mount: "/", sizeBytes: 2048, usedBytes: 1024 }],
    });
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom("cpu", "memory", "kernel", "filesystem", "cloud"), fc.jsonValue()),
        (meta) => void hostFacts(meta),
      ),
    );
  });
  test("are installed by a line that keeps the key out of the address", () => {
    expect(installLine("http://h:8600", "k")).toBe("curl -fsSL -H 'X-Api-Key: k' http://h:8600/install.sh | sudo sh");
  });
});

describe("the history", () => {
  const words = { names: detailNames.en, time: makeFormat("en", "UTC").dateTime };
  test("says each verb in both languages, and one that it does not know as it is written", () => {
    expect([verbText("host.retired", "en"), verbText("host.retired", "ja"), verbText("door.opened", "en")]).toEqual([
      verbs["host.retired"].en,
      verbs["host.retired"].ja,
      "door.opened",
    ]);
  });
  test("has a name for every noun of a verb", () => {
    expect(verbNouns.filter((noun) => !Object.hasOwn(nounNames.en, noun))).toEqual([]);
  });
  test("has a name for every field of a verb's detail", () => {
    const fields = new Set(Object.values(verbs).flatMap((verb): readonly string[] => verb.detail));
    expect([...fields].filter((field) => !Object.hasOwn(detailNames.en, field))).toEqual([]);
  });
  test("writes a change as from → to and times as times", () => {
    expect(detailLine({ from: "working", to: "standby", fields: ["memo", "name"] }, words)).toBe("working → standby · Fields: memo, name");
    expect(detailLine({ expiresAt: 0, name: "k" }, words)).toBe("Expires: Jan 1, 1970, 00:00 · Name: k");
    expect(detailLine({}, words)).toBe("");
  });
  test("computes the hash of an entry's bytes as the server does", async () => {
    expect(await sha256("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect([previousHash('{"dprev":"aa"}'), previousHash("{"), previousHash('{"dprev":1}')]).toEqual(["aa", undefined, undefined]);
  });
});

test("a role is offered what it may do and nothing above", () => {
  expect([
    roleMay("viewer", "inventory.view"),
    roleMay("viewer", "host.change"),
    roleMay("manager", "key.change"),
    roleMay("owner", "backup.make"),
  ]).toEqual([true, false, true, true]);
});
