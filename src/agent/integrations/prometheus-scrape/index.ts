import { segment } from "../../collectors/collector.ts";
import { CounterRates } from "../../collectors/rates.ts";
import { ask, readHttpTarget } from "../common/ask.ts";
import { checkOf, type Finding } from "../findings.ts";
import type { IntegrationMaker } from "../integration.ts";
import { readPatterns } from "../patterns.ts";
import { takeSamples, type Selection, type Taken } from "./samples.ts";

const accept = "text/plain;version=0.0.4;q=1,*/*;q=0.1";

/**
 * `[integrations.prometheus-scrape.NAME]`: what a program shows for Prometheus, as `custom.prometheus.NAME.…`. Counters become rates per second.
 * For a machine of its own with node_exporter let the server scrape: it gives its values the names of the system's metrics.
 */
export const prometheusScrape: IntegrationMaker = (options, deps, config) => {
  const target = readHttpTarget(options, deps, "http://127.0.0.1:9090/metrics");
  if (!options.has("url")) options.problem("url", 'is missing; write `url = "http://127.0.0.1:8080/metrics"`');
  const include = readPatterns("include", options);
  const exclude = readPatterns("exclude", options);
  const instance = config.name.slice(config.kind.length + 1);
  const prefix = options.text("prefix", segment(instance === "" ? target.url.host : instance));
  if (!/^[\w-]{1,60}$/u.test(prefix)) options.problem("prefix", "must be 1-60 letters, digits, - and _");
  const selection: Selection = {
    prefix: `custom.prometheus.${prefix}`,
    isWanted: (metric) => (!options.has("include") || include(metric)) && !exclude(metric),
    takesBuckets: options.flag("buckets", false),
    most: options.integer("most_metrics", 500, { least: 1, most: 5000 }),
  };
  options.done();
  const rates = new CounterRates();

  return {
    kind: "prometheus-scrape",
    name: config.name,
    collect: async () => {
      const headers = { accept, ...target.headers };
      const taken = takeSamples(await ask({ ...target, headers }, deps), selection);
      const metrics = { ...taken.gauges, ...rates.perSecond(deps.clock.mono(), taken.counters) };
      return { metrics, checks: [checkOf(config.name, findings(taken, selection.most), sayFine(taken))] };
    },
  };
};

function findings({ leftOut, same }: Taken, most: number): readonly Finding[] {
  const found: Finding[] = [];
  if (leftOut > 0)
    found.push({
      status: "WARNING",
      text: `${leftOut} metrics beyond the limit of ${most} were left out: choose with include and exclude, or raise most_metrics`,
    });
  if (same > 0)
    found.push({ status: "WARNING", text: `${same} samples differ only in characters that names cannot hold; the first of each counts` });
  return found;
}

const sayFine = ({ gauges, counters, samples }: Taken): string =>
  `${Object.keys(gauges).length + Object.keys(counters).length} metrics of ${samples} samples`;
