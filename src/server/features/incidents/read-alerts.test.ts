import { expect, test } from "vitest";
import { withIncidents } from "#test/incidents-rig";
import { pageOfAlerts, type AlertFilter } from "./read-alerts.ts";

const rig = withIncidents();

const messagesOf = async (filter: Partial<AlertFilter>): Promise<string[]> => {
  const page = await rig.tx((tx) => pageOfAlerts(tx, { state: "open", status: [], ...filter }, { offset: 0, limit: 50 }));
  expect(page.total).toBe(page.alerts.length);
  return page.alerts.map((alert) => alert.message).toSorted();
};

test("alerts are found by service and by role, of the hosts that belong now", async () => {
  const [web, db, other] = [await rig.host("web1", "Shop:web"), await rig.host("db1", "Shop:db"), await rig.host("mail1", "Mail:web")];
  await rig.report([
    { key: web, hostId: web, message: "web1" },
    { key: db, hostId: db, message: "db1", status: "WARNING" },
    { key: other, hostId: other, message: "mail1" },
    { key: "", message: "of nothing" },
  ]);
  expect(await messagesOf({ role: { service: "Shop", role: "web" } })).toEqual(["web1"]);
  expect(await messagesOf({ role: { service: "Shop", role: "mail" } })).toEqual([]);
  expect(await messagesOf({ service: "Shop" })).toEqual(["db1", "web1"]);
  expect(await messagesOf({ service: "Shop", status: ["WARNING"] })).toEqual(["db1"]);
  expect(await messagesOf({ hostId: other })).toEqual(["mail1"]);
  expect(await messagesOf({ text: "MAIL1 cpu" })).toEqual(["mail1"]);
});
