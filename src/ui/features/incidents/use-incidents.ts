import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { listIncidents } from "#wire/incidents";
import { useCall } from "#kit/call";
import { useOrganisation } from "#kit/session";
import { incidentsQuery, type IncidentsSearch } from "./incidents-search.ts";

/** The list that the address asks for. Used several times on the page, asked once. */
export function useIncidents() {
  const call = useCall();
  const org = useOrganisation().name;
  const search = useSearch({ from: "/signed-in/o/$org/incidents" });
  const navigate = useNavigate({ from: "/o/$org/incidents" });
  const query = incidentsQuery(search);
  const result = useQuery({
    queryKey: [org, "incidents", query],
    queryFn: ({ signal }) => call(listIncidents, { params: { org }, query }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  const change = (part: Partial<IncidentsSearch>): void =>
    void navigate({ search: { ...search, page: undefined, ...part }, replace: "text" in part });
  const clear = (): void => void navigate({ search: { tab: search.tab } });
  return { search, result, change, clear };
}
