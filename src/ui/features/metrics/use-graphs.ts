import { useQuery } from "@tanstack/react-query";
import { listHostGraphs, listServiceGraphs, readHostSeries, readServiceSeries, type Graph, type SeriesColumns } from "#wire/metrics";
import type { GraphTarget } from "#wire/sharing";
import { useCall, type Call } from "#kit/call";
import type { Span } from "#kit/range";
import { useOrganisation } from "#kit/session";
import { bucketsPerGraph } from "./use-points.ts";

/** Whose graphs: a host's or a service's. */
export type GraphOwner = { readonly host: string } | { readonly service: string };

export const ownerKeyOf = (owner: GraphOwner): readonly string[] => ("host" in owner ? ["host", owner.host] : ["service", owner.service]);

/** A graph of the owner as addresses and share links name it. */
export const targetOf = (owner: GraphOwner, graph: string): GraphTarget =>
  "host" in owner ? { kind: "host", host: owner.host, graph } : { kind: "service", service: owner.service, graph };

const listGraphs = async (call: Call, org: string, owner: GraphOwner, signal: AbortSignal): Promise<readonly Graph[]> => {
  const { graphs } =
    "host" in owner
      ? await call(listHostGraphs, { params: { org, id: owner.host } }, signal)
      : await call(listServiceGraphs, { params: { org, service: owner.service } }, signal);
  return graphs;
};

/** The contract's limit of names in one request. */
const namesAtOnce = 100;

async function readSeries(
  call: Call,
  org: string,
  owner: GraphOwner,
  graph: Graph,
  span: Span,
  signal: AbortSignal,
): Promise<SeriesColumns> {
  const names = graph.series.map((one) => one.name);
  const parts = Array.from({ length: Math.ceil(names.length / namesAtOnce) }, (_, at) =>
    names.slice(at * namesAtOnce, (at + 1) * namesAtOnce),
  );
  const answers = await Promise.all(
    parts.map((name) => {
      const query = { name, from: span.from, to: span.to, buckets: bucketsPerGraph };
      return "host" in owner
        ? call(readHostSeries, { params: { org, id: owner.host }, query }, signal)
        : call(readServiceSeries, { params: { org, service: owner.service }, query }, signal);
    }),
  );
  // One span and one number of buckets give one grid, so the parts fit together.
  const [first] = answers;
  return { from: first?.from ?? span.from, step: first?.step ?? 60, series: answers.flatMap((answer) => answer.series) };
}

/** Lists the graphs of an owner, and reads the points of one. New graphs appear while the page is open. */
export function useGraphs(owner: GraphOwner) {
  const call = useCall();
  const org = useOrganisation().name;
  const query = useQuery({
    queryKey: [org, "graphs", ...ownerKeyOf(owner)],
    queryFn: ({ signal }) => listGraphs(call, org, owner, signal),
    // A host that just started has none; look often until it has.
    refetchInterval: ({ state }) => (state.data?.length === 0 ? 5000 : 120_000),
  });
  const read = (graph: Graph, span: Span, signal: AbortSignal): Promise<SeriesColumns> => readSeries(call, org, owner, graph, span, signal);
  return { ...query, read };
}
