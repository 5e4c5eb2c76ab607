import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getOutgoingBeat, listSignals, listSources } from "#wire/sources";
import { useCall } from "#kit/call";
import { useOrganisation } from "#kit/session";

/** First parts of the keys of everything about sources. */
export const sourcesKey = "alert-sources";

/** Messages are observations without entries in the history, so the list also looks by itself. */
const refreshEvery = 15_000;

export function useSources() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, sourcesKey],
    queryFn: ({ signal }) => call(listSources, { params: { org } }, signal),
    refetchInterval: refreshEvery,
  });
}

export function useSignals(id: string) {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, sourcesKey, id, "signals"],
    queryFn: ({ signal }) => call(listSignals, { params: { org, id }, query: { limit: 50 } }, signal),
    refetchInterval: refreshEvery,
  });
}

export function useOutgoingBeat() {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, sourcesKey, "outgoing"],
    queryFn: ({ signal }) => call(getOutgoingBeat, { params: { org } }, signal),
    refetchInterval: refreshEvery,
  });
}

/** Asks for everything about sources anew. */
export function useRefreshSources(): () => Promise<void> {
  const client = useQueryClient();
  const org = useOrganisation().name;
  return () => client.invalidateQueries({ queryKey: [org, sourcesKey] });
}
