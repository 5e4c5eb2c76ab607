import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  fold,
  joinIntervals,
  mainAddress,
  parseRoleName,
  parseRoleNames,
  roleText,
  searchText,
  searchWords,
  sortKey,
  stableMeta,
  type Interval,
} from "./model.ts";

describe("role names", () => {
  test("are read with and without the space that Mackerel writes", () => {
    expect(parseRoleName("My-Service:app")).toEqual({ service: "My-Service", role: "app" });
    expect(parseRoleName("My-Service: app")).toEqual({ service: "My-Service", role: "app" });
    for (const wrong of [
      "",
      "a:b",
      "service",
      "service:",
      ":role",
      "se rvice:role",
      "service:role:more",
      "-service:role",
      `service:${"x".repeat(64)}`,
      "サービス:web",
    ]) {
      expect(parseRoleName(wrong), wrong).toBeUndefined();
    }
  });

  test("are each taken once, and the wrong ones are named by their place", () => {
    expect(parseRoleNames(["shop:web", "shop: web", "shop:db"], "roles").map(roleText)).toEqual(["shop:web", "shop:db"]);
    expect(() => parseRoleNames(["shop:web", "nope"], "roles")).toThrow(/roles\.1.*nope/);
  });

  test("survive being written and read", () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{1,20}$/);
    fc.assert(
      fc.property(name, name, (service, role) => {
        expect(parseRoleName(roleText({ service, role }))).toEqual({ service, role });
      }),
    );
  });
});

describe("lists", () => {
  test("sort numbers as numbers, whatever the case and the width", () => {
    const names = ["web10", "Web2", "web1", "ｗｅｂ３", "db", "web02b"];
    expect(names.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))).toEqual(["db", "web1", "Web2", "web02b", "ｗｅｂ３", "web10"]);
  });

  test("are searched in every word, in addresses and in what people wrote", () => {
    const text = searchText({
      id: "9rxGOHfVF8F",
      name: "web-01.example.jp",
      displayName: "受付サーバー",
      customIdentifier: "i-ABC",
      memo: "Rack 12",
      interfaces: [{ name: "eth0", macAddress: "02:00:00:AA:00:01", ipv4Addresses: ["192.0.2.7"], ipv6Addresses: ["FD00::7"] }],
    });
    for (const query of ["WEB-01", "受付", "ｉ－abc", "rack 12", "192.0.2", "fd00::7", "aa:00", "9rxgohfvf8f"]) {
      expect(
        searchWords(query).every((word) => text.includes(word)),
        query,
      ).toBe(true);
    }
    expect(searchWords("web 13").every((word) => text.includes(word))).toBe(false);
  });

  test("folding twice is folding once", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(fold(fold(text))).toBe(fold(text));
      }),
      { examples: [["ＡＢＣ"], ["ｶﾞ"]] },
    );
  });

  test("show the first address that leads to the host", () => {
    const eth = (ipv4Addresses: string[], ipv6Addresses: string[] = []) => ({ name: "x", ipv4Addresses, ipv6Addresses });
    expect(mainAddress([eth(["127.0.0.1"]), eth(["192.0.2.1"])])).toBe("192.0.2.1");
    expect(mainAddress([eth(["127.0.0.1"])])).toBe("127.0.0.1");
    expect(mainAddress([eth([], ["fd00::1"])])).toBe("fd00::1");
    expect(mainAddress([])).toBeUndefined();
  });
});

describe("joined intervals", () => {
  const interval = fc
    .tuple(fc.nat(50), fc.option(fc.nat(50)))
    .map(([from, length]): Interval => ({ from, to: length === null ? null : from + length }));
  const holds = (intervals: readonly Interval[], at: number): boolean =>
    intervals.some(({ from, to }) => from <= at && (to === null || at < to));

  test("hold exactly the moments that the given ones hold", () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 8 }), (given) => {
        const joined = joinIntervals(given);
        for (let at = 0; at <= 110; at++) expect(holds(joined, at), String(at)).toBe(holds(given, at));
      }),
    );
  });

  test("are in order, apart from each other and never empty", () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 8 }), (given) => {
        const joined = joinIntervals(given);
        for (const [i, { from, to }] of joined.entries()) {
          if (to !== null) expect(to).toBeGreaterThan(from);
          const next = joined[i + 1];
          if (next) expect(to ?? Infinity).toBeLessThan(next.from);
        }
      }),
    );
  });

  test("joined again are the same", () => {
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 8 }), (given) => {
        expect(joinIntervals(joinIntervals(given))).toEqual(joinIntervals(given));
      }),
    );
  });
});

test("free memory is no change of a host, a new kernel or agent is", () => {
  const meta = (free: string, release: string) => JSON.stringify({ "agent-version": "0.85.2", memory: { free }, kernel: { release } });
  expect(stableMeta(meta("1kB", "6.1"))).toBe(stableMeta(meta("2kB", "6.1")));
  expect(stableMeta(meta("1kB", "6.1"))).not.toBe(stableMeta(meta("1kB", "6.2")));
});
