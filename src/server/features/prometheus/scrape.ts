import { hostname } from "node:os";
import { parseExposition } from "#base/exposition-format";
import { seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import type { Page, PageReader } from "#ports/page-reader/port";
import type { TargetInput } from "#wire/prometheus";
import { hostOfInstance, isLoopback } from "./host-name.ts";
import type { Plans } from "./plans.ts";
import { Samples } from "./samples.ts";
import type { UnixMs } from "#base/duration";

const mostPageBytes = 10_000_000;
const mostSamples = 50_000;
const accepted = "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.7,*/*;q=0.1";

/** What is needed to scrape once. */
export interface ScrapeOrder {
  readonly input: Omit<TargetInput, "secret">;
  readonly secret: Secret | undefined;
}

/** What one scrape brought. */
export interface Scraped {
  readonly samples: Samples;
  /** Samples on the page, with those that say nothing. */
  readonly count: number;
}

/** Which host a target's metrics belong to. A loopback address means the machine that scrapes. */
export function hostOfTarget({ url, hostName }: Pick<TargetInput, "url" | "hostName">): string {
  if (hostName !== "") return hostName;
  const host = hostOfInstance(new URL(url).host);
  return isLoopback(host) ? hostname() : host;
}

/** Asks a target for its page. @throws as PageReader does, and "unavailable" for an answer that is no page of metrics */
export async function readPage(reader: PageReader, { input, secret }: ScrapeOrder): Promise<Page> {
  const page = await reader.read({
    url: input.url,
    headers: { accept: accepted, "x-prometheus-scrape-timeout-seconds": String(input.timeoutSeconds), ...authorization(input, secret) },
    timeout: seconds(input.timeoutSeconds),
    mostBytes: mostPageBytes,
    verifiesTls: input.verifiesTls,
  });
  if (page.status === 200) return page;
  const hint = page.status >= 300 && page.status < 400 ? " Redirects are not followed: enter the address that it leads to." : "";
  throw new HinobanError("unavailable", `The answer was HTTP ${page.status}.${hint}`, { status: page.status });
}

/**
 * Reads a target's page into samples.
 * @param at the time of samples that carry none
 * @throws "invalid-input" | "too-large" naming the line
 */
export function readSamples(page: Page, plans: Plans, input: ScrapeOrder["input"], at: UnixMs): Scraped {
  const samples = new Samples();
  const host = hostOfTarget(input);
  const own = new Map(input.labels.map(({ name, value }) => [name, value]));
  const prefix = JSON.stringify([host, ...own]);
  let count = 0;
  const openMetrics = page.contentType.startsWith("application/openmetrics-text");
  for (const sample of parseExposition(page.text, { openMetrics, limits: { samples: mostSamples } })) {
    count += 1;
    if (!Number.isFinite(sample.value)) continue;
    const { name, family, type } = sample;
    const key = `${prefix}${type}${name}${JSON.stringify([...sample.labels])}`;
    const plan = plans.ofExposed(key, () => ({ name, family, type, labels: labelled(sample.labels, own) }), host);
    samples.add(plan, sample.timestamp ?? at, sample.value);
  }
  return { samples, count };
}

/** The target's labels win; those of the page that are in their way are kept as `exported_…`, as Prometheus does. */
function labelled(exposed: ReadonlyMap<string, string>, own: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  if (own.size === 0) return exposed;
  const all = new Map<string, string>();
  for (const [name, value] of exposed) all.set(own.has(name) ? `exported_${name}` : name, value);
  for (const [name, value] of own) all.set(name, value);
  return all;
}

function authorization({ auth, userName }: ScrapeOrder["input"], secret: Secret | undefined): Readonly<Record<string, string>> {
  if (auth === "none" || !secret) return {};
  if (auth === "bearer") return { authorization: `Bearer ${secret.reveal()}` };
  return { authorization: `Basic ${Buffer.from(`${userName}:${secret.reveal()}`, "utf8").toString("base64")}` };
}
