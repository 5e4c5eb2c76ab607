import { beforeAll, describe, expect, test } from "vitest";
import { ApiClient } from "#test/api-client";
import { until } from "#test/until";
import { logIn, withHouse } from "./support/house.ts";
import { emptyOrg, ito, join, mori, org, settle, suzuki } from "./support/seed.ts";
import { workOnGraphs } from "./support/work-on-graphs.ts";
import { workOnHosts } from "./support/work-on-hosts.ts";
import { workOnPeople } from "./support/work-on-people.ts";

/** Tries wrong passwords, each as soon as the server looks at one again, until the account is locked. */
async function lockOut(url: string, email: string): Promise<void> {
  const door = new ApiClient(url);
  let next = 0;
  await until(`${email} is locked`, 200_000, async () => {
    if (Date.now() < next) return false;
    const { status, body } = await door.call<{ retryAt?: number }>("POST", "/api/v1/session", { email, password: "not the password 1" });
    next = body.retryAt ?? 0;
    return status === 423;
  });
}

describe("work in the console", () => {
  const house = withHouse({ agent: false });
  let owner: ApiClient;
  let key: ApiClient;
  let hostId: string;
  let locked: Promise<unknown>;
  beforeAll(async () => {
    ({ owner, key } = await settle(house.url, house.setupUrl));
    ({ id: hostId } = await key.get<{ id: string }>("POST", "/api/v0/hosts", { name: "gate-01.example.jp", meta: {} }));
    const joining = [
      { ...ito, name: "Ito Ken", to: org, role: "viewer" },
      { ...mori, name: "Mori Aya", to: org, role: "viewer" },
      { ...suzuki, name: "Suzuki Mai", to: emptyOrg, role: "owner" },
    ];
    for (const { to, email, role, name, password } of joining) {
      await join(house.url, owner, { to, email, role, newPerson: { name, password, language: "en", timeZone: "Asia/Tokyo" } });
    }
    // It takes a minute and a half, since each wrong password has to wait longer than the one before.
    locked = lockOut(house.url, ito.email).catch((error: unknown) => error);
  });

  describe("on people", () => {
    workOnPeople(house, () => ({ owner, hostId }));
  });
  describe("on graphs", () => {
    workOnGraphs(house, () => ({ key }));
  });
  describe("on hosts", () => {
    workOnHosts(house, () => ({ owner, key }));
  });

  test("after ten wrong passwords the login tells until when the account is locked", async () => {
    expect(await locked).toBeUndefined();
    const { page } = await house.enter();
    await page.goto(`${house.url}/login`);
    await logIn(page, ito);
    const told = await page.getByText(/^The account is locked after too many wrong passwords, until .*\d{1,2}:\d{2}/u).innerText();
    expect(told).not.toContain("undefined");
    const { members } = await owner.get<{ members: { email: string; lockedUntil?: number }[] }>("GET", `/api/v1/orgs/${org}/members`);
    const lockedUntil = members.find((one) => one.email === ito.email)?.lockedUntil ?? 0;
    const minutes = (lockedUntil - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(25);
    expect(minutes).toBeLessThanOrEqual(30);
    const time = new Date(lockedUntil + 9 * 3_600_000).toISOString().slice(11, 16);
    expect(told, "in the zone of the browser").toContain(time);
  });
});
