import { expect, test } from "vitest";
import { consoleAddress } from "./permalinks.ts";

test.each([
  ["hosts/H", "", "/o/main/hosts/H"],
  ["services/Shop", "", "/o/main/services/Shop"],
  ["alerts/A", "", "/o/main/alerts/A"],
  ["alert-groups/G", "", "/o/main/alerts"],
  ["alert-group-settings/G", "", "/o/main/notification-groups"],
  ["hosts/H/-/graphs/loadavg5", "", "/o/main/graph?host=H&graph=loadavg5"],
  ["services/Shop/-/graphs", "name=orders", "/o/main/graph?service=Shop&graph=orders"],
  ["services/Shop/web/-/graph", "name=cpu", "/o/main/graph?service=Shop&role=web&graph=cpu"],
  ["downtimes", "", "/o/main/downtimes"],
  ["anything/else", "", "/o/main"],
  ["hosts/a b?c", "", "/o/main/hosts/a%20b%3Fc"],
])("Mackerel's address %s?%s leads to %s", (path, query, expected) => {
  expect(consoleAddress("main", path, query)).toBe(expected);
});

test("no address leads out of the console", () => {
  for (const org of ["//evil.example", "..", "a/../b", "\\\\evil"]) {
    for (const path of ["//evil.example", "hosts/..", "hosts/%2e%2e", "https://evil.example", ""]) {
      const address = new URL(consoleAddress(org, path), "https://hinoban.example");
      expect(address.origin).toBe("https://hinoban.example");
    }
  }
});
