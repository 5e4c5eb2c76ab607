import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { csrfHeader, type SignedIn } from "#wire/identity";
import { ApiClient, withNewKey } from "#test/api-client";
import { until } from "#test/until";
import { logIn, toast, type House } from "./house.ts";
import { emptyOrg, kobayashi, mori, org, sato, suzuki } from "./seed.ts";

/** Whom and what the tests find. */
export interface Settled {
  readonly owner: ApiClient;
  /** The only host so far. */
  readonly hostId: string;
}

/** What the people of an organisation do: joining, roles, keys, sessions, and the wall to the next organisation. */
export function workOnPeople(house: House, get: () => Settled): void {
  test("somebody is invited, joins, becomes a viewer, is refused, and is shut out at once when removed", async () => {
    const { page: ours, complaints } = await house.enter({ as: sato });
    await ours.goto(`${house.url}/o/${org}/people`);
    await ours.getByRole("button", { name: "Invite somebody" }).click();
    const dialog = ours.getByRole("dialog");
    await dialog.getByLabel("E-mail address").fill(kobayashi.email);
    await dialog.getByRole("radio", { name: "Collaborator" }).check();
    await dialog.getByRole("button", { name: "Create invitation" }).click();
    const link = await ours.getByRole("textbox", { name: "Link for the invited person" }).inputValue();
    await ours.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();

    const { page: theirs } = await house.enter();
    await theirs.goto(link);
    await theirs.getByRole("heading", { level: 1, name: "Join Example University" }).waitFor();
    await theirs.getByText("Sato Hanako invited you as Collaborator.").waitFor();
    await theirs.getByLabel("Your name").fill("Kobayashi Jun");
    await theirs.getByRole("textbox", { name: "Password" }).fill(kobayashi.password);
    await theirs.getByRole("button", { name: "Create account and join" }).click();
    await theirs.waitForURL(`**/o/${org}/hosts`);
    await theirs.getByRole("link", { name: "gate-01.example.jp" }).click();
    await theirs.getByRole("heading", { level: 1, name: "gate-01.example.jp" }).waitFor();

    const member = ours.getByRole("row").filter({ hasText: kobayashi.email });
    await member.getByText("Collaborator").waitFor();
    await ours.getByRole("button", { name: "Actions for Kobayashi Jun" }).click();
    await ours.getByRole("menuitem", { name: "Change role" }).click();
    await ours.getByRole("radio", { name: "Viewer" }).check();
    await ours.getByRole("button", { name: "Save" }).click();
    await toast(ours, "Kobayashi Jun is now Viewer").waitFor();
    await member.getByText("Viewer").waitFor();

    expect(await tryToChange(theirs.context(), house.url, get().hostId)).toBe(403);
    await until("a viewer is no longer offered what is refused", 20_000, async () => {
      return (await theirs.getByRole("button", { name: "Change status" }).count()) === 0;
    });

    await listen(theirs, `/api/v1/orgs/${org}/events`);
    await ours.getByRole("button", { name: "Actions for Kobayashi Jun" }).click();
    await ours.getByRole("menuitem", { name: "Remove from organisation" }).click();
    await ours.getByRole("dialog", { name: "Remove Kobayashi Jun?" }).getByRole("button", { name: "Remove from organisation" }).click();
    await toast(ours, "Kobayashi Jun was removed").waitFor();
    const answer = await theirs.context().request.get(`${house.url}/api/v1/orgs/${org}/hosts`);
    expect([401, 403, 404]).toContain(answer.status());
    await until("their stream of events has ended", 20_000, () => theirs.evaluate("window.hasEnded === true"));
    await theirs.waitForURL("**/login?*");
    expect(await theirs.getByText("gate-01.example.jp").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("the history shows the acts and the refusal, and everything verifies", async () => {
    const { page, complaints } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/history`);
    for (const act of ["A member was removed", "A member's role was changed", "A member joined", "Somebody was invited"]) {
      await page.getByRole("button", { name: act }).first().waitFor();
    }
    await page.getByRole("combobox", { name: "Outcome" }).selectOption({ label: "Refused" });
    await page.waitForURL("**/history?outcome=refused");
    const refusal = page.getByRole("row").filter({ hasText: "An act was refused" });
    await refusal.getByText("Kobayashi Jun").waitFor();
    await refusal.getByText("host.change").waitFor();

    await page.getByRole("button", { name: "Verify everything" }).click();
    await page.getByText(/^The chain is intact: [1-9][\d,]* entries verified\.$/u).waitFor();
    expect(complaints).toEqual([]);
  });

  test("an API key is shown once, opens the API, and opens nothing once it is revoked", async () => {
    const { page, complaints } = await house.enter({ as: sato });
    await page.goto(`${house.url}/o/${org}/keys`);
    await page.getByRole("button", { name: "Create API key" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("agents in Tokyo");
    await dialog.getByRole("button", { name: "Create API key" }).click();
    const secret = await page.getByRole("textbox", { name: "API key" }).inputValue();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
    expect(await page.getByText(secret).count(), "it is shown only once").toBe(0);

    const program = new ApiClient(house.url).withKey(secret);
    const { status, body } = await program.call<{ hosts: unknown[] }>("GET", "/api/v0/hosts");
    expect([status, body.hosts.length]).toEqual([200, 1]);

    await page.getByRole("button", { name: "Revoke agents in Tokyo" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
    await toast(page, "“agents in Tokyo” was revoked").waitFor();
    expect((await program.call("GET", "/api/v0/hosts")).status).toBe(401);
    await page.getByRole("switch", { name: "Show revoked keys" }).check();
    await page.getByRole("row").filter({ hasText: "agents in Tokyo" }).getByText("Revoked").waitFor();
    expect(complaints).toEqual([]);
  });

  test("sessions are listed and ended, and a browser whose session ended comes back to its page after a login", async () => {
    const { page: there } = await house.enter({ as: mori });
    await there.goto(`${house.url}/o/${org}/hosts?status=working`);
    await there.getByRole("link", { name: "gate-01.example.jp" }).waitFor();
    const { page: here } = await house.enter({ as: mori });
    await here.goto(`${house.url}/account`);
    const sessions = here.getByRole("region", { name: "Sessions" });
    await sessions.getByText("This browser").waitFor();
    const others = sessions.getByRole("button", { name: /^End the session of / });
    expect(await others.count(), "the one of joining and the other browser").toBe(2);
    await others.first().click();
    await toast(here, "Session ended").waitFor();
    await until("one is left", 20_000, async () => (await others.count()) === 1);
    await here.getByRole("button", { name: "End all other sessions" }).click();
    await here.getByRole("dialog").getByRole("button", { name: "End all other sessions" }).click();
    await toast(here, "Sessions ended: 1").waitFor();
    await until("none is left", 20_000, async () => (await others.count()) === 0);

    // Whatever the page asks for next leads to the login: this click, or the page's own look at the hosts if that comes first.
    const click = there
      .getByRole("group", { name: "Status" })
      .getByRole("button", { name: /^Standby/u })
      .click();
    await Promise.race([click, there.waitForURL("**/login?*")]);
    await there.waitForURL("**/login?*");
    const wanted = new URL(there.url()).searchParams.get("to") ?? "";
    expect(wanted).toMatch(new RegExp(`^/o/${org}/hosts\\?status=`, "u"));
    await logIn(there, mori);
    await there.waitForURL((url) => url.pathname + url.search === wanted);
    await there.getByRole("heading", { level: 1, name: "Hosts" }).waitFor();
  });

  test("who opens a page without a session is led to it after the login", async () => {
    const { page } = await house.enter();
    await page.goto(`${house.url}/o/${org}/history?outcome=done`);
    await page.waitForURL("**/login?*");
    await logIn(page, sato);
    await page.waitForURL(`**/o/${org}/history?outcome=done`);
    await page.getByRole("heading", { level: 1, name: "History" }).waitFor();
  });

  test("a person of one organisation sees nothing of another, whatever addresses are guessed", async () => {
    const { owner, hostId } = get();
    const { page, context } = await house.enter({ as: suzuki });
    await page.goto(`${house.url}/`);
    await page.waitForURL(`**/o/${emptyOrg}/hosts`);
    await page.getByRole("heading", { name: "No host yet" }).waitFor();
    await page.getByRole("button", { name: "Switch organisation: Annex Laboratory" }).click();
    expect(await page.getByRole("menuitem").allInnerTexts()).toHaveLength(1);

    for (const path of [`/o/${org}/hosts`, `/o/${org}/hosts/${hostId}`, `/o/${org}/history`, `/o/${org}/people`, `/o/${org}/keys`]) {
      await page.goto(house.url + path);
      await page.getByText("This organisation is not open to you").waitFor();
    }
    await page.goto(`${house.url}/o/${emptyOrg}/hosts/${hostId}`);
    await page.getByText("There is no such host").waitFor();
    await page.goto(`${house.url}/o/${emptyOrg}/history?object=host:${hostId}`);
    await page.getByText("No entry matches").waitFor();
    for (const path of ["", "/hosts", `/hosts/${hostId}`, "/ledger", "/members", "/keys", "/events", "/services"]) {
      const answer = await context.request.get(`${house.url}/api/v1/orgs/${org}${path}`);
      expect([403, 404], path).toContain(answer.status());
    }
    const key = await withNewKey(await new ApiClient(house.url).signedIn("/api/v1/session", suzuki), "annex", "read-write", emptyOrg);
    expect((await key.call("GET", `/api/v0/hosts/${hostId}`)).status).toBe(404);
    expect((await key.call<{ hosts: unknown[] }>("GET", "/api/v0/hosts")).body.hosts).toEqual([]);
    const point = { hostId, name: "loadavg5", time: Math.floor(Date.now() / 1000), value: 1 };
    await key.call("POST", "/api/v0/tsdb", [point]);
    const { hosts } = await owner.get<{ hosts: { latest: { loadavg5: number | null } }[] }>("GET", `/api/v1/orgs/${org}/hosts`);
    expect(hosts[0]?.latest.loadavg5, "nothing was written through the wall").toBe(null);
  });
}

/** Changes a host's status with the session of a window, as a page that is out of date would; the status code of the answer. */
async function tryToChange({ request }: BrowserContext, url: string, hostId: string): Promise<number> {
  const { csrf } = (await (await request.get(`${url}/api/v1/session`)).json()) as SignedIn;
  const path = `${url}/api/v1/orgs/${org}/hosts/${hostId}/status`;
  const answer = await request.post(path, { data: { status: "maintenance" }, headers: { [csrfHeader]: csrf } });
  return answer.status();
}

/** Listens to a stream of events as the console does, and notes when the server ends it. */
async function listen(page: Page, path: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const stream = new EventSource(${JSON.stringify(path)});
    stream.addEventListener("open", resolve);
    stream.addEventListener("error", () => { window.hasEnded = true; stream.close(); });
  })`);
}
