import { useQuery } from "@tanstack/react-query";
import { createContext, use } from "react";
import { listIncidents } from "#wire/incidents";
import { useCall } from "#kit/call";

/** How many incidents of the organisation are not over. */
export interface OpenIncidents {
  /** Those that nobody has. */
  readonly open: number;
  readonly taken: number;
  readonly mine: number;
}

export const OpenIncidentsContext = createContext<OpenIncidents | undefined>(undefined);

/** Undefined while it is not known, and where there is no organisation. */
export const useOpenIncidents = (): OpenIncidents | undefined => use(OpenIncidentsContext);

/** Counts the incidents of an organisation, anew whenever something happens there. */
export function useIncidentCounts(org: string | undefined): OpenIncidents | undefined {
  const call = useCall();
  const { data } = useQuery({
    queryKey: [org, "incidents", "counts"],
    queryFn: ({ signal }) => call(listIncidents, { params: { org: org ?? "" }, query: { state: ["open"], limit: 1 } }, signal),
    enabled: org !== undefined,
    refetchInterval: 60_000,
  });
  return data?.counts;
}

/** The window's title, with how many incidents nobody has in front, so that a tab in the background tells. */
export const windowTitle = (title: string, incidents: OpenIncidents | undefined): string =>
  `${incidents !== undefined && incidents.open > 0 ? `(${incidents.open}) ` : ""}${title} - Hinoban`;
