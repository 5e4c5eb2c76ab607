import type { Served } from "#http";

/** Addresses as Mackerel's payloads and messages have them, with the page of the console that shows the same. */
const pages: readonly (readonly [pattern: RegExp, page: (parts: readonly string[], query: URLSearchParams) => string])[] = [
  [/^hosts\/([^/]+)\/-\/graphs\/([^/]+)$/u, ([host, graph]) => `graph?${search({ host, graph })}`],
  [/^services\/([^/]+)\/-\/graphs$/u, ([service], query) => `graph?${search({ service, graph: query.get("name") ?? undefined })}`],
  [
    /^services\/([^/]+)\/([^/]+)\/-\/graph$/u,
    ([service, role], query) => `graph?${search({ service, role, graph: query.get("name") ?? undefined })}`,
  ],
  [/^(?:hosts|services|alerts|monitors|dashboards)\/([^/]+)$/u, () => ""],
  [/^(?:alert-groups)\/[^/]+$/u, () => "alerts"],
  [/^(?:alert-group-settings)\/[^/]+$/u, () => "notification-groups"],
  [/^(?:hosts|services|alerts|monitors|dashboards|downtimes|channels|notification-groups)$/u, () => ""],
];

function search(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(given).toString();
}

/**
 * The console's address for one of Mackerel's, always below `/o/`.
 * @param path what stands behind `/orgs/<org>/`, decoded; @param query what stands behind the question mark
 */
export function consoleAddress(org: string, path: string, query = ""): string {
  const home = `/o/${encodeURIComponent(org)}`;
  for (const [pattern, page] of pages) {
    const match = pattern.exec(path);
    if (!match) continue;
    const target = page(match.slice(1), new URLSearchParams(query)) || path.split("/").map(encodeURIComponent).join("/");
    return `${home}/${target}`;
  }
  return home;
}

/** Leads from the addresses in Mackerel's payloads to the console, so that links in messages of others work. */
export function registerPermalinks({ app }: Served): void {
  app.get<{ Params: { org: string; "*": string } }>("/orgs/:org/*", { schema: { hide: true } }, async (request, reply) => {
    const mark = request.url.indexOf("?");
    const { org, "*": path } = request.params;
    return reply.redirect(consoleAddress(org, path, mark < 0 ? "" : request.url.slice(mark + 1)), 302);
  });
}
