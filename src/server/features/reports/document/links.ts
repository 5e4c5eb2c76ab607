import type { Severity } from "#wire/alerting";
import type { ReportModel } from "../model.ts";

type Search = Readonly<Record<string, string | number | undefined>>;

/** Pages of the console that show what a figure counts, as paths below the server's address. */
export class Links {
  readonly #base: string;
  readonly #range: Search;

  constructor({ organisation, range, madeAt }: Pick<ReportModel, "organisation" | "range" | "madeAt">) {
    this.#base = `/o/${encodeURIComponent(organisation.name)}`;
    this.#range = { from: range.from, to: Math.min(range.to, madeAt) };
  }

  incidents(
    search: { readonly severity?: Severity | readonly Severity[]; readonly service?: string; readonly takenBy?: string } = {},
  ): string {
    return this.#path("incidents", {
      ...search,
      severity: [search.severity ?? []].flat().join(",") || undefined,
      tab: "all",
      ...this.#range,
    });
  }

  incident(id: string): string {
    return this.#path(`incidents/${encodeURIComponent(id)}`);
  }

  alerts(search: { readonly origin?: string; readonly host?: string }): string {
    return this.#path("alerts", { ...search, state: "all", ...this.#range });
  }

  alert(id: string): string {
    return this.#path(`alerts/${encodeURIComponent(id)}`);
  }

  service(name: string): string {
    return this.#path(`services/${encodeURIComponent(name)}`);
  }

  calls(person?: string): string {
    return this.#path("calls", { kind: "incident", person, from: this.#range["from"], until: this.#range["to"] });
  }

  channels(): string {
    return this.#path("channels");
  }

  policy(id: string): string {
    return this.#path(`policies/${encodeURIComponent(id)}`);
  }

  /** @param verb a verb of the ledger, or its noun */
  history(verb: string): string {
    return this.#path("history", { verb, outcome: "done", ...this.#range });
  }

  #path(page: string, search: Search = {}): string {
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(search)) if (value !== undefined) params.set(name, String(value));
    const query = params.toString().replaceAll("%2C", ",");
    return `${this.#base}/${page}${query === "" ? "" : `?${query}`}`;
  }
}
