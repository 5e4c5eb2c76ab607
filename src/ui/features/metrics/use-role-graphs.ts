import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { alwaysSimplifiedAbove, listRoleGraphs, simplifiedAbove } from "#wire/metrics";
import { listRoleMembers } from "#wire/services";
import { useCall } from "#kit/call";
import { useClock } from "#kit/clock";
import { spanOf, type RangeSearch } from "#kit/range";
import { useOrganisation } from "#kit/session";

/** The graphs of a role; not asked for while `isWanted` is false. */
export function useRoleGraphs(service: string, role: string, isWanted = true) {
  const call = useCall();
  const org = useOrganisation().name;
  return useQuery({
    queryKey: [org, "graphs", "role", service, role],
    queryFn: ({ signal }) => call(listRoleGraphs, { params: { org, service, role } }, signal),
    enabled: isWanted,
    refetchInterval: ({ state }) => (state.data?.graphs.length === 0 ? 10_000 : 120_000),
  });
}

export interface ShownHosts {
  readonly show: "auto" | "all";
  /** Whether "all" shows anything else than what is shown anyway. */
  readonly hasChoice: boolean;
  readonly choose: (show: "auto" | "all") => void;
}

/**
 * Whether each host of a role is drawn or what they come to together. Up to 30 hosts there is nothing to choose; up to 200 the address
 * remembers the choice; above, every visit begins simplified, since a thousand lines that nobody asked for are slow and tell nothing.
 */
export function useShownHosts(
  { service, role }: { readonly service: string; readonly role: string },
  range: RangeSearch,
  remembered: "auto" | "all",
  remember: (show: "auto" | "all") => void,
): ShownHosts {
  const call = useCall();
  const clock = useClock();
  const org = useOrganisation().name;
  const [visit, setVisit] = useState<"auto" | "all">("auto");
  const { data } = useQuery({
    queryKey: [org, "service", service, "members", role, "count", range],
    queryFn: ({ signal }) => {
      const { from, to } = spanOf(range, clock.now());
      return call(listRoleMembers, { params: { org, service, role }, query: { from: from * 1000, to: to * 1000, limit: 1 } }, signal);
    },
    placeholderData: keepPreviousData,
  });
  const hosts = data?.total ?? 0;
  const isHuge = hosts > alwaysSimplifiedAbove;
  return {
    // Until the number is known nothing heavy is asked for.
    show: data === undefined ? "auto" : isHuge ? visit : remembered,
    hasChoice: hosts > simplifiedAbove,
    choose: (show) => (isHuge ? setVisit(show) : remember(show)),
  };
}
