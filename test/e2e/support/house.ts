import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";
import type { Browser, BrowserContext, Locator, Page } from "playwright-core";
import { openBrowser, visit, type Visitor } from "#test/browser";
import { openFolder } from "#test/folder";
import { freePort, startServer, type ServerProcess } from "#test/server-process";

/** Who signs in: an account's address and password. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** The cookies of somebody who signed in. */
export type Session = Awaited<ReturnType<BrowserContext["storageState"]>>;

/** A tab of somebody's browser, with what its console complained about. */
export interface Tab {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly complaints: string[];
}

/** A server process of the calling test file, and a browser in front of it. Read the fields inside hooks and tests. */
export interface House {
  readonly url: string;
  /** The one-time link that the server printed. */
  readonly setupUrl: string;
  readonly server: ServerProcess;
  /** Milliseconds since the server process was asked to start. */
  age(): number;
  /** A new browser window of somebody, signed in when `as` or `session` is given; English, light and wide unless it says otherwise. */
  enter(visitor?: Partial<Visitor> & { readonly as?: Credentials; readonly session?: Session | undefined }): Promise<Tab>;
  /** Signs somebody in, for the windows of several. */
  sessionOf(who: Credentials): Promise<Session>;
}

interface Standing {
  readonly server: ServerProcess;
  readonly browser: Browser;
  readonly folder: string;
  readonly startedAt: number;
}

const plain: Visitor = { language: "en", scheme: "light", width: 1440 };

/** Starts a server on a fresh data directory before the tests of the file and ends it after them. @param env more settings */
export function withHouse({ agent, env = {} }: { readonly agent: boolean; readonly env?: NodeJS.ProcessEnv }): House {
  let standing: Standing | undefined;
  const get = (): Standing => {
    if (!standing) throw new Error("a house exists only inside hooks and tests");
    return standing;
  };
  beforeAll(async () => {
    const folder = openFolder("hinoban e2e ");
    const browser = await openBrowser();
    const port = await freePort();
    const startedAt = performance.now();
    const server = await startServer({ dataDir: `${folder}/data`, port, env: { HINOBAN_AGENT: String(agent), ...env } });
    standing = { server, browser, folder, startedAt };
  });
  afterAll(async () => {
    if (!standing) return;
    await standing.browser.close();
    const code = await standing.server.end();
    rmSync(standing.folder, { recursive: true, force: true });
    expect(code, "the server stops cleanly").toBe(0);
  });
  return {
    get url() {
      return get().server.url;
    },
    get setupUrl() {
      const { setupUrl } = get().server;
      if (setupUrl === undefined) throw new Error(`no set-up link in: ${get().server.output()}`);
      return setupUrl;
    },
    get server() {
      return get().server;
    },
    age: () => performance.now() - get().startedAt,
    async enter({ as, session, ...visitor } = {}) {
      const context = await visit(get().browser, { ...plain, ...visitor });
      if (session) await context.addCookies(session.cookies);
      if (as) await signInto(context, get().server.url, as);
      return openTab(context);
    },
    async sessionOf(who) {
      const context = await visit(get().browser, plain);
      await signInto(context, get().server.url, who);
      const session = await context.storageState();
      await context.close();
      return session;
    },
  };
}

/** Gives a window the session of somebody, as its login page would. */
async function signInto(context: BrowserContext, url: string, { email, password }: Credentials): Promise<void> {
  const answer = await context.request.post(`${url}/api/v1/session`, { data: { email, password } });
  if (!answer.ok()) throw new Error(`${email} could not sign in: ${answer.status()} ${await answer.text()}`);
}

/** Another tab of a window. */
export async function openTab(context: BrowserContext): Promise<Tab> {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`${error.name}: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
  });
  return { context, page, complaints };
}

/** Fills the login form and sends it. */
export async function logIn(page: Page, { email, password }: Credentials): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** A short message that something was done, or not. */
export const toast = (page: Page, text: string): Locator => page.getByRole("region", { name: "Notifications" }).getByText(text);
